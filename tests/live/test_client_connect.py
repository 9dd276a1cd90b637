"""belljar connect: whom it reaches, what it reports, and that both directions
of a conversation end by themselves."""

import atexit
import errno
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from support import (BELLJAR, PATIENCE, ROOT, Server, check, equal, held_port,
                     main, reason, receive, status, until)

# Standard input of a client that has more to say.
PIPE = subprocess.PIPE

# Runs the rest of its command line where /etc/hosts is the given file, and
# with "net" where there is no network but loopback.
PRIVATE = r"""
import fcntl, os, socket, struct, subprocess, sys
hosts, net, command = sys.argv[1], sys.argv[2], sys.argv[3:]
if net == "net":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 1))
subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
os.execv(command[0], command)
"""


def client(*arguments, data=b"", command=(), **kwargs):
    """One whole run: status, output, lines of standard error."""
    done = subprocess.run([*command, BELLJAR, "connect", *arguments],
                          input=data, stdout=PIPE, stderr=PIPE,
                          timeout=PATIENCE, **kwargs)
    return done.returncode, done.stdout, done.stderr.decode().splitlines()


def begin(*arguments, **kwargs):
    """A run to be talked with."""
    return subprocess.Popen([BELLJAR, "connect", *arguments], stdin=PIPE,
                            stdout=PIPE, stderr=PIPE, **kwargs)


def private(hosts, net=False):
    """What to put before a command, and behind it, for names of our own; None
    where namespaces are not to be had."""
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(hosts)
    atexit.register(os.unlink, file.name)
    os.chmod(file.name, 0o644)
    flags = "-m" + ("" if ROOT else "r") + ("n" if net else "")
    command = ["unshare", flags, sys.executable, "-c", PRIVATE, file.name,
               "net" if net else "-"]
    try:
        subprocess.run(command + ["/bin/true"], check=True, stderr=PIPE)
    except (OSError, subprocess.CalledProcessError):
        print("left out: no namespaces here")
        return None, None
    return command, ([] if ROOT else ["--without", "ids"])


class Listener:
    """A peer of our own: `serve` gets each accepted socket."""

    def __init__(self, serve=None, host="127.0.0.1", port=0, backlog=16):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(backlog)
        self.port = self.sock.getsockname()[1]
        self.failure = None
        if serve is not None:
            self.thread = threading.Thread(target=self._run, args=(serve,),
                                           daemon=True)
            self.thread.start()

    def _run(self, serve):
        try:
            peer = self.sock.accept()[0]
            peer.settimeout(PATIENCE)
            with peer:
                serve(peer)
        except Exception as error:  # told by finish()
            self.failure = error

    def finish(self):
        self.thread.join(PATIENCE)
        check(not self.thread.is_alive(), "the peer is done")
        if self.failure is not None:
            raise self.failure
        self.sock.close()


