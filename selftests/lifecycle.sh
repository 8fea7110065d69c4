#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Coming and going under load: the module, namespaces and whole configurations, with packets, dumps and listeners about.
#
#   lifecycle.sh [N]         lives of the module (20); lives of a namespace take five times as long: a fifth, at least
#                            20
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
cycles=${1:-${CYCLES:-20}}
namespaces=$((cycles / 5 > 20 ? cycles / 5 : 20))
users=()

prepare() {
	local node
	need_root
	need haadm jq python3
	lan_make && lan_join client 1 || return 1
	for node in "${cluster_nodes[@]}"; do
		lan_join "${node%:*}" "${node#*:}" || return 1
	done
	module_load && cluster_nodes_add && cluster_all "vip add $vip holder entry" "vip add $vip6 holder entry" \
		"service add $vip:54/udp" "service add $vip6" "service add $vip/icmp" \
		"member add $vip:54/udp node m1 priority 10" "member add $vip:54/udp node m2 priority 20" \
		"member add $vip6 node m2" "member add $vip/icmp node m1" || return 1
	for node in entry m1 m2; do
		haadm -n $node save >"$work_dir/$node" || return 1
	done
}

# configure: what prepare has saved.
configure() {
	local node
	for node in entry m1 m2; do
		haadm -n $node restore "$work_dir/$node" || return 1
	done
}

redirects() {
	[ "$(stat_of entry redirected)" -gt 0 ]
}

# Whatever uses the module without an end: packets of both families, dumps of all kinds, listeners. What is not there
# at the moment is no reason to stop.
busy() {
	local node
	./tools/udp_flow.py flood $vip 54 client &
	users+=($!)
	./tools/udp_flow.py flood $vip6 54 client &
	users+=($!)
	for node in entry m1; do
		repeat haadm -n $node save
		repeat haadm -n $node -j status
		repeat timeout 1 haadm -n $node monitor
	done
}

# repeat COMMAND...: in the background, until idle.
repeat() {
	while :; do
		"$@" >/dev/null 2>&1
		sleep 0.3
	done &
	users+=($!)
}

