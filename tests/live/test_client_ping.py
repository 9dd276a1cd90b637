"""belljar ping: against the real server, and against servers that lose,
corrupt, double, reorder, hang up and say nothing."""

import errno
import json
import os
import pty
import signal
import socket
import subprocess
import threading
import time

from support import (BELLJAR, PATIENCE, Server, check, equal, main, receive,
                     status, until)

PIPE = subprocess.PIPE


def ping(*arguments):
    """One whole run: status, output, lines of standard error."""
    done = subprocess.run([BELLJAR, "ping", *arguments],
                          stdin=subprocess.DEVNULL, stdout=PIPE, stderr=PIPE,
                          timeout=PATIENCE)
    return (done.returncode, done.stdout.decode(),
            done.stderr.decode().splitlines())


def counted(*arguments):
    """The same with --json: status, the summary, lines of standard error."""
    code, out, err = ping("--json", *arguments)
    return code, json.loads(out), err


def expect(summary, **counts):
    full = {"lost": 0, "corrupt": 0, "duplicates": 0, "reordered": 0}
    full.update(counts)
    for key, value in full.items():
        equal(summary[key], value, "%s of %r" % (key, summary))


class Liar:
    """A UDP server: `answer(number, data)` is the list of what it sends."""

    def __init__(self, answer):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = str(self.sock.getsockname()[1])
        self.answer = answer
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        number = 0
        while True:
            data, source = self.sock.recvfrom(65536)
            for piece in self.answer(number, data):
                self.sock.sendto(piece, source)
            number += 1


class Stream:
    """A TCP server: `serve` gets the accepted socket."""

    def __init__(self, serve):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.sock.getsockname()[1])
        self.serve = serve
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        peer = self.sock.accept()[0]
        with peer:
            try:
                self.serve(peer)
            except ConnectionError:
                pass  # the client has left, as it may


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def all_is_well_over_tcp():
    with Server(listen=("127.0.0.1:0", "[::1]:0")) as server:
        for index in (0, 1):
            host, port = server.endpoint(index)
            for size in (1, 64, 1448, 100000, 1048576):
                code, summary, err = counted(host, str(port), "-c", "20", "-i",
                                             "0", "-s", str(size))
                equal((code, err), (0, []), "size %d: %r" % (size, summary))
                expect(summary, sent=20, received=20, size=size,
                       protocol="tcp")
                rtt = summary["rtt_ms"]
                check(0 < rtt["min"] <= rtt["median"] <= rtt["p99"]
                      <= rtt["max"], "round trips: %r" % rtt)


def all_is_well_over_udp():
    with Server("--udp", "--udp-rate", "0", listen=("127.0.0.1:0", "[::1]:0"),
                expect_ready=4) as server:
        for ready in server.ready():
            if ready["mode"] != "udp":
                continue
            host, port = ready["listen"].rsplit(":", 1)
            for size in (4, 5, 1232, 65507):
                code, summary, err = counted(host.strip("[]"), port, "--udp",
                                             "-c", "20", "-i", "0", "-s",
                                             str(size))
                equal((code, err), (0, []), "size %d: %r" % (size, summary))
                expect(summary, sent=20, received=20, size=size,
                       protocol="udp", peer=ready["listen"])


def pipelined_over_tcp():
    """An interval below the round trip: several on their way at once."""
    def serve(peer):
        pieces = []
        while len(pieces) < 5:
            pieces.append(receive(peer, 64))
            check(len(pieces[-1]) == 64, "five messages come")
        peer.sendall(b"".join(pieces))
        peer.recv(1)

    peer = Stream(serve)
    code, summary, err = counted("127.0.0.1", peer.port, "-c", "5", "-i",
                                 "0.01")
    equal((code, err), (0, []), "status: %r" % summary)
    expect(summary, sent=5, received=5)
    check(summary["rtt_ms"]["max"] >= 40, "the first waited for the last")


