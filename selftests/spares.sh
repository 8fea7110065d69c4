#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Spare members: they get new flows while fewer than min-active others are usable, and keep the flows that they have
# when enough are again. So do members of other zones than the one that a service prefers.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/connections.sh
. ./lib/connections.sh

# A work of the module needs no time, but a slow machine's processors may.
soon=20
! time_simulated || soon=1

prepare() { connections_make && cluster_ready && cluster_deaf; }

member() { entry member set $at:80/tcp node "$@"; }
# afresh [WORD...]: m3 is the spare one of three, and two of them are wanted. No node has a zone.
afresh() {
	local name lines=()
	zones "" "" "" "" || return 1
	for name in m1 m2 m3; do
		lines+=("node set $name state up" "failback $name"
			"member set $at:80/tcp node $name priority 100 weight 1 health up spare off")
	done
	cluster_tell entry "${lines[@]}" "service set $at:80/udp failback auto" \
		"service set $at:80/tcp sched rr failback auto slow-start 0s min-active 2 zone any" \
		"member set $at:80/tcp node m3 spare on" && wait_for $soon serve m1 m2 &&
		track close all >/dev/null && entry flow del all >/dev/null && mark && { [ $# = 0 ] || sched "$@"; }
}
# zones M1 M2 M3 ENTRY: the nodes are in these zones, as entry knows it.
zones() {
	entry node set m1 zone "$1" && entry node set m2 zone "$2" && entry node set m3 zone "$3" &&
		entry node set entry zone "$4"
}
# serve NAME...: these members get new flows, and no others.
serve() {
	is "$(entry -j member show $at:80/tcp | jq -r '[.[] | select(.serving).node] | sort | join(" ")')" "$*"
}
# told KIND NAME [TIMES]: entry told that of the member so often, since mark.
told() {
	is "$(entry -j event show | jq --arg kind $1 --arg node $2 --arg vip $vip --argjson last $last \
		'[.[] | select(.seq > $last and .kind == $kind and .node == $node and .addr == $vip and
			.proto == 6 and .port == 80)] | length')" ${3:-1}
}

