"""Connections and sockets that others pass: xinetd, tcpserver, systemd's
socket activation; and what a service manager is told."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

from support import (BELLJAR, PATIENCE, Server, check, descendants, ended,
                     equal, fields, held_port, main, receive, status, talk,
                     until)


def found(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        print(program + " is not installed")
    return path


def connect(port):
    """As soon as somebody listens there."""
    def attempt():
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except ConnectionRefusedError:
            return None
    return until(attempt, "somebody listens")


def exercise(port, times=20):
    """Connections that talk, end halfway, and carry much, all through it."""
    for _ in range(times):
        with connect(port) as sock:
            talk(sock)
            sock.shutdown(socket.SHUT_WR)
            equal(receive(sock, 1), b"", "the end")
    data = os.urandom(1000000)
    with connect(port) as sock:
        sender = os.fork()
        if sender == 0:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            os._exit(0)
        equal(receive(sock, len(data) + 1), data, "a megabyte")
        os.waitpid(sender, 0)


def by_xinetd():
    xinetd = found("xinetd")
    if xinetd is None:
        return
    with held_port() as port, tempfile.TemporaryDirectory() as folder:
        conf = os.path.join(folder, "conf")
        with open(conf, "w") as file:
            file.write("""
service belljar
{
    type = UNLISTED
    bind = 127.0.0.1
    port = %d
    socket_type = stream
    protocol = tcp
    wait = no
    user = %s
    server = %s
    server_args = serve --inetd --idle-timeout 1
    instances = 60
    cps = 10000 1
}
""" % (port, getpass.getuser(), BELLJAR))
        daemon = subprocess.Popen(
            [xinetd, "-dontfork", "-f", conf, "-pidfile",
             os.path.join(folder, "pid"), "-filelog",
             os.path.join(folder, "log")], stdin=subprocess.DEVNULL)
        try:
            exercise(port)
            confined(daemon, port)
            with connect(port) as sock:
                talk(sock)
                equal(ended(sock), "closed", "after silence")
        finally:
            daemon.terminate()
            daemon.wait()


def confined(daemon, port):
    """What the kernel says of the process behind a connection."""
    with connect(port) as sock:
        talk(sock)
        pids = descendants(daemon.pid)
        # A shell or the like may stand between.
        pid = [p for p in pids if status(p, "Name") == "belljar"][0]
        equal(status(pid, "Seccomp"), "2", "a filter")
        equal(status(pid, "NoNewPrivs"), "1", "no_new_privs")
        equal(int(status(pid, "CapPrm"), 16), 0, "capabilities")
        check("0" not in status(pid, "Uid").split(), "not root")


def by_tcpserver():
    tcpserver = found("tcpserver")
    if tcpserver is None:
        return
    daemon = subprocess.Popen(
        [tcpserver, "-1", "-HRl0", "-c", "60", "127.0.0.1", "0", BELLJAR,
         "serve", "--inetd", "--max-time", "3"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        port = int(daemon.stdout.readline())
        exercise(port)
        confined(daemon, port)
        with connect(port) as sock:
            begin = time.monotonic()
            try:
                while time.monotonic() - begin < PATIENCE:
                    talk(sock, b"busy")
                    time.sleep(0.01)
                check(False, "it may stay for ever")
            except (AssertionError, ConnectionError):
                pass
            check(time.monotonic() - begin > 2, "not before its time")
    finally:
        daemon.terminate()
        daemon.wait()


def inetd_without_a_connection():
    """Not a socket: said, and nothing served."""
    done = subprocess.run([BELLJAR, "serve", "--inetd"], input=b"x",
                          capture_output=True, timeout=PATIENCE)
    equal((done.returncode, done.stdout), (1, b""), "what it does")
    check(b"xinetd" in done.stderr, "what to do: %r" % done.stderr)


def inetd_on_a_pair_in_each_sandbox():
    for sandbox in ("enforce", "log", "off"):
        ours, theirs = socket.socketpair()
        child = subprocess.Popen([BELLJAR, "serve", "--inetd", "--sandbox",
                                  sandbox], stdin=theirs, stdout=theirs,
                                 stderr=subprocess.PIPE)
        theirs.close()
        with ours:
            ours.settimeout(PATIENCE)
            talk(ours)
            ours.shutdown(socket.SHUT_WR)
            equal(receive(ours, 1), b"", "the end")
        told = child.communicate(timeout=PATIENCE)[1]
        equal(told == b"", sandbox == "enforce", "the log: %r" % told)
        check(b"violation" not in told, "the log: %r" % told)
        equal(child.returncode, 0, "exit status")


def inetd_waits_as_long_as_it_is_told():
    """Be it that who started it had the connection not block, or that it is
    told a mode."""
    for blocking, arguments in ((False, ()),
                                (True, ("--mode", "thread", "--max-time",
                                        "30"))):
        ours, theirs = socket.socketpair()
        theirs.setblocking(blocking)
        child = subprocess.Popen([BELLJAR, "serve", "--inetd", *arguments],
                                 stdin=theirs, stdout=theirs,
                                 stderr=subprocess.DEVNULL)
        theirs.close()
        with ours:
            ours.settimeout(PATIENCE)
            time.sleep(1.5)
            talk(ours)
        equal(child.wait(PATIENCE), 0, "exit status")


def inetd_whose_peer_has_gone():
    """It reset the connection before we came to look: that is a connection
    that broke, and no mistake in the super-server's configuration."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs = listener.accept()[0]
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    ours.close()
    with theirs:
        done = subprocess.run([BELLJAR, "serve", "--inetd"], stdin=theirs,
                              capture_output=True, timeout=PATIENCE)
    equal((done.returncode, done.stderr), (1, b""), "what it does")


