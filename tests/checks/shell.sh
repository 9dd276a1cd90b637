#!/usr/bin/env bash
# Shell scripts are as ShellCheck wants them. What is a matter of taste (info,
# style) is not asked for; an exception stands in the script, beside what it is
# for.
set -u
cd "$1" || exit 1
command -v shellcheck >/dev/null || {
    echo "skipped: shellcheck is not installed"
    exit 77
}
mapfile -t scripts < <(
    find .ci .clusterfuzzlite corpus harnesses sandbox tests -type f -size -100k \
        -exec awk 'FNR == 1 && /^#!.*sh/ || FILENAME ~ /\.sh$/ {print FILENAME}
            {nextfile}' {} + | sort
)
if [ "${#scripts[@]}" -eq 0 ]; then
    echo "FAILED: no script found"
    exit 1
fi
shellcheck --external-sources --severity=warning "${scripts[@]}" || exit 1
echo "${#scripts[@]} scripts"