waits() {
	afresh && opens 8 "4 4 0 0" && is "$(entry -j member show $at:80/tcp node m3 |
		jq -r '.[0] | "\(.spare) \(.new_flows) \(.serving) \(.weight)"')" "on spare false 1" &&
		entry status | grep -F "$at:80/tcp -> 2 of 3 members" | grep -vq spare && checked 0
}
# checked TIMES [WORD...]: monitoring counts so many spare members that serve, and is warned in these words, or not.
checked() {
	local said
	said=$(entry -d check)
	if [[ $said = *" spares_called=$1;0;;0;1 "* ]]; then
		[ $# -gt 1 ] || [[ $said = *"spare member "* ]] || return 0
		[ $# = 1 ] || [[ $said != *"${*:2}"* ]] || return 0
	fi
	echo "said: $said"
	return 1
}
# lacks WORD...: with that, m1 is not usable; the spare one is there. If that is a failure, it is a warning.
lacks() {
	local warning=()
	[[ $* != *health* ]] || warning=("WARNING: spare member m3 of $at:80/tcp serves: fewer than 2 others do")
	afresh && "$@" && wait_for $soon serve m2 m3 && opens 8 "0 4 4 0" && told spare-in m3 && told spare-out m3 0 &&
		entry status | grep -qF "$at:80/tcp -> 2 of 3 members, with spare m3" && checked 1 "${warning[@]}" &&
		is "$(entry -j status | jq -c --arg at "$at:80/tcp" \
			'.vips[].services[] | select(.service == $at).spares')" '["m3"]'
}
# Who goes back keeps what he has, and gets nothing more.
goes_back() {
	lacks entry node set m1 state down && stays first && entry node set m1 state up && wait_for $soon serve m1 m2 &&
		told spare-out m3 && stays && opens 6 "3 3 0 0" && is "$(flows node m3)" 4
}
flows() { entry -j flow show vip $vip "$@" | jq length; }
# lost_and_back: m1 is lost, and returns.
lost_and_back() {
	entry node set m1 state down && wait_for $soon serve m2 m3 && entry node set m1 state up
}
# A member that returns is waited for as long as its service says, also if another service says longer, so that no
# change of the node's state tells of the end.
after_failback() {
	afresh failback 20s && entry service set $at:80/udp failback manual && lost_and_back && nap 5 && serve m2 m3 &&
		opens 8 "0 4 4 0" && nap 13 && serve m2 m3 && wait_for 25 serve m1 m2 && told spare-in m3 &&
		told spare-out m3
}
by_hand() {
	afresh failback manual && lost_and_back && nap 30 && serve m2 m3 && entry failback m1 &&
		wait_for $soon serve m1 m2
}
# One is called for each that is missing, by priority and then by name, and for no more. m2 is behind m3 in the list.
in_order() {
	afresh min-active 1 && member m2 priority 5 && member m2 priority 100 spare on && wait_for $soon serve m1 &&
		entry node set m1 state down && wait_for $soon serve m2 &&
		entry node set m2 state down && wait_for $soon serve m3 &&
		entry node set m2 state up && wait_for $soon serve m2 && member m3 priority 5 &&
		wait_for $soon serve m3 && sched min-active 2 && wait_for $soon serve m2 m3 && sched min-active 3 &&
		entry node set m1 state up &&
		wait_for $soon serve m1 m2 m3 && sched min-active 1 && wait_for $soon serve m1
}
# One is called in the zone in which the fewest serve, and of equal zones in the one that has lost one.
in_zones() {
	afresh && member m2 spare on && wait_for $soon serve m1 m2 && zones a a b a && wait_for $soon serve m1 m3 &&
		told spare-in m3 && entry node set m2 zone c && wait_for $soon serve m1 m2 &&
		member m3 priority 5 && wait_for $soon serve m1 m3 && sched min-active 1 && wait_for $soon serve m1 &&
		zones a b a "" && member m2 priority 1 && entry node set m1 state down && wait_for $soon serve m3
}
# to_near: the near client as a source with a port.
to_near() { [ $f = 4 ] && echo $near || echo "[$near]"; }
# near_first: entry and two members are in zone a, the third one is not, and is no spare one.
near_first() {
	afresh && member m3 spare off && sched min-active 1 && zones a a b a && wait_for $soon serve m1 m2 m3 &&
		track close all >/dev/null && mark
}
# The flows that a member of another zone has stay there.
prefers_its_zone() {
	near_first && opens 9 "3 3 3 0" && stays first && sched zone prefer && wait_for $soon serve m1 m2 &&
		told spare-out m3 && stays && opens 8 "4 4 0 0" && is "$(flows node m3)" 3 &&
		is "$(entry -j member show $at:80/tcp node m3 | jq -r '.[0] | "\(.spare) \(.new_flows) \(.weight)"')" \
			"off zone 1" && is "$(entry -j service show $at:80/tcp | jq -r '.[0].zone')" prefer &&
		entry status | grep -qF "$at:80/tcp -> 2 of 3 members, zone a preferred" &&
		is "$(entry -j explain "$(to_near):1000" $at:80/tcp in eth0 | jq -r '.[0].zone')" a &&
		sched zone any && wait_for $soon serve m1 m2 m3
}
# As many others as are missing serve with the zone's own; all of them if it has none. Members that could stand in serve
# before the work has decided, so the events tell whom it has called.
helps_a_zone() {
	near_first && sched zone prefer && wait_for $soon serve m1 m2 && entry node set m1 state drain &&
		wait_for $soon serve m2 && sched min-active 2 && wait_for $soon serve m2 m3 && told spare-in m3 &&
		entry status | grep -qF "2 of 3 members, zone a preferred, with other zones' m3" &&
		zones a b b a && entry node set m1 state up && sched min-active 1 && wait_for $soon serve m1 &&
		mark && member m1 health down && wait_for $soon told spare-in m2 &&
		wait_for $soon told spare-in m3 && serve m2 m3 &&
		[[ $(entry -d check) == *"2 members of other zones serve $at:80/tcp: fewer than 1 of zone a does"* ]] &&
		member m1 health up && wait_for $soon serve m1 && entry node set entry zone b &&
		wait_for $soon serve m2 m3 && entry node set entry zone "" && wait_for $soon serve m1 m2 m3
}
# A member of another zone waits from its addition on, and a restore goes on with who serves.
near_restored() {
	near_first && sched zone prefer && wait_for $soon serve m1 m2 && entry save >"$work_dir/saved" &&
		saves "service add $at:80/tcp " " min-active" && return 1
	saves "service add $at:80/tcp " " zone prefer$" && mark && entry restore "$work_dir/saved" &&
		entry save | diff "$work_dir/saved" - && serve m1 m2 && opens 8 "4 4 0 0" && told spare-out m3 0 &&
		entry member del $at:80/tcp node m3 && entry member add $at:80/tcp node m3 &&
		wait_for $soon serve m1 m2 &&
		entry service replace $at:80/tcp sched rr failback auto && wait_for $soon serve m1 m2 m3
}
# crowded: the service is the last one that the work on spare members visits when m1 and m2 are lost. That is a few
# jiffies later, as it visits some 60 such services in each.
crowd=10.0.0.102
crowded() {
	local number lines=("vip add $crowd holder entry")
	for ((number = 1; number <= 300; number++)); do
		lines+=("service add $crowd:$number/tcp sched rr" "member add $crowd:$number/tcp node m1"
			"member add $crowd:$number/tcp node m3 spare")
	done
	cluster_tell entry "${lines[@]}"
}
crowd_goes() {
	local number lines=()
	for ((number = 1; number <= 300; number++)); do lines+=("service del $crowd:$number/tcp"); done
	cluster_tell entry "${lines[@]}" "vip del $crowd"
}
# at_once: m3 gets the new flows as soon as m1 and m2 are lost. Nothing is dropped, and the work comes later.
at_once() {
	local dropped
	dropped=$(drops) && mark && cluster_tell entry "node set m1 state down" "node set m2 state down" &&
		opens 8 "0 0 8 0" && is "$(drops)" "$dropped" && wait_for $soon serve m3 &&
		wait_for $soon told spare-in m3
}
drops() { entry -j service show $at:80/tcp | jq '.[0].dropped'; }
# both_back [WORD...]: m1 and m2 serve again, with these settings of the service.
both_back() {
	cluster_tell entry "node set m1 state up" "node set m2 state up" "failback m1" "failback m2" &&
		wait_for $soon serve m1 m2 && track close all >/dev/null && entry flow del all >/dev/null && sched "$@"
}
stands_in() {
	local code=0
	afresh && crowded && at_once && both_back sched maglev && at_once &&
		both_back sched rr min-active 1 zone prefer && zones a a b a && member m3 spare off &&
		wait_for $soon serve m1 m2 && at_once || code=1
	sched sched rr && crowd_goes && return $code
}
# decided COMMAND...: with that, m3 begins before the change is told, and so in the same request.
decided() {
	mark && "$@" && is "$(entry -j event show | jq -r --argjson last $last '[.[] | select(.seq > $last and
		(.kind == "spare-in" or .kind == "config")).kind] | join(" ")')" "spare-in config"
}
# A request that makes one wait no more picks whom with it.
begins_in_request() {
	near_first && sched zone prefer && wait_for $soon serve m1 m2 && decided sched sched active-standby zone any &&
		sched sched rr && near_first && sched zone prefer && wait_for $soon serve m1 m2 &&
		decided sched zone any && serve m1 m2 m3
}
# Who serves in a zone that has no member is decided when the members come, singly or with a restore.
zone_without_members() {
	local code=0
	near_first && zones b b b a && entry service del $at:80/tcp &&
		entry service add $at:80/tcp sched rr failback auto zone prefer &&
		decided entry member add $at:80/tcp node m3 && serve m3 && entry member add $at:80/tcp node m1 &&
		entry member add $at:80/tcp node m2 && serve m1 m2 m3 && entry save >"$work_dir/saved" &&
		entry service del $at:80/tcp && mark && entry restore "$work_dir/saved" && serve m1 m2 m3 && nap 1 &&
		told spare-in m1 0 && told spare-in m2 0 && told spare-in m3 0 || code=1
	zones "" "" "" "" && sched zone any && return $code
}
# What was a member like all others goes on until it is known not to be needed; what is one again serves.
changes() {
	afresh min-active 3 && wait_for $soon serve m1 m2 m3 && member m3 spare off && serve m1 m2 m3 &&
		member m3 spare on && wait_for $soon serve m1 m2 m3 && told spare-in m3 && told spare-out m3 0 &&
		member m3 weight 0 && wait_for $soon serve m1 m2 && member m3 weight 1 && wait_for $soon serve m1 m2 m3
}
# A flow of maglev is not the spare one's.
spreads() {
	afresh slow-start 0s sched maglev && shares '[1-9][0-9]* [1-9][0-9]* 0 0 ' && entry node set m1 state down &&
		wait_for $soon serve m2 m3 && shares '0 [1-9][0-9]* [1-9][0-9]* 0 '
}
# shares PATTERN: 40 more connections are spread like that.
shares() {
	local got
	got=$(tally "$(track open 40 $near)")
	track close all >/dev/null
	[[ $got =~ ^$1$ ]] && return 0
	echo "seen: $got"
	return 1
}
begins_slowly() {
	local a b c
	afresh slow-start 10s && nap 11 && entry node set m1 state down && wait_for $soon serve m2 m3 &&
		read -r a b c _ <<<"$(tally "$(track open 42 $near)")" && [ $a = 0 ] && [ $c -ge 2 ] && [ $c -le 8 ] &&
		return 0
	echo "seen: $a $b $c"
	return 1
}
# A restore goes on with who serves, also if it is what makes it a spare one.
restored() {
	# It is called, and not one that goes on because it was a member like all others.
	entry_saves && wait_for $soon serve m1 m2 && entry node set m1 state down &&
		wait_for $soon serve m2 m3 && mark &&
		sed '/^node add m1 /s/ state up\|$/ state down/' "$work_dir/saved" >"$work_dir/down" &&
		entry restore "$work_dir/down" && serve m2 m3 && opens 8 "0 4 4 0" && told spare-out m3 0 &&
		told spare-in m3 0 && entry restore "$work_dir/saved" && wait_for $soon serve m1 m2 && told spare-out m3
}
# A restore goes on also with a spare member that is called after the restore has added it.
called_meanwhile() {
	local holder code=0
	entry_saves && wait_for $soon serve m1 m2 && mark || return 1
	rm -f "$work_dir/go" "$work_dir/held"
	mkfifo "$work_dir/go"
	ip netns exec entry python3 tools/netlink_hold.py restore-spare $vip <"$work_dir/go" >"$work_dir/held" 2>&1 &
	holder=$!
	exec 8>"$work_dir/go"
	wait_for 20 grep -q held "$work_dir/held" && member m1 health down && wait_for $soon serve m2 m3 &&
		told spare-in m3 && echo >&8 || code=1
	exec 8>&-
	wait $holder && [ $code = 0 ] && serve m2 m3 && nap 1 && serve m2 m3 && told spare-in m3 &&
		told spare-out m3 0 || code=1
	cat "$work_dir/held"
	entry restore "$work_dir/saved" && member m1 health up && wait_for $soon serve m1 m2 && return $code
}
# The first packet of a lost member's flow is recorded, although the members were published anew in between.
timed() {
	afresh && opens 8 "4 4 0 0" && mark && entry node set m1 state down && wait_for $soon serve m2 m3 &&
		track say >/dev/null && is "$(entry -j event show | jq --arg vip $vip --argjson last $last \
			'[.[] | select(.seq > $last and .kind == "first-packet" and .addr == $vip and
				.proto == 6 and .port == 80)] | length')" 1
}
entry_saves() {
	afresh && entry save >"$work_dir/saved" && saves "service add $at:80/tcp " " min-active 2$" &&
		saves "member add $at:80/tcp node m3 " " spare$" &&
		entry restore "$work_dir/saved" && entry save | diff "$work_dir/saved" - &&
		entry member replace $at:80/tcp node m3 spare && entry save | diff "$work_dir/saved" - &&
		entry member replace $at:80/tcp node m3 && ! entry save | grep spare && member m3 spare on
}
# saves BEGIN END: a line of the saved file has these.
saves() { grep -F "$1" "$work_dir/saved" | grep -q "$2"; }

