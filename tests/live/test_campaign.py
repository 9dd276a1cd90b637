"""belljar-fuzz against targets that misbehave, each named for what it is; and
the runner itself killed, interrupted and out of space. Arguments: the folder
of programs, the sources."""
import html.parser
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import sarif
import support
from support import until

FUZZ = os.path.join(support.BIN, "belljar-fuzz")
SOURCE = pathlib.Path(support.SOURCE, "tests/live/campaign")
CLANG = shutil.which("clang")
WORK = tempfile.TemporaryDirectory()
TOP = pathlib.Path(WORK.name)
PATIENCE = 60

BEHAVIOURS = {"clean": 0, "crash": 1, "hang": 2, "memory": 3, "exit": 4,
              "escape": 5, "sleeper": 6}


def build():
    """Targets fuzz_NAME, and bare, which has no instrumentation."""
    (TOP / "bin").mkdir()
    (TOP / "corpus/escape").mkdir(parents=True)
    (TOP / "corpus/escape/seed").write_bytes(b"seed")
    common = [CLANG, "-O1", "-g", "-DSEED=\"%s/corpus/escape/seed\"" % TOP]
    for name, number in BEHAVIOURS.items():
        done = subprocess.run(
            common + ["-fsanitize=fuzzer,address", "-DBEHAVIOUR=%d" % number,
                      SOURCE / "target.c", "-o", TOP / "bin" / ("fuzz_" + name)],
            capture_output=True)
        if done.returncode != 0:
            print("skipped: clang cannot build a libFuzzer target: %s" %
                  done.stderr.decode()[:300])
            sys.exit(77)
    subprocess.check_call(common + ["-c", "-DBEHAVIOUR=0", SOURCE / "target.c",
                                    "-o", TOP / "bare.o"])
    subprocess.check_call([CLANG, "-fsanitize=fuzzer,address", TOP / "bare.o",
                           "-o", TOP / "bin/fuzz_bare"])
    shutil.copy(TOP / "bin/fuzz_crash", TOP / "bin/fuzz_dns_crash")
    (TOP / "bin/fuzz_script").write_text("#!/bin/sh\nexit 0\n")
    os.chmod(TOP / "bin/fuzz_script", 0o755)


TOY = """#define APART __attribute__((noinline))

APART static int never(const unsigned char *d, unsigned long n)
{
    return n > 40 && d[40] == 'x';
}

APART static int toy(const unsigned char *d, unsigned long n)
{
    if (n < 4)
        return 0;
    if (d[0] == 'F' && d[1] == 'U')
        return 1;
    return 2;
}
"""

HARNESS = """#include <stdio.h>
#include <stdlib.h>
#include "../core/toy.h"

int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n);
int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n)
{
    int result = toy(d, n);

    if (n > 1000000)
        result += never(d, n);
    if (result == 3 || (BROKEN && n > 1 && d[0] == 'F')) {
        fprintf(stderr, "ORACLE %s violated at toy:1: x\\n",
                result == 3 ? "three" : "seven");
        abort();
    }
    return 0;
}
"""


