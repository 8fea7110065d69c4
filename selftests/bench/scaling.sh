#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest of several CPUs: how many packets a second one CPU redirects, and how many all of them do together.
#
#   scaling.sh CASE PACKETS REPEATS
#
# Each CPU has a device of its own, by which it receives packets of two kinds in turn: those of one flow, and those that
# are each of another flow, 50,000 of them. For each repeat this prints `figure scaling CASE CPUS PACKETS MICROSECONDS`
# for CPU 0 alone, and for all CPUs, each of which sends PACKETS of each kind.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=selftests/bench/peers.sh
. "${BASH_SOURCE[0]%/*}/peers.sh"
case=$1 packets=$2 repeats=$3 vips=1
cpus=$(nproc)

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

setup() {
	case $case in
	haswitch-direct) haswitch_restore 1 ;;
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
		pktgen_set "kpktgend_$cpu" "add_device $dev"
		pktgen_set "$dev" "pkt_size 60" "clone_skb 0" "burst 1" "delay 0" "xmit_mode netif_receive" "flag !SHARED" \
			"dst_mac 02:00:00:00:09:0$((cpu + 1))" "src_mac $mac_client" "src_min 10.$((20 + cpu)).$kind.9" \
			"src_max 10.$((20 + cpu)).$kind.9" "udp_src_min 10000" "udp_src_max $((10000 + 50000 * kind))" \
			"dst_min $vip" "dst_max $vip" "udp_dst_min $port" "udp_dst_max $port" "count $packets"
	done
}

# pktgen_clear_all: no thread has a device any more.
pktgen_clear_all() {
	local cpu tries
	for ((cpu = 0; cpu < cpus; cpu++)); do pktgen_set "kpktgend_$cpu" rem_device_all; done
	for tries in {1..100}; do
		compgen -G "/proc/net/pktgen/in*" >/dev/null || return 0
		sleep 0.05
	done
	die "pktgen keeps a device, $tries times"
}

# measure CPUS: that many CPUs send; prints what it took until the last of them was done.
measure() {
	local cpu kind took=0 one before=0
	before=$(sent out0)
	pktgen_clear_all
	for ((cpu = 0; cpu < $1; cpu++)); do pktgen_pair "$cpu"; done
	pktgen_set pgctrl start
	for ((cpu = 0; cpu < $1; cpu++)); do
		for kind in 0 1; do
			one=$(sed -n 's/^Result: OK: \([0-9]*\).*/\1/p' "/proc/net/pktgen/in$cpu@$kind")
			[ -n "$one" ] || die "pktgen: $(tail -n 2 "/proc/net/pktgen/in$cpu@$kind")"
			[ "$one" -le "$took" ] || took=$one
		done
	done
	[ $(($(sent out0) - before)) -eq $(($1 * 2 * packets)) ] ||
		die "$(($(sent out0) - before)) packets of $(($1 * 2 * packets)) went out"
	figure scaling "$case" "$1" $(($1 * 2 * packets)) "$took"
}

[ "$cpus" -ge 2 ] || die "one CPU alone: nothing to compare"
network || die "no network"
setup || die "$case can't be set up"
# The first packets make the caches and the flows' table what they are afterwards.
measure "$cpus" >/dev/null
for ((i = 0; i < repeats; i++)); do
	measure 1
	measure "$cpus"
done
