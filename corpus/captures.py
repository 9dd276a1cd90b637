#!/usr/bin/env python3
"""Writes the seeds of pcap_file and pcap_packet: captures and frames, each
made from its parts, so that what a seed holds can be read here.

    corpus/captures.py [FOLDER]   # writes pcap_file, pcap_packet there; corpus
"""
import argparse
import pathlib
import struct

HERE = pathlib.Path(__file__).parent

# A query for example.com A with id 0x1234, and its answer.
QUERY = bytes.fromhex("123401000001000000000000"
                      "076578616d706c6503636f6d0000010001")
REPLY = bytes.fromhex("123481800001000100000000"
                      "076578616d706c6503636f6d0000010001"
                      "c00c000100010000012c0004c0000207")


# Frames, from the inside out.
def udp(payload, source=40000, destination=53, length=None):
    return struct.pack(">HHHH", source, destination,
                       8 + len(payload) if length is None else length,
                       0) + payload


def tcp(payload, source=40000, destination=53, words=5, options=b""):
    return struct.pack(">HHIIBBHHH", source, destination, 1, 1, words << 4,
                       0x18, 1024, 0, 0) + options + payload


def prefixed(*messages):
    return b"".join(struct.pack(">H", len(m)) + m for m in messages)


def ip4(payload, protocol=17, fragment=0, options=b"", total=None, first=None):
    words = 5 + len(options) // 4
    size = 20 + len(options) + len(payload) if total is None else total
    return struct.pack(">BBHHHBBH4s4s",
                       0x40 + words if first is None else first, 0, size, 7,
                       fragment, 64, protocol, 0,
                       bytes([192, 0, 2, 1]), bytes([192, 0, 2, 53])
                       ) + options + payload


def ip6(payload, following=17, length=None, first=0x60):
    return struct.pack(">BBHHBB", first, 0, 0,
                       len(payload) if length is None else length, following,
                       64) + bytes.fromhex(
        "20010db8000000000000000000000001"
        "20010db8000000000000000000000053") + payload


def extension(following, units=0):
    return bytes([following, units]) + bytes(6 + 8 * units)


def ethernet(payload, kind=0x0800, tags=()):
    return (bytes.fromhex("020000000001020000000002")
            + b"".join(struct.pack(">HH", t, 5) for t in tags)
            + struct.pack(">H", kind) + payload)


def cooked(payload, kind=0x0800):
    return struct.pack(">HHH8sH", 0, 1, 6, b"\2\0\0\0\0\1\0\0", kind) + payload


def cooked2(payload, kind=0x0800):
    return struct.pack(">HHIHBB8s", kind, 0, 2, 1, 0, 6,
                       b"\2\0\0\0\0\1\0\0") + payload


# Classic captures.
def classic(packets, order="<", magic=0xa1b2c3d4, link=1, major=2, minor=4):
    out = struct.pack(order + "IHHiIII", magic, major, minor, 0, 0, 262144,
                      link)
    for i, packet in enumerate(packets):
        out += struct.pack(order + "IIII", 1700000000 + i, 5000 + i,
                           len(packet), len(packet)) + packet
    return out


# pcapng blocks.
def block(kind, body, order="<", again=None):
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return (struct.pack(order + "II", kind, size) + body
            + struct.pack(order + "I", size if again is None else again))


def section(order="<", major=1):
    return block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, major, 0,
                                         -1), order)


def option(code, value, order="<"):
    return (struct.pack(order + "HH", code, len(value)) + value
            + bytes(-len(value) % 4))


def interface(link=1, snap=262144, order="<", options=b""):
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def enhanced(packet, which=0, order="<", ticks=1700000000000001, kept=None):
    return block(6, struct.pack(order + "IIIII", which, ticks >> 32,
                                ticks & 0xffffffff,
                                len(packet) if kept is None else kept,
                                len(packet)) + packet, order)


def old_packet(packet, which=0, order="<", ticks=1700000000000001):
    return block(2, struct.pack(order + "HHIIII", which, 7, ticks >> 32,
                                ticks & 0xffffffff, len(packet), len(packet))
                 + packet, order)


def simple(packet, order="<"):
    return block(3, struct.pack(order + "I", len(packet)) + packet, order)