class Silent(Listener):
    """An address that answers nothing: its queue is full, so that the kernel
    drops what comes."""

    def __init__(self, host="127.0.0.1", port=0):
        super().__init__(None, host, port, 0)
        self.fill = []
        for _ in range(3):
            sock = socket.socket(self.sock.family, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect_ex((host, self.port))
            self.fill.append(sock)
        time.sleep(0.1)

    def close(self):
        for sock in self.fill:
            sock.close()
        self.sock.close()


def refused_on_each_address():
    """RFC 8305: families alternate; each address is reported."""
    command, more = private("127.0.0.1 many.test\n127.0.0.2 many.test\n"
                            "::1 many.test\n127.0.0.3 many.test\n")
    if command is None:
        return
    with held_port(host="::") as port:
        code, out, err = client("many.test", str(port), *more, command=command)
    equal(code, 1, "exit status: %r" % err)
    equal(out, b"", "output")
    equal(sorted(err), sorted("%s:%d connect: Connection refused" % (h, port)
                              for h in ("[::1]", "127.0.0.1", "127.0.0.2",
                                        "127.0.0.3")), "the report")
    check("[::1]" in err[0] or "[::1]" in err[1],
          "families alternate: %r" % err)


def the_first_that_answers_is_taken():
    command, more = private("127.0.0.1 many.test\n127.0.0.2 many.test\n")
    if command is None:
        return
    with Server(listen=("127.0.0.2:0",)) as server:
        port = server.endpoint()[1]
        code, out, err = client("many.test", str(port), *more, data=b"hello",
                                command=command)
        equal((code, out), (0, b"hello"), "status and output: %r" % err)
        equal(err, ["127.0.0.1:%d connect: Connection refused" % port],
              "the report")


def both_families_of_a_real_server():
    with Server(listen=("127.0.0.1:0", "[::1]:0")) as server:
        for index, flag in enumerate(("-4", "-6")):
            host, port = server.endpoint(index)
            data = os.urandom(100000)
            code, out, err = client(host, str(port), flag, data=data)
            equal((code, out == data, err), (0, True, []), "over " + flag)
            other = "-6" if flag == "-4" else "-4"
            code, out, err = client(host, str(port), other, data=data)
            equal((code, out), (1, b""), "the other family")
            check(len(err) == 1, "says why: %r" % err)


def ten_megabytes_come_back():
    data = os.urandom(10000000)
    with Server() as server:
        host, port = server.endpoint()
        code, out, err = client(host, str(port), data=data)
        equal((code, len(out), out == data, err), (0, len(data), True, []),
              "the echo")


def R44_our_end_is_a_half_close():
    """The peer hears the end of our input and still answers."""
    def serve(peer):
        got = b""
        while True:
            piece = peer.recv(65536)
            if not piece:
                break
            got += piece
        peer.sendall(got[::-1])

    peer = Listener(serve)
    data = os.urandom(300000)
    code, out, err = client("127.0.0.1", str(peer.port), data=data)
    peer.finish()
    equal((code, out == data[::-1], err), (0, True, []), "the answer")


def R44_their_end_is_a_half_close():
    """The peer ends first; our input still goes to it, all of it."""
    got = []

    def serve(peer):
        peer.sendall(b"bye")
        peer.shutdown(socket.SHUT_WR)
        got.append(receive(peer, 1 << 30))

    peer = Listener(serve)
    process = begin("127.0.0.1", str(peer.port))
    equal(process.stdout.read(3), b"bye", "what the peer said")
    data = os.urandom(300000)
    time.sleep(0.2)
    process.stdin.write(data)
    process.stdin.close()
    equal(process.wait(PATIENCE), 0, "exit status")
    peer.finish()
    check(got[0] == data, "all of the input arrived")


def a_limit_for_all_addresses():
    silent = Silent()
    start = time.monotonic()
    code, out, err = client("127.0.0.1", str(silent.port), "--timeout", "0.5")
    took = time.monotonic() - start
    silent.close()
    equal((code, out), (1, b""), "status and output")
    equal(err, ["127.0.0.1:%d connect: %s" % (silent.port,
                                              reason(errno.ETIMEDOUT))],
          "the report")
    check(took >= 0.5, "it waited: %.2f s" % took)


def a_silent_address_delays_by_a_quarter_second():
    command, more = private("127.0.0.2 many.test\n::1 many.test\n")
    if command is None:
        return
    silent = Silent("::1")
    with Server(listen=("127.0.0.2:%d" % silent.port,)) as server:
        start = time.monotonic()
        code, out, err = client("many.test", str(server.endpoint()[1]), "-v",
                                *more, data=b"x", command=command)
        took = time.monotonic() - start
    silent.close()
    equal((code, out), (0, b"x"), "status and output: %r" % err)
    equal(err[0], "127.0.0.2:%d connected" % silent.port, "who answered")
    if len(err) > 1:  # IPv6 was first, as RFC 6724 has it
        equal(err[1:], ["[::1]:%d another address was faster" % silent.port],
              "the report")
        check(took >= 0.25, "it gave the first a chance: %.2f s" % took)


def an_unreachable_family_is_skipped():
    command, more = private("127.0.0.1 many.test\n2001:db8::1 many.test\n"
                            "2001:db8::2 many.test\n", net=True)
    if command is None:
        return
    code, out, err = client("many.test", "7", *more, command=command)
    equal((code, out), (1, b""), "status and output")
    equal(sorted(err),
          ["127.0.0.1:7 connect: Connection refused",
           "[2001:db8::1]:7 connect: " + reason(errno.ENETUNREACH),
           "[2001:db8::2]:7 skipped: its network is unreachable"],
          "the report")


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))


