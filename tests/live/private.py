"""A world of the test's own: mount, network and host name namespaces, with
files of its own in /etc and name servers of its own on port 53. What a test
asks here reaches nothing outside, and what runs outside sees none of it."""

import ctypes
import os
import shutil
import socket
import subprocess
import tempfile

from support import SOURCE, die_with_us, skip, until

NEW_MOUNTS, NEW_HOST_NAME, NEW_USER, NEW_NETWORK = (
    0x20000, 0x4000000, 0x10000000, 0x40000000)
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

# The files that name resolution reads, as a test finds them; all of them can
# be put anew at any time.
ETC = {
    "resolv.conf": "nameserver 127.0.0.1\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "hosts: files dns\nservices: files\n",
    "host.conf": "multi on\n",
    "gai.conf": "",
    "services": "echo 7/tcp\necho 7/udp\nssh 22/tcp\ndomain 53/tcp\n"
                "domain 53/udp\nhttp 80/tcp www\nsyslog 514/udp\n"
                "shell 514/tcp\n",
}

# One interface with a global address of each family: without one,
# AI_ADDRCONFIG leaves a family out.
NETWORK = """
link set lo up
link add bell0 type veth peer name bell1
link set bell1 addrgenmode none up
link set bell0 addrgenmode none up
addr add 192.0.2.100/24 dev bell0
addr add 2001:db8::100/64 dev bell0 nodad
"""

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    if getattr(libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (function, os.strerror(number)))


def mount(source, target, kind=None, flags=0):
    call("mount", source and source.encode(), target.encode(),
         kind and kind.encode(), ctypes.c_ulong(flags), None)


def unshare():
    wanted = NEW_MOUNTS | NEW_HOST_NAME | NEW_NETWORK
    uid, gid = os.getuid(), os.getgid()

    if libc.unshare(wanted) == 0:
        return
    call("unshare", wanted | NEW_USER)
    for name, text in (("uid_map", "0 %d 1" % uid), ("setgroups", "deny"),
                       ("gid_map", "0 %d 1" % gid)):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)


def private_etc(folder):
    """Over /etc a folder of links to what was there, and of files of ours:
    they can be replaced by renaming, as administrators' programs do."""
    old, new = folder + "/old", folder + "/etc"

    mount(None, "/", flags=MS_REC | MS_PRIVATE)
    mount("private", folder, "tmpfs")
    os.mkdir(old)
    os.mkdir(new)
    mount("/etc", old, flags=MS_BIND | MS_REC)
    for name in os.listdir(old):
        if name not in ETC:
            os.symlink(old + "/" + name, new + "/" + name)
    mount(new, "/etc", flags=MS_BIND)


def empty_folder():
    """All that changes outside. It goes when this process has ended, however
    it ends: a process that stays outside waits for that."""
    folder = tempfile.mkdtemp(prefix="belljar-private-")
    watched, kept = os.pipe()  # which nobody writes to, and nobody closes
    subprocess.Popen(["sh", "-c", 'read -r end; exec rmdir "$0"', folder],
                     stdin=watched, stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, start_new_session=True)
    os.close(watched)
    return folder


def enter():
    """Moves this process there, which has one thread so far."""
    if shutil.which("ip") is None:
        skip("ip(8) is not there (package iproute2)")
    folder = empty_folder()
    try:
        unshare()
        private_etc(folder)
        call("sethostname", b"bell", 4)
        for name, text in ETC.items():
            put(name, text)
        for line in NETWORK.strip().splitlines():
            subprocess.run(["ip"] + line.split(), check=True,
                           stderr=subprocess.PIPE)
    except (OSError, subprocess.CalledProcessError) as error:
        skip("no namespaces of our own: %s" % error)
    return folder


def put(name, text):
    """Replaces a file in /etc, all at once."""
    path = "/etc/" + name
    data = text if isinstance(text, bytes) else text.encode()

    with open(path + ".new", "wb") as file:
        file.write(data)
    os.rename(path + ".new", path)


def reset():
    for name, text in ETC.items():
        put(name, text)


# ---- a real name server ----

NSD_CONF = """
server:
    server-count: 1
    ip-address: 127.0.0.1@%(port)d
    ip-address: ::1@%(port)d
    username: ""
    chroot: ""
    zonesdir: "%(folder)s"
    database: ""
    pidfile: ""
    zonelistfile: "%(folder)s/zone.list"
    xfrdfile: "%(folder)s/xfrd.state"
    xfrdir: "%(folder)s"
    logfile: "%(folder)s/nsd.log"
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
zone:
    name: "broken.example"
    zonefile: "is-not-there.zone"
"""


# 4 KiB of records of either type, which no datagram of EDNS holds.
LARGE_4 = ["198.51.100.%d" % i for i in range(256)]
LARGE_6 = ["2001:db8:1000::%x" % (i + 1) for i in range(146)]


def write_zone(folder):
    with open(SOURCE + "/tests/live/zones/root.zone") as file:
        zone = file.read()
    with open(folder + "/root.zone", "w") as file:
        file.write(zone)
        file.writelines("large.bell.example. A %s\n" % a for a in LARGE_4)
        file.writelines("large.bell.example. AAAA %s\n" % a for a in LARGE_6)


def knows_root(address, port):
    """Whether a query for the root's SOA record is answered without error."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    query = bytes.fromhex("4a52010000010000000000000000060001")

    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.2)
        try:
            sock.connect((address, port))
            sock.send(query)
            reply = sock.recv(512)
            return reply[:2] == query[:2] and reply[3] & 15 == 0
        except OSError:
            return False


class Nsd:
    """NSD on a port of 127.0.0.1 and ::1, with tests/live/zones."""

    def __init__(self, folder, port=53):
        program = shutil.which("nsd", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            skip("nsd(8) is not there (package nsd)")
        conf = folder + "/nsd.conf"
        write_zone(folder)
        with open(conf, "w") as file:
            file.write(NSD_CONF % {"folder": folder, "port": port})
        self.process = subprocess.Popen([program, "-d", "-c", conf],
                                        preexec_fn=die_with_us)
        until(lambda: (knows_root("127.0.0.1", port) and
                       knows_root("::1", port)), "NSD answers")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
