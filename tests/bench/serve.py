"""The echo server beside the loop one writes by hand without a sandbox, and
beside what Debian packages: all in one run, their rounds interleaved, medians
and ratios. Peers that are not installed are left out."""

import argparse
import contextlib
import getpass
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "live"))

from support import (cpu_seconds, descendants, die_with_us,  # noqa: E402
                     held_port, proportional_kb)

IDLE = 60
REST_S = 0.1

# What is measured: the words of its table, and whether more is better.
KINDS = {
    "connections": ("connections/s", True),
    "trip1": ("us a round trip, 1 connection", False),
    "trip64": ("us a round trip, 64 connections", False),
    "bulk": ("MB/s through one connection", True),
    "datagram": ("us a round trip, UDP", False),
}
# A server that has one connection at a time has no 60 or 64.
ALL_AT_ONCE = ("memory", "trip64")
ROWS = ("memory", *KINDS)
MODES = ("process", "iterative", "thread", "udp")

started = []
held = contextlib.ExitStack()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="  serve.py build/release/bin 15 --mode process --row "
               "connections")
    parser.add_argument("bin", help="the folder of belljar and bench_serve")
    parser.add_argument("rounds", nargs="?", type=int, default=7,
                        help="of 0.4 seconds for each server in each table "
                             "(7)")
    parser.add_argument("--mode", action="append", choices=MODES,
                        help="only this mode and its bare loop, without other "
                             "programs; may be repeated")
    parser.add_argument("--row", action="append", choices=ROWS,
                        help="only this table; may be repeated")
    return parser.parse_args()


OPTIONS = arguments()
BENCH = os.path.join(os.path.abspath(OPTIONS.bin), "bench_serve")
BELLJAR = os.path.join(os.path.abspath(OPTIONS.bin), "belljar")


def start(command, **kwargs):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               preexec_fn=die_with_us, **kwargs)
    started.append(process)
    return process


def belljar(mode):
    arguments = ["--mode", mode] if mode != "udp" else ["--udp", "--udp-rate",
                                                        "0"]
    process = start([BELLJAR, "serve", "--listen", "127.0.0.1:0"] + arguments,
                    stderr=subprocess.PIPE)
    for line in process.stderr:
        found = re.search(r"ready mode=%s listen=\S+:(\d+)" % mode,
                          line.decode())
        if found:
            return process.pid, int(found.group(1))


def bare(mode):
    process = start([BENCH, "bare", mode], stdout=subprocess.PIPE)
    return process.pid, int(process.stdout.readline())


def next_port():
    """For a program that cannot choose one itself."""
    return held.enter_context(held_port())


def listening(command, port, **kwargs):
    process = start(command, stderr=subprocess.DEVNULL, **kwargs)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process.pid, port
        except ConnectionRefusedError:
            if process.poll() is not None:
                sys.exit("%s ended at once" % command[0])
            time.sleep(0.05)


def socat():
    port = next_port()
    return listening(["socat", "TCP-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr,"
                      "backlog=128,nodelay" % port, "PIPE"], port)


def ncat():
    port = next_port()
    return listening(["ncat", "-l", "-k", "-m", "100", "-e", "/bin/cat",
                      "127.0.0.1", str(port)], port)


def tcpserver():
    port = next_port()
    return listening(["tcpserver", "-HRl0", "-c", "100", "127.0.0.1",
                      str(port), "cat"], port)


def xinetd(folder):
    port = next_port()
    conf = os.path.join(folder, "conf")
    with open(conf, "w") as file:
        file.write("service echo\n{\n type = INTERNAL UNLISTED\n"
                   " id = echo-stream\n socket_type = stream\n"
                   " protocol = tcp\n bind = 127.0.0.1\n port = %d\n"
                   " wait = no\n user = %s\n instances = 100\n"
                   " cps = 100000 1\n}\n" % (port, getpass.getuser()))
    return listening(["xinetd", "-dontfork", "-f", conf, "-pidfile",
                      os.path.join(folder, "pid")], port)


def one_round(port, kind):
    """What it came to, and of how many connections that is."""
    done = subprocess.run([BENCH, "round", str(port), kind],
                          capture_output=True, text=True, timeout=120,
                          preexec_fn=die_with_us)
    if done.returncode != 0:
        return None, 0
    result, count = done.stdout.split()
    return float(result), int(count)


def of_all(pid, figure):
    """The sum over all processes of a server that are still there."""
    total = 0
    for member in [pid] + descendants(pid):
        with contextlib.suppress(OSError):
            total += figure(member)
    return total


