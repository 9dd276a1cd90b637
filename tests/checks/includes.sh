#!/usr/bin/env bash
# Dependencies point one way: each folder of core includes only itself and
# what core/CMakeLists.txt links it to; the product never includes its tests;
# quoted includes are root-relative.
set -u
cd "$1" || exit 1
status=0
complain() {
    echo "FAILED: $*"
    status=1
}
for folder in core/*/; do
    name=$(basename "$folder")
    rule=$(sed -n "s/^bj_core($name\(.*\))$/\1/p" core/CMakeLists.txt)
    if ! grep -q "^bj_core(${name}[ )]" core/CMakeLists.txt; then
        complain "core/$name is not in core/CMakeLists.txt"
        continue
    fi
    may=$(echo "$name $rule" | xargs | tr ' ' '|')
    bad=$(grep -nH '#include "' "$folder"*.[ch] |
        grep -vE "#include \"core/($may)/")
    [ -z "$bad" ] || complain "core/$name looks where it may not:
$bad"
done
# Nothing that does I/O, tells the time or allocates is declared to core.
bad=$(grep -nHE '#include <' core/*/*.[ch] | grep -vE \
    '<(stdbool|stddef|stdint|limits|string|netinet/in|sys/socket|netdb)\.h>')
[ -z "$bad" ] || complain "core includes more than types and mem*:
$bad"
bad=$(grep -rnE '#include "(tests|harnesses)/' sandbox core)
[ -z "$bad" ] || complain "the product includes its tests:
$bad"
bad=$(grep -rnE '#include "' core sandbox harnesses tests --include='*.[ch]' |
    grep -vE '#include "(core|sandbox|harnesses|tests)/')
[ -z "$bad" ] || complain "an include is not root-relative:
$bad"
exit $status
