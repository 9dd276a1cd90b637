from load_test import bear
from support import ROOT, Server, check, children, main, sanitized, talk, until


def mappings(pid):
    with open("/proc/%d/maps" % pid) as file:
        return [line.split() for line in file]


def lacks(pid, name):
    """Code of that library, which may be there as a name and symbols."""
    return not any(name in line[-1] for line in mappings(pid)
                   if line[1][2] == "x")


def children_are_born_without_what_they_do_not_call():
    """A dynamic build's keeper has libseccomp's code, its roles and their
    children do not; the children lack the loader and their parent's books,
    too."""
    if not ROOT or sanitized():
        print("needs root, for roles are not dumpable, and no sanitizer")
        return
    with Server() as server, server.connect() as sock:
        talk(sock)
        role = server.role()
        child = until(lambda: children(role), "a child")[0]
        left_out = [line for line in mappings(role)
                    if line not in mappings(child)]
        check(any(line[1] == "rw-p" and len(line) == 5 for line in left_out),
              "the books are in a child")
        if lacks(server.keeper(), "/libseccomp.so"):
            print("a static build has it in itself")
            return
        for pid in (role, child):
            for library in ("/libseccomp.so", "/libjansson.so"):
                check(lacks(pid, library), "%s is there" % library)
        check(not any("/ld" in line[-1] for line in mappings(child)),
              "a child has the loader")


def process_bears_the_load():
    bear("process")


main(children_are_born_without_what_they_do_not_call, process_bears_the_load)
