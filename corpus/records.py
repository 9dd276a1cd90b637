#!/usr/bin/env python3
"""Writes the seeds of the records nouns from the vectors that people review:
one message for each line of tests/vectors/records*.txt, named by its reason.

    corpus/records.py [FOLDER]    # writes records_* there; corpus
"""
import argparse
import pathlib
import re
import struct

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "tests" / "vectors"
OWNER = b"\3www\7example\0"


def numbers(table):
    """Mnemonics of a table in core/dns/types.h."""
    text = (HERE.parent / "core/dns/types.h").read_text()
    body = text.split("#define BJ_%s_TABLE(X)" % table)[1].split("\n\n")[0]
    return {name: int(n) for name, n in re.findall(r"X\((\w+), (\d+)\)", body)}


TYPES, CLASSES = numbers("TYPE"), numbers("CLASS")


def octets(text):
    """The octets that a vector writes: see tests/support/vectors.h."""
    out = b""
    for quoted, digits, count in re.findall(
            r"(?:'([^']*)'|([0-9a-fA-F]{2}))(?:\*(\d+))?", text):
        item = quoted.encode("latin-1") if not digits else bytes.fromhex(digits)
        out += item * int(count or 1)
    return out


def lines(name):
    for line in (VECTORS / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield [field.strip() for field in line.split("|")]


def message(what, rdata):
    """A message of one record, as tests/support/records.c builds it."""
    parts = what.split("/")
    kind = TYPES.get(parts[0]) or int(parts[0][4:])
    klass = CLASSES[parts[1]] if len(parts) > 1 else 1
    flags = 0x8000 | (5 << 11 if len(parts) > 2 else 0)
    if kind == TYPES["OPT"]:
        return struct.pack(">6H", 0, flags, 0, 0, 0, 1) + b"\0" + struct.pack(
            ">HHIH", kind, 1232, 0x8000, len(rdata)) + rdata
    return struct.pack(">6H", 0, flags, 0, 1, 0, 0) + OWNER + struct.pack(
        ">HHIH", kind, klass, 60, len(rdata)) + rdata


def slug(reason):
    return re.sub(r"[^a-z0-9]+", "_", reason.lower()).strip("_")


# A reply with everything in it: a question, three sections, an OPT between
# other records.
EVERYTHING = (
    struct.pack(">6H", 0x1234, 0x85b0, 1, 2, 1, 3)
    + b"\3www\7example\0" + struct.pack(">HH", 1, 1)
    + b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 300, 6) + b"\3web\xc0\x10"
    + b"\3web\xc0\x10" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 7])
    + b"\xc0\x10" + struct.pack(">HHIH", 2, 1, 3600, 5) + b"\2ns\xc0\x10"
    + b"\2ns\xc0\x10" + struct.pack(">HHIH", 28, 1, 3600, 16)
    + bytes.fromhex("20010db8" + "00" * 11 + "35")
    + b"\0" + struct.pack(">HHIH", 41, 1232, 0x8000, 16)
    + bytes.fromhex("000a00080102030405060708") + bytes.fromhex("000c0000")
    + b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 60, 8) + b"\7\x1b[2J\xff\"\\")


def main(folder_of_all=HERE):
    def write(folder, seeds):
        (folder_of_all / folder).mkdir(parents=True, exist_ok=True)
        for name, seed in seeds.items():
            (folder_of_all / folder / name).write_bytes(seed)

    records = {slug(reason): message(what, octets(rdata))
               for reason, what, rdata, _ in lines("records.txt")}
    good = {slug(reason): message(what, octets(rdata))
            for reason, what, rdata, text in lines("records.txt")
            if not text.startswith("!")}
    options = {"opt_" + slug(reason): message("OPT", octets(rdata))
               for reason, rdata, _ in lines("records_options.txt")}
    messages = {slug(reason): octets(text)
                for reason, text, _ in lines("records_messages.txt")}
    messages["everything"] = EVERYTHING
    write("records_fields", {**records, **options})
    write("records_text", {**good, **options, "everything": EVERYTHING,
                           "a_empty": records["a_empty_r14"]})
    bad = "question_pointer_into_a_bad_label"
    write("records_json", {**good, **options, "everything": EVERYTHING,
                           bad: messages[bad]})
    write("records_review", messages | {
        name: records[name] for name in ("soa", "mx", "ns_long_r14",
                                         "nsec_window_of_33_octets_r15")})
    write("records_print", messages | {
        "nsec": records["nsec_of_rfc_4034_section_4_3"],
        "https": records["https_with_all_keys"],
        "caa_bad": records["caa_with_an_empty_tag"]})
    # The last octet chooses the list: see harnesses/fuzz_records_lists.c.
    lists = {}
    for reason, what, rdata, _ in lines("records.txt"):
        data = octets(rdata)
        if what == "HTTPS" and data[2:3] == b"\0":
            lists[slug(reason)] = data[3:] + b"\2"
        if what == "NSEC" and data[:1] == b"\0":
            lists[slug(reason)] = data[1:] + b"\0"
    for reason, rdata, _ in lines("records_options.txt"):
        lists["opt_" + slug(reason)] = octets(rdata) + b"\1"
    write("records_lists", lists)
    # The keys that are mandatory were looked for in the order of the list,
    # which is no order if the parameters have none.
    write("regressions/records_lists", {"mandatory_keys_out_of_order": octets(
        "0000 0004 0001 0003  0003 0002 01bb  0001 0003 02 'h2'") + b"\2"})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=HERE)
    main(parser.parse_args().folder)