# denied TEXT COMMAND...: refused with that text, and nothing is changed.
denied() {
	local text=$1 before said
	shift
	before=$(entry save)
	said=$(entry "$@" 2>&1) && return 1
	grep -qF -- "$text" <<<"$said" && is "$(entry save)" "$before"
}
refused() {
	afresh && denied "min-active 1" service set $at:80/tcp sched active-standby &&
		denied "set spare off" service set $at:80/tcp sched active-standby min-active 1 &&
		denied "1 to 1024" service set $at:80/tcp min-active 0 && sched min-active 1 && member m3 spare off &&
		sched sched active-standby && denied "a larger priority" member set $at:80/tcp node m3 spare on &&
		denied "a larger priority" member replace $at:80/tcp node m3 spare &&
		denied "one active member at a time" service set $at:80/tcp min-active 2 &&
		denied "the same on all nodes" service set $at:80/tcp zone prefer && sched sched rr zone prefer &&
		denied "zone any" service set $at:80/tcp sched active-standby && sched zone any
}

exec 3>&1
ktap_header
make_ready "setup: a client, a holder and three members" prepare
for number in 4 6; do
	family $number
	track_start >/dev/null
	check "$v: a spare member gets no new flows while min-active others are usable" waits
	check "$v: a spare member stands in for one whose node is down" lacks entry node set m1 state down
	check "$v: a spare member stands in for one that is drained" lacks entry node set m1 state drain
	check "$v: a spare member stands in for one whose health is down" lacks member m1 health down
	check "$v: a spare member stands in for one of weight 0" lacks member m1 weight 0
	check "$v: a spare member goes back, and keeps its flows" goes_back
	check "$v: members that wait get new flows before the work has come" stands_in
	check "$v: a spare member goes back when the failback of the others is over" after_failback
	check "$v: a spare member goes back when the failback is said" by_hand
	check "$v: as many spare members as are missing are called, in their order" in_order
	check "$v: spare members are called by the zones of those that serve" in_zones
	check "$v: members of other zones wait, and keep their flows" prefers_its_zone
	check "$v: members of other zones serve for want of the zone's own" helps_a_zone
	check "$v: members of other zones wait also after a restore" near_restored
	check "$v: without members of the zone, those of others serve from the beginning" zone_without_members
	check "$v: a member that waits no more begins in that request" begins_in_request
	check "$v: a member becomes a spare one, and is one no more" changes
	check "$v: maglev spreads flows without and with the spare member" spreads
	check "$v: a spare member that is called begins slowly" begins_slowly
	check "$v: a restore goes on with the spare member that serves" restored
	check "$v: a restore goes on with a spare member that is called meanwhile" called_meanwhile
	check "$v: the first packet to a member that stands in is timed" timed
	check "$v: spare members are refused where one member is active" refused
	track_stop
done
check "every packet had one fate" adds_up entry
ktap_exit
