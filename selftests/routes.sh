#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A vip that is held is a route of protocol haswitch, on the holder alone: it comes with the lease and goes with it,
# whatever ends the lease, and whether or not an agent runs.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)
vip4=10.0.1.100 vip6=2001:db8:1::100 fixed=10.0.1.200
many=1000

# conf NAME [ROUTES]: without ROUTES there is no such setting.
conf() {
	{
		conf_head $1 "$dir/key" "$dir/voter-$1" 2s
		echo "$2"
		conf_nodes
	} >"$dir/$1.conf"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq
	module_load && lan_make || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && conf $name "routes = { };" && nodes_add $name || return 1
		printf '%s\n' "lease add web" "vip add $vip4 lease web" "vip add $vip6 lease web" >"$dir/lines"
		haadm -n $name -b "$dir/lines" || return 1
	done
	haagentd --genkey "$dir/key" && start "${nodes[@]}" && wait_for 20 known
}

# routes NAME [TABLE]: the routes there, of both families.
routes() {
	local family
	for family in -4 -6; do
		ip -n $1 $family route show table ${2:-72} proto 72 2>/dev/null
	done
}

# has NAME [TABLE]: both routes are there.
has() {
	local told
	told=$(routes $1 ${2:-72})
	grep -q "^blackhole $vip4 " <<<"$told" && grep -q "^blackhole $vip6 " <<<"$told"
}

has_none() { [ -z "$(routes $1 ${2:-72})" ]; }

# only NAME: the routes are there, and nowhere else.
only() {
	local name
	has $1 || return 1
	for name in "${nodes[@]}"; do [ $name = $1 ] || has_none $name || return 1; done
}

# another NAME: a node that is not this one.
another() {
	local name
	for name in "${nodes[@]}"; do [ $name = $1 ] || { echo $name && return; }; done
}

holder_alone() { wait_for 5 only "$(holder)"; }

# A vip with a fixed holder has its route at that node for as long as it is there.
fixed_holder() {
	local name
	for name in "${nodes[@]}"; do haadm -n $name vip add $fixed holder b || return 1; done
	wait_for 5 fixed_at b || return 1
	for name in "${nodes[@]}"; do haadm -n $name vip del $fixed || return 1; done
	wait_for 5 holder_alone && wait_for 5 fixed_gone
}

fixed_gone() { [[ $(routes b) != *$fixed* ]]; }

fixed_at() {
	local name
	[[ $(routes $1) = *"blackhole $fixed "* ]] || return 1
	for name in "${nodes[@]}"; do [ $name = $1 ] || [[ $(routes $name) != *$fixed* ]] || return 1; done
}

# gives NAME TO: the lease is moved. A node that has just changed its vips may not take it at the first request.
gives() { haadm -n $1 failover web to $2 || held_by $2; }

moves() {
	local from to
	from=$(holder) && to=$(another $from) && wait_for 5 gives $from $to && wait_for 5 only $to && wait_for 5 known
}

# number_of NAME: by which the monitor of all namespaces calls it.
number_of() {
	ip netns set $1 auto 2>/dev/null
	ip netns list | sed -n "s/^$1 (id: \([0-9]*\))$/\1/p"
}

# order: what the monitor has told of the vip, "NUMBER" for a route that came, and "NUMBER gone" for one that went.
order() {
	sed -nE "s/^\[nsid ([0-9]+)\](\[ROUTE\])?(Deleted )?blackhole $vip4 .*/\1 \3/p" "$dir/order" |
		sed 's/ $//; s/Deleted/gone/'
}

order_is() { [ "$(order)" = "$1" ]; }
# monitors NAME: the monitor has told of a route. Each time the route comes anew: one that is as before is not told of,
# so the first one may have come too early for the monitor.
monitors() {
	n $1 ip route del blackhole 10.0.9.1 table 73 2>/dev/null
	n $1 ip route add blackhole 10.0.9.1 table 73 && grep -q 10.0.9.1 "$dir/order"
}

# gone_first: one monitor hears both nodes, so it tells what was first.
gone_first() {
	local name from to monitor code=0
	from=$(holder) && to=$(another $from) || return 1
	for name in "${nodes[@]}"; do [ -n "$(number_of $name)" ] || return 1; done
	ip monitor label all-nsid route >"$dir/order" 2>&1 &
	monitor=$!
	wait_for 5 monitors $from && wait_for 5 gives $from $to && wait_for 5 only $to &&
		wait_for 5 order_is "$(number_of $from) gone"$'\n'"$(number_of $to)" || code=1
	kill $monitor
	[ $code -eq 0 ] || cat "$dir/order"
	n $from ip route del blackhole 10.0.9.1 table 73
	wait_for 5 known && return $code
}

