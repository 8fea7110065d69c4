#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ARP about a vip: the holder answers and announces, nobody else does, and nobody asks in its name.
# shellcheck disable=SC2317,SC2086,SC2119 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

vip=10.0.0.100

# configure NAME: each machine knows all three, and which it is.
configure() {
	local name=$1 node number
	for node in holder:1 member:2 other:3; do
		number=${node#*:} node=${node%:*}
		set -- haadm -n "$name" node add "$node" addr "10.0.0.$number"
		[ "$node" != "$name" ] || set -- "$@" self
		"$@" || return 1
	done
	haadm -n "$name" vip add $vip on eth0 holder holder &&
		haadm -n "$name" service add $vip &&
		haadm -n "$name" member add $vip node member
}

# local_vip NAME [ADDR]: the vip as an address of the machine, on a device of the module's kind.
local_vip() {
	ip -n "$1" link add ha0 type haswitch 2>/dev/null
	ip -n "$1" link set ha0 up &&
		ip -n "$1" addr replace "${2:-$vip}/32" dev ha0 scope host
}

setup() {
	local name
	module_load announce_refresh=0 && lan_make && lan_join client 9 &&
		lan_join holder 1 && lan_join member 2 && lan_join other 3 || return 1
	for name in holder member other; do
		configure $name || return 1
	done
}

# asked [OPTION...]: asks for the vip; every machine has answered for itself by then, so what is missing was not sent.
asked() {
	lan_ask client $vip --fence 10.0.0.1 --fence 10.0.0.2 --fence 10.0.0.3 "$@" >"$lan_dir/asked"
}

# answered_by NAME: exactly one answer, from that machine's MAC, to who asked.
answered_by() {
	local mac client
	mac=$(lan_mac "$1") client=$(lan_mac client)
	cat "$lan_dir/asked"
	[ "$(wc -l <"$lan_dir/asked")" -eq 1 ] &&
		grep -q "^reply from=$mac to=$client sender=$vip sha=$mac .* tha=$client$" "$lan_dir/asked"
}

holder_answers() {
	asked "$@" && answered_by holder
}

nobody_answers() {
	asked "$@" || return 1
	cat "$lan_dir/asked"
	[ ! -s "$lan_dir/asked" ]
}

others_answer_for_themselves() {
	lan_ask client 10.0.0.2 --fence 10.0.0.2 | grep -q "^reply .*sender=10.0.0.2 sha=$(lan_mac member) "
}

# must COMMAND...: says which one failed, and makes the caller's code a failure.
must() {
	"$@" && return
	echo "failed: $*"
	code=1
}

# counted NAME COUNTER COMMAND...: the command makes the counter grow.
counted() {
	local before
	before=$(stat_of "$1" "$2")
	"${@:3}" && [ "$(stat_of "$1" "$2")" -gt "$before" ]
}

# probe: stock arping in duplicate address detection mode: exit 1 says that the address is taken.
probe() {
	n client arping -q -D -c 2 -w 5 -I eth0 $vip
	[ $? -eq 1 ]
}

# claimed: what the client takes for the vip's place when somebody else claims it.
holder_believes_nobody() {
	local before
	n holder ip neigh replace $vip lladdr 02:00:00:00:00:01 dev eth0 nud stale || return 1
	before=$(stat_of holder arp-dropped)
	n client "$lan_neighbour" say eth0 $vip
	lan_ask client 10.0.0.1 --fence 10.0.0.1 >/dev/null || return 1
	n holder ip neigh show $vip dev eth0
	n holder ip neigh show $vip dev eth0 | grep -q 02:00:00:00:00:01 &&
		[ "$(stat_of holder arp-dropped)" -gt "$before" ]
}

# A reply of the member goes straight to the client, from the vip: for that it must ask, in its own name.
member_asks_in_its_own_name() {
	local before
	before=$(stat_of member arp-rewritten)
	ip -n member neigh flush all
	n client ip neigh replace $vip lladdr "$(lan_mac holder)" dev eth0 nud reachable
	lan_watch client || return 1
	# It can't come back, for the client answers the holder; but it arrives.
	n member ping -q -c 1 -W 1 -I $vip 10.0.0.9
	wait_for 30 lan_heard "request from=$(lan_mac member) .* target=10.0.0.9 " || return 1
	lan_heard "request from=$(lan_mac member)"
	lan_heard "request from=$(lan_mac member) .* sender=10.0.0.2 sha=$(lan_mac member) target=10.0.0.9 " &&
		! lan_heard "from=$(lan_mac member) .*sender=$vip" &&
		[ "$(stat_of member arp-rewritten)" -gt "$before" ] &&
		n client ip neigh show $vip | grep -q "$(lan_mac holder)" &&
		n member ip neigh show 10.0.0.9 | grep -q "$(lan_mac client)"
}

# Without an address of its own it asks as an address probe does, and is answered.
member_asks_without_an_address() {
	ip -n member addr del 10.0.0.2/24 dev eth0
	ip -n member route add 10.0.0.0/24 dev eth0
	ip -n member neigh flush all
	lan_watch client || return 1
	n member ping -q -c 1 -W 1 -I $vip 10.0.0.9
	wait_for 30 lan_heard "request from=$(lan_mac member) .* sender=0.0.0.0 .* target=10.0.0.9 " &&
		! lan_heard "from=$(lan_mac member) .*sender=$vip" &&
		wait_for 30 member_knows_client
	local code=$?
	ip -n member addr add 10.0.0.2/24 dev eth0
	return $code
}

member_knows_client() {
	ip -n member neigh show 10.0.0.9 | grep -q "$(lan_mac client)"
}

# new_mac NAME NUMBER: the kernel's own gratuitous ARP, of all addresses, when the device's MAC changes. It is sent at
# once, so what is missing when the machine answers a request was not sent.
new_mac() {
	local mac
	n "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_notify'
	ip -n "$1" addr add $vip/32 dev eth0
	lan_watch client || return 1
	mac=$(lan_mac "$1")
	ip -n "$1" link set eth0 address "${mac%:*}:$(printf %02x $((0x${mac##*:} ^ 1)))"
	ip -n "$1" addr del $vip/32 dev eth0
	lan_ask client "10.0.0.$2" --fence "10.0.0.$2" >/dev/null &&
		wait_for 30 lan_heard "request from=$(lan_mac "$1") .* sender=10.0.0.$2 .* target=10.0.0.$2 "
}

member_is_not_heard_claiming() {
	new_mac member 2 || return 1
	lan_heard "from=$(lan_mac member)"
	! lan_heard "from=$(lan_mac member) .*sender=$vip"
}

holder_is_heard_claiming() {
	new_mac holder 1 && wait_for 30 lan_heard "request from=$(lan_mac holder) .*sender=$vip .* target=$vip "
}

# Both forms: some receivers take the one, some the other.
announced() {
	local mac code=0
	mac=$(lan_mac holder)
	lan_watch client || return 1
	must haadm -n other vip add 10.0.0.101 on eth0 holder holder
	must haadm -n holder vip add 10.0.0.101 on eth0 holder holder
	must wait_for 30 lan_heard "reply from=$mac .* sender=10.0.0.101 "
	lan_heard "sender=10.0.0.101"
	must lan_heard "request from=$mac to=ff:.* sender=10.0.0.101 sha=$mac target=10.0.0.101 tha=00:00:00:00:00:00"
	must lan_heard "reply from=$mac to=ff:.* sender=10.0.0.101 sha=$mac target=10.0.0.101 tha=$mac"
	must haadm -n holder vip del 10.0.0.101
	must haadm -n other vip del 10.0.0.101
	return $code
}

# Nobody can hear it at first: the device is down, or has no address yet in the vip's subnet.
announced_later() {
	local code=0
	must ip -n holder link add eth3 type veth peer name peer3
	must ip -n holder link set peer3 up
	must haadm -n holder vip add 10.0.0.102 on eth3 holder holder
	must told_in_turn
	must ip -n holder link set eth3 up
	must wait_for 30 announced_above
	must haadm -n holder vip add 10.7.0.1 holder holder
	must haadm -n holder vip add 2001:db8:7::1 holder holder
	must told_in_turn
	must ip -n holder addr add 10.7.0.9/24 dev eth3
	must wait_for 30 announced_above
	must haadm -n holder vip del 10.7.0.1
	must told_in_turn
	must ip -n holder addr add 2001:db8:7::9/64 dev eth3 nodad
	must wait_for 30 announced_above
	must haadm -n holder vip del 2001:db8:7::1
	must haadm -n holder vip del 10.0.0.102
	must ip -n holder link del eth3
	return $code
}

# Only where it could not be heard: a leg without a link, a vip that no device faces, disturb nobody whatever comes and
# goes; and a device that comes back hears what it missed.
announced_where_missed() {
	local code=0 dev
	for dev in eth3 eth5 eth6; do
		must ip -n holder link add $dev type veth peer name peer${dev#eth}
		must ip -n holder link set peer${dev#eth} up
		must no_link_local $dev
	done
	must lan_watch client
	must haadm -n holder vip add 10.0.0.104 on eth0 on eth3 holder holder
	must haadm -n holder vip add 10.9.9.9 holder holder
	must haadm -n holder vip add 10.0.0.105 on eth5 holder holder
	must haadm -n holder vip add 10.0.0.106 on eth6 holder other
	must wait_for 30 lan_heard "reply .* sender=10.0.0.104 "
	# Rounds, one after the other: what is told of in one shows that it is over.
	must ip -n holder addr add 10.7.0.9/24 dev eth5
	must ip -n holder addr del 10.7.0.9/24 dev eth5
	before=$(stat_of holder announced)
	must ip -n holder link set eth5 up
	must wait_for 30 announced_are $((before + 2))
	must ip -n holder link del eth6
	must haadm -n holder vip set 10.0.0.106 holder holder
	must haadm -n holder vip set 10.0.0.105 on eth5
	must wait_for 30 announced_are $((before + 4))
	must ip -n holder link add eth6 type veth peer name peer6
	must ip -n holder link set peer6 up
	must no_link_local eth6
	must ip -n holder link set eth6 up
	must wait_for 30 announced_are $((before + 6))
	# Six times two frames, as any other, and no more.
	must wait_for 30 heard_are 10.0.0.104 12
	must ip -n holder link set eth3 up
	must wait_for 30 announced_are $((before + 8))
	must wait_for 30 repeats_of_last
	must heard_are 10.0.0.104 12
	for dev in 10.0.0.104 10.0.0.105 10.0.0.106 10.9.9.9; do
		must haadm -n holder vip del $dev
	done
	for dev in eth3 eth5 eth6; do
		must ip -n holder link del $dev
	done
	return $code
}

# no_link_local DEV: it gets no IPv6 address as it comes up. That would be an event of its own, for which vips may be
# announced on the device once more.
no_link_local() { ip -n holder link set $1 addrgenmode none; }

# told_in_turn: what was to be announced has been, for a later one was; $before is what was sent then.
told_in_turn() {
	lan_watch client && haadm -n holder vip add 10.0.0.103 on eth0 holder holder &&
		wait_for 30 lan_heard "reply from=$(lan_mac holder) .* sender=10.0.0.103 " &&
		haadm -n holder vip del 10.0.0.103 || return 1
	before=$(stat_of holder announced)
}

heard_are() {
	[ "$(lan_heard "sender=$1 " | wc -l)" -eq "$2" ]
}

# repeats_of_last: what was announced last is being repeated, on its device only.
repeats_of_last() {
	local repeated
	repeated=$(stat_of holder repeated)
	wait_for 10 repeated_above "$repeated"
}

repeated_above() {
	[ "$(stat_of holder repeated)" -gt "$1" ]
}

announced_above() {
	[ "$(stat_of holder announced)" -gt "$before" ]
}

# 5000 vips at once: two frames each, at 10,000 a second. However long that took: no tenth of a second has more than
# that, and two bursts.
announced_at_a_rate() {
	local i before code=0
	must ip -n holder link add eth3 up type veth peer name peer3
	must ip -n holder link set peer3 up
	must lan_pace holder peer3 10000
	before=$(stat_of holder announced)
	haadm -n holder save >"$lan_dir/before"
	for i in {0..4999}; do
		# Served elsewhere, so that haadm has no addresses to add meanwhile.
		printf 'vip add %s on eth3 holder holder\nservice add %s\nmember add %s node other\n' \
			10.1.$((i / 250)).$((i % 250 + 1)){,,}
	done | cat "$lan_dir/before" - >"$lan_dir/more"
	must haadm -n holder restore "$lan_dir/more"
	must wait_for 30 announced_are $((before + 10000))
	must lan_paced 1300
	must haadm -n holder restore "$lan_dir/before"
	must announced_are $((before + 10000))
	must ip -n holder link del eth3
	return $code
}

announced_are() {
	[ "$(stat_of holder announced)" -eq "$1" ]
}

# A device that clients do not use: no answer there, though the stack of the holder has the address.
silent_elsewhere() {
	local code=0
	must lan_port holder eth1
	must local_vip holder
	must haadm -n holder vip set $vip on eth1
	must asked
	cat "$lan_dir/asked"
	must [ "$(cut -d ' ' -f 1,2 "$lan_dir/asked")" = "reply from=$(lan_mac holder eth1)" ]
	must haadm -n holder vip set $vip on eth0
	must ip -n holder link del eth1
	must ip -n holder link del ha0
	return $code
}

# A restore puts addresses on ha0 before it commits their vips, and takes them off after: meanwhile somebody else holds
# them.
silent_without_its_vip() {
	haadm -n member member del $vip node member &&
		haadm -n member service del $vip &&
		haadm -n member vip del $vip && local_vip member || return 1
	asked
	cat "$lan_dir/asked"
	[ "$(wc -l <"$lan_dir/asked")" -eq 1 ] && ! grep -q "from=$(lan_mac member) " "$lan_dir/asked"
}

# Without its guard, the member's stack answers: the tests above can fail.
unguarded() {
	ip -n member link del ha0 && ip -n member addr add $vip/32 dev lo || return 1
	asked
	cat "$lan_dir/asked"
	[ "$(wc -l <"$lan_dir/asked")" -eq 2 ] && grep -q "from=$(lan_mac member) " "$lan_dir/asked"
}

# conflict_is VIP JQ: so the holder has who else used that vip last.
conflict_is() {
	haadm -n holder -j vip show $1 | tee "$lan_dir/shown" | jq -e ".[0] | $2"
}

# Who else claims a vip is kept and shown, the last one, by name where it is a node; and no longer than the vip is
# there.
conflict_kept() {
	local code=0 line="CONFLICT: also answered by" ago="on eth0, [0-9.]+[mu]?s ago"
	must haadm -n holder vip add 10.0.0.109 on eth0 holder holder
	must conflict_is 10.0.0.109 'has("conflict_lladdr") | not'
	must n client "$lan_neighbour" say eth0 $vip 10.0.0.109
	must wait_for 10 conflict_is $vip \
		".conflict_lladdr == \"$(lan_mac client)\" and .conflict_dev == \"eth0\" and .conflict_time > 0"
	must conflict_is 10.0.0.109 "has(\"conflict_node\") == false and .conflict_lladdr == \"$(lan_mac client)\""
	haadm -n holder status >"$lan_dir/shown"
	must [ "$(grep -cE "^    $line $(lan_mac client) $ago$" "$lan_dir/shown")" -eq 2 ]
	must haadm -n holder vip del 10.0.0.109
	must haadm -n holder vip add 10.0.0.109 on eth0 holder holder
	must conflict_is 10.0.0.109 'has("conflict_lladdr") | not'
	must n member "$lan_neighbour" say eth0 $vip
	must wait_for 10 conflict_is $vip ".conflict_lladdr == \"$(lan_mac member)\" and .conflict_node == \"member\""
	haadm -n holder status >"$lan_dir/shown"
	must grep -qE "^    $line member \($(lan_mac member)\) $ago$" "$lan_dir/shown"
	must wait_for 10 told_again member
	must [ -z "$(haadm -n other -d vip show | grep conflict)" ]
	must haadm -n holder vip del 10.0.0.109
	return $code
}

# told_again NODE: it claims the vip, and an event names it. Of one vip none is told twice within a second.
told_again() {
	n $1 "$lan_neighbour" say eth0 $vip && haadm -n holder -j event show |
		jq -e --arg node $1 '.[-1] | .kind == "vip-conflict" and .node == $node'
}

need_root
need haadm arping jq ip
trap 'lan_unwatch; ns_del_all; rm -rf "$lan_dir"' EXIT
ktap_header
if ! check "setup: a holder, members and a client on a LAN" setup; then
	ktap_exit
fi
check "the holder answers for a vip that it does not have as an address" holder_answers
check "an ARP reply for a vip is counted" counted holder arp-answered holder_answers
local_vip holder
check "the holder answers only once for a vip that it has as an address" holder_answers
ip -n holder link del ha0
local_vip member
local_vip other
check "only the holder answers for a vip that others have as an address" holder_answers
check "an ARP request that a member leaves unanswered is counted" counted member arp-dropped holder_answers
check "a duplicate address probe is answered by the holder" holder_answers --source 0.0.0.0
check "arping -D finds the vip taken" probe
check "a request that gives a broadcast address as its sender's is not answered" nobody_answers --own ff:ff:ff:ff:ff:ff
check "a request that goes to the member's MAC is not answered" nobody_answers --to "$(lan_mac member)"
check "addresses that are no vips are answered for" others_answer_for_themselves
check "the holder's neighbour table takes no claim of its vip" holder_believes_nobody
check "a member's ARP request has the member's own address as its sender" member_asks_in_its_own_name
check "a member without an address sends ARP requests from 0.0.0.0" member_asks_without_an_address
check "a gratuitous ARP of a member's kernel is held back" member_is_not_heard_claiming
check "a gratuitous ARP of the holder's kernel leaves" holder_is_heard_claiming
check "vip show and status name the last machine that claimed a vip" conflict_kept
check "the holder announces a new vip in both forms of gratuitous ARP" announced
check "a vip whose device was down is announced when the device is up" announced_later
check "a vip announced late is announced only on the device that missed it" announced_where_missed
check "5000 vips are announced at a bounded rate" announced_at_a_rate
check "the holder is silent on a device that clients do not use" silent_elsewhere
check "an address on ha0 without a vip is not answered for" silent_without_its_vip
check "a member answers while the guard is off" unguarded
lan_unwatch
ns_del_all
check "the module unloads" module_unload
ktap_exit
