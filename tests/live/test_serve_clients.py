"""Clients that people use: socat, ncat, and nmap's echo probe."""

import os
import shutil
import subprocess

from support import Server, check, equal, main

DATA = os.urandom(300000) + b"\nthe end"


def found(program):
    if shutil.which(program) is None:
        print(program + " is not installed")
        return False
    return True


def through(server, *command):
    done = subprocess.run(command, input=DATA, stdout=subprocess.PIPE,
                          timeout=60)
    equal(done.returncode, 0, "exit status of " + command[0])
    check(done.stdout == DATA, "%s: %d bytes of %d came back, or others" %
          (command[0], len(done.stdout), len(DATA)))


def socat_and_ncat():
    for mode in ("process", "iterative", "thread"):
        with Server("--mode", mode) as server:
            host, port = server.endpoint()
            if found("socat"):
                through(server, "socat", "-t", "30", "-",
                        "TCP:%s:%d" % (host, port))
            if found("ncat"):
                through(server, "ncat", host, str(port))


def socat_datagrams():
    if not found("socat"):
        return
    with Server("--udp", expect_ready=2) as server:
        host, port = server.endpoint(1)
        done = subprocess.run(["socat", "-t", "2", "-",
                               "UDP:%s:%d" % (host, port)],
                              input=b"datagram", stdout=subprocess.PIPE,
                              timeout=60)
        equal(done.stdout, b"datagram", "what came back")


def nmap_calls_it_echo():
    """nmap's probe for the service finds what it is; its scan, which opens
    and drops connections, hurts nobody."""
    if not found("nmap"):
        return
    with Server() as server:
        host, port = server.endpoint()
        # It waits five seconds and more for what an echo never says first.
        done = subprocess.run(["nmap", "-Pn", "-n", "-sT", "-sV",
                               "--version-intensity", "1", "-p", str(port),
                               host], stdout=subprocess.PIPE, timeout=120)
        check(b"open  echo" in done.stdout, "nmap: %r" % done.stdout)


main(socat_and_ncat, socat_datagrams, nmap_calls_it_echo)