def R44_a_reset_is_no_end():
    """Before the first octet, or in the middle; never taken for an end."""
    def midway(peer):
        receive(peer, 100000)
        peer.sendall(b"so far")
        time.sleep(0.2)
        reset(peer)

    for serve, said in ((reset, b""), (midway, b"so far")):
        peer = Listener(serve)
        process = begin("127.0.0.1", str(peer.port))
        if said:
            process.stdin.write(bytes(100000))
            process.stdin.flush()
        # The input stays open: it is the reset that ends the client.
        equal(process.wait(PATIENCE), 1, "exit status")
        equal(process.stdout.read(), said, "what came before")
        check(b"Connection reset by peer" in process.stderr.read(),
              "says why")
        process.stdin.close()
        peer.finish()


def a_reader_that_leaves_ends_it():
    def serve(peer):
        while peer.recv(65536):
            peer.sendall(bytes(65536))

    peer = Listener(serve)
    process = begin("127.0.0.1", str(peer.port))
    process.stdin.write(b"x")
    process.stdin.flush()
    equal(process.stdout.read(1), b"\0", "the first octet")
    process.stdout.close()
    equal(process.wait(PATIENCE), 1, "exit status")
    equal(process.stderr.read(), b"belljar: standard output: Broken pipe\n",
          "the report")
    process.stdin.close()


def R44_a_slow_reader_loses_nothing():
    data = os.urandom(3000000)
    with Server() as server:
        host, port = server.endpoint()
        process = begin(host, str(port))
        writer = threading.Thread(target=lambda: (process.stdin.write(data),
                                                  process.stdin.close()))
        writer.start()
        time.sleep(0.5)  # every buffer on the way is full
        got = b""
        while len(got) < len(data):
            got += process.stdout.read(50000)
            time.sleep(0.002)
        writer.join()
        equal(process.wait(PATIENCE), 0, "exit status")
        check(got == data, "the echo")


def stopped_and_continued():
    """SIGSTOP and SIGCONT during each wait; no restart_syscall."""
    def nudge(process):
        for _ in range(3):
            process.send_signal(signal.SIGSTOP)
            until(lambda: (status(process.pid, "State") or "T")[0] == "T",
                  "it is stopped")
            process.send_signal(signal.SIGCONT)
            time.sleep(0.05)

    silent = Silent()
    process = begin("127.0.0.1", str(silent.port), "--timeout", "1.5")
    until(lambda: status(process.pid, "Seccomp") == "2", "it is confined")
    nudge(process)
    equal(process.wait(PATIENCE), 1, "exit status after connecting")
    check(b"timed out" in process.stderr.read(), "says why")
    silent.close()
    with Server() as server:
        host, port = server.endpoint()
        process = begin(host, str(port))
        until(lambda: status(process.pid, "Seccomp_filters") == "2",
              "it is connected")
        nudge(process)
        process.stdin.write(b"still here")
        process.stdin.flush()
        equal(process.stdout.read(10), b"still here", "the echo")
        nudge(process)
        process.stdin.close()
        equal(process.wait(PATIENCE), 0, "exit status after relaying")


