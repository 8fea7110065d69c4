#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Evidence: a link that goes down and a neighbour that stops answering take a node out, without any agent.
# shellcheck disable=SC2016,SC2086,SC2119 # $ is jq's; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100
vip6=2001:db8::100

# The way to m1 is a network of its own, br1; that to m2 is the clients'.
prepare() {
	local name number
	need_root
	need haadm jq python3
	module_load && cluster_make && ip -n lan link add br1 up type bridge mcast_snooping 0 || return 1
	for name in entry:2 m1:11 m2:12; do
		number=${name#*:} name=${name%:*}
		lan_port $name eth1 && ip -n lan link set $name-eth1 master br1 &&
			ip -n $name addr add 10.1.0.$number/24 dev eth1 &&
			ip -n $name addr add 2001:db8:1::$number/64 dev eth1 nodad || return 1
	done
	lan_quick_probes entry eth1
	cluster_nodes_add && haadm -n entry node set m1 addr 10.1.0.11 addr 2001:db8:1::11 &&
		haadm -n m1 node set entry addr 10.1.0.2 addr 2001:db8:1::2 || return 1
	cluster_all "vip add $vip on eth0 holder entry" "vip add $vip6 on eth0 holder entry" \
		"service add $vip failback auto" \
		"service add $vip6 failback auto" "member add $vip node m1 priority 10" \
		"member add $vip node m2 priority 20" \
		"member add $vip6 node m1 priority 10" "member add $vip6 node m2 priority 20" && cluster_ready ||
		return 1
	mac_entry=$(lan_mac entry)
	for name in m1 m2; do
		traffic serve $name udp $vip 53 $name && traffic serve $name udp $vip6 53 $name || return 1
	done
	wait_for 20 by m1
}

by() {
	says "$1" client udp $vip 53 wait=10 && says "$1" client udp $vip6 53 wait=10
}

# told FILTER: true of the node events since the mark.
told() {
	local events
	events=$(entry -j event show from $((last + 1)) | jq -c '[.[] | select(.kind == "node")]')
	jq -e "$1" >/dev/null <<<"$events" && return 0
	jq -c '.[]' <<<"$events"
	return 1
}

# usable NODE: it is up or has returned, and both ways to it are known.
usable() {
	node $1 '(.state == "up" or .state == "held") and
		.reach4 == "resolved" and .reach6 == "resolved" and .evidence == []'
}

# takes_out CAUSE LOSE WIN: what LOSE does is found by itself, and what WIN does, too.
takes_out() {
	wait_for 30 usable m1 && entry failback m1 && wait_for 20 by m1 && mark && eval "$2" || return 1
	wait_for 60 node m1 ".state == \"lost\" and (.evidence | index(\"$1\")) != null" && by m2 &&
		told "length == 1 and (.[0] | .node == \"m1\" and .to == \"lost\" and .cause == \"$1\" and
			.decision > 0 and .decision <= .publish)" && entry status | grep -q 'm1 *lost for' || return 1
	mark
	eval "$3" && wait_for 60 usable m1 && wait_for 20 by m1 &&
		told ".[-1] | .node == \"m1\" and .from == \"lost\" and
		(.to == \"up\" or .to == \"held\")"
}

# The link of this machine: not a death, so no penalty, however often.
no_penalty() {
	node m1 'has("penalty") | not'
}

# Only all ways together are evidence: m2 is reached by one network each for IPv4 and IPv6.
one_way_is_left() {
	entry node set m2 addr 2001:db8:1::12 && wait_for 30 usable m2 && mark && ip -n lan link set entry-eth1 down &&
		wait_for 30 node m1 '.state == "lost"' && node m2 '.state == "up"' && by m2 &&
		told 'all(.[]; .node == "m1")' || return 1
	ip -n lan link set entry-eth1 up && wait_for 30 usable m1 && wait_for 30 usable m2 &&
		entry node set m2 addr 2001:db8::12 && wait_for 30 usable m2
}

# Nobody failed: somebody only has to be asked again.
flushed() {
	wait_for 30 usable m1 && mark && ip -n entry neigh flush dev eth1 && ip -n entry -6 neigh flush dev eth1 &&
		ip -n entry neigh del 10.1.0.12 dev eth1 2>/dev/null
	wait_for 30 usable m1 && told '. == []' && by m1
}

# Who never answered has not stopped to. The module asks again at once, so that the failure is an event, hardly a state.
never_there() {
	local seen watch result=0
	seen=$(mktemp) || return 1
	ip -n entry monitor neigh >$seen &
	watch=$!
	mark && entry node add m9 addr 10.1.0.99 && wait_for 30 grep -q '^10.1.0.99 .*FAILED' $seen &&
		node m9 '.state == "up" and .evidence == []' && told '. == []' && entry node del m9 || result=1
	kill $watch
	wait $watch
	[ $result = 0 ] || cat $seen
	rm -f $seen
	return $result
}

# The preferred member has never been there, so nothing is evidence against it. Packets of both families go to the next
# one, from the first one on, and to it as soon as it answers. Its programs are m2's, so that the answers tell.
never_worked() {
	entry node add m9 addr 10.0.0.99 && cluster_tell entry "member add $vip node m9 priority 5" \
		"member add $vip6 node m9 priority 5" && grew entry "seen=2 redirected=2" by m1 &&
		members m9 unresolved false &&
		entry status | grep -q '^  m9 *up for .*, does not answer ARP or neighbour discovery' &&
		entry status | grep -q "$vip -> m1\$" || return 1
	ip -n m2 addr add 10.0.0.99/24 dev eth0 && wait_for 20 by m2 && members m9 yes true &&
		entry status | grep -q "$vip -> m9\$"
}

# members NODE WHY SERVING: so the module finds the node's members of both vips.
members() {
	entry -j member show node $1 | jq -e --arg why $2 --argjson serving $3 \
		'length == 2 and all(.[]; .new_flows == $why and .serving == $serving)'
}

# It worked once, so packets wait for it: another member would reset their connections.
flushed_keeps() {
	for _ in {1..20}; do
		ip -n entry neigh del 10.0.0.99 dev eth0
		shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 && unheard "m1 in dst=$vip" || return 1
	done
	wait_for 20 by m2
}

# With maglev the others get its share.
never_worked_spread() {
	ip -n entry route add blackhole 10.0.0.99/32 &&
		wait_for 20 node m9 '.reach4 == "no-route" and .state == "up"' && by m1 &&
		cluster_tell entry "member set $vip node m9 weight 100" "service set $vip sched maglev" &&
		grew entry "seen=40 redirected=40" shots 40 && entry status | grep -q "$vip -> 2 of 3 members\$"
}

# shots N: of so many clients.
shots() {
	local port
	for ((port = 1; port <= $1; port++)); do
		shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=17 sport=$port dport=9 || return 1
	done
}

# A member that was found without a route is picked again as soon as one leads to it.
routed_again() {
	cluster_tell entry "service set $vip sched active-standby" && by m1 &&
		ip -n entry route del blackhole 10.0.0.99/32 && wait_for 20 by m2
}

never_worked_ends() {
	cluster_tell entry "member del $vip node m9" "member del $vip6 node m9" "node del m9" &&
		ip -n m2 addr del 10.0.0.99/24 dev eth0 && wait_for 20 by m1
}

# Evidence does not grant: who is down stays down.
grants_nothing() {
	entry node set m1 state down && ip -n lan link set entry-eth1 down &&
		wait_for 30 node m1 '(.evidence | index("carrier")) != null' &&
		node m1 '.state == "down"' && ip -n lan link set entry-eth1 up &&
		wait_for 30 node m1 '.evidence == []' &&
		node m1 '.state == "down"' && by m2 && entry node set m1 state up && wait_for 30 usable m1 && by m1
}

ktap_header
make_ready "setup: a holder, two members on two networks" prepare
check "a node is lost while the holder's link has no carrier" takes_out carrier \
	"ip -n lan link set entry-eth1 down" "ip -n lan link set entry-eth1 up"
check "a node is lost while the holder's device is down" takes_out carrier \
	"ip -n entry link set eth1 down" \
	"ip -n entry link set eth1 up && ip -n entry addr replace 2001:db8:1::2/64 dev eth1 nodad"
check "a loss of the holder's own link adds no penalty to a node" no_penalty
check "a node with one of two links left stays up" one_way_is_left
check "a node is lost while its neighbour entry is failed" takes_out neighbour \
	"ip -n lan link set m1-eth1 down" \
	"ip -n lan link set m1-eth1 up && ip -n m1 addr replace 2001:db8:1::11/64 dev eth1 nodad"
check "flushed neighbour entries are no evidence" flushed
check "a neighbour that never answered is no evidence" never_there
check "a preferred member that was never there gets no packet, and gets them once it answers" never_worked
check "packets of a member whose neighbour entry is flushed go to no other member" flushed_keeps
check "a member without a route to it loses its share of maglev to the others" never_worked_spread
check "a member is picked again as soon as a route leads to it" routed_again
check "setup: the preferred member goes" never_worked_ends
check "evidence that ends brings no node up that was set down" grants_nothing
check "counter seen is the sum of the packets' fates" adds_up entry
ktap_exit
