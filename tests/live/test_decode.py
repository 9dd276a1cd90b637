"""belljar decode under its role: files good, bad, cut, hostile, empty and
huge, dumps, captures, pipes. Arguments: the folder of programs, the sources.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unittest

BELLJAR = os.path.join(sys.argv[1], "belljar")
SOURCE = pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "corpus"))
import captures  # noqa: E402: the frames and captures that seeds are made of
import records  # noqa: E402: and the messages

VISIBLE = set(range(0x20, 0x7f)) | {0x0a, 0x09}


def decode(*arguments, data=None):
    """(status, standard output, standard error) of one command."""
    done = subprocess.run([BELLJAR, "decode", *map(str, arguments)],
                          input=data if data is not None else b"",
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr.decode()


class Decode(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)

    def file(self, name, data):
        path = pathlib.Path(self.folder.name, name)
        path.write_bytes(data)
        return path

    def shown(self, *arguments, data=None, status=0):
        """Standard output of a command that ends as it should; whatever was
        decoded, only visible ASCII comes out and nothing else is said."""
        got, out, err = decode(*arguments, data=data)
        self.assertEqual((got, err), (status, ""), out[-2000:])
        self.assertLessEqual(set(out), VISIBLE)
        return out.decode()

    def objects(self, *arguments, data=None, status=0):
        out = self.shown("--json", *arguments, data=data, status=status)
        return [json.loads(line) for line in out.splitlines()]

    def test_a_message_is_shown_as_dig_shows_it(self):
        out = self.shown("-", data=records.EVERYTHING)
        self.assertEqual(out, """\
;; -, 162 octets
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4660
;; flags: qr aa rd ra ad cd; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 3

;; QUESTION SECTION:
;www.example.\tIN\tA

;; ANSWER SECTION:
www.example.\t300\tIN\tCNAME\tweb.example.
web.example.\t60\tIN\tA\t192.0.2.7

;; AUTHORITY SECTION:
example.\t3600\tIN\tNS\tns.example.

;; ADDITIONAL SECTION:
ns.example.\t3600\tIN\tAAAA\t2001:db8::35

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags: do; udp: 1232
; COOKIE: 0102030405060708
; PADDING:

;; ADDITIONAL SECTION:
www.example.\t60\tIN\tTXT\t"\\027[2J\\255\\"\\\\"