idle() {
	[ ${#users[@]} -eq 0 ] || kill "${users[@]}"
	wait "${users[@]}" 2>/dev/null
	users=()
}

# unload: in spite of all, if not at once; refusals are counted.
unload() {
	local tries
	for ((tries = 0; tries < 1000; tries++)); do
		rmmod haswitch 2>"$work_dir/rmmod" && return 0
		grep -qE "in use|temporarily" "$work_dir/rmmod" || break
		refused=$((refused + 1))
	done
	cat "$work_dir/rmmod"
	return 1
}

# One life of the module, in which packets were redirected.
module_cycle() {
	module_load && configure && wait_for 20 redirects && unload && [ ! -e /sys/module/haswitch ]
}

module_cycles() {
	local i
	refused=0
	unload || return 1
	for ((i = 0; i < cycles; i++)); do
		module_cycle || { echo "cycle $i"; return 1; }
	done
	module_load && configure
}

# A node's namespace comes, serves under load, and goes with all it has.
namespace_cycle() {
	lan_join m3 $((110 + $1 % 100)) && haadm -n m3 restore "$work_dir/m3" && wait_for 20 serves_m3 || return 1
	haadm -n m3 monitor >/dev/null 2>&1 &
	wait_for 20 inside m3 $! && haadm -n m3 save >/dev/null
	ns_del m3
	wait $!
	wait_for 20 port_gone
}

# inside NAME PID: only who is in a namespace already is ended with it.
inside() {
	ip netns pids "$1" | grep -qx "$2"
}

# It holds a vip of its own, which it delivers to itself.
serves_m3() {
	n client ping -q -c 1 -W 0.2 10.0.0.103 && [ "$(stat_of m3 local)" -gt 0 ]
}

port_gone() {
	! ip -n lan link show m3-eth0 2>/dev/null
}

namespace_cycles() {
	local i
	for ((i = 0; i < namespaces; i++)); do
		printf '%s\n' "node add m3 addr 10.0.0.$((110 + i % 100)) self" \
			"node add entry addr 10.0.0.2 addr 2001:db8::2" \
			"vip add 10.0.0.103 holder m3" "vip add $vip holder entry" "service add $vip" \
			"member add $vip node m3" >"$work_dir/m3"
		namespace_cycle $i || { echo "cycle $i"; return 1; }
	done
}

# The namespaces of all nodes go at once, with packets on the way between them.
all_end() {
	ns_del m1 m2 entry && wait_for 30 ports_gone
}

ports_gone() {
	[ "$(ip -n lan -o link show type veth | wc -l)" -eq 1 ]
}

# A dump that somebody has begun and does not read on holds the module; his end frees it.
dump_holds() {
	local lines i pid code=0
	lines=()
	for ((i = 0; i < 3000; i++)); do lines+=("vip add 10.1.$((i / 250)).$((i % 250 + 1)) holder m1"); done
	{ cat "$work_dir/entry"; printf '%s\n' "${lines[@]}"; } >"$work_dir/many"
	haadm -n entry restore "$work_dir/many" || return 1
	rm -f "$work_dir/held"
	ip netns exec entry python3 tools/netlink_hold.py vip-get >"$work_dir/held" &
	pid=$!
	wait_for 20 grep -q held "$work_dir/held" || code=1
	if rmmod haswitch 2>"$work_dir/rmmod"; then
		echo "unloaded while a dump was being read"
		code=1
	elif ! grep -q "in use" "$work_dir/rmmod"; then
		cat "$work_dir/rmmod"
		code=1
	fi
	[ -e /sys/module/haswitch ] || code=1
	kill $pid
	wait $pid
	wait_for 10 rmmod haswitch && module_load && configure && return $code
}

# Who listens or has begun a restore does not hold it, nor do devices and addresses.
others_do_not() {
	local monitor holder code=0
	haadm -n entry monitor >/dev/null 2>&1 &
	monitor=$!
	rm -f "$work_dir/held"
	ip netns exec entry python3 tools/netlink_hold.py config-begin >"$work_dir/held" &
	holder=$!
	wait_for 20 grep -q held "$work_dir/held" && ip -n m1 link show ha0 >/dev/null && rmmod haswitch || code=1
	! ip -n m1 link show ha0 2>/dev/null || code=1
	kill $monitor $holder
	wait $monitor $holder
	module_load && configure && return $code
}

# Another restore is refused while one goes on, and waits for one that ends soon. An error in its file comes first.
restores_wait() {
	local told code=0 waited=1
	restore_held || return 1
	told=$(haadm -n entry restore "$work_dir/entry" 2>&1) || code=$?
	echo "$told"
	[ $code -eq 2 ] && [[ $told = *"another socket is restoring: try again"* ]] || code=1
	told=$(haadm -n entry restore - <<<"vip add nothing" 2>&1)
	echo "$told"
	[[ $told = *"standard input:1: "* && $told != *restoring* ]] || code=1
	restore_ends
	# A machine may stand still for a second, but not three times.
	for _ in 1 2 3; do
		restore_held || return 1
		{ nap 0.2; kill $restorer; } &
		haadm -n entry restore "$work_dir/entry" && waited=0 && break
	done
	wait $restorer $!
	[ $code -eq 2 ] && [ $waited -eq 0 ] && haadm -n entry restore "$work_dir/entry"
}

# restore_held: a process, $restorer, has begun a restore.
restore_held() {
	# What an earlier one has said there is not taken for this one's word, which begins to write later.
	rm -f "$work_dir/held"
	ip netns exec entry python3 tools/netlink_hold.py config-begin >"$work_dir/held" &
	restorer=$!
	wait_for 20 grep -q held "$work_dir/held"
}
restore_ends() {
	kill $restorer
	wait $restorer
}

# steady COMMAND: a flow that runs while the command does, all of whose packets go where they went.
steady() {
	local report
	report=$(./tools/udp_flow.py steady $vip 54 1 client m1 m2 -- "$1") || { echo "$report"; return 1; }
	echo "$report"
	jq -e '.lost == 0 and .stale == 0 and .twice == 0 and .sent > 200' <<<"$report" >/dev/null
}

restored_under_traffic() {
	steady "for i in \$(seq $cycles); do haadm -n entry restore $work_dir/entry || exit 1; done"
}

# The other configuration prefers the other member, and has other vips: a packet sees the one or the other.
restored_to_another() {
	local report
	sed -e 's/node m1 priority 10/node m1 priority 30/' -e "s/^vip add $vip6.*/&\nvip add 10.0.0.107 holder m2/" \
		"$work_dir/entry" >"$work_dir/entry2"
	! cmp -s "$work_dir/entry" "$work_dir/entry2" || return 1
	report=$(./tools/udp_flow.py running $vip 54 $cycles 50 client m1 m2 -- \
		haadm -n entry restore "$work_dir/entry2" -- \
		haadm -n entry restore "$work_dir/entry") || { echo "$report"; return 1; }
	echo "$report"
	jq -e ".moves == $cycles and .lost == 0 and .stale == 0 and .early == 0 and .twice == 0" <<<"$report" >/dev/null
}

# Everything else about it changes under a flow that does not notice.
changed_under_traffic() {
	cat >"$work_dir/changes" <<-EOF
		node add x1 addr 10.0.0.71
		vip add 10.0.0.171 holder x1
		service add 10.0.0.171:9/tcp
		member add 10.0.0.171:9/tcp node m2
		service add $vip:55/udp
		member add $vip:55/udp node m2
		node set m2 state down
		member del $vip:55/udp node m2
		service del $vip:55/udp
		node set m2 state up
		service del 10.0.0.171:9/tcp
		vip set 10.0.0.171 holder entry
		vip del 10.0.0.171
		node del x1
	EOF
	steady "for i in \$(seq $cycles); do haadm -n entry -b $work_dir/changes || exit 1; done"
}

same_configuration() {
	local node
	for node in entry m1 m2; do
		haadm -n $node save | diff "$work_dir/$node" - || return 1
	done
}

ktap_header
make_ready "setup: a client, a holder, two members" prepare
wait_for 20 cluster_reaches entry m1 m2
check "restoring the same configuration $cycles times loses no packet" restored_under_traffic
check "restoring another configuration $cycles times: no packet sees a mixture" restored_to_another
check "changing other things $cycles times loses no packet" changed_under_traffic
check "the configuration is unchanged after restores under traffic" same_configuration
check "an unfinished dump holds the module" dump_holds
check "a listener, an open restore and a device do not hold the module" others_do_not
check "a restore waits for another one, and is refused when that goes on" restores_wait
busy
make_ready "$cycles lives of the module under load" module_cycles
ktap_note "$refused unloads refused"
check "$namespaces lives of a namespace under load" namespace_cycles
check "the configuration is unchanged after lives of module and namespace" same_configuration
check "all nodes' namespaces end under load" all_end
check "the module unloads after all namespaces ended" unload
idle
ktap_exit
