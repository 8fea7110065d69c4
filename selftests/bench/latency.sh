#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest with two CPUs: a node goes down and comes back while packets flow; the module's stamps are collected.
#
#   latency.sh VIPS FLOWS SWITCHES RATE
#
# The sender has CPU 1 and offers RATE packets a second to one of VIPS vips on the node; haadm has CPU 0. Another vip
# has FLOWS tracked flows, shared by that node and the next one. The events come to $HASW_OUT/events.json, one array a
# line. Prints `figure flow SENT OUT RATE FLOWS` over all the switches, with the flows that there are then.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
count=$1 flows=$2 switches=$3 rate=$4

taskset -pc 0 $$ >/dev/null || die "no second CPU"
net_in_out || die "no network"
haswitch_restore "$count"
made() { haadm -j stats show | sed 's/.*"flow_made": *\([0-9]*\).*/\1/'; }

# Address and port go on together: as many pairs as their product, since those numbers have no factor in common.
if [ "$flows" -gt 0 ]; then
	other=$(vip_of 1)
	haadm service set "$other:$port/udp" sched rr || die "no flows are tracked"
	haadm flow set max $((2 * flows)) udp 24h || die "so many flows are refused"
	pktgen_ready "$other" 1
	pktgen_set in0 "src_min 10.9.16.0" "src_max 10.9.19.240" "udp_src_min 10000" "udp_src_max 60000"
	pktgen_send "$flows"
	[ "$(made)" = "$flows" ] || die "$(made) flows were made of $flows"
fi
out=$(sent out0)
pktgen_ready "$vip" 1
pktgen_set in0 "count 0" "ratep $rate"
pktgen_send 0 &
sender=$!

seen() { haadm -j stats show | sed 's/.*"seen":\([0-9]*\).*/\1/'; }

before=$(seen)
until [ $(($(seen) - before)) -gt "$rate" ]; do sleep 0.05; done
: >"$HASW_OUT/events.json"
for ((i = 1; i <= switches; i++)); do
	if [ $((i % 2)) = 1 ]; then state=down; else state=up; fi
	haadm node set a state $state || die "the switch was refused"
	# The module keeps 4096 events, and a switch makes three.
	if [ $((i % 500)) = 0 ] || [ $i = "$switches" ]; then haadm -j event show >>"$HASW_OUT/events.json"; fi
done
pktgen_set pgctrl stop
wait $sender
sofar=$(sed -n 's/.*pkts-sofar: \([0-9]*\).*/\1/p' /proc/net/pktgen/in0)
figure flow "$sofar" "$(($(sent out0) - out))" "$(sed -n 's/^ *\([0-9]*\)pps.*/\1/p' /proc/net/pktgen/in0)" \
	"$(haadm -j status | sed 's/.*"flows": *\([0-9]*\).*/\1/')"
