"""belljar lookup: what it prints, what it says of failures, and that it asks
whom it is told to ask."""

import json
import os
import re
import subprocess

import hostile
import private
from support import (BELLJAR, PATIENCE, ROOT, check, equal, main, status,
                     until, with_musl)


def lookup(*arguments, **kwargs):
    """One whole run: status, lines of output, lines of standard error."""
    done = subprocess.run([BELLJAR, "lookup", *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE, **kwargs)
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def getent(*arguments):
    done = subprocess.run(["getent", *arguments], capture_output=True,
                          text=True, check=True)
    return done.stdout.splitlines()


def test_as_getent_prints():
    for name in ("both", "four", "six", "eight", "x.wild", "large"):
        name += ".bell.example"
        lines = [line for line in getent("ahosts", name) if "STREAM" in line]
        equal(lookup(name), (0, lines, []), name)
    equal(lookup("localhost"), (0, ["::1             STREAM localhost",
                                    "127.0.0.1       STREAM "], []),
          "localhost")
    equal(lookup("--reverse", "192.0.2.46"),
          (0, getent("hosts", "192.0.2.46"), []), "an address")
    equal(lookup("-r", "2001:db8:1::46"),
          (0, getent("hosts", "2001:db8:1::46"), []), "an IPv6 address")
    private.put("hosts", "192.0.2.5 jar.bell.example jar glass\n")
    equal(lookup("-r", "192.0.2.5"), (0, getent("hosts", "192.0.2.5"), []),
          "an address of the hosts file, with aliases")
    private.reset()


def test_families():
    equal(lookup("-4", "both.bell.example"),
          (0, ["192.0.2.46      STREAM both.bell.example"], []), "-4")
    equal(lookup("--ipv6", "both.bell.example"),
          (0, ["2001:db8::46    STREAM both.bell.example"], []), "-6")
    equal(lookup("-6", "192.0.2.1")[0], 1, "-6 of an IPv4 address")


def test_services():
    equal(lookup("-4", "both.bell.example", "domain"),
          (0, ["192.0.2.46:53   STREAM both.bell.example",
               "192.0.2.46:53   DGRAM  "], []), "domain")
    equal(lookup("both.bell.example", "http"),
          (0, ["[2001:db8::46]:80 STREAM both.bell.example",
               "192.0.2.46:80   STREAM "], []), "http")
    equal(lookup("192.0.2.1", "7007")[1][0],
          "192.0.2.1:7007  STREAM 192.0.2.1", "a literal")


def test_member_by_member():
    equal(lookup("--addrinfo", "both.bell.example", "http"), (0, [
        "ai_flags=0x2 ai_family=AF_INET6 ai_socktype=SOCK_STREAM "
        "ai_protocol=IPPROTO_TCP ai_addrlen=28 ai_addr=[2001:db8::46]:80 "
        "ai_canonname=both.bell.example",
        "ai_flags=0x2 ai_family=AF_INET ai_socktype=SOCK_STREAM "
        "ai_protocol=IPPROTO_TCP ai_addrlen=16 ai_addr=192.0.2.46:80 "
        "ai_canonname=NULL"], []), "--addrinfo")
    equal(lookup("--hostent", "two.bell.example"), (0, [
        "h_name=both.bell.example h_aliases=[two.bell.example "
        "one.bell.example] h_addrtype=AF_INET h_length=4 "
        "h_addr_list=[192.0.2.46]"], []), "--hostent")
    equal(lookup("--hostent", "-6", "six.bell.example"), (0, [
        "h_name=six.bell.example h_aliases=[] h_addrtype=AF_INET6 "
        "h_length=16 h_addr_list=[2001:db8::6]"], []), "--hostent -6")
    equal(lookup("--hostent", "--reverse", "192.0.2.46"), (0, [
        "h_name=both.bell.example h_aliases=[] h_addrtype=AF_INET "
        "h_length=4 h_addr_list=[192.0.2.46]"], []), "--hostent --reverse")
    equal(lookup("--addrinfo", "--reverse", "192.0.2.46"),
          (0, ["host=both.bell.example"], []), "--addrinfo --reverse")


def test_json():
    status, out, err = lookup("--json", "-4", "one.bell.example", "http")
    equal((status, err, len(out)), (0, [], 1), "one line")
    equal(json.loads(out[0]), {
        "name": "one.bell.example", "service": "http",
        "canonname": "both.bell.example",
        "addresses": [{"family": "AF_INET", "address": "192.0.2.46",
                       "port": 80, "socktype": "SOCK_STREAM",
                       "protocol": "IPPROTO_TCP"}]}, "an addrinfo")
    equal(json.loads(lookup("-j", "--hostent", "one.bell.example")[1][0]), {
        "name": "one.bell.example", "h_name": "both.bell.example",
        "h_aliases": ["one.bell.example"], "h_addrtype": "AF_INET",
        "h_length": 4, "h_addr_list": ["192.0.2.46"]}, "a hostent")
    equal(json.loads(lookup("-j", "--addrinfo", "-r", "192.0.2.46")[1][0]),
          {"name": "192.0.2.46", "host": "both.bell.example"}, "a nameinfo")
    status, out, err = lookup("--json", "nowhere.bell.example")
    equal((status, err), (1, []), "not found")
    said = json.loads(out[0])
    equal((said["name"], said["error"]),
          ("nowhere.bell.example", "EAI_NONAME"), "the error")
    equal({(t["name"], t["type"], t["server"], t["transport"], t["sent"],
            t["received"]) for t in said["tried"]},
          {("nowhere.bell.example.", kind, "127.0.0.1:53", "udp", 1, 1)
           for kind in ("A", "AAAA")}, "what was tried")


def test_failures_say_what_was_tried():
    status, out, err = lookup("nowhere.bell.example")
    equal((status, out), (1, []), "no such name")
    equal(err[0], "belljar: nowhere.bell.example: EAI_NONAME: "
          "Name or service not known", "why")
    equal(sorted(err[1:]), [
        "belljar: asked for nowhere.bell.example. %s at 127.0.0.1:53: "
        "1 packet in return" % kind for kind in ("A", "AAAA")],
          "what was tried")
    equal(lookup("text.bell.example")[2][0], "belljar: text.bell.example: "
          "EAI_NODATA: No address associated with hostname", "no data")
    equal(lookup("--hostent", "text.bell.example")[2][0],
          "belljar: text.bell.example: NO_DATA: "
          "No address associated with name", "a hostent without")
    equal(lookup("-4", "--server", "127.0.0.9", "a.bell.example")[2],
          ["belljar: a.bell.example: EAI_AGAIN: Temporary failure in name "
           "resolution", "belljar: asked for a.bell.example. A at "
           "127.0.0.9:53, again: Connection refused"], "nobody listens")
    equal(lookup("--reverse", "192.0.2.222")[2], [
        "belljar: 192.0.2.222: HOST_NOT_FOUND: Unknown host",
        "belljar: asked for 222.2.0.192.in-addr.arpa. PTR at 127.0.0.1:53: "
        "1 packet in return"], "no PTR")
    equal(lookup("four.bell.example", "nothing")[2][0],
          "belljar: four.bell.example nothing: EAI_SERVICE: Servname not "
          "supported for ai_socktype", "no such service")
    for form in ((), ("--addrinfo",), ("--hostent",)):
        equal(lookup("--reverse", "fe80::1%nosuch", *form),
              (1, [], ["belljar: fe80::1%nosuch: EAI_NONAME: there is no "
                       "interface of that name",
                       "belljar: no name server was asked"]), "no such zone")
    equal(lookup("no..name")[2],
          ["belljar: no..name: EAI_NONAME: Name or service not known",
           "belljar: no name server was asked"], "no name")


def test_search_list_is_shown():
    private.put("resolv.conf", "nameserver 127.0.0.1\n"
                "search sub.bell.example other.example\n")
    _, _, err = lookup("-4", "nowhere")
    equal(err[1:], ["belljar: asked for nowhere.%s A at 127.0.0.1:53: "
                    "1 packet in return" % domain for domain in
                    ("sub.bell.example.", "other.example.", "")],
          "each entry")
    private.reset()


def test_whom_and_where_it_asks():
    equal(lookup("-4", "--server", "127.0.0.4", "x.hostile.example")[1],
          ["192.0.2.2       STREAM x.hostile.example"], "--server")
    equal(lookup("-4", "-s", "[::1]:53", "four.bell.example")[1],
          ["192.0.2.4       STREAM four.bell.example"], "IPv6 with a port")
    equal(lookup("-4", "-s", "127.0.0.9", "-s", "127.0.0.4",
                 "x.hostile.example")[1],
          ["192.0.2.2       STREAM x.hostile.example"], "the second server")
    private.put("resolv.conf.mine", "nameserver 127.0.0.4\n")
    private.put("hosts.mine", "192.0.2.200 jar\n")
    equal(lookup("-4", "--resolv-conf", "/etc/resolv.conf.mine",
                 "x.hostile.example")[1],
          ["192.0.2.2       STREAM x.hostile.example"], "--resolv-conf")
    equal(lookup("--hosts", "/etc/hosts.mine", "jar")[1],
          ["192.0.2.200     STREAM jar"], "--hosts")


def test_timeout():
    status, _, err = lookup("--server", "127.0.0.2", "--timeout", "1",
                            "r19-silence.hostile.example")
    equal((status, err[0]), (1, "belljar: r19-silence.hostile.example: "
                             "EAI_AGAIN: Temporary failure in name "
                             "resolution"), "silence")
    check(all(line.endswith("no reply") for line in err[1:]) and err[1:],
          "says that nobody replied: %r" % err)


def test_trace():
    status, out, err = lookup("--trace", "-4", "one.bell.example")
    equal((status, out), (0, ["192.0.2.46      STREAM both.bell.example"]),
          "the answer")
    text = "\n".join(err)
    for what in ("to the worker: LOOKUP", "from the worker: SEND",
                 "sent to 127.0.0.1:53 over UDP", "to the worker: DATAGRAM",
                 "received from 127.0.0.1:53 over UDP",
                 "from the worker: RESULT"):
        check(what in text, "%s is told:\n%s" % (what, text))
    packets = re.findall(r"(?m)^# .* received .*\n((?:[0-9a-f]{8}:.*\n?)+)",
                         text)
    equal(len(packets), 1, "packets that came")
    ids = [] if ROOT else ["--without", "ids"]
    decoded = subprocess.run([BELLJAR, "decode", "--hex", *ids, "-"],
                             input=packets[0], capture_output=True, text=True)
    equal(decoded.returncode, 0, "decode reads it: %r" % decoded.stderr)
    check("192.0.2.46" in decoded.stdout, decoded.stdout)


def test_files_that_are_too_long_are_told():
    private.put("hosts.long", "192.0.2.200 jar\n")
    os.truncate("/etc/hosts.long", (64 << 20) + 1)
    status, _, err = lookup("--trace", "--hosts", "/etc/hosts.long", "-4",
                            "jar.bell.example")
    check(status == 1 and any(
        line.endswith("state: hosts-left-out: File too large")
        for line in err), "%d, %r" % (status, err[:10]))
    os.truncate("/etc/hosts.long", 64 << 20)
    equal(lookup("--hosts", "/etc/hosts.long", "-4", "jar")[1],
          ["192.0.2.200     STREAM jar"], "the longest")


def test_it_is_confined_while_it_waits():
    if with_musl():
        print("left out: with musl it is not confined")
        return
    process = subprocess.Popen(
        [BELLJAR, "lookup", "--server", "127.0.0.2", "--timeout", "3",
         "r19-silence.hostile.example"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    until(lambda: status(process.pid, "Seccomp") == "2", "a filter")
    equal(status(process.pid, "NoNewPrivs"), "1", "no new privileges")
    process.communicate(timeout=PATIENCE)
    equal(process.returncode, 1, "exit status")


def test_misuse():
    for arguments in ((), ("a", "b", "c"), ("-4", "-6", "a"), ("--frob", "a"),
                      ("--hostent", "--addrinfo", "a"),
                      ("--hostent", "a", "http"), ("--server", "jar", "a"),
                      ("--server", "127.0.0.1:99999", "a"),
                      ("--server", "127.0.0.1:0", "a"),
                      ("-s", "::1", "-s", "::1", "-s", "::1", "-s", "::1",
                       "a"), ("--reverse", "jar"),
                      ("--reverse", "192.0.2.1", "a"),
                      ("--reverse", "192.0.2.1", "-4")):
        status, out, err = lookup(*arguments)
        equal((status, out), (2, []), "misuse %r" % (arguments,))
        check(err[-1] == "Try 'belljar lookup --help'.", "%r" % err)


def test_output_that_cannot_be_written():
    for arguments in (("localhost",), ("--json", "localhost"),
                      ("--json", "jar.invalid")):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BELLJAR, "lookup", *arguments], stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        equal((done.returncode, done.stderr),
              (1, "belljar: standard output: No space left on device\n"),
              "a full disk: %r" % (arguments,))


def test_there_is_no_worker():
    env = dict(os.environ, BELLJAR_WORKER="/nonexistent")
    why = "the resolver cannot be started: No such file or directory"
    equal(lookup("a.bell.example", env=env), (1, [], ["belljar: " + why]),
          "no worker")
    status, out, err = lookup("--json", "a.bell.example", env=env)
    equal((status, [json.loads(line) for line in out], err),
          (1, [{"name": "a.bell.example", "error": "EAI_SYSTEM", "text": why,
                "tried": []}], []), "no worker, in JSON")


folder = private.enter()
hostile.start()
with private.Nsd(folder):
    main(test_as_getent_prints, test_families, test_services,
         test_member_by_member, test_json, test_failures_say_what_was_tried,
         test_search_list_is_shown, test_whom_and_where_it_asks, test_timeout,
         test_trace, test_it_is_confined_while_it_waits,
         test_files_that_are_too_long_are_told, test_misuse,
         test_output_that_cannot_be_written,
         test_there_is_no_worker)
