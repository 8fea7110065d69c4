#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs tests the way a kernel developer does: the folder linked into a kernel tree, `make ... run_tests`. For a guest.
#
#   kselftest.sh [TEST...]     these scripts, by default all; and the C tests
set -eu

source=${HASW_SOURCE:?}
tests=()
[ $# -eq 0 ] || tests=("TEST_PROGS=$*")

# The guest's root is its own, so the tree on the machine stays as it was; a copy, since what is compiled goes into it.
cp -r "$HASW_REPO/selftests" /run/selftests
ln -sfn /run/selftests "$source/tools/testing/selftests/haswitch"
make -s -C "$source/tools/testing/selftests" TARGETS=haswitch "${tests[@]}" run_tests | tee /run/kselftest.txt
# From 7.0 on the runner tells no plan, so here is ours: each script, and each C test.
mapfile -t sources < <(find "$HASW_REPO/selftests" -maxdepth 1 -name '*.c')
grep -q '^1\.\.' /run/kselftest.txt || [ $# -eq 0 ] || echo "1..$(($# + ${#sources[@]}))"
# run_tests itself always succeeds; and what the folder says must have been heeded.
grep -qx '# timeout set to 300' /run/kselftest.txt
if grep -q '^not ok' /run/kselftest.txt; then exit 1; fi
# What is compiled has been, and none of it was skipped.
for file in "${sources[@]}"; do
	name=${file##*/}
	grep -qE "^ok [0-9]+ selftests: haswitch: ${name%.c}\$" /run/kselftest.txt
done
