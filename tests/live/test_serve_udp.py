"""Datagrams: RFC 862 over UDP, and whom it does not answer (RISKS R41)."""

import os
import signal
import socket
import time

from support import (Server, check, descriptors, equal, load, main,
                     resident_kb, ROOT, sanitized, status, until)


def udp_bears_the_load():
    count = 2000 if sanitized() else 32000
    with Server("--udp", "--udp-rate", "0", expect_ready=2) as server:
        load(server, "udp", 500, index=1)
        role = int(server.ready()[1]["pid"])
        before = (descriptors(role), resident_kb(role)) if ROOT else None
        done = load(server, "udp", count, index=1)
        equal(done["finished"], count, "datagrams that came back")
        if before is not None:
            equal(descriptors(role), before[0], "descriptors")
            check(resident_kb(role) <= before[1] + 2048, "memory grew")
        total = server.stop()["total"]
        equal(total["datagrams"], count + 500, "datagrams counted")
        equal(total["dropped"], 0, "dropped")
        equal(total["bytes_in"], total["bytes_out"], "bytes")


def same_port_for_both():
    with Server("--udp", listen=("127.0.0.1:0", "[::1]:0"),
                expect_ready=4) as server:
        ready = server.ready()
        tcp = {r["listen"] for r in ready if r["mode"] == "process"}
        udp = {r["listen"] for r in ready if r["mode"] == "udp"}
        equal(tcp, udp, "endpoints of both")


def exchange(sock, address, data, patience=5.0):
    sock.settimeout(patience)
    sock.sendto(data, address)
    try:
        return sock.recvfrom(65536)[0]
    except socket.timeout:
        return None


def sizes_from_none_to_the_largest():
    with Server("--udp", expect_ready=2) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for size in (0, 1, 1471, 1472, 9000, 65507):
                data = os.urandom(size)
                equal(exchange(sock, server.endpoint(1), data), data,
                      "a datagram of %d" % size)


def R41_ports_of_services_that_answer():
    """Never an answer to a port where something may answer back."""
    with Server("--udp", expect_ready=2) as server:
        ours = server.endpoint(1)
        tried = 0
        for port in (7, 13, 17, 19, 37, 53):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                try:
                    sock.bind(("127.0.0.1", port))
                except OSError:
                    continue  # not root, or taken
                sock.sendto(b"loop", ours)
                tried += 1
                sock.settimeout(0.2)
                try:
                    sock.recvfrom(100)
                    check(False, "an answer to port %d" % port)
                except socket.timeout:
                    pass
        # From its own port on another of its addresses: its like, or itself.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.2", ours[1]))
            equal(exchange(sock, ours, b"loop", 0.2), None, "an answer")
            tried += 1
        # Port 0 can only be written by hand, in a raw datagram.
        try:
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                socket.IPPROTO_UDP)
        except PermissionError:
            raw = None
        if raw is not None:
            raw.sendto(bytes([0, 0, ours[1] >> 8, ours[1] & 255, 0, 12, 0, 0])
                       + b"zero", ours)
            raw.close()
            tried += 1
        server.await_total("dropped", tried)
        # It serves the others as before.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            equal(exchange(sock, ours, b"well"), b"well", "an answer")
        equal(server.total("dropped"), tried, "dropped")


def R41_rate_to_one_network():
    with Server("--udp", "--udp-rate", "20", expect_ready=2) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for _ in range(200):
                sock.sendto(b"flood", server.endpoint(1))
            server.await_total("dropped", 1)
            until(lambda: server.total("dropped") +
                  server.total("datagrams") == 200, "all are judged")
            # Twenty at once, and what came due during a slow test.
            check(server.total("datagrams") < 150, "a flood is answered")
            time.sleep(1.5)
            while True:
                sock.settimeout(0.2)
                try:
                    sock.recvfrom(100)
                except socket.timeout:
                    break
            equal(exchange(sock, server.endpoint(1), b"again"), b"again",
                  "an answer once the rate allows it")


def stopped_killed_and_back():
    with Server("--udp", expect_ready=2) as server:
        role = int(server.ready()[1]["pid"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            os.kill(role, signal.SIGSTOP)
            until(lambda: (status(role, "State") or "T")[0] == "T", "stopped")
            os.kill(role, signal.SIGCONT)
            equal(exchange(sock, server.endpoint(1), b"one"), b"one", "echo")
            os.kill(role, signal.SIGKILL)
            until(lambda: len(server.ready()) == 3, "ready again")
            equal(exchange(sock, server.endpoint(1), b"two"), b"two", "echo")
        equal(server.total("restarts"), 1, "restarts")


main(udp_bears_the_load, same_port_for_both, sizes_from_none_to_the_largest,
     R41_ports_of_services_that_answer, R41_rate_to_one_network,
     stopped_killed_and_back)