def project(top):
    """One harness with a bug of its own, and a mutant for each result."""
    for folder in ("core", "sandbox", "tests", "harnesses/mutants",
                   "corpus/toy"):
        (top / folder).mkdir(parents=True)
    (top / "CMakeLists.txt").write_text("""cmake_minimum_required(VERSION 3.20)
project(toy C)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
add_compile_options(-fsanitize=fuzzer,${BJ_SANITIZE})
add_link_options(-fsanitize=fuzzer,${BJ_SANITIZE})
add_executable(fuzz_toy harnesses/fuzz_toy.c)
target_compile_definitions(fuzz_toy PRIVATE BROKEN=0)
add_executable(fuzz_broken harnesses/fuzz_toy.c)
target_compile_definitions(fuzz_broken PRIVATE BROKEN=1)
""")
    (top / "core/toy.h").write_text(TOY)
    (top / "harnesses/fuzz_toy.c").write_text(HARNESS)
    (top / "corpus/toy/seed").write_bytes(b"seed")
    (top / "corpus/toy/longer").write_bytes(b"longer seed")
    old = TOY.split("\n")

    def mutant(name, report, before, after, harness="toy"):
        at = old.index(before)
        (top / "harnesses/mutants" / (name + ".patch")).write_text(
            "# harness: fuzz_%s; report: %s\n--- a/core/toy.h\n"
            "+++ b/core/toy.h\n@@ -%d,3 +%d,3 @@\n %s\n-%s\n+%s\n %s\n" %
            (harness, report, at, at, old[at - 1], before, after,
             old[at + 1]))

    mutant("killed", "oracle other|three", "        return 1;",
           "        return 3;")
    mutant("mistaken", "SEGV", "        return 1;", "        return 3;")
    mutant("survived", "oracle three", "        return 1;", "        return 2;")
    mutant("replayed", "oracle three", "    return 2;", "    return 3;")
    mutant("not_building", "oracle three", "    return 2;", "    return;;;x")
    mutant("not_reached", "oracle three",
           "    return n > 40 && d[40] == 'x';", "    return 3;")
    # Found in the harness itself, whose bug has nothing to do with the patch.
    mutant("always", "oracle seven", "        return 1;", "        return 4;",
           harness="broken")
    folder = top / "harnesses/mutants"
    text = (folder / "killed.patch").read_text()
    (folder / "not_applying.patch").write_text(text.replace("-        return 1",
                                                            "-        return 9"))
    (folder / "no_header.patch").write_text(text.split("\n", 1)[1])
    (folder / "README.md").write_text("no mutant")


def command(what, out, *more):
    words = [FUZZ, what, "--out", str(out)]
    if what == "run":
        words += ["--bin", str(TOP / "bin"), "--source", str(TOP),
                  "--timeout", "2", "--rss-limit", "300", "--minimize", "3"]
    return words + [str(m) for m in more]


def fuzz(what, out, *more):
    """(status, output) of one command."""
    done = subprocess.run(command(what, out, *more), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=PATIENCE * 2)
    return done.returncode, done.stdout.decode()


