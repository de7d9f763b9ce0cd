#!/bin/sh
# What the tests have reached in a build with gcov, and whether it is enough: lines of src/, and branches
# of what reads from outside or decides who somebody is. A branch that only a broken invariant takes
# (ASSERT) or that the compiler made up (its own checks, unwinding) is not counted.
# Usage: coverage.sh BUILD_FOLDER
set -eu
cd "$1"

count() {
    gcovr --root ../.. --exclude-unreachable-branches --exclude-throw-branches \
        --exclude-lines-by-pattern '.*\bASSERT\(.*' "$@" .
}

lines=0
count --filter ../../src/ --fail-under-line 92 || lines=$?
count --filter '../../src/http/' --filter '../../src/core/(token|session\w*)\.' \
    --filter '../../src/api/(input|take|types|value|format|credential)\.' \
    --branches --fail-under-branch 90 && exit $lines