# shows NAME N: its agent tells so many routes.
shows() { [ "$(haadm -n $1 -j agent show | jq -c '.routes | [.table, .n]')" = "[72,$2]" ]; }

told() {
	local name
	name=$(holder)
	wait_for 5 shows $name 2 && wait_for 5 shows "$(another $name)" 0 &&
		haadm -n $name agent show | grep -qx "routes of held vips: 2 in table 72"
}

# ends_by SIGNAL: the agent of the holder gets it. The routes go there, and come at the next holder.
ends_by() {
	local from
	from=$(holder)
	kill -$1 "$(<"$dir/$from.pid")" && wait_for 5 moved $from && wait_for 5 only "$(holder)" || return 1
}

killed() {
	local from
	from=$(holder)
	ends_by KILL && start $from && wait_for 10 known
}

# halts: the agent stands still, so that its lease runs out. Only the process that keeps the routes can act then.
halts() {
	local from code=0
	from=$(holder)
	ends_by STOP || code=1
	kill -CONT "$(<"$dir/$from.pid")" && wait_for 10 known && return $code
}

# stays: a planned stop of the agent leaves the vips with the node for as long as its lease lasts, and the routes, too.
stays() {
	local from
	from=$(holder)
	stop TERM $from && [ "$(holder)" = $from ] && only $from && wait_for 10 moved $from &&
		wait_for 5 only "$(holder)" && start $from && wait_for 10 known && wait_for 15 one_process $from
}

# keeper NAME: the process that keeps the routes there.
keeper() { haadm -n $1 -j agent show | jq '.processes[] | select(.process == "haagentd-routes").pid'; }

# stands PID: the process has stopped.
stands() { grep -q '^State:.T' /proc/$1/status; }

# let_go NAME: its module has ended the grant.
let_go() { [[ $(haadm -n $1 lease show web) != *" held "* ]]; }

# last_word: a lease is released when its routes are gone, or when that has taken 20 ms. While the process that keeps
# the routes stands still, the module has let go of the lease after 10 ms, and nobody else holds it yet.
last_word() {
	local from to pid move code=0
	from=$(holder) && to=$(another $from) && pid=$(keeper $from) && [ -n "$pid" ] || return 1
	kill -STOP $pid && wait_for 5 stands $pid || code=1
	haadm -n $from failover web to $to >/dev/null &
	move=$!
	nap 0.01
	let_go $from && ! held_by $to && has $from || code=1
	wait $move && held_by $to && has $from || code=1
	kill -CONT $pid && wait_for 5 only $to && wait_for 5 known || return 1
	# While that process runs, the release does not wait for long.
	haadm -n $to failover web to $from >/dev/null &
	move=$!
	nap 0.01
	held_by $from || code=1
	wait $move && wait_for 5 only $from && wait_for 5 known && return $code
}

# one_process NAME: none of an earlier agent is left.
one_process() {
	local pid n=0
	for pid in $(ip netns pids $1); do
		[ "$(cat /proc/$pid/comm 2>/dev/null)" != haagentd-routes ] || n=$((n + 1))
	done
	[ $n -eq 1 ]
}

# restarts: the next agent is there before the lease ends, and no route goes.
restarts() {
	local name lost
	name=$(holder)
	ip -n $name monitor route >"$dir/monitor" 2>&1 &
	lost=$!
	stop TERM $name && start $name && wait_for 10 logged $name "takes BEATs" && nap 4 &&
		[ "$(holder)" = $name ] && has $name
	local code=$?
	kill $lost
	! grep "Deleted.*$vip4" "$dir/monitor" && return $code
}

drained() {
	local from
	from=$(holder)
	for name in "${nodes[@]}"; do haadm -n $name node set $from state drain || return 1; done
	wait_for 5 moved $from && wait_for 5 only "$(holder)"
	local code=$?
	for name in "${nodes[@]}"; do haadm -n $name node set $from state up || return 1; done
	wait_for 5 known && return $code
}

deleted() {
	local name
	name=$(holder)
	ip -n $name route flush table 72 && ! has $name && wait_for 10 has $name
}

# A route that an earlier life has left goes at the start; one that an operator has made stays.
left_over() {
	local name
	name=$(another "$(holder)")
	stop KILL $name
	ip -n $name route add blackhole 10.0.9.9 table 72 proto 72 &&
		ip -n $name route add blackhole 10.0.9.8 table 100 proto 72 &&
		ip -n $name route add blackhole 10.0.9.7 table 72 proto static && start $name &&
		wait_for 10 left_is $name && wait_for 10 known
}

