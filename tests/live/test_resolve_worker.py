"""belljar-worker under its own filter, with frames instead of a driver:
hosts, the DNS, ten thousand lookups, hostile configuration, malformed frames.
Arguments: the folder of programs, the sources."""
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import frames
from frames import (CANCEL, CLOSE, CONFIG, DATAGRAM, FAILED, FOUND, HOSTS,
                    LOOKUP, NO_NAME, NSSWITCH, RESOLV_CONF, RESULT, SEND,
                    TIMER, WAIT, Result, Worker, frame, name_lookup)
from support import BIN, ROOT, sanitized, status

WORKER = os.path.join(BIN, "belljar-worker")
HOSTS_TEXT = b"192.0.2.7 web.example web\n2001:db8::7 web.example\n"
BREACH = 65


class Frames(unittest.TestCase):
    def worker(self, *arguments, **options):
        worker = Worker(WORKER, *arguments, **options)
        self.addCleanup(worker.kill)
        return worker

    def ask(self, worker, number, name, families=3, now=2000):
        worker.send(frame(LOOKUP, lookup=number, now=now,
                          payload=name_lookup(name, families)))

    def test_confined(self):
        worker = self.worker({HOSTS: HOSTS_TEXT})
        pid = worker.process.pid
        self.assertEqual(status(pid, "Seccomp"), "2")
        self.assertEqual(status(pid, "NoNewPrivs"), "1")
        self.assertEqual(int(status(pid, "CapEff"), 16), 0)
        self.assertEqual(int(status(pid, "CapBnd"), 16)
                         if os.geteuid() == 0 else 0, 0)
        self.assertEqual(worker.end(), 0)

    @unittest.skipUnless(ROOT, "needs root")
    def test_ids(self):
        """Root becomes nobody, where it can and there is somebody to become;
        capabilities are gone in any case."""
        for command, uid in (((), 65534),
                             (("unshare", "-r"), 0),
                             (("setpriv", "--bounding-set=-all",
                               "--inh-caps=-all"), 0)):
            prefix = [shutil.which(word) or word for word in command]
            if prefix and subprocess.call(prefix + ["/bin/true"]) != 0:
                continue  # no user namespaces here
            worker = self.worker({HOSTS: HOSTS_TEXT}, prefix=prefix)
            pid = worker.process.pid
            self.assertEqual(status(pid, "Uid").split(), [str(uid)] * 4)
            self.assertEqual(status(pid, "Gid").split(), [str(uid)] * 4)
            for which in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
                self.assertEqual(int(status(pid, which), 16), 0)
            self.ask(worker, 1, "web")
            worker.until(RESULT)
            self.assertEqual(worker.end(), 0)

    def test_hosts(self):
        worker = self.worker({HOSTS: HOSTS_TEXT})
        self.ask(worker, 1, "WEB.example")
        result = Result(worker.until(RESULT)[-1][4])
        self.assertEqual(result.outcome, FOUND)
        self.assertEqual(result.canonical, "web.example")
        self.assertEqual(result.addresses, [
            b"\xc0\0\2\7", bytes.fromhex("20010db8" + "00" * 11 + "07")])
        self.assertEqual(worker.end(), 0)

    def test_dns(self):
        worker = self.worker({RESOLV_CONF: b"nameserver 192.0.2.53\n"})
        self.ask(worker, 7, "www.example")
        asked = worker.until(WAIT)
        self.assertEqual([(f[0], f[1], f[2], f[3]) for f in asked[:2]],
                         [(SEND, 7, 0, 0), (SEND, 7, 1, 0)])
        queries = [f[4] for f in asked[:2]]
        forged = b"\0\0" + frames.reply(queries[0])[2:]
        if forged[:2] != queries[0][:2]:
            worker.send(frame(DATAGRAM, lookup=7, now=2001, payload=forged))
            self.assertEqual(worker.frame()[0], WAIT)
        worker.send(
            frame(DATAGRAM, lookup=7, socket=1, now=2002,
                  payload=frames.reply(queries[1], b"\x20" * 16)) +
            frame(DATAGRAM, lookup=7, now=2003,
                  payload=frames.reply(queries[0])))
        answered = worker.until(RESULT)
        self.assertEqual([f[0] for f in answered],
                         [CLOSE, WAIT, CLOSE, RESULT])
        result = Result(answered[-1][4])
        self.assertEqual(result.addresses, [b"\xc0\0\2\x63", b"\x20" * 16])
        # From the cache: no question.
        self.ask(worker, 8, "www.EXAMPLE.", now=3000)
        self.assertEqual(worker.frame()[0], RESULT)
        self.assertEqual(worker.end(), 0)

    def test_silence_failure_and_cancel(self):
        worker = self.worker({
            RESOLV_CONF: b"nameserver 192.0.2.53\noptions attempts:1\n"})
        self.ask(worker, 1, "a.example", 1)
        self.assertEqual([f[0] for f in worker.until(WAIT)], [SEND, WAIT])
        worker.send(frame(CANCEL, lookup=1))
        self.ask(worker, 2, "b.example", 1)
        worker.until(WAIT)
        worker.send(frame(FAILED, lookup=2, now=2001))
        self.assertEqual([f[:2] for f in worker.until(RESULT)],
                         [(CLOSE, 2), (RESULT, 2)])
        self.ask(worker, 3, "c.example", 1)
        worker.until(WAIT)
        worker.send(frame(TIMER, lookup=3, now=9000))
        self.assertEqual([f[:2] for f in worker.until(RESULT)],
                         [(CLOSE, 3), (RESULT, 3)])
        self.assertEqual(worker.end(), 0)

    def test_ten_thousand_lookups(self):
        lines = b"".join(b"10.%d.%d.1 host%d.example\n" %
                         (i // 256, i % 256, i) for i in range(10000))
        worker = self.worker({HOSTS: lines, NSSWITCH: b"hosts: files\n"})
        for first in range(0, 10000, 100):
            worker.send(b"".join(
                frame(LOOKUP, lookup=i, now=2000,
                      payload=name_lookup("host%d.example" % i, 1))
                for i in range(first, first + 100)))
            for i in range(first, first + 100):
                kind, number, _, _, payload = worker.frame()
                self.assertEqual((kind, number), (RESULT, i))
                self.assertEqual(Result(payload).addresses,
                                 [bytes([10, i // 256, i % 256, 1])])
        self.assertEqual(worker.end(), 0)

    def test_many_at_once(self):
        """As many as there are places, each asked for, all unanswered."""
        worker = self.worker({RESOLV_CONF: b"nameserver 192.0.2.53\n"})
        for i in range(256):
            self.ask(worker, i, "h%d.example" % i, 1)
        queries = {}
        for _ in range(256):
            for kind, number, _, _, payload in worker.until(WAIT):
                if kind == SEND:
                    queries[number] = payload
        self.assertEqual(len(queries), 256)
        self.ask(worker, 256, "one.more.example", 1)
        self.assertEqual(worker.frame()[:2], (RESULT, 256))
        for i in range(256):
            worker.send(frame(DATAGRAM, lookup=i, now=2001,
                              payload=frames.reply(queries[i])))
            self.assertEqual(Result(worker.until(RESULT)[-1][4]).outcome,
                             FOUND)
        self.assertEqual(worker.end(), 0)

    def test_hostile_configuration(self):
        words = [b"nameserver", b"search", b"options", b"ndots:", b"hosts:",
                 b"files", b"dns", b"[!UNAVAIL=return]", b"::1", b"127.0.0.1",
                 b"a" * 300, b"\0", b"\n", b"\r\n", b" ", b"\t", b"/tcp", b"#",
                 b"53", b"\xff\xfe", b"localhost", b"99999999999", b"."]
        for seed in range(40):
            dice = random.Random(seed)
            texts = {kind: b"".join(dice.choice(words) + b" \n"[:dice.choice(
                (0, 1, 1, 2))] for _ in range(dice.randrange(3000)))
                     for kind in range(7)}
            worker = self.worker(texts)
            self.ask(worker, 1, "localhost.")
            # Whatever they say: an answer, or a question and a wait.
            while worker.frame()[0] not in (RESULT, WAIT):
                pass
            self.assertEqual(worker.end(), 0, seed)

    def test_large_hosts_file(self):
        line = b"192.0.2.1 " + b"a" * 50 + b"\n"
        text = line * 200000 + b"192.0.2.9 last\n"
        worker = self.worker({HOSTS: text})
        self.ask(worker, 1, "last", 1)
        self.assertEqual(Result(worker.until(RESULT)[-1][4]).addresses,
                         [b"\xc0\0\2\x09"])
        # More lines than an answer may have: a failure, not half of them.
        self.ask(worker, 2, "a" * 50, 1)
        self.assertNotIn(Result(worker.until(RESULT)[-1][4]).outcome,
                         (FOUND, NO_NAME))
        self.assertEqual(worker.end(), 0)

    def test_breaches(self):
        """Each ends the worker, with nothing said."""
        good = frame(LOOKUP, lookup=1, now=2000, payload=name_lookup("a.b"))
        for octets in (
                b"\2" + good[1:],                       # version
                b"\1\xff" + good[2:],                   # type
                frame(SEND, lookup=1, payload=b"x" * 12),  # not to a worker
                frame(CONFIG, server=HOSTS, payload=b"127.0.0.1 a\n"),
                good[:8] + b"\xff\xff\xff\xff" + good[12:],
                good[:2] + b"\2" + good[3:],            # a socket
                frame(LOOKUP, lookup=1, now=2000, payload=b"\xff" * 9),
                frame(LOOKUP, lookup=1, now=2000,
                      payload=name_lookup("a/b")),      # no host name
                good + good,                            # a live number again
                frame(CANCEL, lookup=1, now=5),
                os.urandom(12).replace(b"\1", b"\3")):
            worker = self.worker({})
            worker.send(octets)
            self.assertEqual(worker.wait(), BREACH, octets)

    def test_lookup_before_begin(self):
        worker = self.worker({}, begin=False)
        worker.send(frame(LOOKUP, lookup=1, now=1, payload=name_lookup("a")))
        self.assertEqual(worker.wait(), BREACH)

    def test_more_configuration_than_announced(self):
        worker = self.worker({HOSTS: b"x" * 100}, announced=99, begin=False)
        self.assertEqual(worker.wait(), 66)

    def test_misuse(self):
        for argument in ("", "x", "-1", "1x", "99999999999"):
            worker = self.worker({}, announced=argument, begin=False)
            self.assertEqual(worker.wait(), 64, argument)

    def test_frames_in_pieces(self):
        worker = self.worker({HOSTS: HOSTS_TEXT})
        octets = frame(LOOKUP, lookup=1, now=2000, payload=name_lookup("web"))
        for octet in octets:
            worker.send(bytes([octet]))
        self.assertEqual(worker.until(RESULT)[-1][1], 1)
        worker.send(octets[:40])
        self.assertEqual(worker.end(), 0)

    @unittest.skipIf(sanitized(), "a sanitizer makes calls of its own")
    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_three_calls(self):
        """From the filter on: read, write, exit_group, and nothing else."""
        with tempfile.NamedTemporaryFile(mode="r") as trace:
            worker = self.worker({HOSTS: HOSTS_TEXT}, prefix=(
                "strace", "-e", "signal=none", "-o", trace.name))
            for i in range(100):
                self.ask(worker, i, "web.example")
                worker.until(RESULT)
            self.assertEqual(worker.end(), 0)
            calls = re.findall(r"^(\w+)\((\w*)", trace.read(), re.M)
        at = max(i for i, call in enumerate(calls) if call[0] == "seccomp")
        self.assertEqual(set(calls[at + 1:]), {
            ("read", "0"), ("write", "1"), ("exit_group", "0")})
        # One read and one write each, and those of loading and of the end.
        self.assertLess(len(calls[at + 1:]), 210)

    @unittest.skipIf(sanitized(), "sanitizers need the dynamic one")
    def test_static(self):
        """No program header of the release's names an interpreter."""
        with open(WORKER, "rb") as file:
            elf = file.read()
        offset, = struct.unpack_from("=Q", elf, 32)
        size, count = struct.unpack_from("=HH", elf, 54)
        kinds = [struct.unpack_from("=I", elf, offset + i * size)[0]
                 for i in range(count)]
        self.assertNotIn(3, kinds)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
