#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is stopped while it holds a lease, and goes on when that has run out: two real kernels on one network.
#
#   stopped.sh KERNEL      one that lib/two_kernels.sh can use
#
# The clock of a stopped UML runs on, so what waited for it in the meantime finds the deadline passed.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/two_kernels.sh
. "$here/../lib/two_kernels.sh"

two_make "${1:?KERNEL}" "$here/../guest/stopped.sh"
two_machine holder 1
two_machine asker 2
asker=$!
if wait_for 100 [ -e "$two_out/asker/serving" ]; then
	# The kernel, not the processes of its user space: it traces them, and takes a stop for theirs.
	guest=$(<"$two_out/holder/.lab/pid")
	kill -STOP "$guest"
	# Not for something to happen: so long is it stopped, almost twice as long as any lease here.
	sleep 11
	kill -CONT "$guest"
fi
two_judge asker $asker holder
