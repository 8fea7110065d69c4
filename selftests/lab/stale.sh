#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A header that changes has everything built again that includes it, in user space as the checks build it.
set -u
cd "$(dirname "$0")/../.." || exit 1

# builds HEADER WHAT HINT
# -W: as if that file were new, by both names that make may have for it: whole, and from where it runs; -n: only say
# what would be done.
builds() {
	make -s -C userspace -n -W "$(realpath --relative-to=userspace "$1")" -W "$PWD/$1" all |
		grep -q -- "-o .*/$2 " && return
	echo "a change of $1 does not build $2 again: see $3"
	exit 1
}

builds userspace/haagentd/vote/vote.h haagentd/vote/vote_leases.o "DEPFLAGS in userspace/Makefile"
builds include/rules/vote_seat.h bin/haagentd-later "userspace/haagentd/rules.mk"