def R19_a_lying_server():
    """The third message is lost, the fourth wrong, the fifth doubled, the
    sixth comes behind the seventh, the eighth is cut short, and something
    nobody asked for comes with the ninth."""
    held = []

    def answer(number, data):
        if number == 2:
            return []
        if number == 3:
            return [flip(data, 40)]
        if number == 4:
            return [data, data]
        if number == 5:
            held.append(data)
            return []
        if number == 6:
            return [data, held[0]]
        if number == 7:
            return [data[:20]]
        if number == 8:
            return [data, b"\xff\xff\xff\xffnobody asked", b"", data[:3]]
        return [data]

    peer = Liar(answer)
    code, summary, err = counted("127.0.0.1", peer.port, "--udp", "-c", "12",
                                 "-i", "0.02", "-W", "0.4")
    equal((code, err), (1, []), "status: %r" % summary)
    expect(summary, sent=12, received=9, lost=1, corrupt=2 + 3, duplicates=1,
           reordered=1)


def loss_alone_is_a_failure():
    peer = Liar(lambda number, data: [] if number == 1 else [data])
    code, summary, err = counted("127.0.0.1", peer.port, "--udp", "-c", "3",
                                 "-i", "0", "-W", "0.2")
    equal((code, err), (1, []), "status")
    expect(summary, sent=3, received=2, lost=1)


def corruption_alone_is_a_failure():
    def one_octet(peer):
        peer.sendall(receive(peer, 64))
        peer.sendall(flip(receive(peer, 64), 63))
        peer.sendall(receive(peer, 64))
        peer.recv(1)

    def one_too_many(peer):
        peer.sendall(receive(peer, 64) + b"!")
        receive(peer, 64)
        peer.recv(1)

    peer = Stream(one_octet)
    code, summary, err = counted("127.0.0.1", peer.port, "-c", "3", "-i", "0")
    equal((code, err), (1, []), "status")
    expect(summary, sent=3, received=2, corrupt=1)
    peer = Stream(one_too_many)
    code, summary, err = counted("127.0.0.1", peer.port, "-c", "2", "-i",
                                 "0.1", "-W", "0.2")
    equal((code, err), (1, []), "status")
    expect(summary, sent=2, received=1, lost=1, corrupt=1)


def a_server_that_hangs_up():
    def serve(peer):
        peer.sendall(receive(peer, 64))
        receive(peer, 64)

    peer = Stream(serve)
    code, summary, err = counted("127.0.0.1", peer.port, "-c", "5", "-i", "0")
    equal((code, err), (1, ["127.0.0.1:%s closed the connection" % peer.port]),
          "status and report")
    expect(summary, sent=2, received=1, lost=1)


def R44_a_server_that_never_reads():
    done = threading.Event()
    peer = Stream(lambda sock: done.wait(PATIENCE))
    start = time.monotonic()
    code, summary, err = counted("127.0.0.1", peer.port, "-c", "40", "-s",
                                 "1048576", "-i", "0.001", "-W", "0.5")
    done.set()
    equal((code, err), (1, []), "status")
    equal(summary["received"], 0, "received")
    equal(summary["rtt_ms"], None, "round trips")
    check(summary["sent"] == summary["lost"] > 0, "lost: %r" % summary)
    check(time.monotonic() - start < PATIENCE / 2, "it gives up")


def nobody_there():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = str(sock.getsockname()[1])
    code, out, err = ping("127.0.0.1", port)
    equal((code, out), (1, ""), "status and output")
    equal(err, ["127.0.0.1:%s connect: Connection refused" % port], "report")
    code, summary, err = counted("127.0.0.1", port, "--udp", "-c", "3", "-i",
                                 "0", "-W", "0.1")
    equal((code, err), (1, ["127.0.0.1:%s read: Connection refused" % port]),
          "datagrams")
    expect(summary, sent=3, received=0, lost=3)


def an_interrupt_gives_the_summary():
    with Server() as server:
        host, port = server.endpoint()
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(
                [BELLJAR, "ping", host, str(port), "-c", "1000", "-i", "0.05",
                 "--json"], stdout=PIPE, stderr=PIPE)
            until(lambda: status(process.pid, "Seccomp_filters") == "2",
                  "it is connected")
            time.sleep(0.3)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
            equal((process.returncode, err), (0, b""), "status and report")
            summary = json.loads(out)
            check(0 < summary["sent"] < 1000, "it was cut short")
            expect(summary, received=summary["sent"])
    peer = Liar(lambda number, data: [])
    process = subprocess.Popen([BELLJAR, "ping", "127.0.0.1", peer.port,
                                "--udp", "-W", "600", "--json"], stdout=PIPE)
    until(lambda: status(process.pid, "Seccomp_filters") == "2", "it waits")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    equal(process.poll(), None, "the first waits for what is on its way")
    process.send_signal(signal.SIGINT)
    summary = json.loads(process.communicate(timeout=PATIENCE)[0])
    equal(process.returncode, 1, "exit status")
    expect(summary, sent=1, received=0, lost=1)


