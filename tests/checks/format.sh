#!/usr/bin/env bash
# Every C file is as clang-format 14 (Debian 12's) lays it out. Other versions
# lay some lines out otherwise, so they are not asked.
set -u
cd "$1" || exit 1
tool=
for candidate in clang-format-14 clang-format; do
    if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
        tool=$candidate
        break
    fi
done
if [ -z "$tool" ]; then
    echo "skipped: clang-format 14 is not installed"
    exit 77
fi
mapfile -t files < <(find core harnesses sandbox tests -name '*.[ch]' | sort)
if [ "${#files[@]}" -eq 0 ]; then
    echo "FAILED: no C file found"
    exit 1
fi
if ! "$tool" --dry-run -Werror "${files[@]}"; then
    echo "FAILED: run: $tool -i FILE"
    exit 1
fi
echo "${#files[@]} files are formatted"
