#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A header that changes has everything built again that includes it, in user space as the checks build it.
set -u
cd "$(dirname "$0")/../.." || exit 1

# -W: as if that file were new, by both names that make may have for it; -n: only say what would be done.
make -s -C userspace -n -W haagentd/vote.h -W "$PWD/userspace/haagentd/vote.h" all | grep -q -- '-c -o .*haagentd/vote_leases\.o' && exit 0
echo "a change of userspace/haagentd/vote.h does not build vote_leases.o again: see DEPFLAGS in userspace/Makefile"
exit 1
