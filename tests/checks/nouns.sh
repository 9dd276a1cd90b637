#!/usr/bin/env bash
# A noun is <folder>_<file> for each file of core that reads or writes bytes
# or drives a machine. It stands in five places: source, header, harness,
# corpus and unit test. A harness, corpus or unit test without a noun is as
# wrong as a noun without them; helpers of harnesses may have a unit test, too.
set -u
cd "$1" || exit 1
# Tables and texts: they read no bytes and drive no machine.
tables='bytes_status dns_types netdb_error records_layout'
status=0
complain() {
    echo "FAILED: $*"
    status=1
}
count=0
for source in core/*/*.c; do
    folder=$(basename "$(dirname "$source")")
    noun=${folder}_$(basename "$source" .c)
    [ -f "${source%.c}.h" ] || complain "$source has no header"
    case " $tables " in *" $noun "*) continue ;; esac
    count=$((count + 1))
    [ -f "harnesses/fuzz_$noun.c" ] || complain "$noun has no harness"
    [ -f "tests/unit/test_$noun.c" ] || complain "$noun has no unit test"
    [ -n "$(find "corpus/$noun" -type f 2>/dev/null | head -1)" ] ||
        complain "$noun has no seeds in corpus/$noun"
done
# orphan PREFIX PATH...: each path, less the prefix, names a source.
orphan() {
    local prefix=$1 path noun
    shift
    for path in "$@"; do
        noun=$(basename "$path" .c)
        [ -e "$path" ] && [ "$noun" != regressions ] || continue
        noun=${noun#"$prefix"}
        [ -n "$(ls {core,sandbox}/"${noun%%_*}/${noun#*_}".[ch] \
            harnesses/support/"$noun".c 2>/dev/null)" ] ||
            complain "$path has no source in core"
    done
}
orphan fuzz_ harnesses/fuzz_*.c
orphan diff_ harnesses/diff_*.c
orphan test_ tests/unit/test_*.c
orphan '' corpus/*/ corpus/regressions/*/
[ "$count" -gt 0 ] || complain "no noun found"
echo "$count nouns"
exit $status
