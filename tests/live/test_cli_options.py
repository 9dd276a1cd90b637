"""The command line: what it teaches, and what it says to mistakes."""

import re
import subprocess

from support import BELLJAR, PATIENCE, check, equal, main


def belljar(*arguments):
    done = subprocess.run([BELLJAR, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


def help_teaches():
    status, out, err = belljar("--help")
    equal((status, err), (0, ""), "status and complaints")
    commands = re.findall(r"(?m)^  ([a-z]+) +\S", out)
    check("serve" in commands, "the commands: %r" % commands)
    for command in commands:
        status, out, err = belljar(command, "--help")
        equal((status, err), (0, ""), "status and complaints of " + command)
        check(out.startswith("Usage: belljar %s " % command), out)
        check("--help" in out, out)
        check(all(len(line) <= 79 for line in out.splitlines()),
              "lines of %s fit a terminal" % command)
        equal(belljar(command, "-h"), (0, out, ""), "-h of " + command)


def version():
    status, out, err = belljar("--version")
    equal((status, err), (0, ""), "status and complaints")
    check(re.fullmatch(r"belljar \d+\.\d+\.\d+\n", out), out)


def nothing_and_nonsense():
    for arguments, said in (((), "Usage"), (("srve",), "no command"),
                            (("--frob",), "no command")):
        status, out, err = belljar(*arguments)
        equal((status, out), (2, ""), "status and output of %r" % (arguments,))
        check(said in err and "belljar --help" in err or not arguments, err)


def mistakes_are_explained():
    cases = (
        (("--frob",), "no option --frob"),
        (("-Z",), "no option -Z"),
        (("--mode",), "--mode needs an argument"),
        (("-m",), "-m needs an argument"),
        (("--mode", "forking"), "none of process, iterative, thread"),
        (("--mode=",), "none of"),
        (("--udp=yes",), "--udp takes no argument"),
        (("--listen", ""), "must not be empty"),
        (("--listen=",), "must not be empty"),
        (("--max-connections", "0"), "from 1 to 16384"),
        (("--max-connections", "16385"), "from 1 to 16384"),
        (("--max-connections", "-1"), "from 1 to 16384"),
        (("--max-connections", "1x"), "from 1 to 16384"),
        (("--max-connections", " 1"), "from 1 to 16384"),
        (("--max-connections", "99999999999999999999999"), "from 1 to"),
        (("--idle-timeout", "soon"), "time in seconds"),
        (("--idle-timeout", "1."), "time in seconds"),
        (("--idle-timeout", ".5"), "time in seconds"),
        (("--idle-timeout", "1.2345"), "time in seconds"),
        (("--idle-timeout", "86400.001"), "time in seconds"),
        (("--idle-timeout", "1e3"), "time in seconds"),
        (("operand",), "one word too many"),
        (("--", "--udp"), "one word too many"),
        (("--inetd", "--udp"), "do not go with it"),
        (("--inetd", "--listen", "127.0.0.1:0"), "do not go with it"),
        (("--listen", "x:1") * 33, "32 times"),
    )
    for arguments, said in cases:
        status, out, err = belljar("serve", *arguments)
        equal((status, out), (2, ""), "status and output of %r" % (arguments,))
        check(err.startswith("belljar serve: "), err)
        check(said in err, "%r said of %r" % (err, arguments))
        check(err.endswith("Try 'belljar serve --help'.\n"), err)


def spellings():
    """Every way to write an option; the last word is refused by name, which
    shows that all before it was understood."""
    for words in (("--mode", "thread"), ("--mode=thread",), ("-m", "thread"),
                  ("-mthread",), ("-qmthread",), ("-q", "-mthread"),
                  ("--idle-timeout", "0"), ("--idle-timeout=1.5",),
                  ("--max-time", "86400"), ("-l", "127.0.0.1:0"),
                  ("-quv",), ("--without=ids", "--without", "seccomp")):
        status, _, err = belljar("serve", *words, "--last")
        equal(status, 2, "status of %r" % (words,))
        check("no option --last" in err, err)


def output_that_cannot_be_written():
    for arguments in (("--help",), ("--version",), ("serve", "--help"),
                      ("policy",), ("policy", "connect"),
                      ("policy", "--format", "json"),
                      ("policy", "--evidence"),
                      ("policy", "connect", "--format", "pfc"),
                      ("policy", "connect", "--format", "bpf")):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BELLJAR, *arguments], stdout=full,
                                  stderr=subprocess.PIPE, timeout=PATIENCE)
        equal(done.returncode, 1, "status of %r" % (arguments,))
        check(b"out of memory" not in done.stderr, done.stderr)


def what_cannot_be_confined():
    """The status that --help promises, and no advice to go without a layer
    where that is not what it lacks."""
    for command in ("connect 127.0.0.1 7", "ping 127.0.0.1 7", "decode -"):
        done = subprocess.run(
            ["sh", "-c", 'ulimit -n 10; exec "$0" ' + command, BELLJAR],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE)
        equal((done.returncode, done.stdout), (71, ""), command)
        check("ulimit -n is too low" in done.stderr, done.stderr)


main(help_teaches, version, nothing_and_nonsense, mistakes_are_explained,
     spellings, output_that_cannot_be_written, what_cannot_be_confined)
