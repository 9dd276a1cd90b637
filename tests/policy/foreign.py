"""The exports in the hands of those they are for: systemd reads the lines of
every role that has them without complaint, and crun runs a real server under
the OCI profile.

    foreign.py BIN SOURCE"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

BIN = os.path.abspath(sys.argv[1])
BELLJAR = os.path.join(BIN, "belljar")
ROLES = ("keeper", "serve-inetd", "connect", "decode")


def export(role, form):
    return subprocess.check_output([BELLJAR, "policy", role, "-f",
                                    form]).decode()


def systemd_accepts():
    if shutil.which("systemd-analyze") is None:
        print("systemd-analyze is not here")
        return False
    with tempfile.TemporaryDirectory() as folder:
        for role in ROLES:
            unit = os.path.join(folder, role + ".service")
            with open(unit, "w") as file:
                file.write("[Unit]\nDescription=test\n[Service]\n"
                           "ExecStart=/bin/true\n" + export(role, "systemd"))
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", unit],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            said = [line for line in done.stdout.decode().splitlines()
                    if role in line]
            if done.returncode != 0 or said:
                raise AssertionError("%s: %s" % (role, done.stdout.decode()))
            print("ok systemd-analyze verify: " + role)
    return True


def bundle(folder):
    """A container that is this machine, read-only, and our program."""
    root = os.path.join(folder, "rootfs")
    os.mkdir(root)
    mounts = [{"destination": "/proc", "type": "proc", "source": "proc"},
              {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"}]
    for path in ("/usr", "/lib", "/lib64", "/etc"):
        if os.path.isdir(path):
            os.makedirs(root + path, exist_ok=True)
            mounts.append({"destination": path, "type": "bind",
                           "source": os.path.realpath(path),
                           "options": ["rbind", "ro"]})
    os.mkdir(root + "/belljar")
    mounts.append({"destination": "/belljar", "type": "bind", "source": BIN,
                   "options": ["rbind", "ro"]})
    needed = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"]
    config = {
        "ociVersion": "1.0.0",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": ["/belljar/belljar", "serve", "--listen", "127.0.0.1:0"],
            "env": ["PATH=/usr/bin"],
            "cwd": "/",
            "noNewPrivileges": True,
            "capabilities": {kind: needed for kind in
                             ("bounding", "effective", "permitted")},
        },
        "root": {"path": "rootfs"},
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": "pid"}, {"type": "mount"},
                           {"type": "ipc"}],
            "seccomp": json.loads(export("keeper", "oci")),
        },
    }
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)


def echo(port):
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.settimeout(20)
        sock.sendall(b"under glass")
        got = b""
        while len(got) < 11:
            piece = sock.recv(100)
            if not piece:
                raise AssertionError("the connection ends early")
            got += piece
        if got != b"under glass":
            raise AssertionError("echo: %r" % got)


def watch(process, lines):
    for line in process.stderr:
        lines.append(line.decode(errors="replace"))


def crun_serves():
    """With a cgroup2 tree of its own in a private mount namespace, which is
    what crun asks for where the machine mixes both kinds."""
    if shutil.which("crun") is None or os.geteuid() != 0:
        print("crun is not here, or we are not root")
        return False
    name = "belljar-test-%d" % os.getpid()
    with tempfile.TemporaryDirectory() as folder:
        bundle(folder)
        state = os.path.join(folder, "state")
        crun = ["crun", "--root", state]
        process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c",
             "mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"", "sh"] +
            crun + ["--cgroup-manager=disabled", "run", "-b", folder, name],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        lines = []
        thread = threading.Thread(target=watch, args=(process, lines))
        thread.start()
        try:
            end = time.monotonic() + 30
            found = None
            while found is None:
                if process.poll() is not None or time.monotonic() > end:
                    raise AssertionError("not ready: %s" % lines)
                found = re.search(r"listen=127\.0\.0\.1:(\d+)",
                                  "".join(lines))
                time.sleep(0.02)
            for _ in range(5):
                echo(int(found.group(1)))
            subprocess.run(crun + ["kill", name, "TERM"], check=True)
            status = process.wait(30)
            if status != 0:
                raise AssertionError("status %d: %s" % (status, lines))
        finally:
            if process.poll() is None:
                subprocess.run(crun + ["delete", "--force", name])
                process.kill()
                process.wait()
            thread.join(5)
    print("ok crun serves under the OCI profile")
    return True


def main():
    with open(BELLJAR, "rb") as file:
        text = file.read()
    if b"__asan_init" in text or b"__tsan_init" in text:
        print("skipped: a sanitizer's start is wider")
        return 77
    tried = [systemd_accepts(), crun_serves()]
    return 0 if any(tried) else 77


sys.exit(main())
