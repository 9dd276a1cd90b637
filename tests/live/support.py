"""What the live tests of the server share: it is started, watched and stopped
here. Python's standard library only."""

import contextlib
import ctypes
import errno
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

BIN = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "."
SOURCE = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else "."
BELLJAR = os.path.join(BIN, "belljar")
LOAD = os.path.join(BIN, "live_load")
ROOT = os.geteuid() == 0
PR_SET_PDEATHSIG = 1

# The library that is preloaded, where this build has it, and the environment
# under which a program has it.
PRELOAD = os.path.join(os.path.dirname(BIN), "lib", "libbelljar-preload.so")
PRELOADED = {"LD_PRELOAD": PRELOAD, "BELLJAR_WORKER": BIN + "/belljar-worker"}

# How long anything may take that normally takes no time at all: tests say
# that it happens, not how fast.
PATIENCE = 30


def skip(reason):
    print("skipped: " + reason)
    sys.exit(77)


def built_with(symbol):
    with open(BELLJAR, "rb") as program:
        return symbol in program.read()


def thread_sanitized():
    return built_with(b"__tsan_init")


def sanitized():
    """Whether this build has a sanitizer, which makes it slow and large."""
    return built_with(b"__asan_init") or thread_sanitized()


def static():
    """Whether the program needs no loader, and so nothing can be preloaded."""
    with open(BELLJAR, "rb") as program:
        return b"/ld-" not in program.read(4096)


# Where musl's words for an error are others than glibc's.
MUSL = {errno.ETIMEDOUT: "Operation timed out",
        errno.EMFILE: "No file descriptors available",
        errno.EADDRNOTAVAIL: "Address not available",
        errno.ENETUNREACH: "Network unreachable"}


def with_musl():
    """Whether this build's libc is musl."""
    return built_with(MUSL[errno.EMFILE].encode())


def reason(number):
    """What the program says of an error, in the words of its libc."""
    return MUSL[number] if with_musl() else os.strerror(number)


