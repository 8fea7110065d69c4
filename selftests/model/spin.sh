#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every state of the core of the vote: two never own at once; and each wrong reading is found.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# verify WRONG: all states of that reading; spin's verdict is in the file `said`.
verify() {
	cd "$dir" && spin "-DWRONG=$1" -a "$here/vote.pml" && gcc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c &&
		./pan -m100000 >said 2>&1
}

right() {
	verify 0 && grep -q 'errors: 0' "$dir/said" &&
		! grep -q 'max search depth too small\|out of memory' "$dir/said" && return 0
	cat "$dir/said"
	return 1
}

found() {
	verify "$1" && grep -q 'assertion violated (owns' "$dir/said" && grep -q 'errors: 1' "$dir/said" && return 0
	cat "$dir/said"
	return 1
}

need spin gcc
ktap_header
check "two nodes never own a lease at once" right
grep 'states, stored' "$dir/said" | sed 's/^/# /'
check "Spin finds the fault: RELEASE erases any record of its holder" found 1
check "Spin finds the fault: acks count after giving up" found 2
check "Spin finds the fault: one ack is enough" found 3
check "Spin finds the fault: RELEASE before the module has stopped" found 4
check "Spin finds the fault: giving up a renewal releases" found 5
ktap_exit
