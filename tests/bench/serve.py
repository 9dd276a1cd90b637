"""The echo server beside the loop one writes by hand without a sandbox, and
beside what Debian packages: all in one run, their rounds interleaved, medians
and ratios. Peers that are not installed are left out.

    python3 tests/bench/serve.py build/release/bin [ROUNDS]
"""

import getpass
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BIN = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
BENCH = os.path.join(BIN, "bench_serve")
BELLJAR = os.path.join(BIN, "belljar")
IDLE = 60

# Higher is better for the first two of these.
KINDS = {"connections": "connections/s", "bulk": "MB/s", "trip1": "us, 1",
         "trip64": "us, 64", "datagram": "us, UDP"}
HIGHER = ("connections", "bulk")

started = []


def start(command, **kwargs):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **kwargs)
    started.append(process)
    return process


def belljar(mode):
    arguments = ["--mode", mode] if mode != "udp" else ["--udp", "--udp-rate",
                                                        "0"]
    process = start([BELLJAR, "serve", "--listen", "127.0.0.1:0"] + arguments,
                    stderr=subprocess.PIPE)
    for line in process.stderr:
        found = re.search(r"ready mode=%s listen=\S+:(\d+)" % mode,
                          line.decode())
        if found:
            return process.pid, int(found.group(1))


def bare(mode):
    process = start([BENCH, "bare", mode], stdout=subprocess.PIPE)
    return process.pid, int(process.stdout.readline())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(command, port, **kwargs):
    process = start(command, stderr=subprocess.DEVNULL, **kwargs)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process.pid, port
        except ConnectionRefusedError:
            time.sleep(0.05)


def socat():
    port = free_port()
    return listening(["socat", "TCP-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr,"
                      "backlog=128,nodelay" % port, "PIPE"], port)


def ncat():
    port = free_port()
    return listening(["ncat", "-l", "-k", "-m", "100", "-e", "/bin/cat",
                      "127.0.0.1", str(port)], port)


def tcpserver():
    port = free_port()
    return listening(["tcpserver", "-HRl0", "-c", "100", "127.0.0.1",
                      str(port), "cat"], port)


def xinetd(folder):
    port = free_port()
    conf = os.path.join(folder, "conf")
    with open(conf, "w") as file:
        file.write("service echo\n{\n type = INTERNAL UNLISTED\n"
                   " id = echo-stream\n socket_type = stream\n"
                   " protocol = tcp\n bind = 127.0.0.1\n port = %d\n"
                   " wait = no\n user = %s\n instances = 100\n"
                   " cps = 100000 1\n}\n" % (port, getpass.getuser()))
    return listening(["xinetd", "-dontfork", "-f", conf, "-pidfile",
                      os.path.join(folder, "pid")], port)


def one_round(port, kind):
    done = subprocess.run([BENCH, "round", str(port), kind],
                          capture_output=True, text=True, timeout=120)
    return float(done.stdout) if done.returncode == 0 else None


def family(pid):
    pids = [pid]
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            for child in file.read().split():
                pids += family(int(child))
    except FileNotFoundError:
        pass
    return pids


def proportional_kb(pid):
    """Memory of all its processes, shared pages divided among their users."""
    total = 0
    for member in family(pid):
        try:
            with open("/proc/%d/smaps_rollup" % member) as file:
                total += int(re.search(r"Pss: +(\d+)", file.read()).group(1))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def idle_kb(pid, port):
    """What a connection costs that has sent a little and is silent now."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(b"x")
        sock.recv(1)
    time.sleep(0.3)
    before = proportional_kb(pid)
    socks = []
    for _ in range(IDLE):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(b"x")
        sock.recv(1)
        socks.append(sock)
    cost = (proportional_kb(pid) - before) / IDLE
    for sock in socks:
        sock.close()
    time.sleep(0.3)
    return cost


def rows(servers, kind):
    """The rounds of one kind, server by server; all servers take turns, and
    each of ours comes just before its bare loop."""
    results = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, (_, port) in servers.items():
            results[name].append(one_round(port, kind))
    return results


def better(ours, theirs, higher):
    """How many times as good ours is: the median over rounds, each beside
    the other's of the same turn."""
    ratios = [a / b if higher else b / a for a, b in zip(ours, theirs)
              if a and b]
    return statistics.median(ratios) if ratios else None


def table(title, results, higher):
    print("\n" + title)
    for name, values in results.items():
        known = [value for value in values if value is not None]
        if not known:
            continue
        line = "  %-18s %10.1f" % (name, statistics.median(known))
        if name.startswith("belljar "):
            ratio = better(values, results[name.replace("belljar", "bare")],
                           higher)
            words = "times as good as the bare loop"
        elif not name.startswith("bare "):
            ratio = better(results["belljar process"], values, higher)
            words = "times as good is belljar process"
        else:
            ratio = None
        print(line + ("   %6.2f %s" % (ratio, words) if ratio else ""))


def main():
    folder = tempfile.mkdtemp()
    servers = {}
    for mode in ("process", "iterative", "thread"):
        servers["belljar " + mode] = belljar(mode)
        servers["bare " + mode] = bare(mode)
    for name, run in (("socat", socat), ("ncat", ncat),
                      ("tcpserver", tcpserver),
                      ("xinetd", lambda: xinetd(folder))):
        if shutil.which(name):
            servers[name] = run()
    print("medians of %d rounds, %d processors" % (ROUNDS, os.cpu_count()))
    many = {name: server for name, server in servers.items()
            if "iterative" not in name}
    # First, while no page has been touched by a load.
    table("kB for each of %d idle connections" % IDLE,
          {name: [idle_kb(*server)] for name, server in many.items()}, False)
    for kind in ("connections", "trip1", "trip64", "bulk"):
        table("%s (%s)" % (kind, KINDS[kind]),
              rows(many if kind == "trip64" else servers, kind),
              kind in HIGHER)
    udp = {"belljar udp": belljar("udp"), "bare udp": bare("udp")}
    table("datagram (%s)" % KINDS["datagram"], rows(udp, "datagram"), False)


try:
    main()
finally:
    for process in started:
        process.terminate()
    for process in started:
        process.wait()
