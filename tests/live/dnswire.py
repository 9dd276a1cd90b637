"""DNS messages as the name servers of the live tests make them: right ones,
and any that are not."""

import socket
import struct

A, CNAME, TXT, AAAA, SRV, OPT, NSEC = 1, 5, 16, 28, 33, 41, 47

# What the servers say, and what nobody must ever be told.
HONEST = ("192.0.2.1", "2001:db8::1")
OTHER = ("192.0.2.2", "2001:db8::2")
FORGED = ("203.0.113.66", "2001:db8:bad::66")


def wire(name):
    out = b""
    for label in name.rstrip(".").split("."):
        out += bytes([len(label)]) + label.encode()
    return out + b"\0"


def address(kind, pair):
    family = socket.AF_INET if kind == A else socket.AF_INET6
    return socket.inet_pton(family, pair[kind == AAAA])


def record(owner, kind, data, ttl=60, klass=1):
    return owner + struct.pack("!HHIH", kind, klass, ttl, len(data)) + data


POINTER = b"\xc0\x0c"  # to the name in the question


class Query:
    """A question as it came."""

    def __init__(self, data):
        self.data = data
        self.id = struct.unpack("!H", data[:2])[0]
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]])
            at += 1 + data[at]
        self.name = data[12:at + 1]
        self.labels = [label.decode("latin-1").lower() for label in labels]
        self.type, self.klass = struct.unpack("!HH", data[at + 1:at + 5])
        self.question = data[12:at + 5]
        self.edns = struct.unpack("!H", data[10:12])[0] > 0

    def reply(self, answers=(), authority=(), additional=(), rcode=0,
              flags=0x8580, ident=None, question=None, counts=None):
        question = self.question if question is None else question
        if counts is None:
            counts = (1, len(answers), len(authority), len(additional))
        head = struct.pack("!HHHHHH", self.id if ident is None else ident,
                           flags | rcode, *counts)
        return (head + question + b"".join(answers) + b"".join(authority) +
                b"".join(additional))

    def record(self, pair, owner=POINTER, klass=1):
        """A record of the type asked for, with an address of these."""
        return record(owner, self.type, address(self.type, pair), klass=klass)

    def answer(self, pair, **more):
        """An answer with one address of the type asked for."""
        if self.type not in (A, AAAA):
            return self.reply(rcode=3)
        return self.reply([self.record(pair)], **more)

    def honest(self):
        return self.answer(HONEST)

    def forged(self, **more):
        return self.answer(FORGED, **more)

    def truncated(self):
        return self.reply(flags=0x8780)

    def of_size(self, size):
        """An answer of exactly so many octets: addresses, and a record of
        text for the rest."""
        room = size - 12 - len(self.question) - 12
        count, rest = divmod(room, each_takes(self.type))
        records = [record(POINTER, self.type, numbered(self.type, i))
                   for i in range(count)]
        records.append(record(POINTER, TXT, bytes(rest)))
        return self.reply(records)


def each_takes(kind):
    return 12 + (4 if kind == A else 16)


def count_of_size(name, size):
    """How many addresses Query.of_size gives for a name here, A and AAAA."""
    room = size - 12 - len(wire(name + ".hostile.example")) - 4 - 12
    return room // each_takes(A) + room // each_takes(AAAA)


def numbered(kind, i):
    """The i-th address of a large answer."""
    if kind == A:
        return struct.pack("!I", (10 << 24) + i)
    return bytes.fromhex("20010db8") + bytes(8) + struct.pack("!I", i)
