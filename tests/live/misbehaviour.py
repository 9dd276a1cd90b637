"""What a name server of ours does that resolvers have fallen for. Each
behaviour is a function here, named after its class of defect
(tests/README.md), with what a resolver must make of it; the first label of the
name asked for chooses it."""

import random
import struct
import time

from dnswire import (A, AAAA, CNAME, FORGED, HONEST, NSEC, OPT, OTHER, POINTER,
                     SRV, TXT, address, count_of_size, numbered, record, wire)

# ---- behaviours over UDP: name -> function(query, channel) ----

UDP, TCP, EXPECTED = {}, {}, {}


def udp(name, expected):
    """Plays on datagrams; `expected` is what a lookup must come to."""
    def take(function):
        UDP[name] = function
        EXPECTED[name] = expected
        return function
    return take


def tcp(name, expected):
    """Says over UDP that the reply is truncated, and plays over TCP."""
    def take(function):
        UDP[name] = lambda query, channel: channel.send(query.truncated())
        TCP[name] = function
        EXPECTED[name] = expected
        return function
    return take


def forging(name, make):
    """A behaviour that sends what `make` makes of the query, which must be
    passed over, and then the honest reply, which must be waited for."""
    def play(query, channel):
        for data in make(query):
            channel.send(data)
        channel.send(query.honest())
    UDP[name] = play
    EXPECTED[name] = HONEST


def other_case(query):
    return bytes(octet ^ 0x20 if chr(octet).isalpha() else octet
                 for octet in query.name) + query.question[-4:]


def other_bits():
    return random.randint(1, 65535)


def with_question(query, question):
    return query.forged(question=question)


forging("r19-empty", lambda q: [b""])
forging("r19-short", lambda q: [q.forged()[:n] for n in range(1, 12)])
forging("r19-header-alone", lambda q: [q.forged()[:12]])
forging("r19-oversize", lambda q: [q.forged(ident=q.id ^ 1) + bytes(65000)])
forging("r19-octets-behind", lambda q: [q.forged() + b"x"])
forging("r19-id", lambda q: [q.forged(ident=q.id ^ (1 << bit))
                             for bit in range(16)])
forging("r19-id-swapped", lambda q: [
    q.forged(ident=(q.id >> 8 | q.id << 8) & 0xffff)
    if q.id >> 8 != q.id & 255 else b""])
forging("r19-name", lambda q: [with_question(
    q, wire("evil.example") + q.question[-4:])])
forging("r19-name-longer", lambda q: [with_question(
    q, b"\1x" + q.question)])
forging("r19-type", lambda q: [with_question(
    q, q.name + bytes([0, A + AAAA - q.type, 0, 1]))])
forging("r19-class", lambda q: [with_question(q, q.question[:-1] + b"\3")])
forging("r19-case", lambda q: [with_question(q, other_case(q))])
forging("r19-case-lower", lambda q: [with_question(
    q, q.name.lower() + q.question[-4:])] if q.name != q.name.lower() else [])
forging("r19-qdcount-0", lambda q: [
    q.forged(question=b"", counts=(0, 1, 0, 0))])
forging("r19-qdcount-2", lambda q: [
    q.forged(question=q.question * 2, counts=(2, 1, 0, 0))])
forging("r19-query", lambda q: [q.data, q.forged(flags=0x0100)])
forging("r19-opcode", lambda q: [q.forged(flags=0xa180)])
forging("r19-noise", lambda q: [random.randbytes(n)
                                for n in range(1, 300, 7)])

# Messages that are ours by header and question, and broken behind it.
forging("r09-itself", lambda q: [q.reply([
    q.record(FORGED, b"\xc0" + bytes([12 + len(q.question)]))])])
forging("r09-forward", lambda q: [q.reply([
    q.record(FORGED, b"\xc3\xff")])])
forging("r09-header", lambda q: [q.reply([
    q.record(FORGED, b"\xc0\x00")])])
forging("r09-label-type", lambda q: [
    q.reply([q.record(FORGED, b"\x40")]),
    q.reply([q.record(FORGED, b"\x80")])])
forging("r11-counts", lambda q: [
    q.reply(counts=(1, 0xffff, 0xffff, 0xffff)),
    q.forged(counts=(1, 0xffff, 0, 0)), q.forged(counts=(1, 0, 0, 0xffff))])
forging("r13-no-end", lambda q: [
    q.reply([b"\x03abc"]), q.reply([b"\x3fabc"]), q.reply([b"\xc0"])])
forging("r14-past-the-end", lambda q: [
    q.reply([POINTER + struct.pack("!HHIH", q.type, 1, 60, 400) + b"x" * 16])])
forging("r16-opt-twice", lambda q: [q.forged(additional=[
    record(b"\0", OPT, b"")] * 2)])
forging("r16-opt-in-answer", lambda q: [q.reply([
    record(b"\0", OPT, b""),
    q.record(FORGED)])])
forging("r16-opt-owner", lambda q: [q.forged(additional=[
    record(POINTER, OPT, b"")])])
