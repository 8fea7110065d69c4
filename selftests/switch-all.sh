#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Switches of a flow for every scheduler and via: of what is sent after one is acknowledged, nothing goes to the old
# node and nothing is lost.
#
#   switch-all.sh [N [PACKETS]]      moves each flow N times (4), with so many packets each, half of them before (1000)
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100 vip6=2001:db8::100
rounds=${1:-4} packets=${2:-1000}
scheds="active-standby maglev rr wrr lc wlc random" vias="direct tunnel gue nat"

prepare() {
	need_root
	need haadm jq python3 cc
	cc -O2 -o "$work_dir/switches" tools/switch_flow.c && module_load && cluster_make && cluster_nodes_add ||
		return 1
	cluster_all "vip add $vip holder entry" "vip add $vip6 holder entry" "service add $vip:54/udp failback auto" \
		"service add [$vip6]:54/udp failback auto" "member add $vip:54/udp node m1" \
		"member add $vip:54/udp node m2" \
		"member add [$vip6]:54/udp node m1" "member add [$vip6]:54/udp node m2" && cluster_ready && cluster_deaf
}

# moves VIP AT SCHED VIA: m1 has the flow at first; each time the other one returns, and who has it goes.
moves() {
	local report
	entry member set "$2" node m1 via $4 && entry member set "$2" node m2 via $4 &&
		entry service set "$2" sched $3 &&
		entry flow del all >/dev/null && entry node set m1 state up && entry node set m2 state down || return 1
	report=$("$work_dir/switches" "$1" 54 $rounds $packets client m1 m2 "haadm -n entry -j -b -" "node show m1" \
		"node set m2 state up;node set m1 state down" "node set m1 state up;node set m2 state down") ||
		{ echo "$report"; return 1; }
	echo "$report"
	jq -e ".moves == $rounds and .lost == 0 and .stale == 0 and .early == 0 and .twice == 0 and .late == 0 and
		.sent == $packets * $rounds" <<<"$report" >/dev/null
}

ktap_header
make_ready "setup: a holder, two members" prepare
for sched in $scheds; do
	for via in $vias; do
		check "IPv4: $sched via $via: no packet goes astray in $rounds switches" moves $vip $vip:54/udp $sched \
			$via
		check "IPv6: $sched via $via: no packet goes astray in $rounds switches" moves $vip6 "[$vip6]:54/udp" \
			$sched $via
	done
done
check "counter seen is the sum of the packets' fates" adds_up entry
ktap_exit
