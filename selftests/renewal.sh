#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Generic netlink stands still for seconds, as it does for all families while a module registers another one and
# somebody waits for rtnl. All agents go on voting, the holder goes on renewing, and nothing is lost on the way. A
# witness that is restarted meanwhile knows no epoch any more, so the holder renews under another one.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

vip=10.0.0.100
declare -A number=([a]=1 [b]=2 [w]=3)
nodes=(a b)
# A module that registers a family, and that nothing here needs.
family=psample

conf() {
	conf_head $1 "$dir/key" "$dir/voter-$1" 2s >"$dir/$1.conf" && cat >>"$dir/$1.conf" <<-END
		nodes = (
		  { name = "a"; address = "10.0.0.1"; },
		  { name = "b"; address = "10.0.0.2"; },
		  { name = "w"; address = "10.0.0.3"; witness = true; }
		);
	END
}

# It has no module, so it starts while a module does not answer.
start_witness() {
	: >"$dir/w.log"
	ip netns exec w haagentd --witness -f "$dir/w.conf" >>"$dir/w.log" 2>&1 &
	echo $! >"$dir/w.pid"
	wait_for 10 logged w "listening for"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq ethtool ping
	if grep -q "^$family " /proc/modules || ! modprobe -n $family 2>/dev/null; then
		ktap_skip_all "$family is not a module that can be loaded here"
	fi
	module_load && lan_make && lan_join client 9 || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && nodes_add $name && haadm -n $name lease add web &&
			haadm -n $name vip add $vip on eth0 lease web && conf $name || return 1
	done
	lan_join w 3 && conf w && haagentd --genkey "$dir/key" && start_witness && start "${nodes[@]}" &&
		wait_for 30 known
}

grant() {
	haadm -n $1 -j lease show web | jq -c '.[0] | [.epoch, .held]'
}

# waits PID: in the kernel, for a lock.
waits() {
	grep -q "^State:.D" "/proc/$1/status"
}

told_all() {
	local name
	for name in "${nodes[@]}"; do logged $name "$1" || return 1; done
}

# pings N: the client has had so many answers from the vip.
pings() {
	[ "$(grep -c "bytes from" "$dir/ping")" -ge $1 ]
}

# goes_on_pinging N: so many answers more.
goes_on_pinging() { wait_for 20 pings $(($(grep -c "bytes from" "$dir/ping") + $1)); }

# Somebody holds rtnl: the kernel adds a route, and has a program look for the module of its congestion control, which
# takes as long as it is told to. Another one waits for rtnl within generic netlink, and a third one registers a family.
stands_still() {
	local holder usual route pids=() pid result=1 before lost
	holder=$(holder) && before=$(grant $holder) || return 1
	usual=$(</proc/sys/kernel/modprobe)
	printf '%s\n' '#!/bin/sh' "touch $dir/asked" "until [ -e $dir/told ]; do sleep 0.05; done" >"$dir/modprobe" &&
		chmod +x "$dir/modprobe" || return 1
	ip netns exec client ping -i 0.1 -W 1 $vip >"$dir/ping" 2>&1 &
	lost=$!
	wait_for 10 grep -q "bytes from" "$dir/ping" || return 1
	echo "$dir/modprobe" >/proc/sys/kernel/modprobe
	ip route add 192.0.2.0/24 dev lo congctl slow >/dev/null 2>&1 &
	route=$!
	if wait_for 20 test -e "$dir/asked"; then
		ethtool lo >/dev/null 2>&1 &
		pids+=($!)
		if wait_for 10 waits $!; then
			modprobe $family >/dev/null 2>&1 &
			pids+=($!)
			# Without a renewal the lease would be over several times before the client has 20 more answers.
			wait_for 10 waits $! && wait_for 20 told_all "has answered nothing" && goes_on_pinging 20 &&
				stop KILL w && start_witness && goes_on_pinging 40 && result=0
		fi
	fi
	touch "$dir/told"
	wait $route
	for pid in "${pids[@]}"; do wait $pid; done
	echo $usual >/proc/sys/kernel/modprobe
	kill -INT $lost
	wait $lost
	[ $result -eq 0 ] || return 1
	wait_for 20 told_all "answers again" || return 1
	tail -n 3 "$dir/ping"
	grep -q " 0% packet loss" "$dir/ping" || return 1
	echo "epoch and held: $before, now $(grant $holder)"
	jq -en --argjson was "$before" --argjson now "$(grant $holder)" '$now[1] and $now[0] > $was[0]' || return 1
	modprobe -r $family
}

# All agents take requests again, and no epoch ever had two owners.
goes_on() {
	local now
	now=$(holder) && haadm -n $now lease release web && wait_for 20 moved $now && one_owner
}

ktap_header
prepare || { what_happened; ktap_exit; }
check "agents vote and renew while generic netlink stands still" stands_still
check "leases move as before when it goes on" goes_on
stop TERM "${nodes[@]}" w
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
