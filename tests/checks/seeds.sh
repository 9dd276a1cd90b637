#!/usr/bin/env bash
# Seeds that a script of corpus/ writes are what it writes: somebody who reads
# the script knows what the octets are.
set -u
cd "$1" || exit 1
command -v python3 >/dev/null || {
    echo "skipped: python3 is not installed"
    exit 77
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0
count=0
for script in $(grep -l "\[FOLDER\]" corpus/*.py); do
    python3 -B "$script" "$work" || status=1
done
while IFS= read -r seed; do
    count=$((count + 1))
    if ! cmp -s "$work/$seed" "corpus/$seed"; then
        echo "FAILED: corpus/$seed is not what its script writes"
        status=1
    fi
done < <(cd "$work" && find . -type f)
# And in the folders that they write, there is nothing else.
for folder in "$work"/*/; do
    name=$(basename "$folder")
    extra=$(diff -rq "$folder" "corpus/$name" | grep '^Only in corpus')
    if [ -n "$extra" ]; then
        echo "FAILED: no script writes: $extra"
        status=1
    fi
done
[ "$count" -gt 0 ] || status=1
echo "$count seeds"
exit $status
