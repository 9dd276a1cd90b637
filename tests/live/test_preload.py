"""libbelljar-preload.so under programs that were not changed: curl, wget,
python3, ssh, git and getent find names that only this test's name server and
hosts file know. The server's port is one that glibc cannot be told of, so
what finds its names is not glibc."""

import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading

import private
from dnswire import Query
from support import (BIN, PATIENCE, PRELOAD, PRELOADED, check, equal, main,
                     skip, until)

NAME = "ns.bell.example"  # 127.0.0.1 and ::1, in the zone
FILED = "jar.in.hosts"    # 127.0.0.1, in the hosts file
PORT = 8080


def run(*command, preload=True, **kwargs):
    """One whole run under the library: status, output and errors."""
    environment = dict(os.environ, **kwargs.pop("env", {}))
    if preload:
        environment.update(PRELOADED)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PATIENCE,
                          **kwargs)
    return done.returncode, done.stdout, done.stderr


def has(program):
    if shutil.which(program) is not None:
        return True
    print("left out: %s is not there" % program)
    return False


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve_files(folder):
    """HTTP on port 8080 of both loopback addresses."""
    class Server6(http.server.ThreadingHTTPServer):
        address_family = socket.AF_INET6

    handler = functools.partial(Quiet, directory=folder)
    for kind, host in ((http.server.ThreadingHTTPServer, "127.0.0.1"),
                       (Server6, "::1")):
        server = kind((host, PORT), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def test_glibc_alone_cannot():
    status, out, _ = run("getent", "ahosts", NAME, preload=False)
    equal((status, out), (2, ""), "getent without the library")


def test_getent():
    for option, expected in (
            ("ahosts", ["::1", "127.0.0.1"]), ("ahostsv4", ["127.0.0.1"]),
            ("hosts", ["::1"])):
        status, out, err = run("getent", option, NAME)
        equal((status, err), (0, ""), "getent " + option)
        found = list(dict.fromkeys(line.split()[0]
                                   for line in out.splitlines()))
        equal(found, expected, "getent " + option)
    equal(run("getent", "hosts", "192.0.2.46"),
          (0, "192.0.2.46      both.bell.example\n", ""), "of an address")
    equal(run("getent", "ahosts", FILED)[1].split()[0], "127.0.0.1",
          "of the hosts file")


def test_curl_and_wget():
    for command in (["curl", "-sS"], ["wget", "-qO-"]):
        if not has(command[0]):
            continue
        for name in (NAME, FILED):
            equal(run(*command, "http://%s:%d/hello" % (name, PORT)),
                  (0, "hello\n", ""), "%s %s" % (command[0], name))


def test_python():
    program = """
import socket, urllib.request
print(sorted({a[4][0] for a in socket.getaddrinfo("%s", 80)}))
print(socket.gethostbyname("%s"), socket.gethostbyname_ex("two.bell.example"))
print(socket.getnameinfo(("192.0.2.46", 53), 0))
print(socket.gethostbyaddr("192.0.2.46"))
print(urllib.request.urlopen("http://%s:%d/hello").read())
""" % (NAME, FILED, NAME, PORT)
    equal(run(sys.executable, "-c", program), (0, """['127.0.0.1', '::1']
127.0.0.1 ('both.bell.example', ['two.bell.example', 'one.bell.example'], \
['192.0.2.46'])
('both.bell.example', 'domain')
('both.bell.example', [], ['192.0.2.46'])
b'hello\\n'
""", ""), "python3")


def test_ssh():
    """As far as the name goes: there is no server behind it."""
    if not has("ssh"):
        return
    _, _, err = run("ssh", "-v", "-F", "none", "-o", "BatchMode=yes", "-p",
                    str(PORT), NAME, "true")
    check("Connection established" in err and
          ("[127.0.0.1] port" in err or "[::1] port" in err),
          "ssh has found it: " + err)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_git():
    if not has("git"):
        return
    status, out, err = run("git", "ls-remote",
                           "http://%s:%d/jar.git" % (NAME, PORT))
    equal((status, len(out.splitlines())), (0, 2), "git over HTTP: " + err)
    daemon = subprocess.Popen(
        ["git", "daemon", "--export-all", "--listen=127.0.0.1",
         "--base-path=" + os.getcwd(), os.getcwd()], stderr=subprocess.PIPE)
    try:
        until(lambda: answers(9418), "git daemon answers")
        equal(run("git", "ls-remote", "git://%s/jar.git" % NAME)[0:2],
              (0, out), "git's own protocol")
    finally:
        daemon.terminate()
        daemon.wait()


def test_lists_of_libc_and_of_ours():
    status, out, err = run(BIN + "/live_mixed")
    equal((status, out, err), (0, "", ""), "either frees the other's")


def make_repository(folder):
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "HOME": folder}
    for command in (["git", "init", "-q", "-b", "main", "work"],
                    ["git", "-C", "work", "-c", "user.name=jar", "-c",
                     "user.email=jar@bell.example", "commit", "-q",
                     "--allow-empty", "-m", "glass"],
                    ["git", "clone", "-q", "--bare", "work", "jar.git"],
                    ["git", "-C", "jar.git", "update-server-info"]):
        status, _, err = run(*command, preload=False, cwd=folder,
                             env=environment)
        equal(status, 0, "%r: %s" % (command, err))


