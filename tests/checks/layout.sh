#!/usr/bin/env bash
# The top level is exactly what the README says it is, each folder says what
# lives in it, and what is to be run can be run.
set -u
cd "$1" || exit 1
status=0
complain() {
    echo "FAILED: $*"
    status=1
}
allowed='CMakeLists.txt CMakePresets.json LICENSE README.md core corpus harnesses sandbox tests'
# What git knows, or, in an unpacked archive, what is there but for the build.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    found=$(git ls-files | cut -d/ -f1 | sort -u | grep -v '^\.')
else
    found=$(find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name build -printf '%f\n')
fi
for name in $found; do
    case " $allowed " in
    *" $name "*) ;;
    *) complain "$name does not belong on the top level" ;;
    esac
done
for name in $allowed; do
    [ -e "$name" ] || complain "$name is missing from the top level"
done
for folder in core corpus harnesses sandbox tests; do
    [ -s "$folder/README.md" ] || complain "$folder/README.md is missing"
done
for script in sandbox/run tests/run harnesses/run .ci/run; do
    [ -x "$script" ] || complain "$script is not executable"
done
exit $status
