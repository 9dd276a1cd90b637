import contextlib
import os
import re
import shutil
import tempfile

from load_test import bear
from support import (Server, check, equal, main, sanitized, talk, until)


def thread_bears_the_load():
    bear("thread")


# What serve-thread and its worker may call; futex under contention, the rest
# in every run.
ALLOWED = {"accept4", "rt_sigprocmask", "rt_sigreturn", "clone", "clone3",
           "futex", "rseq", "set_robust_list", "read", "write", "close",
           "exit", "exit_group", "setsockopt"}


def a_thousand_idle_threads_need_nothing_more():
    """glibc takes each thread's table from the heap, which would grow with
    the 463rd. Without filters, since some kernels do not bear a thousand
    filtered threads that end at once; strace tells what is called."""
    if sanitized() or shutil.which("strace") is None:
        print("needs strace and a build without sanitizers")
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as s:
        os.chmod(folder, 0o777)
        log = os.path.join(folder, "log")
        server = s.enter_context(Server(
            "--mode", "thread", "--without", "seccomp", "--max-connections",
            "1000", command=["strace", "-D", "-ff", "-qq", "-o", log]))
        role = server.role()
        socks = [s.enter_context(server.connect()) for _ in range(1000)]
        for sock in socks:
            talk(sock, b"x")
        for sock in socks:
            sock.close()
        until(lambda: server.counters()["sockets"][0]["live"] == 0,
              "all have ended")
        keeper = server.keeper()
        server.stop()
        names = [n for n in os.listdir(folder)
                 if n not in ("log.%d" % keeper, "log.%d" % role)]
        check(len(names) >= 1000, "a log for each thread: %d" % len(names))
        beyond = calls(log + ".%d" % role, after="prlimit64") - ALLOWED
        for name in names:
            beyond |= calls(os.path.join(folder, name)) - ALLOWED
        equal(beyond, set(), "calls beyond the roles' lists")


def calls(path, after=None):
    """The calls in a log of strace; only those after the last of `after`."""
    with open(path) as file:
        made = re.findall(r"(?m)^([a-z_0-9]+)\(", file.read())
    if after is not None:
        made = made[len(made) - made[::-1].index(after):]
    return set(made)


main(thread_bears_the_load, a_thousand_idle_threads_need_nothing_more)