def stopped_and_continued():
    with Server() as server:
        host, port = server.endpoint()
        process = subprocess.Popen(
            [BELLJAR, "ping", host, str(port), "-c", "12", "-i", "0.1",
             "--json"], stdout=PIPE, stderr=PIPE)
        until(lambda: status(process.pid, "Seccomp_filters") == "2",
              "it is connected")
        for _ in range(3):
            process.send_signal(signal.SIGSTOP)
            until(lambda: (status(process.pid, "State") or "T")[0] == "T",
                  "it is stopped")
            time.sleep(0.1)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.1)
        out, err = process.communicate(timeout=PATIENCE)
        equal((process.returncode, err), (0, b""), "status and report")
        expect(json.loads(out), sent=12, received=12)


def lines_on_a_terminal_only():
    with Server() as server:
        host, port = server.endpoint()
        code, out, err = ping(host, str(port), "-c", "2", "-i", "0")
        equal((code, err), (0, []), "status")
        lines = out.splitlines()
        equal(len(lines), 2, "the summary: %r" % out)
        equal(lines[0], "%s:%d tcp: 2 sent, 2 received, 0 lost, 0 corrupt, "
              "0 duplicate, 0 reordered" % (host, port), "the counts")
        check(lines[1].startswith("round trip min/median/p99/max "),
              "the times: %r" % lines[1])
        ours, theirs = pty.openpty()
        process = subprocess.Popen([BELLJAR, "ping", host, str(port), "-c",
                                    "2", "-i", "0"], stdout=theirs)
        equal(process.wait(PATIENCE), 0, "status on a terminal")
        os.close(theirs)
        text = b""
        try:
            while True:
                text += os.read(ours, 4096)
        except OSError:  # the end of a terminal
            os.close(ours)
        lines = text.decode().splitlines()
        equal(len(lines), 4, "a line each and the summary: %r" % lines)
        for number in (0, 1):
            check(lines[number].startswith("%s:%d: number=%d time="
                                           % (host, port, number)),
                  "a live line: %r" % lines)


def output_that_cannot_be_written():
    """It is told once and is no success; with a line for each round trip the
    first that cannot be written is the last."""
    with Server() as server, open("/dev/full", "wb") as full:
        host, port = server.endpoint()
        for more in (("-c", "2", "-i", "0"), ("-c", "2", "-i", "0", "--json"),
                     ("-c", "100000", "-i", "0.1", "--verbose")):
            done = subprocess.run([BELLJAR, "ping", host, str(port), *more],
                                  stdout=full, stderr=PIPE, timeout=PATIENCE)
            equal(done.returncode, 1, "status: %r" % done.stderr)
            said = [line for line in done.stderr.decode().splitlines()
                    if not line.endswith(" connected")]
            equal(said, ["belljar: standard output: " +
                         os.strerror(errno.ENOSPC)], "what it says")


def misuse():
    for arguments in ((), ("127.0.0.1",), ("127.0.0.1", "7", "x"),
                      ("-c", "0", "127.0.0.1", "7"),
                      ("-c", "1000001", "127.0.0.1", "7"),
                      ("-s", "0", "127.0.0.1", "7"),
                      ("--udp", "-s", "3", "127.0.0.1", "7"),
                      ("--udp", "-s", "65508", "127.0.0.1", "7"),
                      ("-i", "-1", "127.0.0.1", "7")):
        code, out, err = ping(*arguments)
        equal((code, out), (2, ""), "misuse %r: %r" % (arguments, err))
    code, out, err = ping("", "7")
    equal((code, out, len(err)), (1, "", 1), "the empty host: %r" % err)


main(all_is_well_over_tcp, all_is_well_over_udp, pipelined_over_tcp,
     R19_a_lying_server, loss_alone_is_a_failure,
     corruption_alone_is_a_failure, a_server_that_hangs_up,
     R44_a_server_that_never_reads, nobody_there,
     an_interrupt_gives_the_summary, stopped_and_continued,
     lines_on_a_terminal_only, output_that_cannot_be_written, misuse)