forging("r16-option-past-the-end", lambda q: [q.forged(additional=[
    record(b"\0", OPT, b"\0\x0a\0\x20x")])])


@udp("r19-port", HONEST)
def from_another_port(query, channel):
    channel.send_from_port(query.forged())
    channel.send(query.honest())


@udp("r19-address", HONEST)
def from_another_address(query, channel):
    channel.send_from_address(query.forged())
    channel.send(query.honest())


@udp("r19-flood", HONEST)
def flood(query, channel):
    """Fewer at once than a socket holds, and than a server is given up for
    (1000)."""
    for _ in range(45):
        for _ in range(20):
            channel.send(query.forged(ident=query.id ^ other_bits()))
        time.sleep(0.01)
    channel.send(query.honest())


@udp("r19-flood-without-end", OTHER)
def endless_flood(query, channel):
    for _ in range(40):
        for _ in range(100):
            channel.send(query.forged(ident=query.id ^ other_bits()))
        time.sleep(0.01)


@udp("r19-silence", OTHER)
def silence(_query, _channel):
    pass


@udp("r19-late", HONEST)
def late(query, channel):
    time.sleep(0.4)
    channel.send(query.honest())


@udp("r19-twice", HONEST)
def twice(query, channel):
    channel.send(query.honest())
    channel.send(query.forged())


@udp("r20-error-then-success", HONEST)
def error_then_success(query, channel):
    """With EDNS an error, without it the answer."""
    channel.send(query.honest() if not query.edns else query.reply(rcode=1))


@udp("r20-servfail", OTHER)
def failing(query, channel):
    channel.send(query.reply(rcode=2))


@udp("r20-one-fails", ("192.0.2.1", "2001:db8::2"))
def one_of_two_fails(query, channel):
    channel.send(query.honest() if query.type == A else query.reply(rcode=2))


@udp("r20-one-silent", ("192.0.2.1", "2001:db8::2"))
def one_of_two_is_silent(query, channel):
    if query.type == A:
        channel.send(query.honest())


@udp("r20-swapped", HONEST)
def swapped(query, channel):
    time.sleep(0.1 if query.type == A else 0)
    channel.send(query.honest())


@udp("r20-no-data-and-data", ("192.0.2.1",))
def one_has_no_data(query, channel):
    channel.send(query.honest() if query.type == A else query.reply())


# What a right reply may hold and must not be taken from it.

@udp("r05-types", "EAI_NODATA")
def wrong_type(query, channel):
    kind = A + AAAA - query.type
    channel.send(query.reply([record(POINTER, kind, address(kind, FORGED))]))


@udp("r05-class", "EAI_NODATA")
def wrong_class(query, channel):
    channel.send(query.reply([query.record(FORGED, klass=3)]))


@udp("r06-sections", "EAI_NODATA")
def wrong_section(query, channel):
    one = query.record(FORGED)
    channel.send(query.reply(authority=[one], additional=[one]))


@udp("r08-owner", "EAI_NODATA")
def wrong_owner(query, channel):
    channel.send(query.reply([query.record(FORGED, wire("evil.example"))]))


@udp("r08-owner-beside", HONEST)
def wrong_owner_too(query, channel):
    channel.send(query.reply([
        query.record(FORGED, wire("evil.example")),
        query.record(HONEST)]))


@udp("r08-loop", "EAI_FAIL")
def loop(query, channel):
    other = wire("loop.hostile.example")
    channel.send(query.reply([record(POINTER, CNAME, other),
                              record(other, CNAME, POINTER)]))


@tcp("r08-chain", "EAI_FAIL")
def chain_of_thousand(query, send):
    names = [query.name] + [wire("n%d.hostile.example" % i)
                            for i in range(1000)]
    send(query.reply([record(names[i], CNAME, names[i + 1])
                      for i in range(1000)] +
                     [query.record(FORGED, names[-1])]))


@udp("r08-beside", HONEST)
def cname_beside_data(query, channel):
    other = wire("beside.hostile.example")
    channel.send(query.reply([
        query.record(FORGED),
        record(POINTER, CNAME, other),
        query.record(HONEST, other)]))


def canonical(name, text):
    @udp(name, "EAI_FAIL")
    def bad_name(query, channel):
        channel.send(query.reply([
            record(POINTER, CNAME, text),
            query.record(FORGED, text)]))


canonical("r07-hyphen", wire("-rf.hostile.example"))
canonical("r07-space", wire("a b.hostile.example"))
canonical("r07-slash", b"\x06../etc\x07example\0")
canonical("r07-nul", b"\4a\0bc\7example\0")
canonical("r07-dot", b"\5a.b.c\7example\0")
canonical("r07-octets", b"\3\xff\xfe\xfd\7example\0")


@udp("r14-lengths", "EAI_FAIL")
def short_rdata(query, channel):
    channel.send(query.reply([record(POINTER, query.type, b"\1\2\3")]))


