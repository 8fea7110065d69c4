# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A LAN of network namespaces on one bridge, and what is heard on it.
#
# Sourced after ktap.sh. Machine number N has the addresses 10.0.0.N/24 and 2001:db8::N/64 on its eth0.

lan_neighbour=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)/neighbour.py
lan_dir=$(mktemp -d)

# lan_make: the bridge, in a namespace of its own, which floods what it does not know.
lan_make() {
	ns_add lan &&
		ip -n lan link add br0 up type bridge mcast_snooping 0
}

# lan_port NAME DEV [LINE...]: connects a namespace's device to the bridge; what else `ip -b` is to do there. A process
# takes longer than all that it does, so there are few.
lan_port() {
	printf '%s\n' "link add $1-$2 up type veth peer name $2 netns $1" "link set $1-$2 master br0" |
		ip -n lan -b - && printf '%s\n' "link set $2 up" "${@:3}" | ip -n "$1" -b -
}

# lan_no_dad NAME: duplicate address detection would only take time here.
lan_no_dad() {
	# shellcheck disable=SC2016 # expanded there
	n "$1" sh -c 'for file in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 >"$file" || exit 1; done'
}

# lan_quick_probes NAME DEV: a neighbour that is silent is found out within a second or two.
lan_quick_probes() {
	local family
	for family in ipv4 ipv6; do
		n "$1" sh -c "cd /proc/sys/net/$family/neigh/$2 &&
			echo 500 >base_reachable_time_ms && echo 100 >retrans_time_ms &&
			echo 0 >delay_first_probe_time && echo 500 >interval_probe_time_ms"
	done
}

# lan_key NAME: a file with the key of that name, made when first asked for.
lan_key() {
	local file=$lan_dir/key-$1
	[ -e "$file" ] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$file")
	echo "$file"
}

# lan_join NAME NUMBER: a machine.
lan_join() {
	ns_add "$1" && lan_no_dad "$1" &&
		lan_port "$1" eth0 "addr add 10.0.0.$2/24 dev eth0" "addr add 2001:db8::$2/64 dev eth0 nodad" &&
		wait_for 10 lan_ready "$1"
}

lan_ready() {
	local told
	told=$(ip -n "$1" -6 addr show dev eth0) && [[ $told = *"inet6 fe80"* && $told != *tentative* ]]
}

# lan_mac NAME [DEV]: asked for very often, so by one process, and without a mount of the namespace's sysfs.
lan_mac() {
	local told
	told=$(ip -n "$1" link show dev "${2:-eth0}") && [[ $told =~ link/ether\ ([0-9a-f:]+) ]] &&
		echo "${BASH_REMATCH[1]}"
}

# lan_ask NAME TARGET [OPTION...]: who answers for an address; see tools/neighbour.py.
lan_ask() {
	local name=$1
	shift
	n "$name" "$lan_neighbour" ask eth0 "$@"
}

# lan_watch NAME: what passes the machine's eth0 goes to lan_heard, until the next one. `check` runs its command in a
# subshell, so who watches is written down, and holds none of its pipes.
lan_watch() {
	lan_unwatch
	# Here, not by the process to come: what the one before has said must be gone when this one is waited for.
	: >"$lan_dir/heard"
	ip netns exec "$1" "$lan_neighbour" watch eth0 >>"$lan_dir/heard" 2>&1 &
	echo $! >"$lan_dir/watching"
	wait_for 10 grep -q listening "$lan_dir/heard"
}

lan_unwatch() {
	local pid
	[ -e "$lan_dir/watching" ] || return 0
	pid=$(<"$lan_dir/watching")
	rm "$lan_dir/watching"
	kill "$pid" && wait_for 10 lan_ended "$pid"
}

# lan_ended PID: the process has ended with all its threads. The first thread can be a zombie while another one, which
# waits for a disk, still keeps the sockets open.
lan_ended() {
	local tasks=("/proc/$1/task/"*)
	[ ! -e "/proc/$1" ] || { grep -q '^State:.*Z' "/proc/$1/status" && [ ${#tasks[@]} -eq 1 ]; }
}

# lan_heard PATTERN: the frames that match.
lan_heard() {
	grep -E -- "$1" "$lan_dir/heard"
}

# lan_pace NAME DEV FRAMES: so many frames of ARP are timed there from now on, for lan_paced.
lan_pace() {
	ip netns exec "$1" "$lan_neighbour" pace "$2" "$3" >"$lan_dir/pace" &
	lan_pacing=$!
	wait_for 20 grep -q listening "$lan_dir/pace"
}

# lan_paced MOST: they have passed, and however long that took, no tenth of a second had more of them than MOST.
lan_paced() {
	local most
	wait "$lan_pacing" || return 1
	most=$(sed -n 's/^most //p' "$lan_dir/pace")
	echo "within 0.1 s at most $most frames"
	[ "${most:-0}" -gt 0 ] && [ "$most" -le "$1" ]
}

# stat_of NAME COUNTER: a counter of the module in a namespace. Polls ask for it, so it takes one process. The JSON has
# no objects in it.
stat_of() {
	local told
	told=$(haadm -j -n "$1" stats show) && [[ $told =~ [{,]\"${2//-/_}\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
