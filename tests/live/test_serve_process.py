from load_test import bear
from support import ROOT, Server, check, children, main, sanitized, talk, until


def executable(pid):
    with open("/proc/%d/maps" % pid) as file:
        return [line for line in file if line.split()[1][2] == "x"]


def children_are_born_without_what_they_do_not_call():
    """A dynamic build's keeper has libseccomp's code, its roles and their
    children do not."""
    if not ROOT or sanitized():
        print("needs root, for roles are not dumpable, and no sanitizer")
        return
    with Server() as server, server.connect() as sock:
        talk(sock)
        def has(pid, library):
            return any(library in line for line in executable(pid))

        if not has(server.keeper(), "/libseccomp.so"):
            print("a static build has it in itself")
            return
        child = until(lambda: children(server.role()), "a child")[0]
        for pid in (server.role(), child):
            for library in ("/libseccomp.so", "/libjansson.so"):
                check(not has(pid, library), "%s is there" % library)


def process_bears_the_load():
    bear("process")


main(children_are_born_without_what_they_do_not_call, process_bears_the_load)
