"""What crosses the worker's socket (core/resolve/frame.h, lookup.h), written
and read by hand, and a worker at its end. Python's standard library only."""

import os
import signal
import socket
import struct
import subprocess

from dnswire import POINTER, Query, record

(CONFIG, BEGIN, LOOKUP, DATAGRAM, CONNECTED, STREAM, FAILED, TIMER,
 CANCEL) = range(1, 10)
READY, SEND, CONNECT, WRITE, CLOSE, WAIT, RESULT = range(16, 23)
RESOLV_CONF, HOSTS, SERVICES, NSSWITCH, HOST_NAME = range(5)
FOUND, NO_NAME, NO_DATA = range(3)

HEADER = struct.Struct(">BBBBII")


def frame(kind, lookup=0, socket=0, server=0, now=None, payload=b""):
    """A frame; with a time if `now` is given, and with entropy if it is of a
    lookup."""
    body = b"" if now is None else struct.pack(">Q", now)
    if now is not None and kind != BEGIN:
        body += os.urandom(68)
    body += payload
    return HEADER.pack(1, kind, socket, server, lookup, len(body)) + body


def name_lookup(name, families=3):
    """A question for the addresses of a name: 1 is IPv4, 2 is IPv6."""
    name = name.encode()
    return bytes([families, len(name)]) + name + b"\0\0\0\0\0"


def reply(query, address=b"\xc0\x00\x02\x63"):
    """An answer to a query of ours: its header and question, and a record."""
    query = Query(query)
    return query.reply([record(POINTER, query.type, address)], flags=0x8180)


class Result:
    """What is said of hosts in a result without services."""

    def __init__(self, payload):
        self.outcome = payload[0]
        self.addresses = []
        self.canonical = ""
        if self.outcome != FOUND or len(payload) <= 4:
            return
        at = 4 + payload[3] + payload[2] + 4  # ports and texts, then the TTL
        self.canonical, at = self.text(payload, at)
        aliases, at = struct.unpack_from(">H", payload, at)[0], at + 2
        for _ in range(aliases):
            _, at = self.text(payload, at)
        count, at = struct.unpack_from(">H", payload, at)[0], at + 2
        for _ in range(count):
            size = {4: 4, 6: 16}[payload[at]]
            self.addresses.append(payload[at + 1:at + 1 + size])
            at += 1 + size + (4 if size == 16 else 0)
        assert at == len(payload), payload

    @staticmethod
    def text(payload, at):
        end = at + 1 + payload[at]
        return payload[at + 1:end].decode(), end


class Worker:
    """belljar-worker, started as the spawner does, and its other end."""

    def __init__(self, program, texts=None, announced=None, prefix=(),
                 begin=True, env=None):
        texts = texts or {}
        if announced is None:
            announced = sum(map(len, texts.values()))
        self.socket, other = socket.socketpair()
        self.socket.settimeout(30)
        self.process = subprocess.Popen(
            [*prefix, program, str(announced)], stdin=other, stdout=other,
            stderr=subprocess.DEVNULL, env=env or {})
        other.close()
        self.octets = b""
        try:
            self.load(texts, begin)
        except BaseException:
            self.kill()
            raise

    def load(self, texts, begin):
        for kind, text in texts.items():
            for at in range(0, max(len(text), 1), 65536):
                self.send(frame(CONFIG, server=kind,
                                payload=text[at:at + 65536]))
        if begin:
            self.send(frame(BEGIN, now=1000, payload=os.urandom(16)))
            assert self.frame()[0] == READY

    def send(self, octets):
        self.socket.sendall(octets)

    def frame(self):
        """(type, lookup, socket, server, payload) of the next frame; EOFError
        at the end."""
        head = self.take(HEADER.size)
        version, kind, number, server, lookup, rest = HEADER.unpack(head)
        assert version == 1
        return kind, lookup, number, server, self.take(rest)

    def take(self, size):
        while len(self.octets) < size:
            more = self.socket.recv(1 << 20)
            if not more:
                raise EOFError("the worker has ended")
            self.octets += more
        octets, self.octets = self.octets[:size], self.octets[size:]
        return octets

    def until(self, kind):
        """The frames up to the first of this type."""
        frames = []
        while not frames or frames[-1][0] != kind:
            frames.append(self.frame())
        return frames

    def end(self):
        """Ends it in order; its status."""
        self.socket.shutdown(socket.SHUT_WR)
        return self.wait()

    def wait(self):
        try:
            return self.process.wait(30)
        finally:
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.socket.close()
