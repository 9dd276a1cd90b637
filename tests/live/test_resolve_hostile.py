"""Against a name server that plays R03 to R26 (misbehaviour.py): forged
replies are never taken and never end the wait, the honest one that follows
wins, and whatever came, the same resolver answers the next question."""

import os
import subprocess
import time

import dnswire
import hostile
import misbehaviour
import private
from support import BIN, PATIENCE, check, equal, main, skip

RESOLV_CONF = """nameserver %s
nameserver %s
options timeout:1 attempts:1
""" % (hostile.HOSTILE, hostile.SECOND)


class Asker:
    """One process with one resolver, asked a line at a time."""

    def __init__(self):
        self.process = subprocess.Popen(
            [BIN + "/live_ask_belljar", "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)

    def ask(self, question):
        self.process.stdin.write(question.encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode()
        check(line.endswith("\n"), "the asker lives: %r" % question)
        return line.split()

    def addresses(self, name):
        return sorted(self.ask("addrinfo %s.hostile.example -" % name))

    def end(self):
        self.process.stdin.close()
        equal(self.process.wait(PATIENCE), 0, "the asker's exit status")


def expected_of(name):
    """The words of the answer, or how many addresses it has."""
    expected = misbehaviour.EXPECTED[name]
    if isinstance(expected, str):
        return [expected]
    if isinstance(expected, tuple):
        return sorted(expected)
    return expected


def check_behaviour(asker, name):
    begin = time.monotonic()
    got = asker.addresses(name)
    took = time.monotonic() - begin
    expected = expected_of(name)

    if isinstance(expected, list):
        equal(got, expected, name)
    else:
        equal(len(got), expected, name)
    check(not set(got) & set(dnswire.FORGED), name + ": nothing forged")
    # The question after it, which the server answers at once.
    equal(asker.addresses("after-" + name), sorted(dnswire.HONEST),
          "the question after " + name)
    print("  %-28s %5.2f s" % (name, took), flush=True)


def test_every_behaviour():
    asker = Asker()
    for name in misbehaviour.EXPECTED:
        check_behaviour(asker, name)
    asker.end()


if not os.path.exists(BIN + "/live_ask_belljar"):
    skip("this build has no resolver")
private.enter()
private.put("resolv.conf", RESOLV_CONF)
hostile.start()
main(test_every_behaviour)