def processor_us(pid):
    """Of all its processes and of those that they have reaped."""
    return of_all(pid, lambda member: cpu_seconds(member, reaped=True)) * 1e6


def idle_kb(pid, port):
    """What a connection costs that has sent a little and is silent now."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(b"x")
        sock.recv(1)
    time.sleep(0.3)
    before = of_all(pid, proportional_kb)
    socks = []
    for _ in range(IDLE):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(b"x")
        sock.recv(1)
        socks.append(sock)
    cost = (of_all(pid, proportional_kb) - before) / IDLE
    for sock in socks:
        sock.close()
    time.sleep(0.3)
    return cost


def progress(text):
    """One line that is written over; where that cannot be, a line each."""
    shape = "\r%-40s\r" if sys.stderr.isatty() else "%s\n"
    sys.stderr.write(shape % text)
    sys.stderr.flush()


def rounds(servers, kind):
    """The rounds of one kind: all servers take turns, each of ours beside its
    bare loop, and every other turn in the opposite order, with a rest before
    each, since what the kernel puts off to do later is done in the round after.
    With them the processor time of the server for each connection, where
    connections are counted."""
    results = {name: [] for name in servers}
    spent = dict.fromkeys(servers, 0)
    counts = dict.fromkeys(servers, 0)
    for turn in range(OPTIONS.rounds):
        progress("%s: round %d of %d" % (kind, turn + 1, OPTIONS.rounds))
        for name in list(servers)[::-1 if turn % 2 else 1]:
            pid, port = servers[name]
            time.sleep(REST_S)
            before = processor_us(pid)
            result, count = one_round(port, kind)
            results[name].append(result)
            if count:
                spent[name] += processor_us(pid) - before
                counts[name] += count
    return results, {name: spent[name] / counts[name]
                     for name in servers if counts[name]}


def better(ours, theirs, higher):
    """How many times as good ours is: the median over rounds, each beside
    the other's of the same turn."""
    ratios = [a / b if higher else b / a for a, b in zip(ours, theirs)
              if a and b]
    return statistics.median(ratios) if ratios else None


def table(title, results, higher, processor=None):
    print("\n" + title)
    for name, values in results.items():
        known = [value for value in values if value is not None]
        if not known:
            continue
        line = "  %-18s %10.1f" % (name, statistics.median(known))
        ratio = None
        if name.startswith("belljar "):
            ratio = better(values, results[name.replace("belljar", "bare")],
                           higher)
            words = "times as good as the bare loop"
        elif not name.startswith("bare "):
            ratio = better(results["belljar process"], values, higher)
            words = "times as good is belljar process"
        if ratio:
            line += "   %6.2f %s" % (ratio, words)
        if processor and name in processor:
            line += "   (%.0f us of processor time each)" % processor[name]
        print(line, flush=True)


def programs(folder):
    """What one would pick from Debian's packages, as far as it is there."""
    for name, run in (("socat", socat), ("ncat", ncat),
                      ("tcpserver", tcpserver),
                      ("xinetd", lambda: xinetd(folder))):
        if shutil.which(name):
            yield name, run()


def main():
    modes = OPTIONS.mode or MODES
    wanted = OPTIONS.row or ROWS
    servers = {}
    with tempfile.TemporaryDirectory() as folder:
        for mode in modes:
            servers["belljar " + mode] = belljar(mode)
            servers["bare " + mode] = bare(mode)
        if not OPTIONS.mode:
            servers.update(programs(folder))
        print("medians of %d rounds, %d processors" % (OPTIONS.rounds,
                                                       os.cpu_count()))
        # Memory first, while no page has been touched by a load.
        for row in ROWS:
            udp = row == "datagram"
            chosen = {name: server for name, server in servers.items()
                      if udp == name.endswith(" udp") and not
                      (row in ALL_AT_ONCE and "iterative" in name)}
            if row not in wanted or not chosen:
                continue
            if row == "memory":
                table("kB for each of %d idle connections" % IDLE,
                      {name: [idle_kb(*server)]
                       for name, server in chosen.items()}, False)
                continue
            words, higher = KINDS[row]
            results, processor = rounds(chosen, row)
            table("%s (%s)" % (row, words), results, higher, processor)


# A signal ends it as an exception does.
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: sys.exit(1))
try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
finally:
    for process in started:
        process.terminate()
    for process in started:
        process.wait()
