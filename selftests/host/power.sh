#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Three real kernels with agents on a virtual switch: power losses, pauses and cut cables, and no vip has two that
# answer for it.
#
#   power.sh KERNEL [OPTION...] SEED...   KERNEL as for lib/two_kernels.sh; SEED 7, or 1-60; options of tools/power.py
#
# SIGKILL is a power loss but for the disk: what the voter has written is there, synced or not. SIGSTOP is a pause of
# the machine; its clock runs on (host/paused.sh has a clock that stands still). HASW_KO is another module than what
# build-module.sh makes for KERNEL.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/two_kernels.sh
. "$here/../lib/two_kernels.sh"

kernel=${1:?KERNEL}
need python3
two_alone "$0" "$@"
shift
[ $# -gt 0 ] || set -- 1-20
out=${HASW_OUT:-$(mktemp -d)}
build=${HASW_BUILD:-$here/../../build/userspace}
# Where work is planned, what comes for the vip elsewhere is sent on to the holder, and an agent has time to start
# again; else nobody but the holder answers, and voters are mute for a short time.
stray=drop longest=1s
[[ " $* " != *" --upgrade "* ]] || stray=forward longest=5s

# One file of each for all three. The agents know by the names of their hosts which node they are.
files() {
	printf '%s\n' "node add a addr 10.0.0.1" "node add b addr 10.0.0.2" "node add c addr 10.0.0.3" "lease add web" \
		"vip add 10.0.0.100 on eth0 lease web stray $stray" >"$out/haswitch.conf" &&
		rm -f "$out/key" && "$build/bin/haagentd" --genkey "$out/key" && cat >"$out/haagentd.conf" <<-END
			key = "/run/key";
			leases = { longest = "$longest"; voter = "/var/lib/haswitch/voter"; };
			nodes = (
				{ name = "a"; address = "10.0.0.1"; },
				{ name = "b"; address = "10.0.0.2"; },
				{ name = "c"; address = "10.0.0.3"; }
			);
		END
}

ktap_header
check "setup: files for all three machines" files || ktap_exit
ktap_judged < <("$here/../tools/power.py" --kernel "$kernel" --folder "$out" "$@" 2>&1)
[ $ktap_points -ge 5 ] || ktap_fail "every point was judged"
ktap_exit
