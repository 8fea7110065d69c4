#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: real TCP connections by a machine in between, how many a second.
#
#   connect.sh CONNECT SECONDS CASE
#
# CONNECT is connect.c's program. Three clients and two servers are namespaces on a bridge with the machine (eth0). What
# they ask comes by the machine, what is answered straight from the server. All of them share a CPU: one case is told
# from another by how much of it the machine takes; in `none` nothing is in between. Prints `figure connect CASE DONE
# FAILED NANOSECONDS`.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
connect=$1 seconds=$2 case=$3

# machine NAME NUMBER: a namespace with a link to the bridge.
machine() {
	ip netns add "$1" && ip -n "$1" link set lo up &&
		ip -n lan link add name "$1" up type veth peer name eth0 netns "$1" &&
		ip -n lan link set dev "$1" master br0 && ip -n "$1" link set eth0 addrgenmode none &&
		ip -n "$1" link set eth0 up && ip -n "$1" addr add "10.8.0.$2/16" dev eth0
}

network() {
	local name number=10
	ip netns add lan && ip -n lan link add br0 up type bridge mcast_snooping 0 &&
		ip -n lan link add name entry up type veth peer name eth0 netns 1 &&
		ip -n lan link set entry master br0 &&
		ip link set eth0 addrgenmode none && ip link set eth0 up && ip addr add 10.8.0.1/16 dev eth0 || return 1
	machine a 2 && machine b 3 || return 1
	for name in a b; do
		ip netns exec $name sysctl -qw net.ipv4.conf.all.arp_ignore=1 &&
			ip -n $name addr add "$vip/32" dev lo || return 1
	done
	for name in c1 c2 c3; do
		machine $name $number && ip -n $name route add "$vip" via 10.8.0.1 || return 1
		ip netns exec $name sysctl -qw net.ipv4.ip_local_port_range="1024 65535" net.ipv4.tcp_tw_reuse=1 ||
			return 1
		number=$((number + 1))
	done
	# A machine that answers for others does not tell who asks that there are shorter ways.
	sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
}

# haswitch SCHED: two members on the link.
haswitch() {
	module_load
	haadm -b - <<-WORDS || die "haadm refuses"
		node add a addr 10.8.0.2
		node add b addr 10.8.0.3
		vip add $vip everywhere
		service add $vip:$port/tcp sched $1 failback auto
		member add $vip:$port/tcp node a
		member add $vip:$port/tcp node b
	WORDS
}

between() {
	local name
	case $case in
	none)
		for name in c1 c2 c3; do ip -n $name route replace "$vip" via 10.8.0.2 || return 1; done
		;;
	ip-forward) sysctl -qw net.ipv4.ip_forward=1 && ip route add "$vip" via 10.8.0.2 ;;
	haswitch-*) haswitch "${case#haswitch-}" ;;
	ipvs-dr)
		modprobe ip_vs_rr && sysctl -qw net.ipv4.vs.conntrack=0 && ip addr add "$vip/32" dev lo &&
			ipvsadm -A -t "$vip:$port" -s rr && ipvsadm -a -t "$vip:$port" -r 10.8.0.2 -g &&
			ipvsadm -a -t "$vip:$port" -r 10.8.0.3 -g
		;;
	*) die "no case $case" ;;
	esac
}

# ask SECONDS: what the clients did, summed.
ask() {
	local name pids=()
	for name in c1 c2 c3; do
		ip netns exec $name "$connect" ask "$vip" "$port" 2 "$1" >"$dir/$name" &
		pids+=($!)
	done
	wait "${pids[@]}"
	awk '{ done += $1; failed += $2; if ($3 > most) most = $3 } END { print done, failed, most }' "$dir"/c?
}

dir=$(mktemp -d)
network || die "no network"
between || die "$case can't be set up"
for name in a b; do
	ip netns exec $name "$connect" serve 0.0.0.0 "$port" 2 >"$dir/$name" &
	servers+=($!)
done
for name in a b; do
	for ((i = 0; i < 100; i++)); do grep -q ready "$dir/$name" && break; sleep 0.1; done
done
# By then the neighbours are known.
for ((i = 0; i < 50; i++)); do
	read -r did _ < <(ask 1)
	[ "$did" -gt 0 ] && break
done
[ "$did" -gt 0 ] || die "$case: no connection"
read -r did failed took < <(ask "$seconds")
figure connect "$case" "$did" "$failed" "$took"
kill "${servers[@]}"
wait "${servers[@]}" 2>/dev/null
exit 0
