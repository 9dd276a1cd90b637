"""Names that connect and ping are given: found by libbelljar, of which nothing
is left in the client that then confines itself."""

import os
import subprocess

import private
from support import (BELLJAR, PATIENCE, ROOT, Server, check, children,
                     descriptors, equal, main, status)

# A port of the name server that glibc cannot be told of.
PORT = 5353
NAME = "ns.bell.example"  # 127.0.0.1 and ::1
IDS = [] if ROOT else ["--without", "ids"]


def client(command, *arguments, data=b""):
    done = subprocess.run([BELLJAR, command, *IDS, *arguments], input=data,
                          capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr.decode()


def test_names_are_found():
    with Server(*IDS, listen=("127.0.0.1:7007", "[::1]:7007")):
        for option in ([], ["-4"], ["-6"]):
            equal(client("connect", *option, NAME, "7007", data=b"glass\n"),
                  (0, b"glass\n", ""), "connect %r" % option)
            code, out, err = client("ping", *option, "-c", "3", "-i", "0",
                                    NAME, "7007")
            equal((code, err), (0, ""), "ping %r" % option)
            check(b"3 received" in out, "%r" % out)
        equal(client("connect", "jar.in.hosts", "7007", data=b"glass\n"),
              (0, b"glass\n", ""), "a name of the hosts file")


def test_names_are_not_found():
    for name, why in (("nowhere.bell.example", "Name or service not known"),
                      ("text.bell.example", "No address associated"),
                      ("www.broken.example", "Temporary failure")):
        code, out, err = client("connect", name, "7007")
        equal((code, out, err.count("\n")), (1, b"", 1), name)
        check(why in err, "%s: %r" % (name, err))


def test_there_is_no_worker():
    for command in ("connect", "ping"):
        done = subprocess.run(
            [BELLJAR, command, *IDS, NAME, "7007"], stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE,
            env=dict(os.environ, BELLJAR_WORKER="/nonexistent"))
        equal((done.returncode, done.stderr.decode()),
              (1, "belljar: %s 7007: the resolver cannot be started: "
               "No such file or directory\n" % NAME), command)


def test_nothing_of_the_resolver_is_left():
    with Server(*IDS, listen=("127.0.0.1:7007",)):
        for host in ("127.0.0.1", NAME):
            process = subprocess.Popen(
                [BELLJAR, "connect", *IDS, "-4", host, "7007"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            process.stdin.write(b"x")
            process.stdin.flush()
            equal(process.stdout.read(1), b"x", "the echo")
            pid = process.pid
            equal(children(pid), [], "processes of " + host)
            equal(descriptors(pid), 4, "the standard ones and the peer")
            equal((status(pid, "Seccomp_filters"),
                   status(pid, "NoNewPrivs")), ("2", "1"), "its confinement")
            process.stdin.close()
            equal(process.wait(PATIENCE), 0, "exit status")


folder = private.enter()
private.put("resolv.conf", "nameserver 127.0.0.1:%d\n" % PORT)
private.put("hosts", "127.0.0.1 localhost jar.in.hosts\n")
with private.Nsd(folder, PORT):
    main(test_names_are_found, test_names_are_not_found,
         test_there_is_no_worker, test_nothing_of_the_resolver_is_left)
