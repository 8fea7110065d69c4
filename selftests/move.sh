#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Planned moves under agents that vote: no packet is lost, the node that was named holds the lease, and what can not be
# is refused with its reason.
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
# What the holder delivers itself, and what it sends on to c, which is a member whoever holds.
float4=10.0.0.100 float6=2001:db8::100 web4=10.0.0.101 web6=2001:db8::101
# Where time is simulated, computing takes none of it: what is on its way does, so that packets come in the midst of a
# move.
rate=1000 latency=1ms

conf() {
	conf_head $1 "$dir/key" "$dir/voter-$1" 2s >"$dir/$1.conf"
	conf_nodes >>"$dir/$1.conf"
}

prepare() {
	local name node self vip
	need_root
	need haadm haagentd jq python3 tc
	# As make install does.
	cp -r ../userspace/iproute2/protodown_reasons.d /etc/iproute2/
	module_load && lan_make && lan_join client 9 || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && conf $name || return 1
		for node in "${nodes[@]}"; do
			self=
			[ $node != $name ] || self=self
			echo "node add $node addr 10.0.0.${number[$node]} addr 2001:db8::${number[$node]} $self"
		done >"$dir/lines"
		echo "lease add web" >>"$dir/lines"
		for vip in $float4 $float6 $web4 $web6; do echo "vip add $vip on eth0 lease web" >>"$dir/lines"; done
		for vip in $web4 $web6; do
			printf '%s\n' "service add $vip" "member add $vip node c" >>"$dir/lines"
		done
		haadm -n $name -b "$dir/lines" || return 1
	done
	for name in client "${nodes[@]}"; do
		n $name tc qdisc add dev eth0 root netem delay $latency limit 10000 || return 1
	done
	haagentd --genkey "$dir/key" && start "${nodes[@]}" && wait_for 20 known
}

# another NAME...: a node that is none of those.
another() {
	local name
	for name in "${nodes[@]}"; do
		[[ " $* " = *" $name "* ]] || { echo $name && return; }
	done
}

epoch() { haadm -n $1 -j lease show web | jq .[0].epoch; }

# flowing COMMAND: not one packet of the flows to all vips is lost or comes twice while it runs, and the epoch grows.
flowing() {
	local told before
	before=$(epoch "$(holder)")
	told=$(./tools/move_flows.py client a,b,c 53 $rate $float4 $float6 $web4 $web6 -- "$1") ||
		{ echo "$told"; return 1; }
	echo "# $told" | tr '\n' ' ' >&3
	echo >&3
	jq -se 'length == 4 and all(.lost == 0 and .twice == 0 and .sent > 100)' <<<"$told" >/dev/null ||
		{ echo "$told"; return 1; }
	[ "$(epoch "$(holder)")" -gt $before ]
}

# told HOLDER COMMAND...: what the command prints names that node as the holder.
told() {
	local printed
	printed=$("${@:2}") || return 1
	[[ $printed = "lease web holder $1 epoch "* ]] || { echo "$printed"; return 1; }
}

# moves ASKED TO: a node is asked to have another one hold, and that one does.
moves() {
	flowing "haadm -n $1 failover web to $2 >'$dir/told'" && told $2 cat "$dir/told" && held_by $2 &&
		wait_for 5 known
}

# From a node that is neither the holder nor the next one, through all three, so that the member becomes the holder,
# too.
by_third() {
	local name
	for name in b c a b; do
		[ "$(holder)" = $name ] || moves "$(another $name "$(holder)")" $name || return 1
	done
}

by_holder() {
	local name
	for name in c b; do
		[ "$(holder)" = $name ] || moves "$(holder)" $name || return 1
	done
}

# by_next: from the node that is to hold.
by_next() {
	local name
	for name in a c; do
		[ "$(holder)" = $name ] || moves $name $name || return 1
	done
}

# from_afar: the named node is so far away that each of the others could have the lease long before it, and leaves it to
# it.
from_afar() {
	local name code
	for name in a b; do
		[ "$(holder)" != $name ] || continue
		n $name tc qdisc change dev eth0 root netem delay 8ms limit 10000 || return 1
		moves "$(holder)" $name
		code=$?
		n $name tc qdisc change dev eth0 root netem delay $latency limit 10000 && [ $code -eq 0 ] || return 1
	done
}

# successor NAME: the node that would follow the holder now, as status says there.
successor() { haadm -n $1 -j status | jq -r '.leases[0].successor'; }

# unnamed: the agents choose who is next, and it is not who was, but the node that status named on all of them.
unnamed() {
	local from name next
	from=$(holder) && next=$(successor $from) || return 1
	for name in "${nodes[@]}"; do
		[ "$(successor $name)" = $next ] && haadm -n $name status | grep -q "ms, successor $next$" || return 1
	done
	flowing "haadm -n $(another $from) -j failover web >'$dir/told'" || return 1
	[ "$(jq -r .[0].holder "$dir/told")" = "$(holder)" ] && held_by $next && wait_for 5 known
}

