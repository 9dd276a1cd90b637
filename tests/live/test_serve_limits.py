"""Limits an operator sets, and the orderly end."""

import contextlib
import errno
import signal
import socket
import subprocess
import time

from support import (BELLJAR, Server, check, children, descendants, ended,
                     equal, main, reason, receive, status, talk,
                     turned_away, until, PATIENCE)

MODES = ("process", "iterative", "thread")


def excess_is_reset_and_counted():
    for mode in ("process", "thread"):
        with Server("--mode", mode, "--max-connections", "4") as server:
            socks = [server.connect() for _ in range(4)]
            for sock in socks:
                talk(sock)
            check(turned_away(server), "the fifth connection")
            server.await_total("refused", 1)
            socks.pop().close()

            def served():
                try:
                    with server.connect() as sock:
                        talk(sock)
                        return True
                except (ConnectionError, AssertionError):
                    return False

            until(served, "it recovers by itself")
            for sock in socks:
                talk(sock)
                sock.close()


def excess_of_one_source():
    """One address has two; another one is not held up by it."""
    for mode in ("process", "thread"):
        with Server("--mode", mode, "--max-per-source", "2") as server:
            socks = [server.connect() for _ in range(2)]
            for sock in socks:
                talk(sock)
            check(turned_away(server), "the third of one source")
            other = socket.create_connection(
                server.endpoint(), PATIENCE, source_address=("127.0.0.2", 0))
            with other:
                talk(other)
            for sock in socks:
                sock.close()


def a_stay_is_bounded_however_busy():
    for mode in MODES:
        with Server("--mode", mode, "--max-time", "1") as server:
            with server.connect() as sock:
                begin = time.monotonic()
                try:
                    while time.monotonic() - begin < PATIENCE:
                        talk(sock, b"busy")
                        time.sleep(0.01)
                    check(False, "it may stay for ever")
                except (AssertionError, ConnectionError):
                    pass
                check(time.monotonic() - begin > 0.5, "not before its time")
            with server.connect() as silent:
                check(ended(silent) in ("closed", "reset"), "a silent one")
            server.await_total("timed_out", 2)
            equal(server.total("killed"), 0, "killed")
            with server.connect() as sock:
                talk(sock)


def the_end_waits_for_those_that_are_there():
    for mode in MODES:
        with Server("--mode", mode) as server, server.connect() as sock:
            talk(sock)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            # Still served, to its end; nobody new is.
            talk(sock)
            until(lambda: refused(server), "new connections are refused")
            talk(sock)
            sock.shutdown(socket.SHUT_WR)
            equal(receive(sock, 1), b"", "the end of the connection")
            server.process.wait(PATIENCE)


def refused(server):
    try:
        server.connect().close()
        return False
    except ConnectionRefusedError:
        return True


def the_end_does_not_wait_for_ever():
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server("--mode", mode))
                   for mode in MODES]
        socks = [stack.enter_context(server.connect()) for server in servers]
        for sock in socks:
            talk(sock)
        family = [pid for s in servers for pid in descendants(s.keeper())]
        begin = time.monotonic()
        for server in servers:
            server.process.send_signal(signal.SIGTERM)
        for server in servers:
            server.process.wait(PATIENCE)
        took = time.monotonic() - begin
        check(3 < took, "the grace was kept: %.1f s" % took)
        for sock in socks:
            check(ended(sock) in ("closed", "reset"), "closed at the end")
        for pid in family:
            check(status(pid, "State") is None, "%d is gone" % pid)


def asked_twice_it_ends_at_once():
    with Server() as server, server.connect() as sock:
        talk(sock)
        server.process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        begin = time.monotonic()
        server.stop(signal.SIGTERM)
        check(time.monotonic() - begin < 4, "the grace was not waited for")


def every_ending_signal_ends_it_in_order():
    def hears():  # the tests themselves may run under nohup
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Server(kwargs={"preexec_fn": hears}) as server:
            with server.connect() as sock:
                talk(sock)
            equal(server.stop(number)["total"]["connections"], 1, "totals")


def default_is_localhost():
    """Every address of localhost, port 7007; those the machine lacks are
    passed over with a line."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 7007))
        except OSError:
            print("port 7007 is taken")
            return
    with Server(listen=(), expect_ready=1) as server:
        for ready in server.ready():
            host, port = ready["listen"].rsplit(":", 1)
            check(host in ("127.0.0.1", "[::1]"), host)
            equal(port, "7007", "port")


def a_name_may_have_addresses_that_the_machine_lacks():
    """--listen NAME serves those there are; see `default_is_localhost`."""
    with Server(listen=("localhost:0",), expect_ready=1) as server:
        with server.connect() as sock:
            talk(sock)


def dual_stack():
    try:
        server = Server(listen=("[::]:0",))
    except AssertionError:
        print("no IPv6 here")
        return
    with server:
        port = server.endpoint()[1]
        for address in ("127.0.0.1", "::1"):
            with socket.create_connection((address, port), PATIENCE) as sock:
                talk(sock)


def what_cannot_be_served_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        cases = [("127.0.0.1:%d" % taken.getsockname()[1], "in use"),
                 ("192.0.2.1:0", reason(errno.EADDRNOTAVAIL)), ("127.0.0.1", "endpoint"),
                 ("127.0.0.1:70000", "port"), ("no.such.host.invalid:7", "")]
        for endpoint, why in cases:
            done = subprocess.run([BELLJAR, "serve", "--listen", endpoint],
                                  stderr=subprocess.PIPE, timeout=60)
            equal(done.returncode, 1, "exit status for " + endpoint)
            text = done.stderr.decode()
            check("cannot-listen listen=" + endpoint in text and why in text,
                  "says so: " + text)


def quiet_and_verbose():
    with Server("--verbose") as server:
        with server.connect() as sock:
            talk(sock)
        until(lambda: server.events("traffic"), "traffic is told")
    done = subprocess.Popen([BELLJAR, "serve", "--quiet", "--listen",
                             "127.0.0.1:0"], stderr=subprocess.PIPE)
    until(lambda: len(children(done.pid)) == 1, "it runs")
    time.sleep(0.5)
    done.send_signal(signal.SIGTERM)
    equal(done.communicate(timeout=PATIENCE)[1], b"", "what a quiet one says")
    equal(done.returncode, 0, "exit status")


def confined_as_the_kernel_sees_it():
    with Server() as server, server.connect() as sock:
        talk(sock)
        family = [server.keeper()] + descendants(server.keeper())
        equal(len(family), 3, "keeper, role and child")
        for depth, pid in enumerate(family):
            equal(status(pid, "NoNewPrivs"), "1", "no_new_privs")
            equal(status(pid, "Seccomp"), "2", "a filter")
            equal(status(pid, "Seccomp_filters"), str(depth + 1), "filters")
            for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                equal(int(status(pid, kind), 16), 0, kind)
            check("0" not in status(pid, "Uid").split(), "nobody is root")


main(excess_is_reset_and_counted, excess_of_one_source,
     a_stay_is_bounded_however_busy, the_end_waits_for_those_that_are_there,
     the_end_does_not_wait_for_ever, asked_twice_it_ends_at_once,
     every_ending_signal_ends_it_in_order, default_is_localhost,
     a_name_may_have_addresses_that_the_machine_lacks, dual_stack,
     what_cannot_be_served_is_said, quiet_and_verbose,
     confined_as_the_kernel_sees_it)