def what_confines_it():
    """One filter while connecting, two afterwards, and nothing to gain."""
    silent = Silent()
    process = begin("127.0.0.1", str(silent.port))
    until(lambda: status(process.pid, "Seccomp") == "2", "it is confined")
    time.sleep(0.1)
    equal(status(process.pid, "Seccomp_filters"), "1", "filters")
    equal(status(process.pid, "NoNewPrivs"), "1", "no_new_privs")
    for which in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        equal(int(status(process.pid, which), 16), 0, which)
    if ROOT:
        check(status(process.pid, "Uid").split()[0] != "0", "it is not root")
    process.kill()
    process.wait()
    silent.close()
    with Server() as server:
        host, port = server.endpoint()
        process = begin(host, str(port))
        until(lambda: status(process.pid, "Seccomp_filters") == "2",
              "it has tightened")
        process.stdin.close()
        equal(process.wait(PATIENCE), 0, "exit status")


def log_and_off():
    with Server() as server:
        host, port = server.endpoint()
        code, out, err = client(host, str(port), "--sandbox", "log",
                                data=b"logged")
        equal((code, out), (0, b"logged"), "log mode: %r" % err)
        check(not any("violation" in line for line in err),
              "nothing was forbidden: %r" % err)
        code, out, err = client(host, str(port), "--sandbox", "off",
                                data=b"open")
        equal((code, out, len(err)), (0, b"open", 1), "off")
        check("sandbox=off" in err[0], "off says so: %r" % err)


def closed_standard_descriptors():
    """A socket must not take the place of one that is missing."""
    with Server() as server:
        host, port = server.endpoint()
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            done = subprocess.run(
                ["sh", "-c", 'exec "$@" ' + closed, "sh", BELLJAR, "connect",
                 host, str(port)], stdin=subprocess.DEVNULL, stdout=PIPE,
                stderr=PIPE, timeout=PATIENCE)
            equal((done.returncode, done.stdout, done.stderr), (0, b"", b""),
                  "with " + closed)


def datagrams():
    with Server("--udp", "--udp-rate", "0", expect_ready=2) as server:
        host, port = server.endpoint(1)
        process = begin(host, str(port), "--udp")
        for data in (b"one", b"two two", bytes(1232)):
            process.stdin.write(data)
            process.stdin.flush()
            equal(process.stdout.read(len(data)), data, "the echo")
        process.stdin.close()
        equal(process.wait(PATIENCE), 0, "exit status")
    with held_port(socket.SOCK_DGRAM) as port:
        code, out, err = client("127.0.0.1", str(port), "--udp", data=b"x")
    equal((code, out), (1, b""), "nobody there")
    equal(err, ["127.0.0.1:%d read: Connection refused" % port], "says why")


def names_that_are_no_names():
    code, out, err = client("", "7007")
    equal((code, out, len(err)), (1, b"", 1), "the empty host: %r" % err)
    for arguments in (("127.0.0.1", ""), ("127.0.0.1", "no-such-service-x"),
                      ("127.0.0.1", "65536"), ("127.0.0.1", "99999999"),
                      ("127.0.0.1", "00065536"), ("127.0.0.1", "9" * 30)):
        code, out, err = client(*arguments)
        equal((code, out, len(err)), (1, b"", 1), "%r: %r" % (arguments, err))
        check("refused" not in err[0], "no port was tried: %r" % err)


def misuse():
    for arguments in ((), ("127.0.0.1",), ("127.0.0.1", "7", "x"),
                      ("-4", "-6", "127.0.0.1", "7"), ("-x", "a", "7"),
                      ("--timeout", "soon", "127.0.0.1", "7"),
                      ("--timeout=0", "127.0.0.1", "7")):
        code, out, err = client(*arguments)
        equal((code, out), (2, b""), "misuse %r: %r" % (arguments, err))


main(refused_on_each_address, the_first_that_answers_is_taken,
     both_families_of_a_real_server, ten_megabytes_come_back,
     R44_our_end_is_a_half_close, R44_their_end_is_a_half_close,
     a_limit_for_all_addresses, a_silent_address_delays_by_a_quarter_second,
     an_unreachable_family_is_skipped, R44_a_reset_is_no_end,
     a_reader_that_leaves_ends_it, R44_a_slow_reader_loses_nothing,
     stopped_and_continued, what_confines_it, log_and_off,
     closed_standard_descriptors, datagrams, names_that_are_no_names, misuse)
