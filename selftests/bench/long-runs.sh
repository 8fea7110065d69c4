#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: how long the module works at a time without letting go of the CPU, while there is very much of
# something.
#
#   long-runs.sh flows|vips|nodes|refusals COUNT [MOST]
#
# flows: so many are tracked, listed, deleted, and end by themselves. vips: so many are restored, announced and
# listed. nodes: so many have a heartbeat session, a BEAT loses all of them, their device loses its link and goes.
# refusals: so many services of this machine, whose ports nobody listens at, while another node is told of them, and a
# restore meanwhile.
#
# Ftrace's function graph takes the times of functions that yield nowhere, or hold a spin lock, or are a timer. Counted
# by instructions (`lab/run -i` on a Debian kernel: one a nanosecond) they are the same on any machine, apart from what
# the tracer adds; by the clock of another kernel they are those of this machine. Prints
#   figure long-runs WHAT COUNT FUNCTION CALLS NS
# with the calls of each that took more than 5 us, and the longest one. Fails if one took longer than MOST nanoseconds.
# shellcheck disable=SC2015 # die ends it
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
what=$1 count=$2 most=${3:-0}
trace=/sys/kernel/tracing
dir=$(mktemp -d)
case $what in
flows) functions='flows_at|flows_move|flow_add|flow_evict_in|flow_spare' ;;
vips) functions='table_some|nl_dump_put|announce_devs|announce_queue_(take|drop|put)' ;;
nodes)
	functions='pulse_(tick|send_some|send_notices|notify_some|list|claim)|evidence_(tick|look|inherit)'
	functions+='|beat_(lose|revive)|held_some|hop_refresh_node|gasp_aim|lease_timeout'
	;;
refusals) functions='refusal_(tick|found|copy_some|notice)|pulse_(tick|send_notices)|evidence_inherit' ;;
*) die "no such thing: $what" ;;
esac

trace_begin() {
	mountpoint -q $trace || mount -t tracefs none $trace || die "no trace"
	grep -oE "^(hasw_($functions)|rcu_core|rcu_do_batch)(\.[a-z0-9.]+)?( |\$)" $trace/available_filter_functions \
		>$trace/set_ftrace_filter || die "no functions"
	# A record of each call would be too many.
	echo 5 >$trace/tracing_thresh && echo function_graph >$trace/current_tracer &&
		echo nosleep-time >$trace/trace_options && echo funcgraph-tail >$trace/trace_options ||
		die "no tracer"
	# What is read ends with the guest, so that no record is lost for want of room.
	echo 16384 >$trace/buffer_size_kb
	cat $trace/trace_pipe >"$dir/trace" &
	reader=$!
}

# trace_end: the longest call of each function.
trace_end() {
	sleep 1
	kill "$reader"
	sed -nE 's/^.*[^0-9.]([0-9.]+) us .*((hasw|rcu)_[a-z0-9_]+).*/\2 \1/p' "$dir/trace" |
		awk -v head="figure long-runs $what $count" -v limit="$most" '
		{ n[$1]++; if ($2 * 1000 > most[$1]) most[$1] = $2 * 1000 }
		END {
			for (name in most) {
				printf "%s %s %d %d\n", head, name, n[name], most[name]
				late += limit && most[name] > limit
			}
			exit late > 0 || !length(most)
		}'
}

flows_run() {
	net_in_out && haswitch_restore 1 && haadm service set "$vip:$port/udp" sched rr &&
		haadm flow set max $((2 * count)) udp 24h || die "no service"
	pktgen_ready "$vip" 0
	pktgen_set in0 "src_min 10.9.16.0" "src_max 10.9.19.240" "udp_src_min 10000" "udp_src_max 60000"
	trace_begin
	pktgen_send "$count"
	# The table grows, and is looked through once.
	sleep 10
	haadm flow show node nobody 2>/dev/null
	haadm flow show client 10.1.1.1
	# A lower limit has each new flow evict two.
	haadm flow set max $((count / 2)) udp 24h && pktgen_send 1000
	haadm flow set udp 1s
	haadm flow del node a
	sleep 12
	trace_end
}

