"""Many lookups at once: a hundred threads and ten thousand lookups, processes
forked from one that has a resolver, and a hundred threads on a silent server,
which end after one timeout and not a hundred."""

import json
import os
import socket
import subprocess
import time

import private
from support import BIN, check, equal, main, sanitized, skip

CROWD = BIN + "/live_crowd"
SILENT = "127.0.0.7"


def crowd(processes, threads, count, suffix):
    """What the lookups came to, the first one and the others, and how long it
    took in seconds."""
    begin = time.monotonic()
    done = subprocess.run([CROWD, str(processes), str(threads), str(count),
                           suffix], stdout=subprocess.PIPE, timeout=200)
    equal(done.returncode, 0, "status of live_crowd")
    return json.loads(done.stdout), time.monotonic() - begin


def test_ten_thousand():
    found, took = crowd(1, 100, 10000, "wild.bell.example")
    equal(found, {"found": 10001, "other": 0}, "lookups")
    print("  10 000 lookups of 100 threads took %.1f s" % took)


def test_forked():
    found, _ = crowd(8, 8, 2048, "wild.bell.example")
    equal(found, {"found": 2049, "other": 0}, "lookups")


def test_silent_server():
    private.put("resolv.conf", "nameserver %s\noptions timeout:1 attempts:1\n"
                % SILENT)
    found, took = crowd(1, 100, 100, "wild.bell.example")
    equal(found, {"found": 0, "other": 0,
                  "Temporary failure in name resolution": 101}, "lookups")
    # One second for the first lookup, and one for the hundred.
    check(took < (20 if sanitized() else 10), "it took %.1f s" % took)
    print("  100 threads on a silent server took %.1f s" % took)
    private.reset()


if not os.path.exists(CROWD):
    skip("this build has no resolver")
folder = private.enter()
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind((SILENT, 53))
with private.Nsd(folder):
    main(test_ten_thousand, test_forked, test_silent_server)