FRAME = ethernet(ip4(udp(QUERY)))
FRAME6 = ethernet(ip6(udp(QUERY)), 0x86dd)
WIDE = b"".join([section(), interface(), block(0x0bad, bytes(200)),
                 enhanced(FRAME), enhanced(FRAME6), simple(FRAME)])

FILES = {
    "micro_little_two_packets": classic([FRAME, FRAME6]),
    "micro_big": classic([FRAME], ">"),
    "nano_little": classic([FRAME], "<", 0xa1b23c4d),
    "nano_big": classic([FRAME], ">", 0xa1b23c4d),
    "header_only": classic([]),
    "header_cut": classic([])[:20],
    "packet_of_no_octets": classic([b"", FRAME]),
    "packet_cut_by_the_end": classic([FRAME])[:-5],
    "packet_header_cut": classic([FRAME, FRAME])[:24 + 16 + len(FRAME) + 9],
    "packet_longer_than_any": classic([])
    + struct.pack("<IIII", 0, 0, 262145, 262145) + bytes(64),
    "packet_of_four_gigabytes": classic([])
    + struct.pack("<IIII", 0, 0, 0xffffffff, 0xffffffff) + bytes(64),
    "fraction_over_a_second": classic([])
    + struct.pack("<IIII", 0, 1000000, 4, 4) + bytes(4),
    "fraction_over_a_second_nano": classic([], "<", 0xa1b23c4d)
    + struct.pack("<IIII", 0, 1000000000, 4, 4) + bytes(4),
    "major_version_3": classic([FRAME], major=3),
    "frame_check_bits_in_link": classic([FRAME], link=0x14000001),
    "not_a_capture": QUERY,
    "empty": b"",
    "three_octets": b"\xd4\xc3\xb2",
    "ng_all_blocks": WIDE,
    "ng_big": section(">") + interface(order=">") + enhanced(FRAME, order=">"),
    "ng_two_sections_two_orders": section() + interface() + enhanced(FRAME)
    + section(">") + interface(101, order=">")
    + enhanced(ip4(udp(QUERY)), order=">"),
    "ng_second_section_has_no_interface": section() + interface()
    + enhanced(FRAME) + section() + enhanced(FRAME),
    "ng_nanoseconds_and_offset": section() + interface(
        options=option(2, b"eth0") + option(9, b"\x09")
        + option(14, struct.pack("<q", -3600)) + option(0, b""))
    + enhanced(FRAME, ticks=1700000000000000001),
    "ng_binary_time": section() + interface(options=option(9, b"\x94"))
    + enhanced(FRAME, ticks=(5 << 20) + 1),
    "ng_finest_binary_time": section() + interface(options=option(9, b"\xbf"))
    + enhanced(FRAME, ticks=0xffffffffffffffff),
    "ng_finest_decimal_time": section()
    + interface(options=option(9, b"\x13"))
    + enhanced(FRAME, ticks=0xffffffffffffffff),
    "ng_time_too_fine": section() + interface(options=option(9, b"\x14"))
    + enhanced(FRAME),
    "ng_time_option_of_two_octets": section()
    + interface(options=option(9, b"\x06\x06")) + enhanced(FRAME),
    "ng_option_past_the_block": section()
    + interface(options=struct.pack("<HH", 2, 40) + b"eth0"),
    "ng_no_such_interface": section() + interface() + enhanced(FRAME, 1),
    "ng_simple_without_interface": section() + simple(FRAME),
    "ng_simple_kept_short": section() + interface(snap=64)
    + block(3, struct.pack("<I", 200) + FRAME[:64]),
    "ng_kept_more_than_block": section() + interface()
    + enhanced(FRAME, kept=200),
    "ng_kept_past_limit": section() + interface()
    + enhanced(FRAME, kept=262145),
    "ng_second_length_differs": section()
    + block(1, struct.pack("<HHI", 1, 0, 0), again=24),
    "ng_unknown_second_length_differs": section()
    + block(0xbad, bytes(8), again=24),
    "ng_length_no_multiple_of_4": section() + struct.pack("<II", 1, 21)
    + bytes(20),
    "ng_length_under_12": section() + struct.pack("<II", 1, 8) + bytes(20),
    "ng_length_of_four_gigabytes": section()
    + struct.pack("<II", 6, 0xfffffffc) + bytes(20),
    "ng_unknown_of_four_gigabytes": section()
    + struct.pack("<II", 0xbad, 0xfffffffc) + bytes(20),
    "ng_order_mark_wrong": block(0x0a0d0d0a, bytes(16)),
    "ng_major_version_2": section(major=2) + interface(),
    "ng_section_too_short": block(0x0a0d0d0a, struct.pack("<I", 0x1a2b3c4d)),
    "ng_many_interfaces": section() + interface() * 257,
    "ng_cut_in_block": WIDE[:-7],
}

