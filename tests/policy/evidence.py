"""The evidence for every row of every role: how often it was seen in use and
with which arguments, and what broke without it.

    evidence.py BIN SOURCE            checks, as a test
    evidence.py BIN SOURCE --write    makes sandbox/policy/evidence.inc anew, in
                                      a build with musl evidence_musl.inc

Two programs of the tests do the work: policy_count runs a role with no row at
all and counts every call it makes; policy_ablated lacks one row, and the same
scenario must then fail. A row that can be lacked here stands in COVERED with
the reason why it is there nevertheless."""

import argparse
import contextlib
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("BIN", type=os.path.abspath)
parser.add_argument("SOURCE", type=os.path.abspath)
parser.add_argument("--write", action="store_true")
OPTIONS = parser.parse_args()
BIN, SOURCE = OPTIONS.BIN, OPTIONS.SOURCE
ABLATED = os.path.join(BIN, "policy_ablated")
WORKER = os.path.join(BIN, "worker_ablated")
DRIVER = os.path.join(BIN, "driver_ablated")
COUNT = os.path.join(BIN, "policy_count")
INCLUDE = os.path.join(SOURCE, "sandbox/policy/evidence%s.inc")
sys.path.insert(0, os.path.join(SOURCE, "tests/live"))
import frames  # noqa: E402: what crosses the worker's socket

# Rows whose absence nothing shows here, and why they are there.
COVERED = {
    ("keeper", "clock_gettime"): "the vDSO reads this machine's clock",
    ("keeper", "exit_group"): "roles below have the same row",
    ("keeper", "set_robust_list"): "roles below have the same row",
    ("keeper", "write"): "the lockdown's row lets it write to 2",
    ("lockdown", "write"): "only a lockdown that fails writes",
    ("lockdown", "exit_group"): "the keeper has the same row",
    ("serve-thread", "futex"): "only contention and a join that must wait",
    ("serve-thread", "clone3"): "asked for by some libcs only",
    ("keeper", "clone3"): "asked for by some libcs only",
    ("keeper", "gettid"): "musl 1.2.3's fork",
    ("keeper", "set_tid_address"): "musl 1.2.5's fork",
    ("driver", "socket"): "only a server that has an IPv6 address",
    ("driver", "futex"): "only threads that meet",
    ("driver", "brk"): "what the heap has may do",
    ("driver", "mprotect"): "what a thread's heap has may do",
    ("driver", "madvise"): "only a heap that shrinks",
    ("spawner", "sendto"): "only an address of this host that changes",
    ("spawner", "readlink"): "newer glibc: readlinkat, which has a row",
    ("spawner", "statx"): "only where there is no inotify",
    ("spawner", "exit_group"): "it has no more to do",
    ("spawner", "getuid"): "only a program that is not root",
    ("spawner", "write"): "only a lockdown that fails writes to 2",
}


class Broken(Exception):
    """The scenario cannot go on, and why."""


class Run:
    """One run of a program; `lines` is what it says on standard error."""

    def __init__(self, command, **more):
        self.lines = []
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE,
                                        **more)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.decode(errors="replace"))

    def check(self):
        if any("name=SYS" in line for line in self.lines):
            raise Broken("a role dies of SIGSYS")
        if any("role-failed" in line or "cannot be confined" in line
               for line in self.lines):
            raise Broken("a role cannot start")
        if self.process.poll() is not None:
            raise Broken("the program ends: %d" % self.process.returncode)

    def until(self, condition, what, patience=4):
        end = time.monotonic() + patience
        while not condition():
            self.check()
            if time.monotonic() > end:
                raise Broken("not: " + what)
            time.sleep(0.01)

    def end(self, number=None):
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(8)
        except subprocess.TimeoutExpired:
            raise Broken("it does not end") from None
        self.thread.join(5)
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.thread.join(5)


def talk(sock, data=b"through the glass\n"):
    try:
        sock.sendall(data)
        got = b""
        while len(got) < len(data):
            piece = sock.recv(100)
            if not piece:
                raise Broken("a connection ends early")
            got += piece
    except OSError:
        raise Broken("no echo") from None


