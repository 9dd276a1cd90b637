"""R34: of 100 000 queries, from threads and from processes that were forked
with the resolver in use, ids, source ports and the case of letters are spread
evenly and one says nothing of the next. The statistics are first shown sources
that are not fair, which they must see."""

import collections
import json
import os
import random
import subprocess

import hostile
import private
import randomness
from support import BIN, check, equal, main, sanitized, skip

QUERIES, PROCESSES, THREADS = 100000, 4, 2
CROWD = BIN + "/live_crowd"


def test_statistics_see_what_is_unfair():
    source = random.Random(0x6a6172)
    n = 12500
    fair = [randomness.fair(n, source) for _ in range(8)]
    equal(randomness.of_ids(fair), None, "fair sequences")
    for unfair in randomness.UNFAIR:
        found = randomness.of_ids([unfair(n, source) for _ in range(8)])
        check(found is not None, "%s is seen" % unfair.__name__)
        print("  %s: %s" % (unfair.__name__, found))
    found = randomness.of_ids(fair[:7] + [fair[0]])
    check(found is not None, "a child that goes on with its parent's is seen")
    print("  forked: " + found)
    low, high = 32768, 60999
    ports = [source.randint(low, high) for _ in range(QUERIES)]
    equal(randomness.of_ports(ports, low, high), None, "fair ports")
    found = randomness.of_ports([low + p % 20000 for p in ports], low, high)
    check(found is not None, "ports that are not the whole range are seen")
    check(randomness.biased_bits([0, 1] * 50000) is None, "fair bits")
    check(randomness.biased_bits([0, 1, 1] * 33333) is not None,
          "bits that are more often set are seen")


def port_range():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        return [int(word) for word in file.read().split()]


def gather():
    """Queries as the server saw them: (id, port, name in wire form)."""
    server, _ = hostile.start()
    private.put("resolv.conf", "nameserver %s\n" % hostile.HOSTILE)
    server.seen = []
    done = subprocess.run([CROWD, str(PROCESSES), str(THREADS),
                           str(QUERIES // 2), "hostile.example"],
                          stdout=subprocess.PIPE, timeout=200)
    equal(done.returncode, 0, "status of live_crowd")
    # One lookup before the processes are forked.
    equal(json.loads(done.stdout), {"found": QUERIES // 2 + 1, "other": 0},
          "lookups")
    check(len(server.seen) >= QUERIES, "every question was asked")
    return server.seen


def sequences_of(seen):
    """Ids in the order in which each process has sent them."""
    out = collections.defaultdict(list)
    for ident, _, name in seen:
        out[name[1:3].lower()].append(ident)
    return [ids for ids in out.values() if len(ids) > 100]


def test_queries_cannot_be_guessed():
    seen = gather()
    sequences = sequences_of(seen)
    equal(len(sequences), PROCESSES, "processes")
    equal(randomness.of_ids(sequences), None, "ids")
    equal(randomness.of_ports([port for _, port, _ in seen], *port_range()),
          None, "source ports")
    # Of the suffix: each letter of each query is a coin.
    letters = [bytes(octet for octet in name[-17:] if chr(octet).isalpha())
               for _, _, name in seen]
    for place in range(len(letters[0])):
        equal(randomness.biased_bits([name[place] >> 5 & 1
                                      for name in letters]), None,
              "case of letter %d" % place)
    print("  %d queries, %d different ids, %d different ports" %
          (len(seen), len({q[0] for q in seen}), len({q[1] for q in seen})))


if not os.path.exists(CROWD):
    skip("this build has no resolver")
if sanitized():
    QUERIES = 10000
private.enter()
main(test_statistics_see_what_is_unfair, test_queries_cannot_be_guessed)