vips_run() {
	net_in_out && module_load && configuration "$count" "holder self" >"$dir/vips" || die "no network"
	trace_begin
	haadm restore "$dir/vips" || die "no vips"
	sleep 3
	haadm -j vip show | wc -c
	haadm -j service show | wc -c
	haadm restore "$dir/vips" || die "not restored"
	sleep 10
	trace_end
}

# nodes N: this machine, and nodes behind out0.
nodes() {
	echo "node add self addr 10.8.0.1 self"
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++) printf "node add n%d addr 10.8.%d.%d\n", i, 1 + i / 200, 2 + i % 200
	}'
}

nodes_run() {
	local all
	net_in_out && module_load && nodes "$count" >"$dir/nodes" && members_seen "$dir/nodes" || die "no network"
	haadm restore "$dir/nodes" || die "no nodes"
	awk -v n="$count" -v keys="tx-key $(key tx) rx-key $(key rx)" 'BEGIN {
		for (i = 0; i < n; i++) {
			path = sprintf("10.8.0.1 10.8.%d.%d", 1 + i / 200, 2 + i % 200)
			print "pulse set n" i " id " i + 1 " interval 100ms multiplier 10 path " path " " keys
		}
	}' >"$dir/pulses"
	haadm -b "$dir/pulses" || die "no sessions"
	all=$(seq -f n%g 0 $((count - 1)))
	sleep 2
	trace_begin
	sleep 2
	# shellcheck disable=SC2086 # the names
	haadm beat $all for 100ms && sleep 1 && haadm beat self for 1s &&
		[ "$(haadm -j node show | jq 'map(select(.state == "lost")) | length')" -eq "$count" ] &&
		haadm beat $all for 1h || die "the BEATs lose not all nodes"
	sleep 1
	ip link set out0 carrier off 2>/dev/null
	sleep 1
	ip link set out0 carrier on 2>/dev/null
	sleep 1
	haadm restore "$dir/nodes" || die "not restored"
	sleep 1
	ip link set out0 down
	sleep 1
	trace_end
}

refusals_run() {
	ip netns add client && net_device in0 10.9.0.1/24 veth peer name eth0 netns client &&
		ip -n client link set eth0 addrgenmode none && ip -n client addr add 10.9.0.9/24 dev eth0 &&
		ip -n client link set eth0 up && ip addr add "$vip/32" dev lo && ip link set lo up &&
		net_device out0 10.8.0.1/16 dummy && ip -n client route add "$vip/32" via 10.9.0.1 || die "no network"
	sysctl -qw net.ipv4.icmp_ratelimit=0
	sysctl -qw net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=100000
	module_load
	{
		echo "node add self addr 10.8.0.1 self"
		echo "node add a addr 10.8.0.2"
		echo "vip add $vip holder self"
		awk -v n="$count" -v vip="$vip" 'BEGIN {
			for (i = 0; i < n; i++) {
				service = vip ":" 10000 + i "/udp"
				print "service add " service " failback auto"
				print "member add " service " node self"
			}
		}'
	} >"$dir/services"
	haadm restore "$dir/services" || die "no services"
	haadm pulse set a id 1 interval 100ms multiplier 10 path 10.8.0.1 10.8.0.2 tx-key "$(key tx)" \
		rx-key "$(key rx)" || die "no session"
	trace_begin
	ip netns exec client python3 -c 'import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for port in range(10000, 10000 + int(sys.argv[2])):
    sock.sendto(b"x", (sys.argv[1], port))
    if port % 64 == 0:
        time.sleep(0.01)' "$vip" "$count" || die "nobody asks"
	sleep 5
	figure long-runs refusals "$count" known \
		"$(haadm -j member show | jq 'map(select(.health == "refused")) | length')" 0
	haadm restore "$dir/services" || die "not restored"
	sleep 2
	figure long-runs refusals "$count" kept \
		"$(haadm -j member show | jq 'map(select(.health == "refused")) | length')" 0
	trace_end
}

"${what}_run"