# Frames by link type; the harness takes the number from the last two octets.
ETHERNET, RAW, COOKED, COOKED2, NULL, LOOP, IP4, IP6 = (
    1, 101, 113, 276, 0, 108, 228, 229)
FRAMES = {
    "udp_query": (ETHERNET, FRAME),
    "udp_reply_padded": (ETHERNET, FRAME + bytes(9)),
    "udp6_query": (ETHERNET, FRAME6),
    "tcp_two_messages": (ETHERNET, ethernet(
        ip4(tcp(prefixed(QUERY, REPLY)), 6))),
    "tcp_options": (ETHERNET, ethernet(
        ip4(tcp(prefixed(QUERY), words=8, options=bytes([1] * 12)), 6))),
    "tcp_message_cut_by_segment": (ETHERNET, ethernet(
        ip4(tcp(prefixed(QUERY, REPLY)[:-3]), 6))),
    "tcp_one_octet": (ETHERNET, ethernet(ip4(tcp(b"\0"), 6))),
    "tcp_no_payload": (ETHERNET, ethernet(ip4(tcp(b""), 6))),
    "tcp_header_of_four_words": (ETHERNET, ethernet(
        ip4(tcp(b"", words=4), 6))),
    "tcp_header_past_end": (ETHERNET, ethernet(ip4(tcp(b"", words=15), 6))),
    "vlan": (ETHERNET, ethernet(ip4(udp(QUERY)), tags=[0x8100])),
    "vlan_in_vlan": (ETHERNET, ethernet(ip4(udp(QUERY)),
                                        tags=[0x88a8, 0x8100])),
    "vlan_four_deep": (ETHERNET, ethernet(ip4(udp(QUERY)),
                                          tags=[0x9100] * 4)),
    "vlan_five_deep": (ETHERNET, ethernet(ip4(udp(QUERY)),
                                          tags=[0x8100] * 5)),
    "arp": (ETHERNET, ethernet(bytes(28), 0x0806)),
    "ethernet_header_cut": (ETHERNET, FRAME[:13]),
    "ip4_options": (ETHERNET, ethernet(ip4(udp(QUERY), options=bytes(8)))),
    "ip4_header_of_four_words": (RAW, ip4(udp(QUERY), first=0x44)),
    "ip4_version_5": (RAW, ip4(udp(QUERY), first=0x55)),
    "ip4_total_under_header": (RAW, ip4(udp(QUERY), total=19)),
    "ip4_total_is_header": (RAW, ip4(udp(QUERY), total=20)),
    "ip4_total_unfilled": (RAW, ip4(udp(QUERY), total=0)),
    "ip4_cut_in_payload": (RAW, ip4(udp(QUERY))[:-4]),
    "ip4_cut_in_udp": (RAW, ip4(udp(QUERY))[:25]),
    "ip4_cut_in_tcp_options": (RAW, ip4(tcp(
        prefixed(QUERY), words=8, options=bytes(12)), 6)[:44]),
    "ip4_cut_in_header": (RAW, ip4(udp(QUERY))[:12]),
    "ip4_first_fragment": (RAW, ip4(udp(QUERY), fragment=0x2000)),
    "ip4_last_fragment": (RAW, ip4(QUERY, fragment=3)),
    "ip4_do_not_fragment": (RAW, ip4(udp(QUERY), fragment=0x4000)),
    "ip4_icmp": (RAW, ip4(bytes(8), 1)),
    "udp_other_ports": (RAW, ip4(udp(b"hello", 1234, 7))),
    "udp_length_under_8": (RAW, ip4(udp(QUERY, length=7))),
    "udp_length_8": (RAW, ip4(udp(QUERY, length=8))),
    "udp_length_past_end": (RAW, ip4(udp(QUERY, length=200))),
    "udp_shorter_than_ip": (RAW, ip4(udp(QUERY, length=20))),
    "udp_no_header": (RAW, ip4(b"\0\0\0")),
    "ip6_raw": (RAW, ip6(udp(QUERY))),
    "ip6_extensions": (RAW, ip6(extension(60) + extension(43, 1)
                                + extension(17, 2) + udp(QUERY), 0)),
    "ip6_authentication": (RAW, ip6(bytes([17, 4]) + bytes(22) + udp(QUERY),
                                    51)),
    "ip6_other_extensions": (RAW, ip6(extension(139) + extension(140)
                                      + extension(17) + udp(QUERY), 135)),
    "ip6_fragment": (RAW, ip6(bytes([17, 0, 0, 1, 0, 0, 0, 9]) + udp(QUERY),
                              44)),
    "ip6_whole_fragment": (RAW, ip6(bytes([17, 0, 0, 0, 0, 0, 0, 9])
                                    + udp(QUERY), 44)),
    "ip6_nine_extensions": (RAW, ip6(extension(60) * 8 + extension(17)
                                     + udp(QUERY), 60)),
    "ip6_extension_past_end": (RAW, ip6(extension(17, 0)[:2] + b"\0", 0)),
    "ip6_extension_cut": (RAW, ip6(extension(60) + extension(17, 9)
                                   + udp(QUERY), 0)[:60]),
    "ip6_no_next_header": (RAW, ip6(b"", 59)),
    "ip6_length_unfilled": (RAW, ip6(udp(QUERY), length=0)),
    "ip6_version_7": (IP6, ip6(udp(QUERY), first=0x70)),
    "ip6_header_cut": (IP6, ip6(udp(QUERY))[:39]),
    "link_ip4": (IP4, ip4(udp(QUERY))),
    "link_ip6": (IP6, ip6(udp(QUERY))),
    "link_raw_empty": (RAW, b""),
    "cooked": (COOKED, cooked(ip4(udp(REPLY, 53, 40000)))),
    "cooked_ip6": (COOKED, cooked(ip6(udp(REPLY, 53, 40000)), 0x86dd)),
    "cooked2": (COOKED2, cooked2(ip4(udp(REPLY, 53, 40000)))),
    "cooked2_cut": (COOKED2, cooked2(ip4(udp(QUERY)))[:19]),
    "null_little": (NULL, struct.pack("<I", 2) + ip4(udp(QUERY))),
    "null_big": (NULL, struct.pack(">I", 2) + ip4(udp(QUERY))),
    "null_ip6_freebsd": (NULL, struct.pack("<I", 28) + ip6(udp(QUERY))),
    "null_other_family": (NULL, struct.pack("<I", 7) + bytes(40)),
    "null_both_halves": (NULL, b"\1\0\0\2" + ip4(udp(QUERY))),
    "null_cut": (NULL, b"\2\0\0"),
    "loop": (LOOP, struct.pack(">I", 2) + ip4(udp(QUERY))),
    "unknown_link": (147, FRAME),
}