def ends(sock):
    try:
        while sock.recv(100):
            pass
    except ConnectionResetError:
        pass
    except OSError:
        raise Broken("a connection does not end") from None


def lower(pid, which, soft):
    """A soft limit of another process, set as its own user; None: as high as
    it may be."""
    helper = os.fork()
    if helper == 0:
        try:
            with open("/proc/%d/status" % pid) as file:
                text = file.read()
            uid = int(re.search(r"Uid:\s+(\d+)", text).group(1))
            gid = int(re.search(r"Gid:\s+(\d+)", text).group(1))
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(gid, gid, gid)
                os.setresuid(uid, uid, uid)
            hard = resource.prlimit(pid, which)[1]
            resource.prlimit(pid, which, (soft or hard, hard))
            os._exit(0)
        finally:
            os._exit(1)
    os.waitpid(helper, 0)


def connect(port, kind=socket.SOCK_STREAM):
    sock = socket.socket(socket.AF_INET, kind)
    sock.settimeout(4)
    try:
        sock.connect(("127.0.0.1", port))
    except OSError:
        raise Broken("no connection") from None
    return sock


def turned_away(port):
    """A reset, be it while the connection is being made."""
    try:
        with socket.create_connection(("127.0.0.1", port), 4) as sock:
            ends(sock)
    except ConnectionResetError:
        pass
    except OSError:
        raise Broken("no connection") from None


def serve(prefix, sandbox, mode):
    """A server's life: connections, an excess, a lack of descriptors, a stay
    that is too long, and the end, in order."""
    arguments = [ABLATED, "serve", "--listen", "127.0.0.1:0", "--sandbox",
                 sandbox, "--max-time", "1", "--max-connections", "2"]
    arguments += ["--udp"] if mode == "udp" else ["--mode", mode]
    run = Run(prefix + arguments)
    try:
        # Datagrams have the port of a TCP role, which is ready before theirs.
        ready = re.compile(r"ready mode=%s listen=127\.0\.0\.1:(\d+) "
                           r".*pid=(\d+)" % mode)

        def found():
            return [m for m in map(ready.search, list(run.lines)) if m]

        run.until(found, "ready")
        port, pid = (int(word) for word in found()[-1].groups())
        if mode == "udp":
            for _ in range(3):
                with connect(port, socket.SOCK_DGRAM) as sock:
                    talk(sock)
        else:
            life(run, port, pid, mode)
        run.check()
        # What wakes a role from a socket of systemd's, which is not shut down.
        os.kill(pid, signal.SIGUSR2)
        time.sleep(0.05)
        run.check()
        status = run.end(signal.SIGTERM)
        if status != 0:
            raise Broken("it ends with status %d" % status)
        totals = [line for line in run.lines if "totals {" in line]
        total = json.loads(totals[-1].split("totals ", 1)[1])["total"]
        for counter in ("violations", "killed"):
            if total[counter] != 0:
                raise Broken("%s are counted" % counter)
    finally:
        run.kill()


def admitted(run, port):
    """A connection that is served, once those before it are gone."""
    end = time.monotonic() + 4
    while True:
        run.check()
        sock = connect(port)
        try:
            talk(sock)
            return sock
        except Broken:
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def life(run, port, pid, mode):
    with connect(port) as one:
        talk(one)
        if mode != "iterative":
            with connect(port) as two:
                talk(two)
                turned_away(port)
        one.shutdown(socket.SHUT_WR)
        ends(one)
    run.check()
    with admitted(run, port) as long:
        ends(long)
    run.check()
    time.sleep(0.1)
    # accept takes its descriptor before it waits: the next connection has
    # one, the one after it must do without until the limit is back.
    lower(pid, resource.RLIMIT_NOFILE, 4)
    with admitted(run, port) as last:
        last.shutdown(socket.SHUT_WR)
        ends(last)
    with connect(port) as late:
        time.sleep(0.3)
        run.check()
        lower(pid, resource.RLIMIT_NOFILE, None)
        talk(late)


