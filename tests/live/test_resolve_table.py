"""The configurations of tests/vectors/resolver.txt, each asked of glibc and of
belljar in a world of the test's own: what they answer must be what the table
says. With --print as the last argument the table is printed anew, with
glibc's readings as they are."""

import os
import platform
import re
import subprocess
import sys

import private
from support import BIN, PRELOAD, PRELOADED, SOURCE, skip

TABLE = SOURCE + "/tests/vectors/resolver.txt"

# Whose readings stand in the table (Debian 12's); others differ in places.
GLIBC_READ = "2.36"

# RFC 6724's own tables, in every gai.conf: those that glibc has built in are
# RFC 3484's (core/README.md, "default labels and precedences").
GAI_CONF = """
label ::1/128 0
label ::/0 1
label ::ffff:0:0/96 4
label 2002::/16 2
label 2001::/32 5
label fc00::/7 13
label ::/96 3
label fec0::/10 11
label 3ffe::/16 12
precedence ::1/128 50
precedence ::/0 40
precedence ::ffff:0:0/96 35
precedence 2002::/16 30
precedence 2001::/32 5
precedence fc00::/7 3
precedence ::/96 1
precedence fec0::/10 1
precedence 3ffe::/16 1
"""


def unescape(text):
    """\\n, \\r, \\t, \\\\, \\xHH and \\{N:text}, as in the other tables."""
    text = re.sub(r"\\\{(\d+):([^}]*)\}",
                  lambda m: m.group(2) * int(m.group(1)), text)
    plain = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
    return re.sub(r"\\(x[0-9a-f]{2}|.)",
                  lambda m: (chr(int(m.group(1)[1:], 16))
                             if m.group(1)[0] == "x" and len(m.group(1)) == 3
                             else plain[m.group(1)]), text)


def read_table():
    rows = []
    with open(TABLE) as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                rows.append((number, line, None))
                continue
            fields = [field.strip() for field in line.split("|")]
            assert len(fields) == 6, "line %d has %d fields" % (number,
                                                                len(fields))
            rows.append((number, line, fields))
    return rows


def configure(files):
    """Puts the files of a row; the environment that goes with them."""
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("LOCALDOMAIN", "RES_OPTIONS")}
    private.reset()
    private.put("gai.conf", GAI_CONF)
    for item in [] if files == "-" else files.split(";;"):
        if item.strip().startswith("env "):
            name, value = item.strip()[4:].split("=", 1)
            environment[name] = unescape(value)
        else:
            name, text = item.split(":", 1)
            private.put(name.strip(), unescape(text.strip()))
    return environment


def words_of(question):
    """Blanks part words; two in a row have an empty one between them."""
    return [unescape(word) for word in question.split(" ")]


def ask(program, question, environment):
    done = subprocess.run([program] + words_of(question), env=environment,
                          stdout=subprocess.PIPE, timeout=60)
    if done.returncode not in (0, 1):
        return "(ended with %d)" % done.returncode
    text = done.stdout.decode(errors="backslashreplace").strip()
    return fold(text.replace("\\", "\\x5c").replace("|", "\\x7c"))


def fold(reading):
    """A run of more than ten addresses as the first, the last, and how many
    there are between them; their order is looked at by those before it."""
    words = reading.split(" ")
    if len(words) <= 40:
        return reading
    return "%s ...%d... %s" % (" ".join(words[:3]), len(words) - 4, words[-1])


def libraries():
    """What is asked beside glibc: linked, and preloaded if there is that."""
    yield "belljar", BIN + "/live_ask_belljar", {}
    if os.path.exists(PRELOAD):
        yield "preloaded belljar", BIN + "/live_ask", PRELOADED


def check_row(number, fields, same_libc):
    """How many answers to the question of a row are not what it says."""
    what, files, question, glibc, ours, _ = fields
    expected = glibc if ours == "=" else ours
    environment = configure(files)
    wrong = 0
    askers = [(name, program, more, expected)
              for name, program, more in libraries()]
    if same_libc:
        askers.append(("glibc", BIN + "/live_ask", {}, glibc))
    for name, program, more, reading in askers:
        heard = ask(program, question, {**environment, **more})
        if heard != reading:
            wrong += 1
            print("line %d, %s: %s says\n  %s\nand not\n  %s" %
                  (number, what, name, heard, reading))
    return wrong


def print_row(fields):
    what, files, question, _, ours, why = fields
    heard = ask(BIN + "/live_ask", question, configure(files))
    print(" | ".join([what, files, question, heard, ours, why]).rstrip())


def main():
    printing = sys.argv[-1] == "--print"
    if not printing and not os.path.exists(BIN + "/live_ask_belljar"):
        skip("this build has no resolver")
    same_libc = platform.libc_ver()[1] == GLIBC_READ
    folder = private.enter()
    rows = read_table()
    wrong = 0
    with private.Nsd(folder):
        for number, line, fields in rows:
            if fields is not None and not printing:
                wrong += check_row(number, fields, same_libc)
            elif fields is not None:
                print_row(fields)
            elif printing:
                print(line, end="")
    if not printing:
        print("%d configurations asked, %d answers wrong" %
              (sum(row[2] is not None for row in rows), wrong))
        sys.exit(1 if wrong else 0)


main()
