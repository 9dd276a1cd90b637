#!/usr/bin/env python3
"""Writes the seeds of the DNS nouns as corpus/dns.txt describes them.

    corpus/dns.py [FOLDER]    # writes dns_* and netdb_answer there; corpus
"""
import argparse
import pathlib
import re

HERE = pathlib.Path(__file__).parent
ITEM = re.compile(r"\s*(?:'([^']*)'|([0-9a-fA-F]{2}))(?:\*(\d+))?\s*")
SEED = re.compile(r"(\w+): (.+)")


def octets(text):
    """The octets that a line writes; what is not understood is an error."""
    out = b""
    at = 0
    while at < len(text):
        item = ITEM.match(text, at)
        if item is None:
            raise ValueError(f"what is {text[at:]!r}?")
        quoted, digits, count = item.groups()
        one = bytes.fromhex(digits) if digits else quoted.encode("latin-1")
        out += one * int(count or 1)
        at = item.end()
    return out


def seeds(text):
    """Name, nouns with their tails, octets."""
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines()
                 if not line.startswith("#")]
        if not lines:
            continue
        name, nouns = SEED.fullmatch(lines[0]).groups()
        yield name, nouns.split(", "), b"".join(map(octets, lines[1:]))


def main(folder=HERE):
    for name, nouns, body in seeds((HERE / "dns.txt").read_text()):
        for noun, _, tail in (noun.partition("+") for noun in nouns):
            (folder / noun).mkdir(parents=True, exist_ok=True)
            (folder / noun / name).write_bytes(body + bytes.fromhex(tail))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=HERE)
    main(parser.parse_args().folder)
