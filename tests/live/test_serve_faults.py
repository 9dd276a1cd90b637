"""What goes wrong around a server, and that it goes on: RISKS R42 to R44."""

import array
import ctypes
import errno
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import termios
import time

from support import (BELLJAR, PATIENCE, Server, check, children, cpu_seconds,
                     descendants, ended, equal, limit, main, reason,
                     receive, resident_kb, sanitized, status, talk, thread_sanitized,
                     turned_away, until, zombies)

MODES = ("process", "iterative", "thread")


def stop_and_continue(pid):
    os.kill(pid, signal.SIGSTOP)
    until(lambda: (status(pid, "State") or "T").startswith("T"), "stopped")
    time.sleep(0.1)
    os.kill(pid, signal.SIGCONT)


def stopped_and_continued_at_every_wait():
    for mode in MODES:
        with Server("--mode", mode) as server:
            stop_and_continue(server.role())  # in accept
            with server.connect() as sock:
                talk(sock)
                for pid in descendants(server.keeper()) + [server.keeper()]:
                    stop_and_continue(pid)  # in read, in accept, in sigwait
                talk(sock)
                # Stopped in write, with the peer's window closed.
                sock.settimeout(1)
                sent = 0
                try:
                    while True:
                        sent += sock.send(b"x" * 65536)
                except socket.timeout:
                    pass
                for pid in descendants(server.keeper()):
                    stop_and_continue(pid)
                sock.settimeout(30)
                sock.shutdown(socket.SHUT_WR)
                equal(len(receive(sock, sent + 1)), sent, "bytes echoed")


class Unread:
    """A server with many sockets, whose counters are more than the pipe for
    its log takes, and nobody reads it but we."""

    def __init__(self):
        self.log, theirs = os.pipe()
        self.room = fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
        self.process = subprocess.Popen(
            [BELLJAR, "serve"] + ["--listen", "127.0.0.1:0"] * 32,
            stdin=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        text = b""
        while text.count(b"belljar: ready") < 32:
            text += os.read(self.log, self.room)
        self.process.send_signal(signal.SIGUSR1)
        until(self.full, "the pipe is full")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()

    def full(self):
        waits = array.array("i", [0])
        fcntl.ioctl(self.log, termios.FIONREAD, waits)
        return waits[0] == self.room

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def rest(self):
        """The lines until the server has ended, which is well."""
        with os.fdopen(self.log) as log:
            lines = log.read().splitlines()
        equal(self.process.wait(PATIENCE), 0, "exit status")
        return lines


def stopped_in_the_middle_of_a_line():
    """The keeper, while nobody reads its log: the rest of a line comes, and
    the next one does not begin in it."""
    with Unread() as server:
        stop_and_continue(server.process.pid)
        server.stop()
        lines = server.rest()
    equal([line.split()[1] for line in lines], ["counters", "totals"],
          "the lines")
    for line in lines:
        equal(len(json.loads(line.split(" ", 2)[2])["sockets"]), 32, "sockets")


def a_log_that_nobody_reads_holds_nothing_up():
    """Roles are started again and a stop is a stop; what was left out is told
    when there is room."""
    with Unread() as server:
        pid = server.process.pid
        role = children(pid)[0]
        os.kill(role, signal.SIGKILL)
        until(lambda: len(children(pid)) == 32 and role not in children(pid),
              "the role is started again")
        equal(len(os.read(server.log, server.room)), server.room, "what waited")
        server.stop()
        lines = server.rest()
    # The first is the end of the one that was cut off: nothing. That the role
    # is ready again may have been left out, too.
    equal(lines[0], "", "the line that was cut off")
    equal([line.split()[1] for line in lines[1:] if " ready " not in line],
          ["log-lost", "totals"], "the lines")
    check(int(lines[1].split("=")[1]) >= 2, lines[1])

    with Unread() as server:
        server.stop()
        equal(server.process.wait(PATIENCE), 0, "exit status")
        os.close(server.log)


def R43_child_killed_from_outside():
    with Server() as server, server.connect() as one, server.connect() as two:
        talk(one)
        talk(two)
        pids = until(lambda: len(children(server.role())) == 2 and
                     children(server.role()), "two children")
        os.kill(pids[0], signal.SIGKILL)
        equal(ended(one), "closed", "the killed child's connection")
        talk(two)
        server.await_total("killed", 1)
        equal(zombies(server.keeper()), [], "zombies")
        with server.connect() as three:
            talk(three)


def signals_that_were_ignored_or_blocked_before_the_exec():
    """A role that dies is noticed, an overlong stay is ended, and the end of
    nohup's terminal is not ours."""
    def deaf():
        for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK,
                               [signal.SIGCHLD, signal.SIGALRM])

    with Server("--max-time", "0.5", kwargs={"preexec_fn": deaf}) as server:
        os.kill(server.role(), signal.SIGKILL)
        until(lambda: len(server.ready()) == 2, "another role serves")
        server.process.send_signal(signal.SIGHUP)
        with server.connect() as sock:
            equal(ended(sock), "closed", "an overlong stay")
        check(not server.gone(), "it goes on: %r" % server.lines)


