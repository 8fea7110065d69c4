#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is stopped together with its clock while it holds a lease, as a VM is: two real kernels on one network.
#
#   paused.sh KERNEL      one of Debian's
#
# No deadline protects from this one: by the clock of such a machine no time has passed. What ends its grant is the
# first heartbeat of the new holder, which says under which epoch it was granted the lease; a machine that hears none
# goes on answering for the rest of its lease. That bound is shown, too. One whose clock runs on answers nothing:
# stopped.sh, suspend.sh.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

kernel=${1:?KERNEL} out=${HASW_OUT:-$(mktemp -d)} dir=$(mktemp -d) pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

# machine NAME NUMBER OTHER NUMBER
machine() {
	local cable="local.type=unix,local.path=$dir/$1.nic,remote.type=unix,remote.path=$dir/$1.port"
	mkdir -p "$out/$1"
	"$here/../lab/run" -t 300 -o "$out/$1" \
		-e "-netdev dgram,id=cable,$cable -device e1000,netdev=cable,mac=02:00:00:00:00:0$2,romfile= \
		-qmp unix:$dir/$1.qmp,server=on,wait=off" \
		"$kernel" "$here/../guest/paused.sh" "$@" >"$out/$1.txt" 2>&1 &
	pids+=($!)
}

measured() {
	"$here/../tools/paused_net.py" measure "$dir" >"$out/measured.json"
}

# shows CASE CONDITION: true of what was seen; where it is not, all of that is shown.
shows() {
	jq -e ".$1 | $2" "$out/measured.json" >/dev/null && return
	jq -c ".$1" "$out/measured.json"
	return 1
}

need jq python3
ktap_header
machine a 1 b 2
machine b 2 a 1
if ! check "setup: one of two machines is stopped twice while it holds a lease" measured; then
	ktap_note "$(tail -n 12 "$out/a.txt" "$out/b.txt")"
	ktap_exit
fi
for case in heard alone; do
	# In ms; the two clocks need not go quite alike.
	check "$case: the stopped machine's clock stood still" shows $case \
		'.clock_stood_for[0] - .stopped_for[0] | fabs < 50'
	check "$case: the other machine holds once the stopped machine's grant is over" \
		shows $case '.stopped_for[0] > .rest[1] and .answers_of_b > 0'
done
check "alone: the machine that goes on answers beside the new holder" shows alone \
	'.answers > 0 and .answers_of_both > 0'
check "alone: the old grant ends by itself after its rest" shows alone '.cause == "expired" and .ended_after == .rest'
check "alone: nothing asked after the old grant's end is answered" shows alone '.late == 0 and .asked_after_end > 0'
check "heard: the higher epoch ends the old grant" shows heard '.cause == "superseded"'
check "heard: the old grant ends far before its rest has passed" shows heard '.noticed_after[1] < .rest[0] / 2'
check "heard: nothing asked after the old grant's end is answered" shows heard '.late == 0 and .asked_after_end > 0'
code=0
for pid in "${pids[@]}"; do wait "$pid" || code=$?; done
check "both machines exit with 0" test $code -eq 0 || ktap_note "$(tail -n 12 "$out/a.txt" "$out/b.txt")"
ktap_note \
	"$(jq -r 'to_entries[] | .key as $case | .value |
	"\($case): stopped for \(.stopped_for[0] | round) ms with \(.rest[1] | round) ms to go; " +
	"then it held on for \(.ended_after[1] | round) ms by its clock, and answered \(.answers) packets, " +
	"\(.answers_to_what_waited) that had waited, " +
	"the last after \(.last_answer_after // 0 | round) ms; \(.claims) ARP claims"' "$out/measured.json")"
ktap_exit
