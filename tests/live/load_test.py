"""The load that every mode must bear, shared by test_serve_<mode>.py."""

from support import (Server, check, descriptors, equal, load, resident_kb,
                     sanitized, until, zombies, ROOT)


def settled(server):
    until(lambda: sum(s["live"] for s in server.counters()["sockets"]) == 0,
          "every connection has ended")


def bear(mode):
    """32 000 connections of all kinds, then 50 at once of 10 MB each: no byte
    lost or changed, no zombie, nothing that grows, nothing forbidden."""
    count = 2000 if sanitized() else 32000
    with Server("--mode", mode) as server:
        # Once through everything first, with every buffer of as many as come
        # at once filled: what grows after that is a leak.
        warm = load(server, "mix", 500)
        full = load(server, "bulk", 64, 200_000)
        settled(server)
        pids = [server.keeper(), server.role()]
        before = [(descriptors(p), resident_kb(p)) for p in pids if ROOT]
        mixed = load(server, "mix", count)
        bulk = load(server, "bulk", 50, 10_000_000)
        settled(server)
        equal(mixed["finished"], count, "connections finished")
        equal(bulk["bytes"], 50 * 10_000_000, "bytes that came back")
        equal(zombies(server.keeper()), [], "zombies")
        equal(server.role(), pids[1], "the role is still the same process")
        after = [(descriptors(p), resident_kb(p)) for p in pids if ROOT]
        for (fds, kb), (fds_after, kb_after) in zip(before, after):
            equal(fds_after, fds, "descriptors")
            # 8 MB: a leak of 260 octets a connection. A thread more at once
            # than before has a stack and a buffer more. A sanitizer keeps
            # freed memory for a while.
            slack = 65536 if sanitized() else 8192
            check(kb_after <= kb + slack, "memory grew from %d to %d kB" %
                  (kb, kb_after))
        total = server.stop()["total"]
        equal(total["connections"], warm["finished"] + 64 + count + 50,
              "connections counted")
        equal(total["restarts"], 0, "restarts")
        equal(total["killed"], 0, "children killed")
        # What a peer that reset or left did not fetch was still counted.
        came_back = sum(run["bytes"] for run in (warm, full, mixed, bulk))
        check(total["bytes_out"] >= came_back, "bytes counted")
        check(total["bytes_in"] >= total["bytes_out"], "no byte from nowhere")