left_is() {
	has_none $1 && has_none $1 100 && [[ $(ip -n $1 route show table 72) = *"blackhole 10.0.9.7 "* ]] &&
		ip -n $1 route del blackhole 10.0.9.7 table 72
}

# reload NAME ROUTES: its agent reads the configuration again.
reload() {
	conf $1 "$2" && kill -HUP "$(<"$dir/$1.pid")"
}

# Another table, no table, and the first one again.
reloads() {
	local name
	name=$(holder)
	reload $name "routes = { table = 254; };" && wait_for 5 has $name 254 || return 1
	wait_for 5 has_none $name 72 || return 1
	reload $name "" && wait_for 5 has_none $name 254 || return 1
	[ "$(haadm -n $name -j agent show | jq .routes)" = null ] || return 1
	reload $name "routes = { table = 72; };" && wait_for 5 has $name
}

# refused ROUTES PATTERN: the file is not good, and the words tell where.
refused() {
	local said code=0
	conf a "$1"
	said=$(n a haagentd -f "$dir/a.conf" --check-config 2>&1) || code=$?
	echo "$said"
	[ $code -eq 1 ] && [ "$(wc -l <<<"$said")" -eq 1 ] && grep -q "a.conf:5: $2" <<<"$said"
}

# The agent goes on with what it had.
bad() {
	refused "routes = 72;" '"routes" must be a group' &&
		refused "routes = { table = 255; };" '"table" is 255, which the kernel itself uses; 72 is ' &&
		refused "routes = { table = 0; };" '"table" is 0; it must be from 1 to ' &&
		refused 'routes = { table = "main"; };' '"table" must be a whole number' &&
		refused "routes = { tabel = 72; };" 'unknown setting "tabel" in "routes"; ' &&
		reload a "routes = 72;" && wait_for 5 logged a "the configuration stays as it was" && holder_alone &&
		reload a "routes = { };" && wait_for 5 logged a "is in force"
}

count() { [ "$(routes $1 | wc -l)" -eq $2 ]; }

many_lines() {
	local i
	for ((i = 0; i < many; i++)); do echo "vip $1 10.1.$((i / 250)).$((i % 250 + 1)) ${2:-}"; done
}

# With many vips all routes move, too.
many_move() {
	local name from to
	many_lines add "lease web" >"$dir/lines"
	for name in "${nodes[@]}"; do haadm -n $name -b "$dir/lines" || return 1; done
	from=$(holder)
	wait_for 20 count $from $((many + 2)) && to=$(another $from) && wait_for 5 gives $from $to &&
		wait_for 20 count $to $((many + 2)) && wait_for 5 has_none $from && wait_for 5 known || return 1
	many_lines del >"$dir/lines"
	for name in "${nodes[@]}"; do haadm -n $name -b "$dir/lines" || return 1; done
	wait_for 20 only $to
}

# A lease that nobody can hold has no route.
nobody() {
	local name others
	name=$(holder) others=$(tr -d $name <<<"a b c")
	stop KILL $others
	wait_for 5 nobody_holds && wait_for 5 has_none $name
	local code=$?
	start $others && wait_for 20 known && return $code
}

leaves() {
	local name
	name=$(holder)
	kill -USR1 "$(<"$dir/$name.pid")" && wait_for 5 moved $name && wait_for 5 only "$(holder)" && start $name &&
		wait_for 10 known
}

exec 3>&1
ktap_header
prepare || { what_happened; ktap_exit; }
check "the holder has a route for each vip, and nobody else has" holder_alone
check "the agent tells how many routes there are" told
check "a vip with a fixed holder has its route there" fixed_holder
check "routes move with the lease" moves
check "routes of the last holder go before those of the next one come" gone_first
check "a lease is released when its routes are gone, or 20 ms later" last_word
check "routes go when the agent is killed" killed
check "routes go when the agent stands still" halts
check "routes stay until the lease ends when the agent is stopped" stays
check "routes stay when the agent is restarted" restarts
check "routes go when the holder is drained" drained
check "routes go when the holder leaves" leaves
check "routes go when no majority is left" nobody
check "routes that somebody has deleted come back" deleted
check "routes that an earlier life has left are deleted" left_over
check "another table, or none, begins with a reload" reloads
check "a bad setting is refused with its line" bad
check "a thousand routes move with the lease" many_move
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