def inetd(prefix, sandbox):
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname(), 4)
    theirs = listener.accept()[0]
    run = Run(prefix + [ABLATED, "serve", "--inetd", "--sandbox", sandbox],
              stdin=theirs)
    theirs.close()
    listener.close()
    try:
        with ours:
            talk(ours)
            ours.shutdown(socket.SHUT_WR)
            ends(ours)
        status = run.end()
        if status != 0:
            raise Broken("it ends with status %d" % status)
    finally:
        run.kill()


def peer(family, kind, host):
    """An echo server of the test's own, in a thread: its port."""
    sock = socket.socket(family, kind)
    sock.bind((host, 0))

    def datagrams():
        with contextlib.suppress(OSError):
            while True:
                data, address = sock.recvfrom(2000)
                sock.sendto(data, address)

    def stream():
        sock.listen()
        with contextlib.suppress(OSError), sock.accept()[0] as conn:
            while data := conn.recv(1000):
                conn.sendall(data)

    threading.Thread(
        target=stream if kind == socket.SOCK_STREAM else datagrams,
        daemon=True).start()
    return sock


def client(prefix, sandbox):
    """Over TCP, over IPv6, as datagrams, and where nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    run = Run(prefix + [ABLATED, "connect", "--sandbox", sandbox, "127.0.0.1",
                        str(port)], stdin=subprocess.DEVNULL)
    try:
        status = run.end()
        if status != 1:
            raise Broken("nobody answers: status %d" % status)
    finally:
        run.kill()
    four = socket.AF_INET
    six = socket.AF_INET6
    stream = socket.SOCK_STREAM
    for family, kind, host, name in (
            (four, stream, "127.0.0.1", "localhost"),
            (six, stream, "::1", "::1"),
            (four, socket.SOCK_DGRAM, "127.0.0.1", "127.0.0.1"),
            (six, socket.SOCK_DGRAM, "::1", "::1")):
        sock = peer(family, kind, host)
        more = ["--udp"] if kind != stream else []
        run = Run(prefix + [ABLATED, "connect", "--sandbox", sandbox, name,
                            str(sock.getsockname()[1])] + more,
                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            with contextlib.suppress(BrokenPipeError):
                run.process.stdin.write(b"through the glass\n")
                run.process.stdin.close()
            got = run.process.stdout.read(18)
            status = run.end()
            if status not in (0,) or got != b"through the glass\n":
                raise Broken("%s: status %d" % (name, status))
        finally:
            run.kill()
            sock.close()


def decode(prefix, sandbox):
    message = (b"\x12\x34\x81\x80\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1")
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        os.chmod(file.name, 0o644)
        run = Run(prefix + [ABLATED, "decode", "--sandbox", sandbox,
                            file.name], stdout=subprocess.PIPE)
        try:
            text = run.process.stdout.read()
            status = run.end()
            if status != 0 or b"example" not in text:
                raise Broken("status %d" % status)
        finally:
            run.kill()


def worker(prefix, sandbox):
    """belljar-worker with a hosts file and one lookup."""
    run = None
    try:
        run = frames.Worker(WORKER, {frames.HOSTS: b"192.0.2.7 web\n"},
                            prefix=prefix,
                            env=dict(os.environ, BJ_WORKER_MODE=sandbox))
        run.send(frames.frame(frames.LOOKUP, lookup=1, now=1,
                              payload=frames.name_lookup("web")))
        found = run.until(frames.RESULT)[-1][4]
        if frames.Result(found).addresses != [b"\xc0\0\2\7"]:
            raise Broken("another address")
        status = run.end()
        if status != 0:
            raise Broken("status %d" % status)
    except (EOFError, OSError) as why:
        raise Broken(str(why)) from why
    finally:
        if run is not None:
            run.kill()


def driver(prefix, sandbox):
    """A program under the list that a lookup needs (tests/resolve)."""
    run = Run(prefix + [DRIVER], stdout=subprocess.PIPE,
              env=dict(os.environ, BJ_DRIVER_MODE=sandbox))
    try:
        status = run.end()
        if status != 0:
            raise Broken("status %d" % status)
    finally:
        run.kill()


def keeper(prefix, sandbox):
    """A keeper, with one mode of roles after the other below it."""
    for mode in ("process", "iterative"):
        serve(prefix, sandbox, mode)


def scenario(role):
    """What shows the rows of a role: a function of prefix and sandbox."""
    modes = {"serve-iterative": "iterative", "serve-thread": "thread",
             "serve-thread-worker": "thread", "serve-udp": "udp"}
    if role == "serve-inetd":
        return inetd
    if role.startswith("connect"):
        return client
    if role == "decode":
        return decode
    if role == "resolver-worker":
        return worker
    if role in ("driver", "spawner"):
        return driver
    if role in ("keeper", "lockdown"):
        return keeper
    mode = modes.get(role, "process")
    return lambda prefix, sandbox: serve(prefix, sandbox, mode)


def kinds(roles):
    """One role for each scenario that is different."""
    inner = {"keeper": "serve-process", "lockdown": "serve-process",
             "serve-process-child": "serve-process",
             "serve-thread-worker": "serve-thread",
             "connect-relay": "connect"}
    return list(dict.fromkeys(inner.get(role, role) for role in roles))


def count(roles):
    """{(role, row): (count, args)} over one run of each scenario, and the
    calls that no row lists."""
    seen = {}
    unlisted = []
    for role in kinds(roles):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "counts")
            scenario(role)([COUNT, out], "log")
            with open(out) as file:
                text = file.read()
        for line in text.splitlines():
            words = line.split()
            if words[1] == "-":
                unlisted.append(line)
                continue
            at = (words[0], int(words[1]))
            old = seen.get(at, (0, words[3]))
            seen[at] = (old[0] + int(words[2]), old[1])
    return seen, unlisted


def without(role, row):
    """What breaks without the row; None if nothing does."""
    os.environ["BJ_ABLATE"] = "%s:%d" % (role, row)
    try:
        scenario(role)([], "enforce")
        return None
    except Broken as why:
        return str(why)
    finally:
        del os.environ["BJ_ABLATE"]


def rows():
    text = subprocess.check_output([COUNT, "--rows"]).decode()
    return [(role, int(row), call) for role, row, call in
            (line.split() for line in text.splitlines())]


def has(command):
    return command.encode() in subprocess.run(
        [ABLATED, "--help"], stdout=subprocess.PIPE).stdout


def arguments(text):
    """What was seen, all six registers, without addresses, which differ from
    run to run."""
    if text == "-":
        return text
    words = ["ptr" if int(word, 16) > 0xffffffff else word
             for word in text.split(",")]
    return ",".join(words)


def string(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def main():
    with open(ABLATED, "rb") as file:
        text = file.read()
    if b"__asan_init" in text or b"__tsan_init" in text:
        print("skipped: the lists of a sanitizer build are wider")
        return 77
    table = [r for r in rows() if r[0] != "decode" or has("decode")]
    roles = dict.fromkeys(role for role, _, _ in table)
    for role in kinds(roles):
        scenario(role)([], "enforce")  # nothing is taken: all must go well
    seen, unlisted = count(roles)
    failed = ["no row lists " + line for line in unlisted]
    lines = []
    for role, row, call in table:
        broke = without(role, row)
        times, args = seen.get((role, row), (0, "-"))
        reason = COVERED.get((role, call))
        if broke is None and reason is None:
            failed.append("%s row %d (%s): nothing breaks without it, seen "
                          "%d times" % (role, row, call, times))
        print("%-20s %2d %-24s seen %6d  %s" %
              (role, row, call, times, broke or "- " + str(reason)),
              flush=True)
        lines.append("{%s, %d, %s, %d, %s, %s},\n" % (
            string(role), row, string(call), times, string(arguments(args)),
            string(broke or "nothing here: " + str(reason))))
    if OPTIONS.write:
        libc = "" if any(r[2] == "set_robust_list" for r in table) else "_musl"
        with open(INCLUDE % libc, "w") as file:
            file.write("/* Made by tests/policy/evidence.py --write. */\n" +
                       "".join(lines))
    print("\n".join(failed) or "every row has been seen to be needed")
    return 1 if failed else 0


sys.exit(main())