def inetd_never_logs_to_the_peer():
    """All three standard streams are the connection, as xinetd has it, and 3
    is too, as systemd has it: what the server says goes nowhere."""
    ours, theirs = socket.socketpair()
    child = subprocess.Popen(
        ["sh", "-c", 'exec 3<&0; exec "$0" serve --inetd --sandbox off',
         BELLJAR], stdin=theirs, stdout=theirs, stderr=theirs)
    theirs.close()
    with ours:
        ours.settimeout(PATIENCE)
        talk(ours)
        ours.shutdown(socket.SHUT_WR)
        equal(receive(ours, 1), b"", "the end")
    equal(child.wait(PATIENCE), 0, "exit status")


def inetd_has_its_alarm():
    """Whoever starts it may ignore and block SIGALRM: an exec passes it on."""
    def deaf():
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])

    ours, theirs = socket.socketpair()
    child = subprocess.Popen(
        [BELLJAR, "serve", "--inetd", "--max-time", "0.2"], stdin=theirs,
        stdout=theirs, stderr=subprocess.DEVNULL, preexec_fn=deaf)
    theirs.close()
    with ours:
        equal(child.wait(PATIENCE), -signal.SIGALRM, "how it ended")


def more_sockets_than_it_takes():
    done = subprocess.run(
        ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=33 exec "$0" serve', BELLJAR],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    equal(done.returncode, 1, "exit status")
    check(b"LISTEN_FDS" in done.stderr, "the reason: %r" % done.stderr)


def ready_port(process):
    for line in process.stderr:
        text = line.decode()
        if text.startswith("belljar: ready"):
            return fields(text)
    raise AssertionError("it never got ready")


@contextlib.contextmanager
def activate(port, *arguments, **kwargs):
    """systemd-socket-activate on that port, and what it starts."""
    daemon = subprocess.Popen(
        ["systemd-socket-activate", "-l", "127.0.0.1:%d" % port, *arguments],
        stdin=subprocess.DEVNULL, **kwargs)
    try:
        yield daemon
    finally:
        if daemon.poll() is None:
            daemon.kill()
            daemon.wait()


def activated(port, *arguments, first):
    """Started by its first connection or datagram, ended by SIGTERM: the
    role sits in accept on a socket that is not its server's to shut down."""
    with activate(port, *arguments, stderr=subprocess.PIPE) as daemon:
        first(port)
        ready = ready_port(daemon)
        equal(ready["listen"], "127.0.0.1:%d" % port, "where it listens")
        equal(ready["sandbox"], "enforce", "sandbox")
        role = int(ready["pid"])
        begin = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        rest = daemon.communicate(timeout=PATIENCE)[1].decode()
        equal(daemon.returncode, 0, "exit status: " + rest)
        check(time.monotonic() - begin < 4.5, "without the grace")
        check("belljar: totals" in rest, "totals: " + rest)
        check("signal=31" not in rest, rest)
        equal(status(role, "State"), None, "the role")


def stream_first(port):
    with connect(port) as sock:
        talk(sock)
    exercise(port, 5)


def datagram_first(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)

        def answered():
            sock.sendto(b"wake", ("127.0.0.1", port))
            try:
                return sock.recv(100) == b"wake"
            except (socket.timeout, ConnectionRefusedError):
                return False

        until(answered, "an answer")


def by_systemd_listen():
    if found("systemd-socket-activate") is None:
        return
    for mode in ("process", "iterative", "thread"):
        with held_port() as port:
            activated(port, BELLJAR, "serve", "--mode", mode,
                      first=stream_first)


def by_systemd_datagram():
    if found("systemd-socket-activate") is None:
        return
    with held_port(socket.SOCK_DGRAM) as port:
        activated(port, "--datagram", BELLJAR, "serve", first=datagram_first)


def by_systemd_accept():
    if found("systemd-socket-activate") is None:
        return
    with held_port() as port, activate(
            port, "-a", "--inetd", BELLJAR, "serve", "--inetd",
            stderr=subprocess.DEVNULL):
        exercise(port, 5)


def a_connection_passed_as_a_listener_is_explained():
    if found("systemd-socket-activate") is None:
        return
    with held_port() as port, activate(port, "-a", BELLJAR, "serve",
                                       stderr=subprocess.PIPE) as daemon:
        connect(port).close()
        for line in daemon.stderr:
            if b"cannot-listen" in line:
                check(b"--inetd" in line, "what to do: %r" % line)
                return


def the_service_manager_is_told():
    """READY=1 once it serves, WATCHDOG=1 while it lives, STOPPING=1."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "notify")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(path)
        os.chmod(folder, 0o755)
        os.chmod(path, 0o777)
        listener.settimeout(PATIENCE)
        with Server(env={"NOTIFY_SOCKET": path,
                         "WATCHDOG_USEC": "400000"}) as server:
            told = set()
            while not {b"READY=1", b"WATCHDOG=1"} <= told:
                told.add(listener.recv(100))
            for _ in range(3):
                equal(listener.recv(100), b"WATCHDOG=1", "alive")
            # Stopped, it says nothing; that is what a watchdog is for.
            server.process.send_signal(signal.SIGSTOP)
            time.sleep(0.5)
            listener.setblocking(False)
            try:
                while True:
                    listener.recv(100)
            except BlockingIOError:
                pass
            time.sleep(1)
            try:
                check(False, "said while stopped: %r" % listener.recv(100))
            except BlockingIOError:
                pass
            listener.settimeout(PATIENCE)
            server.process.send_signal(signal.SIGCONT)
            equal(listener.recv(100), b"WATCHDOG=1", "alive again")
            server.stop()
            while listener.recv(100) != b"STOPPING=1":
                pass
        listener.close()


main(by_xinetd, by_tcpserver, inetd_without_a_connection,
     inetd_on_a_pair_in_each_sandbox, inetd_waits_as_long_as_it_is_told,
     inetd_whose_peer_has_gone, inetd_never_logs_to_the_peer,
     inetd_has_its_alarm, more_sockets_than_it_takes, by_systemd_listen,
     by_systemd_datagram, by_systemd_accept,
     a_connection_passed_as_a_listener_is_explained,
     the_service_manager_is_told)
