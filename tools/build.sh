#!/bin/sh
# Builds in one of the build folders, which it sets up the first time.
# Usage: build.sh build/{release,clang,asan,tsan,valgrind,fuzz,coverage} [TARGET...]
set -eu
folder=$1
shift

configure() {
    case ${folder##*/} in
    release) meson setup --buildtype=release -Db_pie=true -Db_lto=true "$folder" ;;
    clang) CC=clang meson setup --buildtype=release "$folder" ;;
    # gold: a hundred programs are linked with nearly all of it.
    asan) CC_LD=gold meson setup --buildtype=debugoptimized -Db_sanitize=address,undefined "$folder" ;;
    fuzz)
        CC=clang meson setup --buildtype=debugoptimized -Db_sanitize=address,undefined \
            -Db_lundef=false -Dfuzz=true "$folder"
        ;;
    tsan) meson setup --buildtype=debugoptimized -Db_sanitize=thread "$folder" ;;
    valgrind) meson setup --buildtype=debugoptimized "$folder" ;;
    coverage) meson setup --buildtype=debug -Doptimization=g -Db_coverage=true "$folder" ;;
    esac
}

[ -e "$folder/build.ninja" ] || configure
exec ninja -C "$folder" "$@"
