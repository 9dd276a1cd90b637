"""A forbidden call: killed and reported under enforce, named and let through
under log (RISKS R46). A preloaded library makes one, as a libc of another
version could."""

import os
import signal
import socket

from support import (BIN, Server, check, ended, equal, main, skip, static,
                     status, talk, until)

MEDDLE = os.path.join(os.path.dirname(BIN), "lib", "liblive_meddle.so")


def meddling(call):
    return {"LD_PRELOAD": MEDDLE, "BELLJAR_MEDDLE": call,
            "ASAN_OPTIONS": "verify_asan_link_order=0"}


CASES = (("process", "accept4", "serve-process"),
         ("process", "read", "serve-process-child"),
         ("iterative", "accept4", "serve-iterative"),
         ("iterative", "read", "serve-iterative"),
         ("thread", "accept4", "serve-thread"),
         ("thread", "read", "serve-thread-worker"))


def log_names_the_call_and_goes_on():
    for mode, call, role in CASES:
        with Server("--sandbox", "log", "--mode", mode,
                    env=meddling(call)) as server:
            for _ in range(5):
                with server.connect() as sock:
                    talk(sock)
            until(lambda: server.events("violation"), "a violation is named")
            first = server.events("violation")[0]
            equal((first["role"], first["call"]), (role, "getuid"),
                  "who called what")
            check(int(first["address"], 16) > 0, "from where")
            equal(len(first["args"].split(",")), 6, "arguments")
            totals = server.stop()
            equal(totals["total"]["connections"], 5, "connections")
            # Told once, counted each time.
            again = server.events("violation-total")
            check(any(e["role"] == role and int(e["times"]) >= 5
                      for e in again), "how often: %r" % again)


def log_names_a_datagram_role_too():
    with Server("--sandbox", "log", "--udp", expect_ready=2,
                env=meddling("recvfrom")) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(30)
            sock.sendto(b"log", server.endpoint(1))
            equal(sock.recvfrom(100)[0], b"log", "the echo")
        until(lambda: [e for e in server.events("violation")
                       if e["role"] == "serve-udp"], "it is named")


def log_without_violation_names_none():
    for mode in ("process", "iterative", "thread"):
        with Server("--sandbox", "log", "--mode", mode) as server:
            role = server.role()
            equal(server.ready()[0]["sandbox"], "log", "the ready line")
            check(server.events("warning"), "a warning")
            for _ in range(20):
                with server.connect() as sock:
                    talk(sock)
            # Job control goes through the tracer unharmed.
            os.kill(role, signal.SIGSTOP)
            until(lambda: status(role, "State")[0] in "tT", "stopped")
            os.kill(role, signal.SIGCONT)
            with server.connect() as sock:
                talk(sock)
            equal(server.events("violation"), [], "violations")


def enforce_kills_the_child_and_tells():
    with Server(orderly=False, env=meddling("read")) as server:
        with server.connect() as sock:
            equal(ended(sock), "closed", "the connection")
        server.await_total("violations", 1)
        until(lambda: server.events("violation"), "it is told")
        told = server.events("violation")[0]
        equal(told["role"], "serve-process-child", "the role")
        check("log" in told["hint"], "what to do")
        equal(len(server.roles()), 1, "the role lives")
        server.stop()


def enforce_kills_the_role_tells_and_restarts():
    for mode in ("iterative", "thread"):
        with Server("--mode", mode, orderly=False,
                    env=meddling("read")) as server:
            with server.connect() as sock:
                check(ended(sock) in ("closed", "reset"), "the connection")
            until(lambda: server.events("role-died"), "it is told")
            told = server.events("role-died")[0]
            equal((told["role"], told["name"]), ("serve-" + mode, "SYS"),
                  "who died of what")
            check("violation" in told, "that it was a violation")
            until(lambda: len(server.ready()) == 2, "ready again")
            equal(server.total("violations"), 1, "violations")
            server.stop()


def off_says_so():
    with Server("--sandbox", "off", env=meddling("read")) as server:
        equal(server.ready()[0]["sandbox"], "off", "the ready line")
        check("OFF" in server.events("warning")[0]["what"], "loudly")
        with server.connect() as sock:
            talk(sock)
        equal(status(server.role(), "Seccomp"), "0", "no filter")


if static():
    skip("nothing can be preloaded under a static program")
main(log_names_the_call_and_goes_on, log_names_a_datagram_role_too,
     log_without_violation_names_none, enforce_kills_the_child_and_tells,
     enforce_kills_the_role_tells_and_restarts, off_says_so)
