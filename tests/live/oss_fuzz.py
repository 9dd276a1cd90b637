#!/usr/bin/env python3
"""Runs .clusterfuzzlite/build.sh with the environment that OSS-Fuzz gives it,
and looks at what lands: an executable, seeds, dictionary and options for each
harness and nothing else; static but for the C and C++ libraries; every target
starts in a read-only root without /dev, and gets through its seeds there.

    tests/live/oss_fuzz.py [--all] [SOURCES]

libFuzzer with AddressSanitizer; with --all the others that OSS-Fuzz builds,
too: undefined, memory, coverage, and AFL++ with AddressSanitizer where that is
installed. Exit status: 0 all well, 1 not, 2 misused, 77 skipped.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent

# As in OSS-Fuzz's base-builder image.
COMMON = ["-O1", "-fno-omit-frame-pointer", "-gline-tables-only",
          "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"]
CHECKS = ("array-bounds,bool,builtin,enum,function,integer-divide-by-zero,"
          "null,object-size,return,returns-nonnull-attribute,shift,"
          "signed-integer-overflow,unreachable,vla-bound,vptr")
SANITIZERS = {
    "address": ["-fsanitize=address", "-fsanitize-address-use-after-scope"],
    "undefined": [f"-fsanitize={CHECKS},unsigned-integer-overflow",
                  f"-fno-sanitize-recover={CHECKS}"],
    "memory": ["-fsanitize=memory", "-fsanitize-memory-track-origins"],
    "coverage": ["-fprofile-instr-generate", "-fcoverage-mapping", "-pthread",
                 "-Wl,--no-as-needed", "-Wl,-ldl", "-Wl,-lm",
                 "-Wno-unused-command-line-argument"],
}
AFL_DRIVERS = ["/usr/lib/afl/libAFLDriver.a",
               "/usr/local/lib/afl/libAFLDriver.a"]
# What glibc and the compiler bring; libresolv is the sanitizers', since clang 17.
LIBRARIES = re.compile(r"(linux-vdso|"
                       r"lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+)|"
                       r".*/?ld-linux[-a-z0-9_]*)\.so\.\d+")


class Wrong(Exception):
    """What lands is not what should."""


def demand(condition, what):
    if not condition:
        raise Wrong(what)


def environment(engine, sanitizer, work):
    flags = COMMON + SANITIZERS[sanitizer]
    env = dict(os.environ, OUT=str(work / "out"), WORK=str(work / "work"),
               SRC=str(work), CC="clang", CXX="clang++",
               LIB_FUZZING_ENGINE="-fsanitize=fuzzer",
               UBSAN_OPTIONS="silence_unsigned_overflow=1")
    if engine == "afl":
        env.update(CC="afl-clang-fast", CXX="afl-clang-fast++", AFL_QUIET="1",
                   LIB_FUZZING_ENGINE=next(filter(os.path.exists,
                                                  AFL_DRIVERS)))
    elif sanitizer != "coverage":
        flags = flags + ["-fsanitize=fuzzer-no-link"]
    return dict(env, CFLAGS=" ".join(flags), CXXFLAGS=" ".join(flags))


def check_files(source, out, targets):
    expected = set()
    for target in targets:
        noun = target.removeprefix("fuzz_")
        demand(re.fullmatch(r"[A-Za-z0-9_-]+", target), f"{target}: its name")
        expected |= {target, f"{target}_seed_corpus.zip", f"{target}.options"}
        own = f"harnesses/options/{target}.options"
        copies = {f"{target}.options": own if (source / own).exists()
                  else "harnesses/options/default.options"}
        if (source / f"harnesses/dict/{noun}.dict").exists():
            copies[f"{target}.dict"] = f"harnesses/dict/{noun}.dict"
        for name, path in copies.items():
            expected.add(name)
            demand((out / name).is_file() and
                   (out / name).read_bytes() == (source / path).read_bytes(),
                   f"{name} is not {path}")
    found = {path.name for path in out.iterdir()}
    demand(found == expected,
           f"missing: {expected - found}, too many: {found - expected}")


def check_seeds(source, out, target, folder):
    """The zip holds the committed seeds; they are unpacked to `folder`."""
    noun = target.removeprefix("fuzz_")
    corpus = source / "corpus"
    seeds = {str(path.relative_to(corpus)): path.read_bytes()
             for start in (noun, f"regressions/{noun}")
             for path in (corpus / start).glob("*")}
    with zipfile.ZipFile(out / f"{target}_seed_corpus.zip") as packed:
        held = {name: packed.read(name) for name in packed.namelist()
                if not name.endswith("/")}
        packed.extractall(folder)
    demand(held == seeds and seeds, f"{target}: its zip is not its seeds")


def check_linking(out, target):
    libraries = subprocess.run(["ldd", out / target], capture_output=True,
                               text=True, check=True).stdout
    for line in libraries.splitlines():
        name = line.split()[0]
        demand(LIBRARIES.fullmatch(pathlib.Path(name).name),
               f"{target} is linked to {name}")
    symbols = subprocess.run(["nm", out / target], capture_output=True,
                             text=True, check=True).stdout
    demand(" LLVMFuzzerTestOneInput\n" in symbols, f"{target} is stripped")


def sandbox(out, seeds):
    """A root of nothing but libraries and what is asked for, read-only."""
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv"]
    for folder in ("/usr", "/lib", "/lib64"):
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        elif os.path.exists(folder):
            command += ["--ro-bind", folder, folder]
    return command + ["--ro-bind", str(out), "/out", "--ro-bind", str(seeds),
                      "/seeds", "--proc", "/proc", "--tmpfs", "/tmp",
                      "--remount-ro", "/", "--setenv", "LLVM_PROFILE_FILE",
                      "/tmp/profile", "--setenv", "UBSAN_OPTIONS",
                      "silence_unsigned_overflow=1", "--chdir", "/"]


def check_run(out, target, seeds, engine):
    arguments = ["-runs=0", "/seeds"]
    if engine == "afl":
        arguments = ["/seeds/" + str(path.relative_to(seeds))
                     for path in seeds.rglob("*") if path.is_file()]
    done = subprocess.run(sandbox(out, seeds) + [f"/out/{target}"] + arguments,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=120)
    demand(done.returncode == 0,
           f"{target} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    if engine == "libfuzzer":
        demand(re.search(r"^Done \d+ runs", done.stdout, re.MULTILINE),
               f"{target} did not say how many runs it did")


def check(source, engine, sanitizer, confined):
    targets = sorted(path.stem for path in
                     (source / "harnesses").glob("fuzz_*.c"))
    demand(targets, "no harness found")
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        out = work / "out"
        out.mkdir()
        (work / "work").mkdir()
        built = subprocess.run(
            ["bash", "-eu", ".clusterfuzzlite/build.sh"], cwd=source,
            env=environment(engine, sanitizer, work), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace")
        demand(built.returncode == 0, f"build.sh failed:\n{built.stdout[-4000:]}")
        check_files(source, out, targets)

        def look_at(target):
            seeds = work / "seeds" / target
            check_seeds(source, out, target, seeds)
            check_linking(out, target)
            if confined:
                check_run(out, target, seeds, engine)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(look_at, targets))
    print(f"{engine} with {sanitizer}: {len(targets)} targets", flush=True)


def why_not_confined():
    """Why nothing can be started in a root of its own, or None."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    with tempfile.TemporaryDirectory() as empty:
        tried = subprocess.run(sandbox(empty, empty) + ["/usr/bin/true"],
                               capture_output=True, text=True)
    return None if tried.returncode == 0 else tried.stderr.strip()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("sources", nargs="?", type=pathlib.Path,
                        default=HERE / "../..")
    options = parser.parse_args()
    for tool in ("clang++", "zip", "ldd", "nm"):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed")
            return 77
    kinds = [("libfuzzer", "address")]
    if options.all:
        kinds += [("libfuzzer", kind) for kind in SANITIZERS
                  if kind != "address"]
        if any(map(os.path.exists, AFL_DRIVERS)):
            kinds.append(("afl", "address"))
        else:
            print("not with AFL++, which is not installed")
    reason = why_not_confined()
    if reason is not None:
        print(f"nothing is started in a root of its own: {reason}")
    status = 0
    for engine, sanitizer in kinds:
        try:
            check(options.sources.resolve(), engine, sanitizer, reason is None)
        except Wrong as wrong:
            print(f"FAILED: {engine} with {sanitizer}: {wrong}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