def serve_link_local(interface):
    """One address of a family for any name, from [fe80::53%interface]:5454."""
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    index = socket.if_nametoindex(interface)
    server.bind(("fe80::53", 5454, 0, index))

    def serve():
        while True:
            query, peer = server.recvfrom(512)
            server.sendto(Query(query).answer(("192.0.2.53", "2001:db8::53")),
                          peer)

    threading.Thread(target=serve, daemon=True).start()


def add_interface(name):
    for command in ("link add %s type veth peer name %s-end" % (name, name),
                    "link set %s-end up" % name, "link set %s up" % name,
                    "addr add fe80::53/64 dev %s nodad" % name):
        subprocess.run(["ip"] + command.split(), check=True)


def test_the_interface_of_a_server_may_be_made_anew():
    """One process, whose resolver has read the zone once."""
    private.put("resolv.conf", "nameserver [fe80::53%jar0]:5454\n"
                "options timeout:1 attempts:1\n")
    asker = subprocess.Popen(
        [sys.executable, "-u", "-c", "import socket, sys\n"
         "for line in sys.stdin:\n"
         "    try: print(socket.gethostbyname(line.strip()))\n"
         "    except OSError: print('none')\n"],
        env=dict(os.environ, **PRELOADED), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)

    def ask(name):
        print(name, file=asker.stdin, flush=True)
        return asker.stdout.readline().strip()

    equal(ask("before.example"), "none", "there is no such interface")
    for name in ("first.example", "second.example"):
        add_interface("jar0")
        serve_link_local("jar0")
        equal(ask(name), "192.0.2.53", name)
        subprocess.run(["ip", "link", "del", "jar0"], check=True)
        equal(ask("gone." + name), "none", "it is gone")
    asker.stdin.close()
    equal(asker.wait(PATIENCE), 0, "exit status")
    private.reset()


if not os.path.exists(PRELOAD):
    skip("this build has no libbelljar-preload.so (sanitizers come first)")
folder = private.enter()
private.put("resolv.conf", "nameserver 127.0.0.1:5353\n")
private.put("hosts", "127.0.0.1 localhost %s\n::1 localhost\n" % FILED)
os.mkdir(folder + "/files")
os.chdir(folder + "/files")
with open("hello", "w") as file:
    file.write("hello\n")
if has("git"):
    make_repository(os.getcwd())
with private.Nsd(folder, 5353):
    serve_files(os.getcwd())
    main(test_glibc_alone_cannot, test_getent, test_curl_and_wget,
         test_python, test_ssh, test_git, test_lists_of_libc_and_of_ours,
         test_the_interface_of_a_server_may_be_made_anew)
