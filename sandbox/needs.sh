# shellcheck shell=bash disable=SC2034
# Sourced by the run scripts: installs what they need and says so.
#
#   bj_need "what for" PACKAGE...
#
# Debian and Ubuntu: packages that are missing are installed with apt-get, as
# root or through sudo. Elsewhere nothing is installed: the names are printed,
# and the build then says what it misses.

bj_say() {
    printf '== %s\n' "$*"
}

bj_die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

bj_need() {
    local what=$1 package missing=()
    local -a become=()
    shift
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        bj_say "$what: this is neither Debian nor Ubuntu; needed are the equivalents of: $*"
        return 0
    fi
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
            grep -q 'ok installed' || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    bj_say "$what: installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            bj_die "run as root, or install them yourself: ${missing[*]}"
        become=(sudo)
    fi
    "${become[@]}" apt-get update -qq ||
        bj_die "apt-get update failed; is there a network?"
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null ||
        bj_die "could not install: ${missing[*]}"
}

# What every build needs.
bj_build_packages=(cmake ninja-build gcc libc6-dev pkg-config libseccomp-dev
    libjansson-dev)
# What the sanitizer builds and the fuzzers need on top.
bj_clang_packages=(clang libclang-rt-dev llvm)

# bj_build PRESET [CONFIGURE-ARGUMENT...]: configures and builds, quietly
# unless it fails.
bj_build() {
    local log preset=$1
    shift
    bj_say "building $preset"
    log=$(mktemp)
    if ! { cmake --preset "$preset" "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
        grep -A 20 -E 'FAILED:|CMake Error|error:' "$log" >&2 || cat "$log" >&2
        rm -f "$log"
        bj_die "the build of preset $preset failed"
    fi
    grep 'left out' "$log" || true
    rm -f "$log"
}
