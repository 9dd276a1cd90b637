"""The systemd units: they verify, expose next to nothing, and let through
every system call that a start of the server makes."""

import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile

from support import (BELLJAR, BIN, PATIENCE, ROOT, check, equal, main,
                     sanitized, skip, until)

UNITS = os.path.join(os.path.dirname(BIN), "systemd")


def analyze(*arguments, env=None):
    return subprocess.run(["systemd-analyze", *arguments], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120)


def copies(folder):
    """The units as installed, but naming the program of this build."""
    for path in glob.glob(os.path.join(UNITS, "belljar*")):
        with open(path) as file:
            text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=" + BELLJAR,
                          file.read())
        with open(os.path.join(folder, os.path.basename(path)), "w") as file:
            file.write(text)
    return sorted(glob.glob(os.path.join(folder, "*")))


def they_verify():
    with tempfile.TemporaryDirectory() as folder:
        paths = copies(folder)
        equal(len(paths), 4, "units")
        # A template is verified as an instance of it.
        names = [os.path.basename(p).replace("@.", "@1.") for p in paths]
        # No man page need be installed.
        done = analyze("verify", "--man=no", *names,
                       env=dict(os.environ, SYSTEMD_UNIT_PATH=folder + ":"))
        ours = [line for line in done.stdout.splitlines()
                if "belljar" in line]
        equal((done.returncode, ours), (0, []), "systemd-analyze verify")


def exposure_is_under_one():
    for unit in ("belljar.service", "belljar-inetd@.service"):
        done = analyze("security", "--offline=true", "--threshold=10",
                       os.path.join(UNITS, unit))
        equal(done.returncode, 0, "exposure of %s: %s" %
              (unit, done.stdout[-300:]))
        check("level for" in done.stdout, done.stdout)


def expand(name):
    """The calls of a filter set, its sets within it too."""
    done = analyze("syscall-filter", "--no-pager", name)
    calls = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= expand(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed(unit):
    """What its SystemCallFilter= lines come to, in their order."""
    calls = expand("@default")
    with open(os.path.join(UNITS, unit)) as file:
        lines = re.findall(r"(?m)^SystemCallFilter=(.*)$", file.read())
    for line in lines:
        words = set()
        for word in line.lstrip("~").split():
            words |= expand(word) if word[0] == "@" else {word}
        calls = calls - words if line[0] == "~" else calls | words
    return calls


def as_a_service(*command):
    """The command as systemd starts it: another user, no capability."""
    if not ROOT:
        return list(command)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            "--bounding-set=-all", *command]


def made(log):
    with open(log) as file:
        return set(re.findall(r"(?m)^(?:\d+ +)?([a-z_0-9]+)\(", file.read()))


def every_call_of_a_start_is_let_through():
    if sanitized() or shutil.which("strace") is None:
        print("needs strace and a build without sanitizers")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        log = os.path.join(folder, "log")
        server = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", log,
             *as_a_service(BELLJAR, "serve", "--listen", "127.0.0.1:0",
                           "--udp", "--mode", "process")],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2):
            line = server.stderr.readline()
            check(b"ready" in line, "it serves: %r" % line)
        pid = until(lambda: traced(server.pid), "the keeper")
        os.kill(pid, signal.SIGTERM)
        equal(server.wait(PATIENCE), 0, "exit status")
        # The units pass its sockets to it; here it makes them. The ids are
        # what setpriv changes.
        spared = {"socket", "bind", "listen", "setgroups", "setresuid",
                  "setresgid"}
        beyond = made(log) - allowed("belljar.service") - spared
        equal(beyond, set(), "calls that the unit would refuse")


def traced(strace):
    with open("/proc/%d/task/%d/children" % (strace, strace)) as file:
        pids = file.read().split()
    for pid in pids:
        with open("/proc/%s/comm" % pid) as file:
            if file.read().strip() == "belljar":
                return int(pid)
    return None


if shutil.which("systemd-analyze") is None:
    skip("systemd-analyze is not installed")
main(they_verify, exposure_is_under_one, every_call_of_a_start_is_let_through)
