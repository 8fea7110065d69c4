#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Returns: a node that was down serves again when the service lets it, for want of better ones, or when it is told to.
# shellcheck disable=SC2016,SC2086,SC2119 # $ is jq's; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12 m3:13)
vip=10.0.0.100
vip6=2001:db8::100

# A service for each kind of failback, and one on IPv6; m1 is preferred, m3 has nothing but the delay.
declare -A port=([delay]=53 [auto]=54 [manual]=55 [long]=56)

prepare() {
	local name kind lines=("vip add $vip holder entry" "vip add $vip6 holder entry")
	need_root
	need haadm jq python3
	module_load "" && cluster_make && cluster_nodes_add || return 1
	for kind in delay auto manual long; do
		lines+=("service add $vip:${port[$kind]}/udp")
		[ $kind = long ] || lines+=("service set $vip:${port[$kind]}/udp failback ${kind/delay/1500ms}")
		lines+=("member add $vip:${port[$kind]}/udp node m1 priority 10"
			"member add $vip:${port[$kind]}/udp node m2 priority 20")
	done
	lines+=("member add $vip:53/udp node m3 priority 30" "service add [$vip6]:55/udp failback manual"
		"member add [$vip6]:55/udp node m1 priority 10" "member add [$vip6]:55/udp node m2 priority 20")
	cluster_all "${lines[@]}" && cluster_ready || return 1
	for name in m1 m2; do
		for kind in delay auto manual long; do
			traffic serve $name udp $vip ${port[$kind]} $name || return 1
		done
		traffic serve $name udp $vip6 55 $name || return 1
	done
	traffic serve m3 udp $vip 53 m3 || return 1
	wait_for 20 by m1 delay auto manual long
}

# by NODE KIND...: it serves the services of these kinds.
by() {
	local node=$1 kind
	shift
	for kind; do
		says $node client udp $vip ${port[$kind]} || return 1
		[ $kind != manual ] || says $node client udp $vip6 ${port[$kind]} || return 1
	done
}

# told FILTER: true of the node and first-packet events since the mark.
told() {
	local events
	events=$(entry -j event show from $((last + 1)) | jq -c '[.[] | select(.kind != "config")]')
	jq -e "$1" >/dev/null <<<"$events" && return 0
	jq -c '.[]' <<<"$events"
	return 1
}

now() {
	python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'
}

later_than() {
	[ "$(now)" -gt "$1" ]
}

# fresh: every node is up and never died.
fresh() {
	local name
	entry beat entry m1 m2 m3 for 1h || return 1
	for name in m1 m2 m3; do
		entry node set $name state up && entry node verdict $name clear && entry failback $name &&
			node $name '.state == "up" and (has("penalty") | not)' || return 1
	done
	by m1 delay auto manual long
}

# lost NODE: no BEAT names it any more.
lost() {
	local name others=()
	for name in entry m1 m2 m3; do
		[ $name = "$1" ] || others+=("$name")
	done
	entry beat $1 for 1ms && wait_for 10 over $1 && entry beat "${others[@]}" for 1h && node $1 '.state == "lost"'
}

over() {
	later_than "$(entry -j node show $1 | jq '.[0].alive_until')"
}

back() {
	entry beat $1 for 1h
}

# Whom the BEATs name for the first time has not been away.
first_seen() {
	node m1 '.state == "up" and .agent == "unnamed"' && mark && entry beat entry m1 m2 m3 for 1h &&
		node m1 '.state == "up" and .agent == "alive"' && told '. == []'
}

# returns OUT BACK: it is held then, by the events too, and the state says since when.
returns() {
	fresh && mark && eval "$1" && by m2 delay auto manual long && eval "$2" || return 1
	node m1 '.state == "held" and .held_since == .since and .since_age > 0 and .held_since_age == .since_age' &&
		told '[.[] | select(.kind == "node") | .to] | .[-1] == "held"' && by m2 manual long && by m1 auto ||
		return 1
	told '[.[] | select(.kind == "node")][-1] as $held | $held.publish - $held.decision >= 0' &&
		entry node show m1 | grep -qE 'state held held since [0-9]+\.[0-9]+' && entry status |
		grep -q 'm1 *held for .* for want of others'
}

drained() {
	fresh && mark && entry node set m1 state drain && by m2 delay auto manual long && entry node set m1 state up &&
		node m1 '.state == "up" and (has("held_since") | not)' && by m1 delay auto manual long
}

died_drained() {
	fresh && entry node set m1 state drain && entry beat m1 for 1ms && wait_for 10 over m1 &&
		entry beat m2 m3 for 1h &&
		back m1 && node m1 '.state == "drain"' && entry node set m1 state up && node m1 '.state == "held"' &&
		by m2 manual
}

