#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is stopped while it holds a lease, and goes on when that has run out: two real kernels on one network.
#
#   stopped.sh KERNEL      one that has the daemon transport of UML (uml612, uml612-debug)
#
# The clock of a stopped UML runs on, so what waited for it in the meantime finds the deadline passed.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
kernel=${1:?KERNEL}
out=${HASW_OUT:-$(mktemp -d)}
dir=$(mktemp -d)
pids=() guest=''
cleanup() {
	# What is stopped does not end.
	[ -z "$guest" ] || kill -CONT "$guest" 2>/dev/null
	kill "${pids[@]}" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

# machine NAME MAC
machine() {
	"$here/lab/run" -t 150 -o "$out/$1" -a "eth0=daemon,$2,unix,$dir/switch" "$kernel" "$here/lib-stopped.sh" "$1" \
		>"$out/$1.txt" 2>&1 &
	pids+=($!)
}

ended() {
	! kill -0 "$1" 2>/dev/null
}

need uml_switch
mkdir -p "$out/holder" "$out/asker"
rm -f "$out"/{holder,asker}/{serving,stopped,verdict}
uml_switch -unix "$dir/switch" </dev/null >/dev/null 2>&1 &
pids+=($!)
wait_for 10 [ -S "$dir/switch" ] || { ktap_header && ktap_fail "a network for two kernels" && ktap_exit; }
machine holder 02:00:00:00:00:01
machine asker 02:00:00:00:00:02
asker=${pids[-1]}
if wait_for 100 [ -e "$out/asker/serving" ]; then
	# The kernel, not the processes of its user space: it traces them, and takes a stop for theirs.
	guest=$(<"$out/holder/.lab/pid")
	kill -STOP "$guest"
	echo "stopped" >"$out/asker/stopped"
	# Not for something to happen: so long is it stopped, twice as long as the rest of any lease here.
	sleep 6
	kill -CONT "$guest"
fi
wait_for 60 ended "$asker"
wait "$asker"
code=$?
grep -v '^# lab:' "$out/asker.txt"
[ $code -eq 0 ] || sed 's/^/# holder: /' "$out/holder.txt" | tail -n 20
exit $code