# What diff_pcap_file found beside libpcap: read as empty, or with the two
# lengths of each packet the wrong way round.
BROKE = {
    "packet_blocks_of_old_passed_over":
        section() + interface() + old_packet(FRAME),
    "packet_blocks_of_old_passed_over_big": section(">")
    + interface(order=">") + old_packet(FRAME, order=">")
    + old_packet(FRAME, 1, order=">"),
    # Two packets, or one that is as long as both with a header between.
    "lengths_swapped_before_version_2_4": classic([], minor=2)
    + struct.pack("<IIII", 0, 0, 2 * len(FRAME) + 16, len(FRAME)) + FRAME
    + struct.pack("<IIII", 0, 0, len(FRAME), len(FRAME)) + FRAME,
}


def main(folder_of_all=HERE):
    # The harnesses take their options from the end: octets that a window
    # grows by, less one; the link type.
    for folder, seeds in (
            ("pcap_file", {name: capture + b"\6"
                           for name, capture in FILES.items()}),
            ("regressions/pcap_file", {name: capture + b"\6"
                                       for name, capture in BROKE.items()}),
            ("pcap_packet", {name: frame + struct.pack(">H", link)
                             for name, (link, frame) in FRAMES.items()})):
        (folder_of_all / folder).mkdir(parents=True, exist_ok=True)
        for name, octets in seeds.items():
            (folder_of_all / folder / name).write_bytes(octets)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=HERE)
    main(parser.parse_args().folder)
