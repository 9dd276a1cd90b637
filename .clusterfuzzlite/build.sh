#!/bin/bash -eu
# Builds every fuzz target of harnesses/ for ClusterFuzzLite and, as it is, for
# OSS-Fuzz. Is started in the folder of the sources, with the compilers, flags
# and engine that the environment names: CC, CFLAGS, CXX, CXXFLAGS,
# LIB_FUZZING_ENGINE. Leaves in $OUT for each harness an executable, its seeds,
# its dictionary and its options; objects go to $WORK.
#
# Nothing but a compiler and zip is asked of the machine: all of core is C17
# without libraries, so that it is compiled here, and each target is linked of
# all objects. No sanitizer, engine or optimisation is ours to choose.
# What `each` is given is expanded by the shell that it starts.
# shellcheck disable=SC2016
objects=$WORK/objects
rm -rf "$objects"
mkdir -p "$objects" "$OUT"

# object SOURCE: where its object goes; folder and file make the name.
object() {
    local name=${1%.c}
    echo "$objects/${name//\//_}.o"
}

sources=(core/*/*.c harnesses/support/*.c harnesses/digest_none.c)
harnesses=(harnesses/fuzz_*.c)
common=()
for source in "${sources[@]}"; do
    common+=("$(object "$source")")
done
# each COMMAND: runs it for each pair of names that is read, many at once.
each() {
    xargs -0 -n 2 -P "$(nproc)" bash -eu -c "$1" each
}

for source in "${sources[@]}" "${harnesses[@]}"; do
    printf '%s\0%s\0' "$source" "$(object "$source")"
done | each 'case $1 in
    core/*) set -- "$@" -std=c17 ;;
    *) set -- "$@" -std=gnu17 -D_GNU_SOURCE ;;
    esac
    $CC ${CFLAGS-} "${@:3}" -I. -c "$1" -o "$2"'

# The engine stands behind our objects: it may be an archive.
export objects_of_all="${common[*]}"
for source in "${harnesses[@]}"; do
    printf '%s\0%s\0' "$(object "$source")" "$OUT/$(basename "$source" .c)"
done | each '$CXX ${CXXFLAGS-} "$1" $objects_of_all $LIB_FUZZING_ENGINE -o "$2"'

for source in "${harnesses[@]}"; do
    target=$(basename "$source" .c)
    noun=${target#fuzz_}
    folders=("$noun")
    [ ! -d "corpus/regressions/$noun" ] || folders+=("regressions/$noun")
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd corpus && zip -q -X -r "$OUT/${target}_seed_corpus.zip" "${folders[@]}")
    [ ! -f "harnesses/dict/$noun.dict" ] ||
        cp "harnesses/dict/$noun.dict" "$OUT/$target.dict"
    options=harnesses/options/$target.options
    [ -f "$options" ] || options=harnesses/options/default.options
    cp "$options" "$OUT/$target.options"
done
