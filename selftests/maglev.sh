#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Flows that are spread over members (sched maglev): each has one, by weight, on every node the same; what moves, and
# what does not, when members and their weights change.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 second:3 m1:11 m2:12 m3:13)
flows=800

# family 4|6: for what follows. vip has a service on a port, whole is one service.
family() {
	v=IPv$1 f=$1 vip=10.0.0.100 whole=10.0.0.101 client=10.0.0.1
	[ "$1" = 4 ] || vip=2001:db8::100 whole=2001:db8::101 client=2001:db8::1
	at=$vip:53/udp
	[ "$1" = 4 ] || at="[$vip]:53/udp"
}

# Half of the flows are m3's. On the second node the members are added in another order.
configure() {
	local name member lines
	for name in "${cluster_nodes[@]%:*}"; do
		lines=("vip add $vip holder entry" "vip add $whole holder entry"
			"service add $at sched maglev failback auto"
			"service add $whole failback auto sched maglev")
		for member in $([ $name = second ] && echo m3 m1 m2 || echo m1 m2 m3); do
			lines+=("member add $at node $member weight $([ $member = m3 ] && echo 2 || echo 1)"
				"member add $whole node $member")
		done
		cluster_tell $name "${lines[@]}" || return 1
	done
}

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && family 4 && configure && family 6 && configure &&
		cluster_ready && cluster_deaf
}

# spread VIP [BYTES]: whose the flows are.
spread() {
	./tools/flow_spread.py $1 53 $flows ${2:-20} client m1 m2 m3
}

# shares FILE: how many are m1's, m2's and m3's; nobody's or two's are none.
shares() {
	local member
	for member in m1 m2 m3; do grep -c " $member$" "$1"; done | tr '\n' ' '
}

# about SEEN WANTED: within a fifth.
about() {
	[ $(($1 * 5)) -ge $(($2 * 4)) ] && [ $(($1 * 5)) -le $(($2 * 6)) ]
}

# split A B C: about so many are m1's, m2's and m3's of the flows in $work_dir/now.
split() {
	local a b c
	read -r a b c <<<"$(shares "$work_dir/now")"
	[ $((a + b + c)) -eq $flows ] && about $a $1 && about $b $2 && about $c $3 && return 0
	echo "$a + $b + $c of $flows, wanted about $*"
	return 1
}

now() {
	spread $vip >"$work_dir/now"
}

by_weight() {
	now && cp "$work_dir/now" "$work_dir/first$f" && split 200 200 400
}

# same: as the first time.
same() {
	now && diff "$work_dir/first$f" "$work_dir/now"
}

# only NAME: nobody else's flows are where they were not the first time.
only() {
	now && ! diff <(grep -v " $1$" "$work_dir/first$f") "$work_dir/now" | grep -q '^<'
}

# Who holds the vip then has the members in another order.
other_holder() {
	local code=0 before
	before=$(stat_of second redirected)
	cluster_all "vip set $vip holder second" || return 1
	same || code=1
	[ "$(stat_of second redirected)" -ge $((before + flows)) ] || code=1
	cluster_all "vip set $vip holder entry" && return $code
}

# firsts: first packets that were told of, of this service.
firsts() {
	entry -j event show | jq "[.[] | select(.kind == \"first-packet\" and .service == \"$at\")] | length"
}

# moves: switches whose times were counted for this service.
moves() {
	entry -j stats switch $at | jq .moves
}

dies() {
	local before counted
	before=$(firsts) counted=$(moves)
	entry node set m3 state down && only m3 && split 400 400 0 || return 1
	[ "$(firsts)" -eq $((before + 1)) ] && [ "$(moves)" -eq $((counted + 1)) ] &&
		entry status | grep -qF -- "$at -> 2 of 3 members" && return 0
	entry event show
	entry status
	return 1
}

returns() {
	entry node set m3 state up && same
}

# Who returns waits, as held, and then has its flows again; that it returned is no switch that moved any.
held() {
	local before counted
	entry service set $at failback manual && entry node set m3 state down && only m3 || return 1
	before=$(firsts) counted=$(moves)
	entry node set m3 state up && entry -j node show m3 | jq -e '.[0].state == "held"' && only m3 &&
		split 400 400 0 && [ "$(firsts)" -eq $before ] && [ "$(moves)" -eq $counted ] &&
		entry failback m3 && same && entry service set $at failback auto
}

# Two at once: each is counted.
two() {
	local counted
	counted=$(moves)
	printf '%s\n' "node set m1 state down" "node set m3 state down" >"$work_dir/two" &&
		haadm -n entry -b "$work_dir/two" && now &&
		split 0 800 0 && [ "$(moves)" -eq $((counted + 2)) ] && entry node set m1 state up &&
		entry node set m3 state up && same
}

# The health of a member, not of its node.
sick() {
	entry member set $at node m1 health down && only m1 && split 0 270 530 &&
		entry member set $at node m1 health up && same
}