# Not before the time, by the clock; the record says that the clock decided.
by_delay() {
	local since
	fresh && entry node set m1 state down && by m2 delay auto long && mark && entry node set m1 state up || return 1
	since=$(entry -j node show m1 | jq '.[0].held_since')
	by m1 auto || return 1
	while says m2 client udp $vip 53; do
		told 'all(.[]; .kind != "first-packet" or .port == 54)' || return 1
		! later_than $((since + 20000000000)) || return 1
	done
	later_than $((since + 1500000000)) && by m1 delay && by m2 manual &&
		told "[.[] | select(.port == 53)] | length == 1 and
			(.[0] | .node == \"m1\" and .cause == \"failback\" and
			.decision == $since + 1500000000 and .publish == .decision and .first_packet >= .publish)"
}

# The default is 10 s. The node is held since the test before this one.
by_default() {
	local since
	since=$(entry -j node show m1 | jq '.[0].held_since')
	entry -d service show $vip:56/udp | grep -q ' failback 10s ' && entry -j service show $vip:56/udp |
		jq -e '.[0].failback == "10s"' && wait_for 30 by m1 long && later_than $((since + 10000000000)) &&
		told "[.[] | select(.port == 56 and .node == \"m1\")][-1] |
			.cause == \"failback\" and .decision == $since + 10000000000" && by m2 manual
}

# A node whose services all have had their time is up again, and that is told.
told_by_timer() {
	fresh && mark && entry node set m3 state down && entry node set m3 state up && node m3 '.state == "held"' &&
		wait_for 20 node m3 '.state == "up"' &&
		told 'map(select(.node == "m3" and .kind == "node")) | map("\(.from) \(.to) \(.cause)") ==
			["up down admin", "down held admin", "held up failback"] and
			.[2].publish - .[1].decision >= 1500000000 and .[2].publish - .[1].decision < 20000000000'
}