by_hand() {
	local name
	for name in a b c; do
		[ "$(holder)" != $name ] || continue
		flowing "haadm -n $(holder) lease release web to $name
			while ! haadm -n $name lease show web | grep -q ' held '; do sleep 0.01; done" &&
			held_by $name && wait_for 5 known || return 1
	done
}

# Nobody was named, but the agent names somebody, and does not take it again itself. When haadm returns, that one holds.
by_hand_unnamed() {
	local name next
	name=$(holder) && next=$(successor $name) && flowing "haadm -n $name lease release web" && held_by $next &&
		wait_for 5 known
}

# alone NAME PATTERN: that node's module releases the lease without the agents, and haadm says why.
alone() {
	local said code=0
	said=$(haadm -n $1 lease release web 2>&1) || code=$?
	echo "$code $said"
	[ $code -eq 0 ] && grep -qE -- "$2" <<<"$said" && grep -q "lease web is released by the module alone" <<<"$said"
}

# Nobody could follow while the others are drained, and nobody is asked while the holder's agent is stopped.
by_hand_alone() {
	local name other code=0
	name=$(holder)
	for other in $(tr -d $name <<<"a b c"); do
		haadm -n $name node set $other state drain &&
			wait_for 5 grep -q "node $other is drain now" "$dir/$name.log" || return 1
	done
	haadm -n $name status | grep "ms, successor none: " &&
		alone $name "no other node is heard and up, so nobody could hold lease web$" || code=1
	for other in $(tr -d $name <<<"a b c"); do haadm -n $name node set $other state up || return 1; done
	wait_for 5 known && name=$(holder) && stop TERM $name || return 1
	held_by $name && alone $name "no agent runs here" && wait_for 5 moved $name || code=1
	# Until it votes again, nobody can move a lease to it.
	start $name && wait_for 10 known && wait_for 10 logged $name "takes BEATs" && sleep 1 && return $code
}

# set_state NAME STATE: on all nodes.
set_state() {
	local name
	for name in "${nodes[@]}"; do haadm -n $name node set $1 state $2 || return 1; done
}

drained() {
	local name
	name=$(holder)
	# The member takes no new flows then, and these have no state.
	[ $name != c ] || { moves a a && name=a; } || return 1
	flowing "for n in a b c; do haadm -n \$n node set $name state drain; done
		while haadm -n $name lease show web | grep -qE ' held |lease web vips|holder $name '; do
			sleep 0.01
		done
		sleep 0.2" || return 1
	moved $name && set_state $name up && wait_for 5 known
}

# prefer NODE: on all nodes; "" is nobody.
prefer() {
	local name
	for name in "${nodes[@]}"; do
		# shellcheck disable=SC2046 # the words have no spaces
		haadm -n $name lease set web prefer "$1" $([ -z "$1" ] || echo failback auto) || return 1
	done
}

# protodown NODE on|off
protodown() { ip -n $1 link set ha-web protodown $2; }

# stays_with NAME: for longer than a failback takes, and than a peer that is away is remembered without a word of it.
stays_with() {
	local i
	for ((i = 0; i < 10; i++)); do
		held_by $1 && sleep 0.5 || return 1
	done
}

# The preferred holder is told by stock ip to let go. No other node gives the lease back before protodown is off.
by_protodown() {
	local name third code=0
	name=$(holder)
	prefer $name && flowing "ip -n $name link set ha-web protodown on protodown_reason drain on
		while haadm -n $name lease show web | grep -q ' held '; do sleep 0.01; done
		sleep 0.2" && moved $name && wait_for 5 known && stays_with "$(holder)" || code=1
	haadm -n $name status | grep "; ha-web is protodown, so this machine is no candidate$" &&
		refuses "node $name is not up, may not hold lease web" haadm -n "$(holder)" failover web to $name ||
		code=1
	# Nor is it the next one for somebody who asks for no name.
	third=$(another $name "$(holder)")
	[ "$(successor "$(holder)")" = $third ] && flowing "haadm -n $third failover web >'$dir/told'" &&
		held_by $third || code=1
	# The preferred node gets it back, by a planned move.
	flowing "ip -n $name link set ha-web protodown_reason drain off && ip -n $name link set ha-web protodown off
		while ! haadm -n $name lease show web | grep -q ' held '; do sleep 0.01; done" &&
		held_by $name || code=1
	prefer "" && wait_for 5 known && return $code
}

# A move needs somebody who takes the lease. Without one the holder serves on, and moves as soon as there is one.
by_protodown_alone() {
	local name other code=0
	name=$(holder)
	for other in $(tr -d $name <<<"a b c"); do protodown $other on || return 1; done
	wait_for 5 no_successor $name || code=1
	protodown $name on && stays_with $name || code=1
	haadm -n $name status | grep "; ha-web is protodown, so this machine holds it only until another node does$" &&
		haadm -n $name status | grep "successor none: .* has protodown on" || code=1
	flowing "ip -n $other link set ha-web protodown off
		while ! haadm -n $other lease show web | grep -q ' held '; do sleep 0.01; done" &&
		held_by $other || code=1
	for other in a b c; do protodown $other off || code=1; done
	wait_for 5 known && return $code
}