nobody() {
	local dropped
	dropped=$(stat_of entry drop_no_member)
	for name in m1 m2 m3; do entry node set $name state down || return 1; done
	n client ping -c 3 -i 0.1 -W 1 $whole && return 1
	for name in m1 m2 m3; do entry node set $name state up || return 1; done
	[ "$(stat_of entry drop_no_member)" -ge $((dropped + 3)) ] && same
}

# Its flows go, and what else moves is little: 3 of 100.
weightless() {
	local moved
	entry member set $at node m2 weight 0 && now && split 270 0 530 || return 1
	moved=$(diff <(grep -v " m2$" "$work_dir/first$f") "$work_dir/now" | grep -c '^<')
	[ $moved -le $((flows * 3 / 100)) ] && entry member set $at node m2 weight 1 && same
}

restored() {
	entry save >"$work_dir/saved" &&
		grep -qxF "member add $at node m3 priority 100 weight 2 via direct" "$work_dir/saved" &&
		grep -qxF "service add $at sched maglev failback auto" "$work_dir/saved" &&
		entry restore "$work_dir/saved" && same && entry save | diff "$work_dir/saved" -
}

rescheduled() {
	entry service set $at sched active-standby && now && split 800 0 0 &&
		entry -j service show $at | jq -e '.[0] | .sched == "active-standby" and .active == "m1"' &&
		entry service set $at sched maglev && same &&
		entry -j service show $at | jq -e '.[0] | .sched == "maglev" and .active == null'
}

# Each in pieces that do not all show the port: as if it had come whole.
pieces() {
	spread $whole >"$work_dir/whole" && spread $whole 4000 >"$work_dir/pieces" &&
		diff "$work_dir/whole" "$work_dir/pieces" &&
		[ "$(shares "$work_dir/pieces" | tr ' ' '\n' | grep -cvx '0\?')" -eq 3 ]
}

# packets_of MEMBER: packets that the member of the whole vip was sent.
packets_of() {
	entry -j member show $whole | jq ".[] | select(.node == \"$1\") | .packets"
}

# All echoes of one ping have one member, and not every ping the same one.
pings() {
	local i member before after used=""
	for ((i = 0; i < 12; i++)); do
		before=$(for member in m1 m2 m3; do packets_of $member; done)
		n client ping -q -c 4 -i 0.02 -W 5 $whole || return 1
		after=$(for member in m1 m2 m3; do packets_of $member; done)
		member=$(paste <(echo "$before") <(echo "$after") | awk '$2 - $1 { print NR, $2 - $1 }')
		[[ $member = [123]" 4" ]] || { echo "ping $i: $member"; return 1; }
		used+="${member% 4} "
	done
	echo "by members $used"
	[ "$(tr ' ' '\n' <<<"$used" | grep . | sort -u | wc -l)" -ge 2 ]
}

# An error about a flow comes from anywhere, and goes where the flow goes.
errors() {
	local port member
	cluster_ears || return 1
	for port in 20000 20001 20002 20003 20004 20005; do
		member=$(awk -v p=$port '$1 == p { print $2 }' "$work_dir/first$f")
		shot client src=$client dst=$vip to="$(lan_mac entry)" about=unreach inner=$vip,53,$client,$port &&
			heard "$member in icmp$([ $f = 4 ] || echo 6) type=$([ $f = 4 ] && echo 3 || echo 1)" ||
			return 1
	done
	cluster_deaf
}

adds_up_all() {
	local name
	for name in entry second; do adds_up $name || return 1; done
}

ktap_header
make_ready "setup: five nodes, two of which may hold" prepare
for family in 4 6; do
	family $family
	check "$v: sched maglev spreads flows by weight" by_weight
	check "$v: each flow keeps its member" same
	check "$v: another holder gives each flow the same member" other_holder
	check "$v: a failed node moves only its own flows, as one switch" dies
	check "$v: a node that returns gets its flows back" returns
	check "$v: a node that waits as held gets no flows" held
	check "$v: two nodes that fail at once are two switches" two
	check "$v: only the flows of a member whose check fails go to others" sick
	check "$v: packets are dropped without any usable member" nobody
	check "$v: weight 0 moves few flows besides the member's own" weightless
	check "$v: a restore moves no flow" restored
	check "$v: a change to active-standby and back restores each flow's member" rescheduled
	check "$v: fragments go to the member that gets whole packets of the flow" pieces
	check "$v: the echoes of a ping go to one member" pings
	check "$v: an ICMP error goes to the member of its flow" errors
	check_fails "$v: a weight above the limit is refused" 1 "weight" entry member set $at node m1 weight 65536
	check_fails "$v: an unknown scheduler is refused" 1 "maglev" entry service set $at sched magle
done
check "every packet had one fate" adds_up_all
ktap_exit
