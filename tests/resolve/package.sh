#!/usr/bin/env bash
# What is installed can be used by a stranger: by find_package(belljar), by
# pkg-config, shared and static; and exports what belljar.h declares, nothing
# more.
set -eu
source=$1
build=$2
worker=$3
compiler=$4
folder=$(mktemp -d /tmp/belljar-package-XXXXXX)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

cmake --install "$build" --prefix "$prefix" >"$folder/log"
library=$(find "$prefix" -name 'libbelljar.so')
nm -D --defined-only "$library" | awk '$2 ~ /[TtVvWw]/ {print $3}' |
    sed 's/@.*//' | sort -u >"$folder/exported"
grep -oE '\bbj_[a-z0-9_]+\(' "$source/sandbox/resolve/belljar.h" |
    tr -d '(' | grep -v '^bj_call_done$' | sort -u >"$folder/declared"
diff "$folder/declared" "$folder/exported" ||
    { echo "FAILED: what is exported (>) is not what is declared (<)"; exit 1; }

mkdir "$folder/use"
# The program is the README's example, which is so known to work.
sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '1d;$d' \
    >"$folder/use/main.c"
cat >"$folder/use/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(use LANGUAGES C)
find_package(belljar 0.1 REQUIRED)
add_executable(use_shared main.c)
target_link_libraries(use_shared belljar::belljar)
add_executable(use_static main.c)
target_link_libraries(use_static belljar::belljar-static)
END
cmake -G Ninja -S "$folder/use" -B "$folder/use/build" \
    -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_FLAGS=-D_DEFAULT_SOURCE \
    >"$folder/log"
cmake --build "$folder/use/build" >"$folder/log" || { cat "$folder/log"; exit 1; }
PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
"$compiler" -std=c17 -D_DEFAULT_SOURCE -pedantic -Wall -Wextra -Werror \
    "$folder/use/main.c" -o "$folder/use_pkgconfig" \
    $(pkg-config --cflags --libs belljar)
export LD_LIBRARY_PATH=${library%/*}
export BELLJAR_WORKER=$worker
for program in "$folder/use/build/use_shared" "$folder/use/build/use_static" \
    "$folder/use_pkgconfig"; do
    [ "$("$program")" = found ] || { echo "FAILED: $program"; exit 1; }
done
# A C++ program may include it, too.
if command -v c++ >/dev/null; then
    echo '#include <belljar.h>' |
        c++ -D_DEFAULT_SOURCE -I"$prefix/include" -Wall -Wextra -Werror \
            -fsyntax-only -x c++ -
fi
[ -f "$prefix/lib/systemd/system/belljar.service" ] ||
    { echo "FAILED: systemd's units are installed somewhere else"; exit 1; }
installed=$("$prefix/bin/belljar" --help 2>&1 | head -1)
[ -n "$installed" ] || { echo "FAILED: the program does not run"; exit 1; }
echo "used as shared, static and by pkg-config"
