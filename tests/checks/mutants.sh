#!/usr/bin/env bash
# Every planted bug of harnesses/mutants still applies, names a harness that
# there is and a report that can be recognised, and says which kind of bug it
# is; each harness has one, and each kind that a campaign must be able to find
# is there. That they are found is for harnesses/run mutants.
set -u
cd "$1" || exit 1
command -v patch >/dev/null || {
    echo "skipped: patch is not installed"
    exit 77
}
status=0
complain() {
    echo "FAILED: $*"
    status=1
}
kinds=(
    "over-read by one in a label" "write past a name buffer"
    "use after the arena is reset" "uninitialised field"
    "signed overflow or shift" "pointer loop" "quadratic name work"
    "count-driven work" "a lost label" "case-fold asymmetry" "TTL clamp"
    "wrong id accepted" "wrong owner accepted" "answer after cancel"
    "chunk-boundary state" "output left on failure"
    "alias silently dropped" "frame length trusted"
    "filter with one call too many" "filter without the architecture check"
)
reports='oracle [a-z0-9|-]+|heap-buffer-overflow|stack-buffer-overflow'
reports+='|global-buffer-overflow|heap-use-after-free|undefined-behavior'
reports+='|use-of-uninitialized-value|timeout|out-of-memory'
count=0
for patch in harnesses/mutants/*.patch; do
    count=$((count + 1))
    header=$(head -1 "$patch")
    [[ $header =~ ^'# harness: '([a-z0-9_]+)'; report: '('timeout or ')?($reports)$ ]] ||
        complain "$patch begins with: $header"
    harness=${BASH_REMATCH[1]-}
    report=${BASH_REMATCH[3]-}
    source=harnesses/$harness.c
    [ "$harness" != policy_filter ] || source=tests/policy/fuzz.c
    [ -f "$source" ] || complain "$patch names $harness, which there is not"
    [[ $report == oracle* ]] && for oracle in $(tr '|' ' ' <<<"${report#oracle }"); do
        grep -qE "\"$oracle\"|ORACLE $oracle " "$source" ||
            complain "$patch: no oracle $oracle in $source"
    done
    [[ $(sed -n 2p "$patch") =~ ^'# '[a-zA-Z][a-zA-Z,\ -]+': ' ]] ||
        complain "$patch: the second line does not say which kind of bug it is"
    # What the commentary ends with is the patch; only the product is changed.
    changed=$(sed -n 's|^+++ b/||p' "$patch")
    [ -n "$changed" ] || complain "$patch changes nothing"
    for file in $changed; do
        [[ $file == core/* || $file == sandbox/* ]] ||
            complain "$patch changes $file, which is no part of the product"
    done
    patch -p1 -s --dry-run --fuzz=0 <"$patch" || complain "$patch does not apply"
done
for source in harnesses/{fuzz,diff}_*.c; do
    harness=$(basename "$source" .c)
    grep -q "^# harness: $harness;" harnesses/mutants/*.patch ||
        complain "no mutant for $harness"
done
for kind in "${kinds[@]}"; do
    grep -qF "# $kind: " harnesses/mutants/*.patch ||
        complain "no mutant of the kind: $kind"
done
echo "$count mutants"
exit $status