def a_role_that_cannot_be_confined_ends_it():
    """Landlock nests sixteen deep: the keeper gets the last, its role none."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(444, None, 0, 1) < 1:  # landlock_create_ruleset
        print("no Landlock here")
        return

    def nest():
        make_sock = ctypes.c_uint64(1 << 9)
        fd = libc.syscall(444, ctypes.byref(make_sock), 8, 0)
        libc.prctl(38, 1, 0, 0, 0)  # no_new_privs
        for _ in range(15):
            libc.syscall(446, fd, 0)  # landlock_restrict_self

    done = subprocess.run([BELLJAR, "serve", "--listen", "127.0.0.1:0"],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=PATIENCE, preexec_fn=nest, text=True)
    equal(done.returncode, 71, "exit status: %r" % done.stderr)
    check("--without landlock" in done.stderr, "why: %r" % done.stderr)
    check("ready" not in done.stderr, "nothing is served: %r" % done.stderr)


def R43_stopped_child_holds_nobody_up():
    with Server() as server, server.connect() as one:
        talk(one)
        pid = until(lambda: children(server.role()), "a child")[0]
        os.kill(pid, signal.SIGSTOP)
        for _ in range(20):
            with server.connect() as sock:
                talk(sock)
        os.kill(pid, signal.SIGCONT)
        talk(one)


def R43_children_that_end_together_leave_no_zombie():
    if thread_sanitized():
        print("ThreadSanitizer puts signal handlers off past a blocked accept")
        return
    with Server() as server:
        for _ in range(20):
            socks = [server.connect() for _ in range(50)]
            for sock in socks:
                talk(sock, b"x")
            # All at once: many ends, few SIGCHLDs.
            for sock in socks:
                sock.close()
            until(lambda: children(server.role()) == [],
                  "all children are reaped")
        total = server.counters()["total"]
        equal(total["connections"], 1000, "connections")
        equal(server.counters()["sockets"][0]["live"], 0, "live")


def role_killed_and_back():
    for mode in MODES:
        with Server("--mode", mode) as server:
            sock = server.connect()
            talk(sock)
            first = server.role()
            os.kill(first, signal.SIGKILL)
            until(lambda: len(server.ready()) == 2, "ready again")
            check(server.role() != first, "another process")
            died = server.events("role-died")
            equal(len(died), 1, "deaths told")
            equal((died[0]["pid"], died[0]["signal"]), (str(first), "9"),
                  "who died of what")
            with server.connect() as other:
                talk(other)
            if mode == "process":
                # Its child was not hurt: the keeper has adopted it.
                talk(sock)
                until(lambda: server.counters()["sockets"][0]["live"] == 1,
                      "only that one lives")
            sock.close()
            until(lambda: server.counters()["sockets"][0]["live"] == 0,
                  "all have ended")
            equal(server.total("restarts"), 1, "restarts")
            until(lambda: zombies(server.keeper()) == [], "no zombies")


def role_that_keeps_dying_is_restarted_ever_later():
    with Server() as server:
        for deaths in range(1, 5):
            os.kill(server.role(), signal.SIGKILL)
            until(lambda: len(server.ready()) == deaths + 1, "ready again")
        waits = [int(e["restart_ms"]) for e in server.events("role-died")]
        equal(waits, [100, 200, 400, 800], "waits")


def keeper_killed_takes_the_roles_with_it():
    with Server(orderly=False) as server:
        role = server.role()
        server.kill()
        until(lambda: status(role, "State") is None or
              status(role, "State").startswith("Z"), "the role is gone")


def R42_accept_without_descriptors():
    """accept fails with EMFILE: no busy loop, and it recovers by itself."""
    for mode in MODES:
        with Server("--mode", mode) as server:
            role = server.role()
            limit(role, resource.RLIMIT_NOFILE, 4)
            # The accept that waits now has its descriptor already.
            with server.connect() as sock:
                talk(sock)
            with server.connect() as sock:
                server.await_total("pauses", 3)
                used = cpu_seconds(role)
                time.sleep(2)
                check(cpu_seconds(role) - used < 0.5, "a busy loop")
                limit(role, resource.RLIMIT_NOFILE, None)
                talk(sock)
            pauses = server.events("pause")
            check(pauses and pauses[0]["error"] == reason(errno.EMFILE),
                  "the log tells why: %r" % pauses)


def R42_fork_without_processes():
    with Server() as server:
        role = server.role()
        limit(role, resource.RLIMIT_NPROC, 0)
        check(turned_away(server), "a connection without a process")
        limit(role, resource.RLIMIT_NPROC, None)
        server.await_total("refused", 1)
        with server.connect() as sock:
            talk(sock)


def R42_peer_gone_before_accept():
    """Connections reset while they queue: ECONNABORTED or an early end."""
    for mode in MODES:
        with Server("--mode", mode) as server:
            os.kill(server.role(), signal.SIGSTOP)
            for _ in range(30):
                sock = server.connect()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                b"\1\0\0\0\0\0\0\0")
                sock.close()
            os.kill(server.role(), signal.SIGCONT)
            with server.connect() as sock:
                talk(sock)


def R44_silence_is_bounded():
    for mode in MODES:
        with Server("--mode", mode, "--idle-timeout", "0.5") as server:
            with server.connect() as sock:
                talk(sock)
                begin = time.monotonic()
                equal(ended(sock), "closed", "a silent connection")
                check(time.monotonic() - begin > 0.4, "not before its time")
            server.await_total("timed_out", 1)
            # accept inherits the limit too, and must survive it.
            time.sleep(0.7)
            with server.connect() as sock:
                talk(sock)
                sock.shutdown(socket.SHUT_WR)
                equal(ended(sock), "closed", "after a half-close")


def R44_zero_window_is_bounded():
    """A peer that sends and never reads: its window closes, the server's
    write blocks, no memory grows, and the idle time ends it."""
    for mode in MODES:
        with Server("--mode", mode, "--idle-timeout", "1") as server:
            sock = server.connect()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(20)
            sent = 0
            try:
                while True:
                    sent += sock.send(b"z" * 65536)
            except (ConnectionResetError, BrokenPipeError):
                pass
            server.await_total("timed_out", 1)
            bound = 400000 if sanitized() else 8192
            for pid in descendants(server.keeper()):
                check(resident_kb(pid) < bound, "memory of a role")
            sock.close()


def R44_reset_in_mid_write():
    for mode in MODES:
        with Server("--mode", mode) as server:
            for _ in range(10):
                sock = server.connect()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                b"\1\0\0\0\0\0\0\0")
                sock.sendall(b"w" * 300000)
                sock.close()
            until(lambda: server.counters()["sockets"][0]["live"] == 0,
                  "all have ended")
            with server.connect() as sock:
                talk(sock)


main(stopped_and_continued_at_every_wait, stopped_in_the_middle_of_a_line,
     a_log_that_nobody_reads_holds_nothing_up,
     R43_child_killed_from_outside,
     signals_that_were_ignored_or_blocked_before_the_exec,
     a_role_that_cannot_be_confined_ends_it,
     R43_stopped_child_holds_nobody_up,
     R43_children_that_end_together_leave_no_zombie, role_killed_and_back,
     role_that_keeps_dying_is_restarted_ever_later,
     keeper_killed_takes_the_roles_with_it, R42_accept_without_descriptors,
     R42_fork_without_processes, R42_peer_gone_before_accept,
     R44_silence_is_bounded, R44_zero_window_is_bounded,
     R44_reset_in_mid_write)