@udp("r15-bitmaps", HONEST)
def odd_bitmaps(query, channel):
    channel.send(query.answer(HONEST, authority=[
        record(POINTER, NSEC, b"\0" + window)
        for window in (b"\0\0", b"\0\x21" + bytes(33), b"\1\1\x80\0\1\x80")]))


@udp("r17-compressed", HONEST)
def compressed_where_forbidden(query, channel):
    channel.send(query.answer(HONEST, additional=[
        record(POINTER, SRV, struct.pack("!HHH", 0, 0, 53) + POINTER)]))


@udp("r26-unknown-types", HONEST)
def unknown_types(query, channel):
    channel.send(query.reply([
        record(POINTER, kind, b"xyz", klass=klass)
        for kind, klass in ((0, 1), (62321, 1), (65535, 1), (99, 65535))] + [
            query.record(HONEST)]))


@tcp("r10-pointers", "EAI_FAIL")
def pointer_chains(query, send):
    """A name of 8000 pointers, each to the one before, named by records
    as many as there is room for."""
    base = 12 + len(query.question) + 12
    hops = min(8000, (0x3fff - base) // 2)
    chain = b"".join(
        struct.pack("!H", 0xc000 | (12 if i == 0 else base + 2 * (i - 1)))
        for i in range(hops))
    last = struct.pack("!H", 0xc000 | (base + 2 * (hops - 1)))
    records = [record(POINTER, TXT, chain)]
    while sum(map(len, records)) < 60000:
        records.extend([record(last, CNAME, last)] * 100)
    send(query.reply(records))


@tcp("r10-options", HONEST)
def many_options(query, send):
    send(query.answer(HONEST, additional=[
        record(b"\0", OPT, b"\xff\xfe\0\0" * 16000)]))


def records_of(count):
    @tcp("r04-%d" % count, count)
    def many_records(query, send):
        if query.type != A:
            return send(query.reply())
        send(query.reply([record(POINTER, A, numbered(A, i))
                          for i in range(count)]))


for size in (1, 63, 64, 4000):
    records_of(size)


@tcp("r04-65535", OTHER)
def more_than_there_are(query, send):
    send(query.forged(counts=(1, 65535, 0, 0)))


def of_size(size, name, order):
    def play(query, send):
        time.sleep(0.05 if query.type == order else 0)
        send(query.of_size(size))
    tcp(name, count_of_size(name, size))(play)


for size in (2048, 2049, 4096, 4097, 65535):
    of_size(size, "r03-%d" % size, None)
    of_size(size, "r03-%d-swapped" % size, A)


def datagram_of_size(size):
    name = "r03-udp-%d" % size

    @udp(name, count_of_size(name, size))
    def large_datagram(query, channel):
        channel.send(query.of_size(size))


for size in (1232, 1233, 4097, 65507):
    datagram_of_size(size)


@udp("r19-truncated-with-data", HONEST)
def truncated_with_data(query, channel):
    channel.send(query.forged(flags=0x8780))


# ---- behaviours over TCP: function(query, send), where send frames ----

@tcp("r18-length-0", OTHER)
def length_zero(query, send):
    send.raw(b"\0\0" + send.frame(query.forged()))


@tcp("r18-length-11", OTHER)
def length_of_no_header(query, send):
    send.raw(b"\0\x0b" + query.forged()[:11] + send.frame(query.forged()))


@tcp("r18-longer-than-sent", OTHER)
def longer_than_sent(query, send):
    send.raw(struct.pack("!H", len(query.forged()) + 1) + query.forged())


@tcp("r18-two-in-one", HONEST)
def two_in_one(query, send):
    send.raw(send.frame(query.forged(ident=query.id ^ 1)) +
             send.frame(query.honest()))


@tcp("r18-octet-by-octet", HONEST)
def octet_by_octet(query, send):
    for octet in send.frame(query.honest()):
        send.raw(bytes([octet]))
        time.sleep(0.001)


@tcp("r18-length-split", HONEST)
def length_split(query, send):
    data = send.frame(query.honest())
    send.raw(data[:1])
    time.sleep(0.05)
    send.raw(data[1:])


@tcp("r18-reset", OTHER)
def reset_midway(query, send):
    send.raw(send.frame(query.forged())[:20])
    send.reset()


@tcp("r18-reset-at-once", OTHER)
def reset_at_once(_query, send):
    send.reset()


@tcp("r18-end", OTHER)
def end_at_once(_query, send):
    send.over = True


@tcp("r18-silence", OTHER)
def silent_stream(_query, _send):
    time.sleep(3)


@tcp("r18-truncated", HONEST)
def truncated_stream(query, send):
    send(query.forged(flags=0x8780))
    send(query.honest())


@tcp("r18-forged", HONEST)
def forged_stream(query, send):
    for bit in range(16):
        send(query.forged(ident=query.id ^ (1 << bit)))
    send(query.honest())


@tcp("r18-trickle", OTHER)
def trickle(query, send):
    """An octet now and then, for longer than a server has time."""
    for octet in struct.pack("!H", 65535) + bytes(8):
        send.raw(bytes([octet]))
        time.sleep(0.4)