no_successor() { [ "$(successor $1)" = null ]; }

# leaves: the holder leaves the cluster for good, but its machine still is there.
leaves() {
	local name
	name=$(holder)
	[ $name != c ] || { moves a a && name=a; } || return 1
	flowing "kill -USR1 $(<"$dir/$name.pid")
		while [ -e /proc/$(<"$dir/$name.pid")/exe ]; do sleep 0.01; done
		sleep 0.2" &&
		moved $name && start $name && wait_for 10 known
}

# not_taken: the node that is named does not want it, as only its own module knows. Another one holds then, and it is
# told.
not_taken() {
	local name told code
	name=$(another "$(holder)")
	# Its agent is told of that by an event.
	haadm -n $name lease set web only "$(another $name)" && sleep 0.1 && wait_for 5 move_begins $name || return 1
	echo "$told"
	haadm -n $name lease set web only "" && wait_for 5 known && [ $code -eq 2 ] &&
		grep -q "node $name has not taken lease web, but " <<<"$told"
}

# move_begins NAME: to that node. One that was started a moment ago does not know yet which configuration is committed.
move_begins() {
	code=0
	told=$(haadm -n "$(another $1 "$(holder)")" failover web to $1 2>&1) || code=$?
	[[ $told != *"asks for no lease"* ]]
}

# drained_there: a node is drained by its own module alone, and its agent says to the others that it takes nothing.
drained_there() {
	local name
	name=$(another "$(holder)")
	haadm -n $name node set $name state drain && wait_for 5 grep -q "node $name is drain now" "$dir/$name.log" &&
		sleep 0.1 &&
		refuses "node $name is not up, may not hold lease web" haadm -n "$(another $name "$(holder)")" \
			failover web to $name &&
		haadm -n $name node set $name state up && known
}

# refuses PATTERN COMMAND...: haadm refuses, and says why.
refuses() {
	local said code=0
	said=$("${@:2}" 2>&1) || code=$?
	echo "$said"
	[ $code -eq 2 ] && grep -qE -- "$1" <<<"$said"
}

unknown_node() { refuses "the agents know no node nobody$" haadm -n a failover web to nobody; }
unknown_lease() { refuses "there is no lease of that name" haadm -n a failover none; }
holds_already() { refuses "$(holder) holds lease web already" haadm -n b failover web to "$(holder)"; }

not_up() {
	local name
	name=$(another "$(holder)")
	haadm -n "$(holder)" node set $name state maintenance || return 1
	refuses "node $name is not up, but maintenance" haadm -n "$(holder)" failover web to $name &&
		refuses "node $name is not up, may not hold lease web" haadm -n $name failover \
			web to $name
	local code=$?
	haadm -n "$(holder)" node set $name state up && return $code
}

unheard() {
	local name
	name=$(another "$(holder)")
	stop KILL $name
	wait_for 5 is_down "$(holder)" $name &&
		refuses "node $name is not up, but" haadm -n "$(holder)" failover web to $name
	local code=$?
	start $name && wait_for 10 known && return $code
}

is_down() { haadm -n $1 node show $2 | grep -qE " (down|lost) "; }

nobody_to_move() {
	local name others
	name=$(holder) others=$(tr -d $name <<<"a b c")
	stop KILL $others
	wait_for 5 nobody_holds && wait_for 5 refuses \
		"nobody is known to hold lease web, so .*: 2 of 3 voters unreachable: " haadm -n $name failover web
	local code=$?
	start $others && wait_for 20 known && return $code
}

# no_agent: the holder's agent is stopped for a while, and its module holds on alone.
no_agent() {
	local name
	name=$(holder)
	stop TERM $name
	held_by $name && refuses "no agent has answered" haadm -n $name failover web
	local code=$?
	start $name && wait_for 10 known && return $code
}

exec 3>&1
ktap_header
prepare || { what_happened; ktap_exit; }
check "a move asked for on a third node loses no packet" by_third
check "a move asked for on the holder loses no packet" by_holder
check "a move asked for on the next holder loses no packet" by_next
check "a move to a node far away loses no packet" from_afar
check "a move that names no node loses no packet" unnamed
check "a release by hand with a successor loses no packet" by_hand
check "a release by hand without a successor loses no packet" by_hand_unnamed
check "a release by hand warns when no node can follow" by_hand_alone
check "a drain of the holder loses no packet" drained
check "protodown of the holder's device loses no packet, and keeps the lease away" by_protodown
check "protodown of all nodes' devices leaves the lease where it is" by_protodown_alone
check "a holder that leaves loses no packet" leaves
check "a move that its target does not take ends with another holder" not_taken
check "a move to a node that only its own module drains is refused" drained_there
check "a move to an unknown node is refused" unknown_node
check "a move of an unknown lease is refused" unknown_lease
check "a move to the holder itself is refused" holds_already
check "a move to a node that is not up is refused" not_up
check "a move to a node that is not heard is refused" unheard
check "a move of a lease without a holder is refused" nobody_to_move
check "a move without an agent that answers fails" no_agent
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
