#!/usr/bin/env bash
# Core has no capabilities. Its objects, built plain (no sanitizer, no
# fortification, no stack protector, which all add symbols of their own), call
# nothing but mem*, strlen and each other, and keep no writable data.
set -u
cd "$1" || exit 1
compiler=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0
count=0
for source in core/*/*.c; do
    object=$work/$(echo "$source" | tr / _).o
    if ! "$compiler" -std=c17 -O1 -fno-stack-protector -U_FORTIFY_SOURCE \
        -fno-pic -fcf-protection=none -I. -c "$source" -o "$object"; then
        echo "FAILED: $source does not compile plain"
        status=1
        continue
    fi
    count=$((count + 1))
    foreign=$(nm -u "$object" | awk '{print $2}' |
        grep -vE '^(bj_[a-z0-9_]+|mem(cpy|set|cmp|move|chr)|strlen|bcmp)$')
    if [ -n "$foreign" ]; then
        echo "FAILED: $source calls" $foreign
        status=1
    fi
    writable=$(nm "$object" | awk '$2 ~ /^[bBdDC]$/ {print $3}')
    if [ -n "$writable" ]; then
        echo "FAILED: $source keeps writable data:" $writable
        status=1
    fi
done
if [ "$count" -eq 0 ]; then
    echo "FAILED: no object built"
    exit 1
fi
echo "$count objects looked at"
exit $status