""")

    def test_every_vector_in_one_command(self):
        """Each file by a process of its own, in the order given."""
        vectors = list(records.lines("records.txt"))
        paths = [self.file("%03d" % i, records.message(what, records.octets(
            rdata))) for i, (_, what, rdata, _) in enumerate(vectors)]
        out = self.shown(*paths, status=1).split(";; " + self.folder.name)[1:]
        self.assertEqual(len(out), len(vectors))
        for shown, (reason, what, rdata, text) in zip(out, vectors):
            if text.startswith("!"):
                kind, at = text[1:].split()
                self.assertIn(";; rejected at octet %d, in " % (35 + int(at)),
                              shown, reason)
                self.assertRegex(shown, r"\(RFC \d+", reason)
            else:
                self.assertIn("\t" + text + "\n", shown, reason)

    def test_json_of_every_vector(self):
        vectors = list(records.lines("records.txt"))
        paths = [self.file("%03d" % i, records.message(what, records.octets(
            rdata))) for i, (_, what, rdata, _) in enumerate(vectors)]
        objects = self.objects(*paths, status=1)
        self.assertEqual(len(objects), len(vectors))
        for one, path, (reason, _, _, text) in zip(objects, paths, vectors):
            self.assertEqual(one["file"], str(path))
            if text.startswith("!"):
                self.assertEqual(one["rejected"]["octet"],
                                 35 + int(text.split()[1]), reason)
                self.assertTrue(one["rejected"]["rule"].startswith("RFC "))
            else:
                self.assertIn("rdata", one["message"]["answer"][0], reason)

    def test_json_of_everything(self):
        (one,) = self.objects("-", data=records.EVERYTHING)
        message = one["message"]
        self.assertEqual(message["rcode"], "NOERROR")
        self.assertEqual(message["additional"][2]["rdata"]["strings"],
                         ["\x1b[2J\xff\"\\"])

    def test_every_prefix_of_a_message_is_rejected(self):
        whole = records.EVERYTHING
        paths = [self.file("%03d" % n, whole[:n]) for n in range(len(whole))]
        for one in self.objects(*paths, status=1):
            self.assertIn("rejected", one)
            self.assertLessEqual(one["rejected"]["octet"], one["octets"])

    def test_empty_file(self):
        out = self.shown(self.file("empty", b""), status=1)
        self.assertIn("rejected at octet 0, in header", out)

    def test_huge_files(self):
        """One octet more than a message may have, and far more than that."""
        for size in (65536, 20_000_000):
            path = self.file("huge", bytes(12) + b"\1" * (size - 12))
            out = self.shown(path, status=1)
            self.assertIn("a message has at most 65535 octets "
                          "(RFC 1035 section 4.2.2)", out)

    def test_the_largest_messages(self):
        """64 KiB of records, and the record that is longest when written."""
        many = bytes(6) + (5956).to_bytes(2, "big") + bytes(4) + (
            b"\0\xff\0" + bytes(8)) * 5956
        (one,) = self.objects("-", data=many)
        self.assertEqual(len(one["message"]["answer"]), 5956)
        bitmap = b"\0" + b"".join(bytes([w, 32]) + b"\xff" * 32
                                  for w in range(256))
        (one,) = self.objects("-", data=records.message("NSEC", bitmap))
        self.assertEqual(
            len(one["message"]["answer"][0]["rdata"]["types"]), 65536)

    def test_hostile_octets(self):
        """Noise, and every message with an octet changed at random."""
        noise = random.Random(2026)
        seeds = sorted((SOURCE / "corpus").glob("records_*/*"))
        paths = []
        for i in range(150):
            data = bytearray(noise.choice(seeds).read_bytes() if i % 3
                             else noise.randbytes(noise.randrange(600)))
            if data:
                data[noise.randrange(len(data))] = noise.randrange(256)
            paths.append(self.file("noise%03d" % i, bytes(data)))
        status, out, err = decode("--json", *paths)
        self.assertEqual((status, err), (1, ""))
        self.assertEqual(len(out.splitlines()), len(paths))
        for line in out.splitlines():
            json.loads(line)
        self.shown(*paths, status=1)

    def test_hostile_file_name(self):
        path = self.file("\x1b[2J\"\\\n\xff", records.EVERYTHING)
        self.assertIn("\\027[2J\\\"\\\\\\010", self.shown(path))
        (one,) = self.objects(path)
        self.assertTrue(one["file"].endswith("\x1b[2J\"\\\n\xc3\xbf"))

    def test_hexadecimal(self):
        whole = records.EVERYTHING
        dump = "".join("%08x: %s  %s\n" % (
            i, whole[i:i + 16].hex(" ", 2), "." * len(whole[i:i + 16]))
            for i in range(0, len(whole), 16))
        expected = self.shown("-", data=whole)
        for text in (whole.hex(), whole.hex(" "), dump,
                     "# a comment\n" + whole.hex("\n") + " ; another"):
            self.assertEqual(self.shown("--hex", "-", data=text.encode()),
                             expected)
        out = self.shown("-x", "-", data=b"12 34\nzz\n56", status=1)
        self.assertIn("rejected at octet 9: the line that ends here is no "
                      "hexadecimal dump", out)
        out = self.shown("-x", "-", data=b"00" * 65536, status=1)
        self.assertIn("at most 65535 octets", out)
        out = self.shown("-x", "-", data=b" " * 1048577, status=1)
        self.assertIn("a dump has at most 1048576 characters", out)

    def test_captures_of_every_link_type(self):
        for name, (link, frame) in captures.FRAMES.items():
            if link > 300:
                continue
            status, out, err = decode(
                "--json", "-", data=captures.classic([frame], link=link))
            self.assertEqual(err, "", name)
            summary = json.loads(out.splitlines()[-1])
            self.assertEqual(summary["packets"], 1, name)
            self.assertEqual(status, int(summary["rejected"] > 0), name)
            seen = (summary["messages"] + summary["rejected"]
                    + sum(summary[k] for k in ("without_dns", "fragments",
                                               "parts", "cut")))
            self.assertGreaterEqual(seen, 1, name)

    def test_capture_says_who_and_what(self):
        data = captures.classic([
            captures.FRAME6, captures.FRAMES["tcp_message_cut_by_segment"][1],
            captures.FRAMES["arp"][1],
            captures.ethernet(captures.FRAMES["ip4_first_fragment"][1]),
            captures.FRAME[:60]])
        # The last packet was longer than what was kept of it.
        first, second, part, cut, summary = self.objects("-", data=data)
        self.assertEqual(
            (first["source"], first["source_port"], first["transport"]),
            ("2001:db8::1", 40000, "udp"))
        self.assertEqual(first["time"], "1700000000.005000000")
        self.assertEqual(second["transport"], "tcp")
        self.assertIn("streams are not put together", part["passed_over"])
        self.assertIn("did not keep", cut["passed_over"])
        self.assertEqual(summary, {
            "file": "-", "packets": 5, "messages": 2, "rejected": 0,
            "without_dns": 1, "fragments": 1, "parts": 1, "cut": 1})

    def test_every_capture(self):
        for name, data in captures.FILES.items():
            status, out, err = decode("--json", "-", data=data)
            self.assertEqual(err, "", name)
            lines = [json.loads(line) for line in out.splitlines()]
            rejected = any("rejected" in one and one["rejected"] != 0
                           for one in lines)
            self.assertEqual(status, int(rejected), name)

    def test_capture_of_many_megabytes(self):
        """More than any buffer of ours: only a window of it is held."""
        packets = 60000
        one = captures.classic([captures.FRAME])[24:]
        data = captures.classic([]) + one * packets
        path = self.file("large.pcap", data + one[:7])
        status, out, err = decode("--json", path)
        lines = out.splitlines()
        self.assertEqual((status, err), (1, ""))
        self.assertEqual(json.loads(lines[-1])["messages"], packets)
        self.assertEqual(json.loads(lines[-2])["rejected"]["octet"],
                         len(data))

    def pipe(self, *arguments):
        process = subprocess.Popen(
            [BELLJAR, "decode", *arguments, "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process

    def child(self, process):
        """The process that reads, once it is confined."""
        for _ in range(500):
            children = pathlib.Path(
                "/proc/%d/task/%d/children" % (process.pid, process.pid)
            ).read_text().split()
            if children:
                status = pathlib.Path("/proc", children[0],
                                      "status").read_text()
                if "\nSeccomp:\t2\n" in status:
                    return children[0], status
            time.sleep(0.01)
        self.fail("no confined child")

    def test_a_capture_that_goes_on_is_shown_as_it_comes(self):
        process = self.pipe("--json")
        data = captures.classic([captures.FRAME, captures.FRAME])
        for i in range(0, len(data), 50):
            process.stdin.write(data[i:i + 50])
            process.stdin.flush()
        self.assertEqual(json.loads(process.stdout.readline())["packet"], 1)
        self.assertEqual(json.loads(process.stdout.readline())["packet"], 2)
        process.stdin.close()
        self.assertEqual(json.loads(process.stdout.readline())["messages"], 2)
        self.assertEqual(process.wait(), 0)

    def test_the_reader_is_confined_before_the_first_octet(self):
        process = self.pipe()
        pid, status = self.child(process)
        self.assertIn("\nNoNewPrivs:\t1\n", status)
        self.assertRegex(status, r"\nCapEff:\t0+\n")
        self.assertRegex(status, r"\nCapPrm:\t0+\n")
        if os.geteuid() == 0:
            self.assertNotRegex(status, r"\nUid:\t0\t")
            self.assertEqual(sorted(os.listdir("/proc/%s/fd" % pid)),
                             ["0", "1", "2"])
        process.stdin.write(records.EVERYTHING)
        process.stdin.close()
        self.assertIn(b"web.example.", process.stdout.read())
        self.assertEqual(process.wait(), 0)

    def test_modes(self):
        """No call is forbidden that decoding makes; off says that it is."""
        data = captures.FILES["ng_all_blocks"]
        expected = self.shown("-", data=data)
        self.assertEqual(decode("--sandbox", "log", "-", data=data),
                         (0, expected.encode(), ""))
        status, out, err = decode("--sandbox", "off", "-", data=data)
        self.assertEqual((status, out), (0, expected.encode()))
        self.assertIn("sandbox=off", err)

    def test_files_that_cannot_be_read(self):
        good = self.file("good", records.EVERYTHING)
        status, out, err = decode(self.folder.name + "/none", good,
                                  self.folder.name)
        self.assertEqual(status, 1)
        self.assertIn("none: cannot be opened: No such file", err)
        self.assertIn("is a directory", err)
        self.assertIn(b"web.example.", out)

    def test_input_that_fails_halfway(self):
        """What was read until then is not judged."""
        for more in ((), ("--hex",), ("--json",)):
            ours, theirs = os.pipe()
            os.set_blocking(ours, False)  # the second read fails with EAGAIN
            os.write(theirs, b"123401000001000000000000")
            done = subprocess.run([BELLJAR, "decode", *more, "-"], stdin=ours,
                                  capture_output=True)
            os.close(ours)
            os.close(theirs)
            self.assertEqual(
                (done.returncode, done.stdout, done.stderr),
                (1, b"", b"belljar decode: -: cannot be read\n"))

    def test_output_that_cannot_be_written(self):
        good = self.file("good", records.EVERYTHING)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BELLJAR, "decode", good], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output cannot be written", done.stderr)
        done = subprocess.run(
            "'%s' decode '%s' 2>&1 >&-" % (BELLJAR, good), shell=True,
            stdout=subprocess.PIPE, check=False)
        self.assertIn(done.returncode, (0, 1))

    def test_misuse(self):
        for arguments in ((), ("--no-such-option",), ("--hex=1", "-")):
            status, out, err = decode(*arguments)
            self.assertEqual((status, out), (2, b""), arguments)
            self.assertIn("belljar decode --help", err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