def processes(out):
    """Of targets that work below this folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink("/proc/%s/cwd" % pid).startswith(str(out)):
                found.append(int(pid))
        except OSError:
            pass
    return found


class Campaign(unittest.TestCase):
    def setUp(self):
        self.out = TOP / self.id().rsplit(".", 1)[1]

    def state(self):
        return json.loads((self.out / "campaign.json").read_text())

    def findings(self):
        return {f["id"]: f for f in self.state()["findings"]}

    def sarif(self):
        log = json.loads((self.out / "report/report.sarif").read_text())
        self.assertEqual(sarif.faults(log), [])
        return log

    def test_a_clean_campaign(self):
        status, text = fuzz("run", self.out, "--time", 2, "clean", "crash")
        # crash may find its bug in so short a time, or may not.
        self.assertIn(status, (0, 1), text)
        status, text = fuzz("run", self.out / "2", "--time", 2, "clean")
        self.assertEqual(status, 0, text)
        self.assertNotIn("\033", text)
        self.out = self.out / "2"
        target = self.state()["targets"][0]
        self.assertGreater(target["runs"], 0)
        self.assertGreater(target["edges"], 1)
        self.assertTrue(self.state()["finished"])
        self.assertTrue(list((self.out / "clean/logs").iterdir()))

    def test_each_unfit_target_is_named_for_what_it_is(self):
        words = {"hang": "hangs", "memory": "eats memory",
                 "exit": "ends itself without a report",
                 "bare": "without coverage instrumentation",
                 "script": "could not be started|no libFuzzer target"}
        for name, expected in words.items():
            with self.subTest(name):
                status, text = fuzz("run", self.out / name, "--time", 5, name)
                self.assertEqual(status, 3, text)
                self.assertRegex(text, "%s: UNFIT, .*(%s)" % (name, expected))
                again, table = fuzz("status", self.out / name)
                self.assertEqual(again, 3)
                self.assertIn("unfit", table)

    def test_confinement_holds(self):
        os.dup2(1, 50)
        os.set_inheritable(50, True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # inherited likewise
        try:
            with open(TOP / "escape.log", "w") as log:
                subprocess.run(command("run", self.out, "--time", 2, "escape"),
                               close_fds=False, stdout=log)
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(50)
        text = (TOP / "escape.log").read_text()
        self.assertRegex(text, "escape: slice .* clean")
        self.assertGreater(self.state()["targets"][0]["runs"], 0)
        self.assertTrue((TOP / "corpus/escape/seed").exists())
        # The oracles are able to fail: without confinement they do.
        status, text = fuzz("run", self.out / "open", "--time", 2,
                            "--unconfined", "escape")
        self.assertEqual(status, 1, text)
        self.assertIn("NOT CONFINED", text)
        self.assertIn("oracle no-looking-at-the-runner", text)

    def test_a_crash_is_sorted_and_costs_the_target_its_runs(self):
        status, text = fuzz("run", self.out, "--time", 12, "crash")
        self.assertEqual(status, 1, text)
        self.assertIn("WARNING, loses its runs to a crash", text)
        found = self.findings()
        self.assertEqual(len(found), 1, text)
        (name, finding), = found.items()
        self.assertEqual(finding["kind"], "heap-buffer-overflow")
        self.assertEqual(finding["frames"][0], "overflow")
        self.assertEqual(finding["reproduced"], 3)
        self.assertGreater(finding["count"], 1)
        folder = self.out / "crash/findings" / name
        self.assertTrue((folder / "input").read_bytes().startswith(b"F"))
        shortest = min(finding["input_len"], finding["minimized_len"] or 999)
        self.assertLess(shortest, 10)
        report = (folder / "report.txt").read_text()
        self.assertRegex(report, r"overflow .*target\.c:\d+")
        self.assertEqual(list((self.out / "crash/work/artifacts").iterdir()),
                         [])

        status, text = fuzz("repro", self.out, name)
        self.assertEqual(status, 1, text)
        self.assertIn("AddressSanitizer: heap-buffer-overflow", text)
        self.assertEqual(fuzz("repro", self.out, "none-1")[0], 2)
        status, text = fuzz("minimize", self.out, name)
        self.assertEqual(status, 0, text)
        self.assertTrue((folder / "minimized").read_bytes().startswith(b"F"))
        self.assertLessEqual((folder / "minimized").stat().st_size, shortest)

        # Known: no reason to fail.
        baseline = TOP / "baseline"
        baseline.write_text("# known\n%s  see issue 1\n" % name)
        status, text = fuzz("run", self.out, "--time", 2, "--baseline",
                            baseline, "crash")
        self.assertEqual(status, 0, text)
        self.assertIn(name + " (known)", text)
        baseline.write_text("other-12345678\n")
        status, text = fuzz("run", self.out, "--time", 2, "--baseline",
                            baseline, "crash")
        self.assertEqual(status, 1, text)

    def test_the_report(self):
        self.assertEqual(fuzz("run", self.out, "--time", 9, "dns_crash",
                              "exit", "clean")[0], 1)
        # What a target writes is text, in the state and on the page.
        path = self.out / "campaign.json"
        state = self.state()
        state["findings"][0]["text"] = "<script>alert(1)</script>\u00e9"
        state["targets"][0]["detail"] = "\"><img src=http://x/>"
        path.write_text(json.dumps(state))
        report = self.out / state["findings"][0]["target"] / "findings" / \
            state["findings"][0]["id"] / "report.txt"
        report.write_text("<script>alert(2)</script>")
        status, text = fuzz("report", self.out)
        self.assertEqual(status, 0, text)
        page = (self.out / "report/index.html").read_text()
        seen = []

        class Page(html.parser.HTMLParser):
            def handle_starttag(self, tag, attributes):
                seen.append(tag)
                for name, value in attributes:
                    # Nothing is loaded, nothing runs.
                    if name in ("src", "href") or name.startswith("on"):
                        raise AssertionError("%s has %s" % (tag, name))

        Page().feed(page)
        self.assertNotIn("script", seen)
        self.assertNotIn("img", seen)
        self.assertEqual(seen.count("svg"), 3)
        self.assertEqual(seen.count("article"), 1)
        self.assertIn("heap-buffer-overflow", page)
        self.assertIn("_exit", page)
        self.assertRegex(page, r"as a DNS message</summary><pre>\s*\S")
        self.assertIn("000000  46", page)  # F
        self.assertIn("Not measured", page)

        log = self.sarif()
        run, = log["runs"]
        self.assertEqual(run["tool"]["driver"]["name"], "belljar-fuzz")
        result, = run["results"]
        self.assertEqual(result["ruleId"],
                         run["tool"]["driver"]["rules"][0]["id"])
        place = result["locations"][0]["physicalLocation"]
        self.assertTrue(place["artifactLocation"]["uri"].endswith("target.c"))
        self.assertGreater(place["region"]["startLine"], 1)
        self.assertEqual(result["baselineState"], "new")
        self.assertEqual(result["partialFingerprints"]["bucket/v1"],
                         state["findings"][0]["id"])
        whole = json.loads((self.out / "report/report.json").read_text())
        self.assertEqual(whole["exit_status"], 1)
        self.assertEqual(len(whole["targets"]), 3)

        # A path is no URI.
        state["findings"][0]["file"] = "core/a b:%\u00e9.c"
        path.write_text(json.dumps(state))
        self.assertEqual(fuzz("report", self.out)[0], 0)
        result, = self.sarif()["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"],
                         {"uri": "core/a%20b%3A%25%C3%A9.c",
                          "uriBaseId": "SRCROOT"})

    def test_coverage(self):
        if not shutil.which("llvm-cov"):
            self.skipTest("there is no llvm-cov")
        (TOP / "core/x").mkdir(parents=True)
        (TOP / "cov").mkdir()
        source = TOP / "core/x/target.c"
        shutil.copy(SOURCE / "target.c", source)
        subprocess.check_call(
            [CLANG, "-g", "-fsanitize=fuzzer", "-fprofile-instr-generate",
             "-fcoverage-mapping", "-DBEHAVIOUR=0", "-DSEED=\"x\"", source,
             "-o", TOP / "cov/fuzz_clean"])
        self.assertEqual(fuzz("run", self.out, "--time", 2, "clean")[0], 0)
        status, text = fuzz("coverage", self.out, "--bin", TOP / "cov",
                            "--missed")
        self.assertEqual(status, 0, text)
        coverage = json.loads((self.out / "coverage.json").read_text())
        file, = coverage["files"]
        self.assertEqual(file["name"], "core/x/target.c")
        lines = source.read_text().splitlines()
        escape = lines.index("static void escape(void)") + 1
        branches = [i for i, line in enumerate(lines)
                    if "sum += 1;" in line][0] + 1
        missed = [set(range(a, b + 1)) for a, b in file["missed"]]
        self.assertTrue(any(escape + 2 in some for some in missed), text)
        self.assertFalse(any(branches in some for some in missed), text)
        # The gate: half of the file is never reached.
        status, text = fuzz("coverage", self.out, "--bin", TOP / "cov",
                            "--min-coverage", 95)
        self.assertEqual(status, 4, text)
        self.assertEqual(fuzz("status", self.out)[0], 4)
        self.assertEqual(fuzz("report", self.out)[0], 0)
        page = (self.out / "report/index.html").read_text()
        self.assertIn("core/x/target.c", page)
        self.assertEqual(fuzz("coverage", self.out, "--bin", "/nowhere")[0], 3)

    def test_merge_writes_to_the_corpus_only_when_asked(self):
        source = self.out / "src"
        seeds = source / "corpus/clean"
        seeds.mkdir(parents=True)
        (seeds / "one_letter").write_bytes(b"b")
        self.assertEqual(fuzz("run", self.out / "c", "--time", 2, "--source",
                              source, "clean")[0], 0)
        learnt = self.out / "c/clean/work/corpus"
        # The same again, under other names: nothing that merge would keep.
        for path in list(learnt.iterdir()):
            (learnt / (path.name + "_again")).write_bytes(path.read_bytes())
        before = len(list(learnt.iterdir()))
        status, text = fuzz("merge", self.out / "c")
        self.assertEqual(status, 0, text)
        self.assertLessEqual(len(list(learnt.iterdir())), before // 2)
        self.assertGreater(len(list(learnt.iterdir())), 0)
        self.assertEqual(os.listdir(seeds), ["one_letter"])
        status, text = fuzz("merge", self.out / "c", "--into-corpus", "clean")
        self.assertEqual(status, 0, text)
        self.assertIn("one_letter", os.listdir(seeds))
        self.assertGreater(len(os.listdir(seeds)), 1)
        self.assertEqual(fuzz("merge", self.out / "c", "none")[0], 2)

    def test_the_doctor_names_what_is_unfit(self):
        (self.out / "bin").mkdir(parents=True)
        words = [FUZZ, "doctor", "--out", str(self.out / "c"), "--bin",
                 str(self.out / "bin")]
        shutil.copy(TOP / "bin/fuzz_clean", self.out / "bin")
        done = subprocess.run(words, capture_output=True, cwd=TOP)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, rb"ok +no network.*landlock=[1-9]")
        self.assertIn(b"1 of 1", done.stdout)
        shutil.copy(TOP / "bin/fuzz_exit", self.out / "bin")
        done = subprocess.run(words, capture_output=True, cwd=TOP)
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertRegex(done.stdout, rb"FAILED +exit: ends itself")
        self.assertEqual(os.listdir(self.out), ["bin"])

    def test_mutants(self):
        if not (shutil.which("cmake") and shutil.which("ninja") and
                shutil.which("patch")):
            self.skipTest("cmake, ninja or patch is not installed")
        project(self.out / "src")
        status, text = fuzz("mutants", self.out / "c", "--source",
                            self.out / "src", "--work", self.out / "work",
                            "--time", "3s")
        self.assertEqual(status, 3, text)
        got = json.loads((self.out / "c/mutants.json").read_text())
        self.assertEqual(
            {m["name"]: m["result"] for m in got["mutants"]},
            {"always": "always", "killed": "killed", "mistaken": "mistaken",
             "no_header": "unfit", "not_applying": "unfit",
             "not_building": "unfit", "not_reached": "not reached",
             "replayed": "replayed", "survived": "survived"}, text)
        self.assertEqual(got["killed"], 1)
        self.assertGreater(got["median"], 0)
        # What was planted in the copy was planted there alone.
        self.assertEqual((self.out / "src/core/toy.h").read_text(), TOY)
        self.assertEqual(fuzz("mutants", self.out / "c", "--source",
                              self.out / "src", "--work", self.out / "work",
                              "--time", "3s", "killed")[0], 0)
        self.assertEqual(fuzz("mutants", self.out / "c", "--source",
                              self.out / "src", "--work", self.out / "work",
                              "--time", "3s", "survived")[0], 4)
        self.assertEqual(fuzz("mutants", self.out / "c", "--source",
                              self.out / "src", "--work", self.out / "work",
                              "killed", "no_such")[0], 2)

    def test_a_killed_runner_loses_nothing(self):
        artifacts = self.out / "crash/work/artifacts"
        runner = subprocess.Popen(
            command("run", self.out, "--time", 20, "--jobs", 2, "sleeper",
                    "crash"), stdout=subprocess.DEVNULL)
        try:
            # An input is there, and nobody has sorted it yet.
            until(lambda: artifacts.exists() and any(artifacts.iterdir()),
                  "an input stops the target", PATIENCE)
        finally:
            runner.kill()
            runner.wait()
        until(lambda: not processes(self.out), "targets die with their runner",
              PATIENCE)
        learnt = set(os.listdir(self.out / "sleeper/work/corpus"))
        before = self.state()
        self.assertFalse(before["finished"])
        self.assertEqual(fuzz("status", self.out)[0],
                         1 if before["findings"] else 5)
        status, text = fuzz("resume", self.out, "--time", 3)
        self.assertEqual(status, 1, text)
        self.assertIn("was cut off", text)
        (_, finding), = self.findings().items()
        self.assertEqual(finding["kind"], "heap-buffer-overflow")
        self.assertEqual(list(artifacts.iterdir()), [])
        self.assertLessEqual(
            learnt, set(os.listdir(self.out / "sleeper/work/corpus")))
        after = {t["name"]: t for t in self.state()["targets"]}
        self.assertGreater(after["sleeper"]["runs"], 0)

    def test_an_interrupted_campaign_goes_on(self):
        runner = subprocess.Popen(
            command("run", self.out, "--time", 30, "clean"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            until(lambda: (self.out / "clean/logs/000002.log").exists(),
                  "it fuzzes", PATIENCE)
            # A second runner keeps its hands off.
            status, text = fuzz("run", self.out, "--time", 1, "clean")
            self.assertEqual(status, 3)
            self.assertIn("another campaign is running", text)
            status, text = fuzz("status", self.out)
            self.assertEqual(status, 5)
            self.assertIn(": running", text)
        finally:
            runner.send_signal(signal.SIGINT)
            text = runner.communicate(timeout=PATIENCE)[0].decode()
        self.assertEqual(runner.returncode, 5, text)
        self.assertIn("interrupted", fuzz("status", self.out)[1])
        self.assertFalse(processes(self.out))
        runs = self.state()["targets"][0]["runs"]
        status, text = fuzz("resume", self.out, "--time", 2)
        self.assertEqual(status, 0, text)
        self.assertGreaterEqual(self.state()["targets"][0]["runs"], runs)

    def test_a_full_disk_is_named(self):
        if os.geteuid() != 0 or not shutil.which("unshare"):
            self.skipTest("only root mounts a small file system")
        self.out.mkdir()
        script = """mount -t tmpfs -o size=12m none "$1" || exit 77
            out=$1; shift
            (sleep 2; dd if=/dev/zero of="$out/filler" bs=1M) 2>/dev/null &
            "$@"; echo "status $?"
            wait; rm "$out/filler"
            %s resume --out "$out/c" --time 1; echo "resumed $?"
            """ % FUZZ
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", str(self.out)] +
            command("run", self.out / "c", "--time", 60, "sleeper"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
        text = done.stdout.decode()
        if done.returncode == 77 or text.startswith("unshare:"):
            self.skipTest("no tmpfs in a namespace of our own")
        self.assertIn("the disk is full", text)
        self.assertIn("status 3\n", text)
        self.assertIn("resumed 0\n", text)

    def test_a_damaged_state_is_no_campaign(self):
        self.assertEqual(fuzz("run", self.out, "--time", 1, "clean")[0], 0)
        path = self.out / "campaign.json"
        whole = path.read_text()
        path.write_text(whole[:len(whole) // 2])
        status, text = fuzz("status", self.out)
        self.assertEqual(status, 3)
        self.assertIn("damaged", text)
        path.write_text(whole.replace('"clean"', '"../../tmp"', 1))
        self.assertIn("damaged", fuzz("resume", self.out)[1])
        self.assertEqual(fuzz("status", self.out / "nowhere")[0], 3)

    def test_usage(self):
        for bad in (["run", "--time", "x"], ["run", "--jobs", "0"],
                    ["run", "--bin", "/nowhere"], ["dance"], [],
                    ["repro"], ["run", "--out"]):
            done = subprocess.run([FUZZ, *bad], capture_output=True)
            self.assertEqual(done.returncode, 2, bad)
            self.assertTrue(done.stderr)
        status, text = fuzz("run", self.out, "nonesuch")
        self.assertEqual(status, 2)
        self.assertIn("nonesuch", text)
        for name in re.findall(r"^  (\w+)  +\S", subprocess.run(
                [FUZZ, "--help"], capture_output=True).stdout.decode(), re.M):
            done = subprocess.run([FUZZ, name, "--help"], capture_output=True)
            self.assertEqual(done.returncode, 0, name)
            self.assertIn(b"Usage: belljar-fuzz " + name.encode(), done.stdout)

    def terminal(self, **more):
        """What a terminal gets to see."""
        pid, master = pty.fork()
        if pid == 0:
            os.environ.update({"TERM": "xterm", **more})
            os.environ.pop("NO_COLOR", None) if not more else None
            words = command("run", self.out, "--time", 2, "clean")
            os.execv(words[0], words)
        seen = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(master)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        return seen

    def test_a_terminal_gets_a_table(self):
        seen = self.terminal()
        self.assertIn(b"runs/s", seen)
        self.assertIn(b"\033[", seen)
        self.assertRegex(seen, rb"\033\[(32|2|1;31)m")
        seen = self.terminal(NO_COLOR="1")
        self.assertIn(b"runs/s", seen)
        self.assertNotRegex(seen, rb"\033\[[0-9;]*m")
        seen = self.terminal(TERM="dumb")
        self.assertNotIn(b"\033", seen)


if CLANG is None:
    print("skipped: there is no clang, so no libFuzzer")
    sys.exit(77)
build()
unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
