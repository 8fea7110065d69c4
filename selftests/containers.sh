#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Containers: what root of a user namespace may use of the host.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces; module_load takes none here

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

most_nodes=64
table=80
work_dir=$(mktemp -d)

# A network namespace that belongs to a user namespace; it has a device on which nobody answers.
container_begin() {
	# shellcheck disable=SC2016 # expanded there
	unshare --user --map-root-user --net bash -c '
		ip link set lo up && ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up &&
			ip addr add 10.77.0.1/16 dev v0 && echo $BASHPID >"$0"/pid &&
			exec sleep 1000' "$work_dir" >/dev/null 2>&1 &
	wait_for 20 [ -s "$work_dir/pid" ]
}

# inside COMMAND...: as root of the container.
inside() {
	nsenter --preserve-credentials --user --net --target "$(<"$work_dir/pid")" -- "$@"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

container_end() {
	local pid
	pid=$(<"$work_dir/pid") && rm "$work_dir/pid" && kill "$pid" && wait_for 10 gone "$pid"
}

# The limits belong to the kernel, and to all tests of one boot.
limits=neigh.default.gc_thresh
limits_of() { sysctl -n net.$1.${limits}{1,2,3} | tr '\n' ' '; }
limits4_were=$(limits_of ipv4)
limits6_were=$(limits_of ipv6)

# limits_set FAMILY SOFT LESS MOST
limits_set() {
	sysctl -qw "net.$1.${limits}1=$2" "net.$1.${limits}2=$3" "net.$1.${limits}3=$4"
}

neighbours_are_few() {
	limits_set ipv4 1 $((table / 2)) $table && limits_set ipv6 1 $((table / 2)) $table
}

limits_are_back() {
	limits_set ipv4 $limits4_were && limits_set ipv6 $limits6_were
}

nodes() {
	for ((i = 1; i <= most_nodes; i++)); do
		echo "node add n$i addr 10.77.1.$i"
	done | inside haadm -b /dev/stdin
}

# The same for IPv6: the nodes have an address of that family instead.
nodes6() {
	inside ip addr add 2001:db8:77::1/64 dev v0 nodad && {
		for ((i = 1; i <= most_nodes; i++)); do
			echo "node del n$i"
			echo "node add n$i addr 2001:db8:77::1:$i"
		done
	} | inside haadm -b /dev/stdin
}

one_more_node() {
	inside haadm node add more addr 10.77.2.1
}

# reach WORD [FAMILY]: so many nodes of the container are in that state.
reach() {
	inside haadm -j node show | jq "[.. | objects | select(.reach${2:-4}? == \"$1\")] | length"
}

# share_is_kept [FAMILY]
share_is_kept() {
	local resolving full
	resolving=$(reach resolving "${1:-4}") && full=$(reach table-full "${1:-4}")
	[ "$resolving" -eq $((table / 4)) ] && [ "$full" -eq $((most_nodes - table / 4)) ] && return 0
	echo "resolving $resolving, table full $full"
	return 1
}

# Each address takes an entry of the table for some seconds.
host_resolves() {
	local i
	for ((i = 1; i <= table / 2; i++)); do
		ping -c 1 -W 0.01 10.78.1.$i 2>&1 | grep "No buffer space" && return 1
	done
	return 0
}

resolving_are() {
	[ "$(reach resolving)" -eq "$1" ]
}

nodes_return_entries() {
	inside haadm node del n1 && inside haadm node set n$most_nodes addr 10.77.3.1 &&
		wait_for 20 resolving_are $((table / 4))
}

# too_many_flows: more than the limit of a container.
too_many_flows() {
	inside haadm flow set max 262145
}

limit_of_flows() {
	inside haadm flow set max 262144
}

# ticks: when the timers that poll carriers expire next, ns.
ticks() {
	grep -A 2 hasw_evidence_tick /proc/timer_list | sed -n 's/^ # expires at \([0-9]*\)-.*/\1/p'
}

# Timers of the host have an interval of 1 ms.
ticks_are_slow() {
	local i seen=0 tick
	for ((i = 0; i < 40; i++)); do
		for tick in $(ticks); do
			seen=$((seen + 1))
			[ $((tick % 10000000)) -eq 0 ] || { echo "a timer expires at $tick ns"; return 1; }
		done
		nap 0.003
	done
	[ $seen -ge 20 ] || { echo "a timer was seen $seen times"; return 1; }
}

prepare() {
	module_load && neighbours_are_few && ip link add h0 type veth peer name h1 &&
		ip link set h0 up && ip link set h1 up &&
		ip addr add 10.78.0.1/16 dev h0 && container_begin
}

need_root
need haadm jq nsenter unshare ping
if ! unshare --user --map-root-user true 2>/dev/null; then
	ktap_skip_all "no user namespaces"
fi
ktap_header
check "setup: a container, and a small neighbour table" prepare || ktap_exit
check "a container has as many nodes as it may" nodes
check_fails "more nodes are refused" 2 "there are 64 nodes: more can be added in the first user namespace only" \
	one_more_node
check "containers pin their share of the neighbour table" share_is_kept
check "the host resolves neighbours while containers have used up their share" host_resolves
check "a deleted node's entry is pinned for another node" nodes_return_entries
check "a container tracks up to 262144 flows" limit_of_flows
check_fails "more flows are refused" 2 "more than 262144 flows need CAP_NET_ADMIN in the first user namespace" \
	too_many_flows
check "a container's timer polls carriers every 10 ms" ticks_are_slow
check "the container ends" container_end
check "setup: another container" container_begin
check "entries of a container that has ended are free again" nodes
check "containers pin their share of the neighbour table again" share_is_kept
check "the nodes get IPv6 addresses instead" nodes6
check "containers pin their share of the IPv6 neighbour table" share_is_kept 6
container_end
ip link del h0
check "the neighbour tables have their limits back" limits_are_back
check "the module unloads" module_unload
ktap_exit
