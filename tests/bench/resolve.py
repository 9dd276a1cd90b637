"""libbelljar beside glibc, musl, c-ares and the floor of one UDP query on a
fresh socket, against NSD on loopback in namespaces of the benchmark's own: all
in one run, their rounds interleaved, medians and ratios. Peers that are not
built are left out.

    python3 tests/bench/resolve.py build/release/bin [ROUNDS]
"""

import argparse
import os
import statistics
import subprocess
import sys

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("bin")
parser.add_argument("rounds", nargs="?", type=int, default=15)
OPTIONS = parser.parse_args()
ROUNDS = OPTIONS.rounds
sys.argv[1:] = [OPTIONS.bin, SOURCE]  # as the tests are started
sys.path.insert(0, os.path.join(SOURCE, "tests", "live"))

import private  # noqa: E402
from support import (BIN, descendants, proportional_kb,  # noqa: E402
                     resident_kb, status)

UNCACHED, CACHED = "%u.never.bell.example", "www.bell.example"
LAST = "last.hosts.example"

# Programs with their argument. The order is that of the columns.
PEERS = {
    "floor": ["bench_resolve", "floor"],
    "glibc": ["bench_resolve", "libc"],
    "musl": ["bench_resolve_musl", "libc"],
    "c-ares": ["bench_resolve", "cares"],
    "belljar": ["bench_resolve", "belljar"],
}


class Peer:
    def __init__(self, name):
        program, argument = PEERS[name]
        self.name = name
        self.process = subprocess.Popen(
            [os.path.join(BIN, program), argument], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def round(self, kind, pattern, count):
        """Microseconds: wall, user, system; None if it cannot do that."""
        try:
            self.process.stdin.write("%s %s %d\n" % (kind, pattern, count))
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        line = self.process.stdout.readline()
        if line in ("", "-\n"):
            return None
        return [float(word) for word in line.split()]

    def end(self):
        self.process.communicate()


def measure(peers, kind, pattern, count, counts={}):
    """Rounds in turn; for each peer the medians, for each pair the median of
    the ratios of neighbouring rounds. A peer may have a count of its own."""
    able = [peer for peer in peers
            if peer.round(kind, pattern, 8) is not None]
    rounds = {peer.name: [] for peer in able}
    for _ in range(ROUNDS):
        for peer in able:
            rounds[peer.name].append(
                peer.round(kind, pattern, counts.get(peer.name, count)))
    return rounds


def median(rounds, index=0):
    return statistics.median(one[index] for one in rounds)


def ratio(rounds, name, to):
    return statistics.median(a[0] / b[0]
                             for a, b in zip(rounds[name], rounds[to]))


def report(title, rounds, to="glibc"):
    words = ["%s %.1f" % (name, median(of)) for name, of in rounds.items()]
    line = "%-34s %s" % (title, "  ".join(words))
    if "belljar" in rounds and to in rounds:
        line += "   belljar/%s %.2f" % (to, ratio(rounds, "belljar", to))
    print(line, flush=True)


def hosts_of(lines):
    text = "127.0.0.1 localhost\n"
    text += "".join("10.%d.%d.%d h%d.hosts.example\n" %
                    (i >> 16, i >> 8 & 255, i & 255, i)
                    for i in range(lines - 2))
    return text + "192.0.2.200 %s\n" % LAST


def on_cpu(pid):
    """Nanoseconds that a process has run for."""
    with open("/proc/%d/schedstat" % pid) as file:
        return int(file.read().split()[0])


def workers(pid):
    return [p for p in descendants(pid) if "worker" in
            (status(p, "Name") or "")]


def where_time_goes(kind, nsd, count=5000):
    """Of one lookup: what each process was on the processor for. What is left
    of the wall time is waking and switching."""
    peer = Peer("belljar")
    peer.round(kind, UNCACHED, 100)
    worker = workers(peer.process.pid)[0]
    servers = [nsd.process.pid] + descendants(nsd.process.pid)
    before = on_cpu(worker), sum(map(on_cpu, servers))
    wall, user, system = peer.round(kind, UNCACHED, count)
    mine = (on_cpu(worker) - before[0]) / count / 1000
    server = (sum(map(on_cpu, servers)) - before[1]) / count / 1000
    print("  %-6s wall %.1f us: caller %.1f (user %.1f, system %.1f), worker "
          "%.1f, name server %.1f, rest %.1f" %
          (kind, wall, user + system, user, system, mine, server,
           wall - user - system - mine - server))
    peer.end()


def memory_of_worker(lines):
    private.put("hosts", hosts_of(lines))
    peer = Peer("belljar")
    peer.round("a", LAST, 1)
    worker = workers(peer.process.pid)[0]
    print("  worker, %6d lines of hosts: %6d KiB resident, %6d KiB of them "
          "its own share" % (lines, resident_kb(worker),
                             proportional_kb(worker)))
    peer.end()


def main():
    folder = private.enter()
    names = [name for name, (program, _) in PEERS.items()
             if os.path.exists(os.path.join(BIN, program))]
    with private.Nsd(folder) as nsd:
        peers = [Peer(name) for name in names]
        print("microseconds a lookup, medians of %d rounds" % ROUNDS)
        for title, kind, pattern, count in (
                ("A", "a", UNCACHED, 500),
                ("A and AAAA", "both", UNCACHED, 500),
                ("A, name asked before", "a", CACHED, 500),
                ("A and AAAA, name asked before", "both", CACHED, 500)):
            report(title, measure(peers, kind, pattern, count))
        report("64 in flight", measure(peers, "flight", UNCACHED, 3000),
               "c-ares")
        report("resolver opened and closed",
               measure(peers, "spawn", "-", 20))
        for peer in peers:
            peer.end()
        for lines in (10, 1000, 100000):
            private.put("hosts", hosts_of(lines))
            peers = [Peer(name) for name in names if name != "floor"]
            # Who reads the whole file each time needs no more to be seen.
            report("hosts file of %d lines" % lines,
                   measure(peers, "a", LAST, 500 if lines < 100000 else 10,
                           {"belljar": 500}))
            for peer in peers:
                peer.end()
        private.reset()
        if "belljar" in names:
            print("where a lookup's time goes")
            for kind in ("a", "both"):
                where_time_goes(kind, nsd)
            print("memory")
            for lines in (10, 1000, 100000):
                memory_of_worker(lines)


main()
