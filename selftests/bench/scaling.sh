#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest of several CPUs: how many packets a second one CPU redirects, and how many all of them do together.
#
#   scaling.sh CASE PACKETS REPEATS
#
# Each CPU has a device of its own, by which it receives packets of two kinds in turn: those of one flow, and those that
# are each of another flow, which has no packet before. For each repeat this prints
# `figure scaling CASE CPUS PACKETS MICROSECONDS FLOWS` for CPU 0 alone, and for all CPUs, each of which sends PACKETS
# of each kind. FLOWS are those that haswitch began to track. IPVS cannot forget its flows: it knows all 50,000 of them.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=selftests/bench/peers.sh
. "${BASH_SOURCE[0]%/*}/peers.sh"
case=$1 packets=$2 repeats=$3 vips=1
cpus=$(nproc)
# Addresses and ports of a CPU's clients: each address has each port once before a pair comes again.
clients=8 ports=49999
[[ $case != ipvs-* ]] || clients=1

# network: in0, in1 ... for the clients of each CPU; out0, and nodes behind it.
network() {
	local cpu
	for ((cpu = 0; cpu < cpus; cpu++)); do
		net_device "in$cpu" "10.$((20 + cpu)).0.1/16" veth peer name "peer$cpu" &&
			ip link set "peer$cpu" addrgenmode none && ip link set "peer$cpu" up &&
			ip link set "in$cpu" address "02:00:00:00:09:0$((cpu + 1))" || return 1
	done
	net_device out0 10.8.0.1/16 dummy && net_node out0 10.8.0.2 02:00:00:00:08:02 &&
		net_node out0 10.8.0.3 02:00:00:00:08:03
}

# service WORDS: the vip's service has these words.
service() {
	# shellcheck disable=SC2086
	haswitch_restore 1 && haadm service set "$vip:$port/udp" $1 && haadm flow set max 1000000 udp 24h
}

# The floor: the lab's own share. The kernel takes each packet from its device and drops it there.
drop_all() {
	local cpu
	for ((cpu = 0; cpu < cpus; cpu++)); do
		tc qdisc add dev "in$cpu" clsact &&
			tc filter add dev "in$cpu" ingress protocol ip matchall action drop || return 1
	done
}

# done_with: how many packets have been dealt with.
done_with() {
	local cpu sum=0
	[ "$case" = drop ] || { sent out0; return; }
	for ((cpu = 0; cpu < cpus; cpu++)); do
		sum=$((sum + $(tc -s -j filter show dev "in$cpu" ingress |
			jq '[.[].options.actions[]?.stats.drops] | add // 0')))
	done
	echo $sum
}

setup() {
	case $case in
	haswitch-direct) haswitch_restore 1 ;;
	drop) drop_all ;;
	haswitch-maglev) service "sched maglev" ;;
	haswitch-rr) service "sched rr" ;;
	haswitch-one-packet) service "sched rr one-packet on" ;;
	haswitch-nat) service "sched rr" && haadm member set "$vip:$port/udp" node a via nat &&
		haadm member set "$vip:$port/udp" node b via nat ;;
	haswitch-tunnel) haswitch_restore 1 && haadm member set "$vip:$port/udp" node a via tunnel ;;
	*) peer_setup && ipvsadm --set 0 0 86400 ;;
	esac
}

# pktgen_pair CPU: both kinds of packets of a CPU.
pktgen_pair() {
	local cpu=$1 dev kind
	for kind in 0 1; do
		dev=in$cpu@$kind
		pktgen_add "$cpu" "$dev" "02:00:00:00:09:0$((cpu + 1))" $mac_client \
			"10.$((20 + cpu)).$kind.8" 10000 "$vip" $port
		pktgen_set "$dev" "udp_src_max $((10000 + ports * kind))" \
			"src_max 10.$((20 + cpu)).$kind.$((8 + (clients - 1) * kind))" "count $packets"
	done
}

# measure CPUS: that many CPUs send; prints what it took until the last of them was done.
measure() {
	local cpu kind took=0 one before=0 flows=0
	[[ $case != haswitch-* ]] || haadm flow del all >/dev/null || die "flows that stay"
	before=$(done_with)
	# shellcheck disable=SC2046 # a word for each CPU
	pktgen_clear $(seq 0 $((cpus - 1)))
	for ((cpu = 0; cpu < $1; cpu++)); do pktgen_pair "$cpu"; done
	pktgen_set pgctrl start
	for ((cpu = 0; cpu < $1; cpu++)); do
		for kind in 0 1; do
			one=$(pktgen_took "in$cpu@$kind")
			[ -n "$one" ] || die "pktgen: $(tail -n 2 "/proc/net/pktgen/in$cpu@$kind")"
			[ "$one" -le "$took" ] || took=$one
		done
	done
	[ $(($(done_with) - before)) -eq $(($1 * 2 * packets)) ] ||
		die "$(($(done_with) - before)) packets of $(($1 * 2 * packets)) were dealt with"
	# Either each of these clients has a flow, or none.
	[[ $case != haswitch-* ]] || flows=$(haadm -j flow limits | jq '.[0].count')
	[ "$flows" -eq 0 ] || [ "$flows" -eq $(($1 * (packets + 1))) ] || die "$flows flows"
	figure scaling "$case" "$1" $(($1 * 2 * packets)) "$took" "$flows"
}

[ "$cpus" -ge 2 ] || die "one CPU alone: nothing to compare"
pktgen_load
network || die "no network"
setup || die "$case can't be set up"
# The first packets make the caches and the flows' table what they are afterwards.
measure "$cpus" >/dev/null
for ((i = 0; i < repeats; i++)); do
	measure 1
	measure "$cpus"
done