def until(condition, what, patience=PATIENCE):
    """Waits until condition() is true and returns its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("did not come about: " + what)
        time.sleep(0.02)


def check(truth, what):
    if not truth:
        raise AssertionError(what)


def equal(got, expected, what):
    if got != expected:
        raise AssertionError("%s: %r, not %r" % (what, got, expected))


def fields(line):
    """The key=value pairs of a log line."""
    pairs = re.findall(r'(\w+)=("[^"]*"|\S+)', line)
    return {key: value.strip('"') for key, value in pairs}


def die_with_us():
    """For preexec_fn: however this process ends, that one does, unless it
    becomes another user."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def held_port(kind=socket.SOCK_STREAM, host="127.0.0.1"):
    """A port that nobody else is given, where what comes is refused; "::" is
    every address. Whoever sets SO_REUSEADDR, as servers do, can take it all the
    same: for servers that cannot choose a port and say which."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((host, 0))
        if kind == socket.SOCK_DGRAM:
            sock.connect((host, 9))  # what others send is not for it
        yield sock.getsockname()[1]


class Server:
    """`belljar serve` with these arguments; a context that must end well."""

    def __init__(self, *arguments, listen=("127.0.0.1:0",), env=None,
                 command=None, orderly=True, expect_ready=None, kwargs=None):
        self.arguments = list(arguments)
        for endpoint in listen:
            self.arguments += ["--listen", endpoint]
        self.lines = []
        self.orderly = orderly
        self.stopped = False
        self.totals = None
        full = dict(os.environ)
        full.update(env or {})
        self.process = subprocess.Popen(
            (command or []) + [BELLJAR, "serve"] + self.arguments,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=full,
            **(kwargs or {}))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self.expected = (len(listen) if expect_ready is None
                         else expect_ready)
        until(lambda: len(self.ready()) >= self.expected or self.gone(),
              "the server is ready: %r" % self.arguments)
        check(not self.gone(), "the server ended at once: %r" % self.lines)

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    def gone(self):
        return self.process.poll() is not None

    def ready(self):
        return [fields(line) for line in self.lines
                if line.startswith("belljar: ready ")]

    def events(self, name):
        return [fields(line) for line in self.lines
                if line.startswith("belljar: %s " % name)]

    def endpoint(self, index=0):
        text = self.ready()[index]["listen"]
        host, port = text.rsplit(":", 1)
        return host.strip("[]"), int(port)

    def connect(self, index=0, timeout=PATIENCE):
        return socket.create_connection(self.endpoint(index), timeout=timeout)

    def keeper(self):
        return self.process.pid

    def roles(self):
        """Process ids of the roles that run now."""
        return children(self.keeper())

    def role(self):
        return int(self.ready()[-1]["pid"])

    def counters(self):
        """A fresh count, as SIGUSR1 gives it."""
        prefix = "belljar: counters "
        before = sum(line.startswith(prefix) for line in self.lines)
        self.process.send_signal(signal.SIGUSR1)

        def fresh():
            found = [line for line in self.lines if line.startswith(prefix)]
            return found if len(found) > before else None

        found = until(fresh, "counters are logged")
        return json.loads(found[-1][len(prefix):])

    def total(self, name):
        return self.counters()["total"][name]

    def await_total(self, name, value):
        until(lambda: self.total(name) >= value,
              "%s reaches %d" % (name, value))

    def stop(self, number=signal.SIGTERM):
        if self.stopped:
            return self.totals
        self.stopped = True
        if not self.gone():
            self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.thread.join(PATIENCE)
        equal(status, 0, "exit status of the server: %r" % self.lines[-5:])
        prefix = "belljar: totals "
        last = [line for line in self.lines if line.startswith(prefix)]
        equal(len(last), 1, "totals at the end")
        self.totals = json.loads(last[0][len(prefix):])
        return self.totals

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.stopped = True

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            told = [line for line in self.lines if " counters " not in line]
            print("the server said:", *told[-40:], sep="\n  ")
            self.kill()
            return
        if not self.orderly:
            if not self.gone():
                self.kill()
            return
        totals = self.stop()
        equal(totals["total"]["violations"], 0, "violations")
        check(not any(" signal=31" in line for line in self.lines),
              "nothing died of SIGSYS")


def load(server, kind, count, *more, index=0):
    """Runs live_load against it; what it printed."""
    host, port = server.endpoint(index)
    done = subprocess.run([LOAD, host, str(port), kind, str(count)] +
                          [str(m) for m in more], stdout=subprocess.PIPE,
                          timeout=220)
    equal(done.returncode, 0, "exit status of live_load: %r" % done.stdout)
    return json.loads(done.stdout)


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child] + descendants(child)
    return found


def status(pid, key):
    """A line of /proc/PID/status; None if the process is gone."""
    try:
        with open("/proc/%d/status" % pid) as file:
            for line in file:
                if line.startswith(key + ":"):
                    return line.split(":", 1)[1].strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None


def zombies(pid):
    return [p for p in descendants(pid)
            if (status(p, "State") or "").startswith("Z")]


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def resident_kb(pid):
    return int(status(pid, "VmRSS").split()[0])


def proportional_kb(pid):
    """Resident, shared pages divided among their users."""
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return int(re.search(r"Pss: +(\d+)", file.read()).group(1))


def cpu_seconds(pid, reaped=False):
    """Its processor time, with that of the children it has reaped or not."""
    with open("/proc/%d/stat" % pid) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (sum(int(word) for word in words[11:15 if reaped else 13]) /
            os.sysconf("SC_CLK_TCK"))


def limit(pid, which, soft):
    """Sets a soft limit of another process, as its own user: root may lack
    CAP_SYS_RESOURCE. None puts it back to the hard one."""
    uid = int(status(pid, "Uid").split()[0])
    gid = int(status(pid, "Gid").split()[0])
    helper = os.fork()
    if helper == 0:
        try:
            if ROOT:
                os.setgroups([])
                os.setresgid(gid, gid, gid)
                os.setresuid(uid, uid, uid)
            hard = resource.prlimit(pid, which)[1]
            resource.prlimit(pid, which, (hard if soft is None else soft,
                                          hard))
            os._exit(0)
        finally:
            os._exit(1)
    equal(os.waitpid(helper, 0)[1], 0, "status of prlimit")


def receive(sock, size):
    """Exactly so many bytes, or those before the end."""
    got = b""
    while len(got) < size:
        piece = sock.recv(size - len(got))
        if not piece:
            break
        got += piece
    return got


def talk(sock, data=b"through the glass\r\n"):
    sock.sendall(data)
    equal(receive(sock, len(data)), data, "the echo")


def ended(sock):
    """Whether the peer closes or resets within our patience."""
    sock.settimeout(PATIENCE)
    try:
        while sock.recv(65536):
            pass
        return "closed"
    except ConnectionResetError:
        return "reset"


def turned_away(server):
    """Whether a new connection is reset, be it while it is being made."""
    try:
        with server.connect() as sock:
            return ended(sock) == "reset"
    except ConnectionResetError:
        return True


def main(*tests):
    """Runs the functions in turn; the first failure ends the script."""
    for test in tests:
        begin = time.monotonic()
        test()
        print("ok %s (%.1f s)" % (test.__name__, time.monotonic() - begin),
              flush=True)