# m2 is held for others, and its time for this service has come long ago: when it follows m1, the death of that did it.
not_by_delay() {
	local due
	fresh && entry node set m2 state down && entry node set m2 state up && node m2 '.state == "held"' || return 1
	due=$(($(entry -j node show m2 | jq '.[0].held_since') + 1500000000))
	wait_for 20 later_than $due && by m1 delay && mark && entry node set m1 state down && by m2 delay && told "
		[.[] | select(.kind == \"first-packet\")] | length == 1 and
			(.[0] | .node == \"m2\" and .cause == \"admin\" and .decision > $due)"
}

# Held and alone: it serves.
alone() {
	fresh && entry node set m1 state down && by m2 manual && entry node set m1 state up && by m2 manual &&
		entry node set m2 state down && by m1 auto manual long
}

# Two failures, two moves: the one that serves while held goes on, whoever returns, and whatever its priority.
no_third_move() {
	fresh && entry node set m1 state down && by m2 manual long && entry node set m1 state up &&
		entry node set m2 state down &&
		by m1 manual long && mark && entry node set m2 state up && by m1 manual long &&
		told 'map(.kind) == ["node"]'
}

# The other way round: the worse one is held longer than the better one.
no_third_move_to_better() {
	fresh && entry node set m1 state down && by m2 manual long && entry node set m2 state down &&
		entry node set m2 state up &&
		by m2 manual long && mark && entry node set m1 state up && node m1 '.state == "held"' &&
		by m2 manual long &&
		told 'map(.kind) == ["node"]' && entry node set m2 state down && by m1 manual long &&
		entry node set m2 state up && by m1 manual long
}

# commanded: failback NODE moves what waits for it, once.
commanded() {
	fresh && entry node set m1 state down && by m2 manual long && entry node set m1 state up && mark &&
		entry failback m1 &&
		by m1 manual long delay &&
		told '[.[] | select(.kind == "node")] | map("\(.node) \(.from) \(.to) \(.cause)") ==
			["m1 held up failback"]'
}

commanded_not_held() {
	fresh && mark && entry failback m1 && told '. == []'
}

refused() {
	local before
	fresh && entry node set m1 state down && before=$(entry -j node show m1 | ageless) || return 1
	refuses 2 'the node is down: it can fail back when it has returned .*\(EHOSTDOWN\)' entry failback m1 &&
		[ "$(entry -j node show m1 | ageless)" = "$before" ] &&
		refuses 2 'there is no node of that name' entry failback nobody &&
		refuses 1 'NAME is missing' entry failback &&
		refuses 1 'neither auto nor manual' entry service set $vip:53/udp failback soon &&
		refuses 1 'up to 24h' entry service set $vip:53/udp failback 1000h && node m1 '.state == "down"'
}

# refuses EXIT PATTERN COMMAND...
refuses() {
	local code=0 wanted=$1 pattern=$2 printed
	shift 2
	printed=$("$@" 2>&1) || code=$?
	[ $code -eq "$wanted" ] && grep -qE "$pattern" <<<"$printed" && return 0
	echo "exit $code: $printed"
	return 1
}

# A service that is changed while a node waits: the node is looked at again.
changed() {
	fresh && entry node set m1 state down && by m2 manual && entry node set m1 state up && by m2 manual &&
		entry service set $vip:55/udp failback auto && by6 m2 && says m1 client udp $vip 55 &&
		node m1 '.state == "held"' && entry service set "[$vip6]:55/udp" failback auto && by m1 manual &&
		wait_for 20 node m1 '.state == "up"' || return 1
	entry service set $vip:55/udp failback manual && entry service set "[$vip6]:55/udp" failback manual
}

by6() {
	says $1 client udp $vip6 55
}

no_service_waits() {
	fresh && entry node add m9 addr 10.0.0.99 && mark && entry node set m9 state down &&
		entry node set m9 state up && node m9 '.state == "up"' && told 'map(.to) == ["down", "up"]' &&
		entry node del m9
}

auto_waits_not() {
	fresh && entry node add m9 addr 10.0.0.99 && entry service add $vip:99/udp failback auto &&
		entry member add $vip:99/udp node m9 && entry node set m9 state down &&
		entry node set m9 state up && node m9 '.state == "up"' && entry service del $vip:99/udp &&
		entry node del m9
}

# A restore is no failback, and the configuration has it all.
restored() {
	fresh && entry node set m1 state down && by m2 manual && entry node set m1 state up || return 1
	entry save >"$work_dir/save" && grep -q "service add $vip:53/udp .* failback 1500ms" "$work_dir/save" &&
		grep -q "service add $vip:54/udp .* failback auto" "$work_dir/save" &&
		grep -q "service add $vip:55/udp .* failback manual" "$work_dir/save" || return 1
	local since
	since=$(entry -j node show m1 | jq '.[0].held_since')
	entry restore "$work_dir/save" && node m1 ".state == \"held\" and .held_since == $since" && by m2 manual &&
		[ "$(entry save)" = "$(cat "$work_dir/save")" ] && wait_for 20 by m1 delay && by m2 manual
}

# penalty DEATHS SINCE: it is that of so many deaths since then; half of it decays in a minute.
penalty() {
	local is
	is=$(entry -j node show m1 | jq '.[0].penalty')
	echo "penalty $is"
	awk -v is=$is -v most=$(($1 * 1000)) -v span=$(($(now) - $2)) 'BEGIN {
		exit !(is <= most && is >= most * exp(-log(2) * span / 60e9) - 10) }'
}

# Three deaths within seconds are too many: not even auto takes it back, until that is forgiven.
flapping() {
	local begun
	fresh && begun=$(now) || return 1
	lost m1 && by m2 auto && back m1 && by m1 auto && penalty 1 $begun && node m1 '.damped | not' || return 1
	lost m1 && by m2 auto && back m1 && by m1 auto && penalty 2 $begun && node m1 '.damped | not' || return 1
	lost m1 && by m2 auto && back m1 && penalty 3 $begun && node m1 '.state == "held" and .damped' || return 1
	by m2 auto delay manual && entry node show m1 | grep -qE ' penalty [0-9]+ damped' || return 1
	# Nobody better is left: it serves, damped or not.
	entry node set m2 state down && by m1 auto manual && entry node set m2 state up && entry failback m2 &&
		by m2 auto || return 1
	mark && entry failback m1 && by m1 auto manual &&
		node m1 '.state == "up" and (has("penalty") | not) and (.damped | not)'
}

# What the administrator does is no flapping.
no_flapping() {
	fresh || return 1
	for _ in 1 2 3 4 5; do
		entry node set m1 state down && entry node set m1 state up && entry node verdict m1 left &&
			entry node verdict m1 clear && entry node set m1 state drain && entry node set m1 state up ||
			return 1
	done
	node m1 '(has("penalty") | not) and .state == "held"' && by m1 auto
}

ktap_header
make_ready "setup: a holder, three members" prepare
check "a node that BEATs name for the first time is not held" first_seen
for state in down maintenance; do
	check "a node back from $state is held" returns "entry node set m1 state $state" "entry node set m1 state up"
done
for verdict in fenced left; do
	check "a node back from verdict $verdict is held" returns "entry node verdict m1 $verdict" \
		"entry node verdict m1 clear"
done
check "a node back after BEATs lost it is held" returns "lost m1" "back m1"
check "a node back from drain is not held" drained
check "a node back from drain is held if it died while drained" died_drained
check "failback DELAY takes a node back at the time that the record names" by_delay
check "failback takes a node back after 10 s by default" by_default
check "a node is up again when all its services have had their time" told_by_timer
check "a switch to a node whose held time has passed is recorded with its own cause" not_by_delay
check "a held node serves when no other is usable" alone
check "a second failure causes no third move" no_third_move
check "a better node that returns takes nothing from a held node that serves" no_third_move_to_better
check "haadm failback NODE takes the node back at once" commanded
check "haadm failback of a node that is not held changes nothing" commanded_not_held
check "a bad failback request changes nothing" refused
check "a changed failback of a service counts for a node that is held already" changed
check "a node without services is not held" no_service_waits
check "a node whose services all have failback auto is not held" auto_waits_not
check "a restore keeps held nodes and failback times" restored
check "a flapping node is damped until haadm failback forgives it" flapping
check "a node that the administrator takes out does not flap" no_flapping
check "counter seen is the sum of the packets' fates" adds_up entry
ktap_exit
