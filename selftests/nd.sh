#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Neighbour discovery about a vip: the holder answers and announces, nobody else does, and every node hears it.
# shellcheck disable=SC2317,SC2086,SC2119 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

vip=2001:db8::100
group=ff02::1:ff00:100

# configure NAME: each machine knows all three, and which it is.
configure() {
	local name=$1 node number
	for node in holder:1 member:2 other:3; do
		number=${node#*:} node=${node%:*}
		set -- haadm -n "$name" node add "$node" addr "2001:db8::$number"
		[ "$node" != "$name" ] || set -- "$@" self
		"$@" || return 1
	done
	haadm -n "$name" vip add $vip on eth0 holder holder &&
		haadm -n "$name" service add $vip &&
		haadm -n "$name" member add $vip node member
}

# local_vip NAME: the vip as an address of the device itself, where the stack would answer for it.
local_vip() {
	ip -n "$1" addr replace $vip/128 dev eth0 nodad preferred_lft 0
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
	lan_ask client $vip --fence 2001:db8::1 --fence 2001:db8::2 --fence 2001:db8::3 "$@" >"$lan_dir/asked"
}

client_ll() {
	ip -n client -6 -j addr show dev eth0 scope link | jq -r '.[].addr_info[] | select(.local) | .local' | head -n 1
}

# answered FLAGS TO DEST: exactly one answer, from the holder, as a host that owns the address would send it.
answered() {
	local mac
	mac=$(lan_mac holder)
	cat "$lan_dir/asked"
	[ "$(wc -l <"$lan_dir/asked")" -eq 1 ] &&
		grep -qx "na from=$mac to=$2 source=$vip dest=$3 target=$vip lladdr=$mac hops=255 sum=ok flags=$1" \
			"$lan_dir/asked"
}

holder_answers() {
	asked "$@" && answered R0S1O1 "$(lan_mac client)" "$(client_ll)"
}

holder_answers_as_router() {
	local code
	n holder sh -c 'echo 1 >/proc/sys/net/ipv6/conf/eth0/forwarding'
	asked && answered R1S1O1 "$(lan_mac client)" "$(client_ll)"
	code=$?
	n holder sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/forwarding'
	return $code
}

holder_defends() {
	asked --source :: && answered R0S0O1 33:33:00:00:00:01 ff02::1
}

nobody_answers() {
	asked "$@" || return 1
	cat "$lan_dir/asked"
	[ ! -s "$lan_dir/asked" ]
}

# Neither answered nor counted: a solicitation with a fault is the stack's business.
ignored() {
	local before
	before=$(stat_of holder nd-answered)
	nobody_answers --bad "$1" && [ "$(stat_of holder nd-answered)" -eq "$before" ]
}

others_answer_for_themselves() {
	lan_ask client 2001:db8::2 --fence 2001:db8::2 | grep -q "^na .*target=2001:db8::2 lladdr=$(lan_mac member) "
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

holder_believes_nobody() {
	local before
	n holder ip neigh replace $vip lladdr 02:00:00:00:00:01 dev eth0 nud stale || return 1
	before=$(stat_of holder nd-dropped)
	n client "$lan_neighbour" say eth0 $vip
	lan_ask client 2001:db8::1 --fence 2001:db8::1 >/dev/null || return 1
	n holder ip neigh show $vip dev eth0
	n holder ip neigh show $vip dev eth0 | grep -q 02:00:00:00:00:01 &&
		[ "$(stat_of holder nd-dropped)" -gt "$before" ]
}

# A reply of the member goes straight to the client, from the vip: for that it must ask, in its own name.
member_asks_in_its_own_name() {
	local before mac
	mac=$(lan_mac member)
	before=$(stat_of member nd-rewritten)
	ip -n member neigh flush all
	lan_watch client || return 1
	n member ping -q -c 1 -W 1 -I $vip 2001:db8::9
	wait_for 30 lan_heard "ns from=$mac .* target=2001:db8::9 " || return 1
	lan_heard "from=$mac "
	lan_heard "ns from=$mac .* source=fe80:.* target=2001:db8::9 lladdr=$mac hops=255 sum=ok" &&
		! lan_heard "from=$mac .*source=$vip" &&
		[ "$(stat_of member nd-rewritten)" -gt "$before" ] &&
		wait_for 30 member_knows_client
}

member_knows_client() {
	ip -n member neigh show 2001:db8::9 | grep -q "$(lan_mac client)"
}

# new_mac NAME NUMBER: the kernel's own advertisements, of all addresses, when the device's MAC changes. They are sent
# at once, so what is missing when the machine answers a solicitation was not sent.
new_mac() {
	local mac
	n "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/eth0/ndisc_notify'
	ip -n "$1" addr replace $vip/128 dev eth0 nodad preferred_lft 0
	lan_watch client || return 1
	mac=$(lan_mac "$1")
	ip -n "$1" link set eth0 address "${mac%:*}:$(printf %02x $((0x${mac##*:} ^ 1)))"
	lan_ask client "2001:db8::$2" --fence "2001:db8::$2" >/dev/null &&
		wait_for 30 lan_heard "na from=$(lan_mac "$1") .* target=2001:db8::$2 .*flags=R0S0O1"
}

member_is_not_heard_claiming() {
	new_mac member 2 || return 1
	lan_heard "from=$(lan_mac member)"
	! lan_heard "from=$(lan_mac member) .*target=$vip"
}

holder_is_heard_claiming() {
	local code=0
	new_mac holder 1 || return 1
	wait_for 30 lan_heard "na from=$(lan_mac holder) .*target=$vip .*flags=R0S0O1" || code=1
	ip -n holder addr del $vip/128 dev eth0
	return $code
}

announced() {
	local mac frame code=0
	mac=$(lan_mac holder)
	lan_watch client || return 1
	must haadm -n other vip add 2001:db8::101 on eth0 holder holder
	must haadm -n holder vip add 2001:db8::101 on eth0 holder holder
	must wait_for 30 lan_heard "na .* target=2001:db8::101 "
	lan_heard "target=2001:db8::101 "
	frame="na from=$mac to=33:33:00:00:00:01 source=2001:db8::101 dest=ff02::1 target=2001:db8::101"
	must lan_heard "$frame lladdr=$mac hops=255 sum=ok flags=R0S0O1"
	must haadm -n holder vip del 2001:db8::101
	must haadm -n other vip del 2001:db8::101
	return $code
}

# joined NAME GROUP [DEV]
joined() {
	ip -n "$1" -6 maddr show dev "${3:-eth0}" | grep -qw "$2"
}

not_joined() {
	! joined "$@"
}

allmulti() {
	[ "$(ip -n "$1" -d -j link show dev "${2:-eth0}" | jq '.[0].allmulti')" -eq "$3" ]
}

everybody_joined() {
	joined holder $group && joined member $group && joined other $group && not_joined client $group
}

# Two vips in one group: it is left with the second.
left_with_the_last() {
	haadm -n holder vip add 2001:db8:0:1::a00:1 on eth0 holder holder && joined holder ff02::1:ff00:1 &&
		haadm -n other vip add 2001:db8:0:1::b00:7 on eth0 holder other &&
		haadm -n other vip add 2001:db8:0:2::b00:7 on eth0 holder other &&
		joined other ff02::1:ff00:7 && haadm -n other vip del 2001:db8:0:1::b00:7 &&
		joined other ff02::1:ff00:7 && haadm -n other vip del 2001:db8:0:2::b00:7 &&
		not_joined other ff02::1:ff00:7 &&
		haadm -n holder vip del 2001:db8:0:1::a00:1 &&
		# The group of the machine's own address, which the stack has joined too.
		joined holder ff02::1:ff00:1
}

# Above 256 groups all multicast is taken; below, groups again.
many() {
	local code=0
	must haadm -n other -b "$lan_dir/some"
	must allmulti other eth0 0
	must joined other ff02::1:ff00:5000
	must joined other ff02::1:ff00:50fe
	must haadm -n other -b "$lan_dir/more"
	must allmulti other eth0 1
	must not_joined other ff02::1:ff00:5000
	must asked
	must haadm -n other -b <(tail -n +256 "$lan_dir/less")
	must allmulti other eth0 0
	must joined other ff02::1:ff00:5000
	must joined other $group
	must haadm -n other -b <(head -n 255 "$lan_dir/less")
	must not_joined other ff02::1:ff00:5000
	must joined other $group
	return $code
}

# Among more vips than are all looked at each time, what is needed is joined as before, what is not any more left later.
among_very_many() {
	local code=0
	must haadm -n other -b "$lan_dir/far"
	must haadm -n other vip add 2001:db8:0:9::7777 on eth0 holder other
	must joined other ff02::1:ff00:7777
	must haadm -n other vip add 2001:db8:0:9::7778 holder other
	must not_joined other ff02::1:ff00:7778
	must haadm -n other vip set 2001:db8:0:9::7778 on eth0
	must joined other ff02::1:ff00:7778
	must haadm -n other -b "$lan_dir/some"
	must haadm -n other -b "$lan_dir/more"
	must allmulti other eth0 1
	must haadm -n other -b "$lan_dir/less"
	must wait_for 20 allmulti other eth0 0
	# While groups are left, the kernel's list of them can lack some that stay.
	must wait_for 20 not_joined other 'ff02::1:ff00:5[01][0-9a-f]*'
	must joined other ff02::1:ff00:7777
	must joined other $group
	must haadm -n other -b <(printf 'vip del 2001:db8:0:9::777%s\n' 7 8)
	must wait_for 20 not_joined other ff02::1:ff00:7777
	must haadm -n other -b <(sed 's/ holder.*//; s/ add / del /' "$lan_dir/far")
	must not_joined other ff02::1:ff00:7778
	must joined other $group
	return $code
}

# Without `on`, the devices with an address in the subnet.
joined_by_subnet() {
	local code=0
	lan_port other eth1
	must haadm -n other vip add 2001:db8:7::107 holder other
	must not_joined other ff02::1:ff00:107 eth1
	ip -n other addr add 2001:db8:7::3/64 dev eth1 nodad
	must wait_for 30 joined other ff02::1:ff00:107 eth1
	must not_joined other ff02::1:ff00:107 eth0
	ip -n other addr del 2001:db8:7::3/64 dev eth1
	must wait_for 30 not_joined other ff02::1:ff00:107 eth1
	must haadm -n other vip del 2001:db8:7::107
	ip -n other link del eth1
	return $code
}

# IPv6 goes from a device with an MTU that is too small, and comes back without its groups.
joined_again() {
	ip -n other link set eth0 mtu 1000 && not_joined other $group &&
		ip -n other link set eth0 mtu 1500 && wait_for 30 joined other $group
}

# A device that goes to another namespace leaves nothing behind and takes nothing with it.
moved() {
	local code=0
	ns_add elsewhere
	lan_port other eth2
	sed 's/eth0/eth2/' "$lan_dir/add" >"$lan_dir/some"
	must haadm -n other -b "$lan_dir/some"
	must allmulti other eth2 1
	must ip -n other link set eth2 netns elsewhere
	must allmulti elsewhere eth2 0
	must ip -n elsewhere link set eth2 netns other
	must ip -n other link set eth2 up
	must wait_for 30 allmulti other eth2 1
	sed -i 's/ on eth2.*//; s/ add / del /' "$lan_dir/some"
	must haadm -n other -b "$lan_dir/some"
	must allmulti other eth2 0
	ip -n other link del eth2
	return $code
}

# bridge_make: machine `middle`, whose br0 connects machine `behind` to the LAN and shows bridged packets to the IP
# hooks.
bridge_make() {
	ns_add middle behind || return 1
	lan_no_dad middle
	lan_no_dad behind
	lan_port middle uplink &&
		ip -n middle link add br0 type bridge mcast_snooping 0 &&
		ip -n middle link add down0 up type veth peer name eth0 netns behind &&
		ip -n middle link set uplink master br0 &&
		ip -n middle link set down0 master br0 &&
		ip -n middle link set br0 up &&
		ip -n behind link set eth0 up &&
		ip -n middle addr add 2001:db8::7/64 dev br0 nodad &&
		ip -n behind addr add 2001:db8::8/64 dev eth0 nodad &&
		n middle sh -c 'echo 1 >/proc/sys/net/bridge/bridge-nf-call-ip6tables' &&
		wait_for 10 lan_ready behind && wait_for 10 lan_ask client 2001:db8::8 --fence 2001:db8::8
}

# A bridge passes solicitations on whoever holds the vip, and its machine answers for those that it holds itself.
bridged() {
	local code=0
	must bridge_make
	must haadm -n middle node add middle addr 2001:db8::7 self
	must haadm -n middle node add behind addr 2001:db8::8
	must haadm -n middle vip add 2001:db8::102 on br0 holder behind
	must haadm -n middle vip add 2001:db8::103 on br0 holder middle
	must haadm -n behind vip add 2001:db8::102 on eth0
	set -- --fence 2001:db8::7 --fence 2001:db8::8
	must lan_ask client 2001:db8::102 "$@" >"$lan_dir/asked"
	cat "$lan_dir/asked"
	must [ "$(cut -d ' ' -f 1,2 "$lan_dir/asked")" = "na from=$(lan_mac behind)" ]
	must lan_ask client 2001:db8::103 "$@" >"$lan_dir/asked"
	cat "$lan_dir/asked"
	must [ "$(cut -d ' ' -f 1,2 "$lan_dir/asked")" = "na from=$(lan_mac middle br0)" ]
	must lan_ask client 2001:db8::102 "$@" --to "$(lan_mac behind)" >"$lan_dir/asked"
	must [ "$(cut -d ' ' -f 1,2 "$lan_dir/asked")" = "na from=$(lan_mac behind)" ]
	must ns_del middle behind
	return $code
}

# Without its guard, the member's stack answers: the tests above can fail.
unguarded() {
	haadm -n member member del $vip node member &&
		haadm -n member service del $vip &&
		haadm -n member vip del $vip && local_vip member || return 1
	asked
	cat "$lan_dir/asked"
	[ "$(wc -l <"$lan_dir/asked")" -eq 2 ] && grep -q "from=$(lan_mac member) " "$lan_dir/asked"
}

# What the module has joined goes with it, and only that.
unload() {
	local code=0
	must haadm -n holder vip add 2001:db8::107 on eth0 holder holder
	must haadm -n other -b "$lan_dir/add"
	must joined holder ff02::1:ff00:107
	must allmulti other eth0 1
	must module_unload
	must not_joined holder ff02::1:ff00:107
	must not_joined holder $group
	must allmulti other eth0 0
	must joined holder ff02::1:ff00:1
	return $code
}

need_root
need haadm jq ip
trap 'lan_unwatch; ns_del_all; rm -rf "$lan_dir"' EXIT
ktap_header
# 260 vips, each of a group of its own.
for i in {0..259}; do
	printf 'vip add 2001:db8:0:9::%x on eth0 holder other\n' $((0x5000 + i))
done >"$lan_dir/add"
head -n 255 "$lan_dir/add" >"$lan_dir/some"
tail -n +256 "$lan_dir/add" >"$lan_dir/more"
sed 's/ on eth0.*//; s/ add / del /' "$lan_dir/add" >"$lan_dir/less"
# More than are all looked at whenever one changes, and none that faces a device.
for i in {0..1099}; do
	printf 'vip add 2001:db8:aaaa::%x holder other\n' $((0x8000 + i))
done >"$lan_dir/far"
if ! check "setup: a holder, members and a client on a LAN" setup; then
	ktap_exit
fi
check "every node has joined the vip's group" everybody_joined
check "the holder answers for a vip that it does not have as an address" holder_answers
check "an advertisement for a vip is counted" counted holder nd-answered holder_answers
local_vip holder
check "the holder answers only once for a vip that it has as an address" holder_answers
ip -n holder addr del $vip/128 dev eth0
check "a holder that forwards sets the router flag" holder_answers_as_router
local_vip member
local_vip other
check "only the holder answers for a vip that others have as an address" holder_answers
check "a solicitation that a member leaves unanswered is counted" counted member nd-dropped holder_answers
check "an unreachability probe is answered" holder_answers --to "$(lan_mac holder)"
check "an unreachability probe of the member's MAC is not answered" nobody_answers --to "$(lan_mac member)"
check "a duplicate address probe is answered to all" holder_defends
for fault in hops checksum code option length; do
	check "a solicitation with a wrong $fault is not answered" ignored $fault
done
check "a solicitation that gives a multicast MAC as its sender's is not answered" nobody_answers --own 33:33:00:00:00:01
check "addresses that are no vips are answered for" others_answer_for_themselves
check "the holder's neighbour table takes no claim of its vip" holder_believes_nobody
check "a member's solicitation has the member's own address as its sender" member_asks_in_its_own_name
check "an unsolicited advertisement of a member's kernel is held back" member_is_not_heard_claiming
check "an unsolicited advertisement of the holder's kernel leaves" holder_is_heard_claiming
check "the holder announces a new vip" announced
check "a group is left only when neither a vip nor the stack uses it" left_with_the_last
check "a device takes all multicast only for more than 256 groups" many
check "more than 256 groups become all multicast among 1100 vips" among_very_many
check "a device in a vip's subnet joins where no device is named" joined_by_subnet
check "a device that gets IPv6 back joins again" joined_again
check "a device that moves to another namespace takes no group along" moved
if [ -e /proc/sys/net/bridge/bridge-nf-call-ip6tables ] || modprobe -q br_netfilter; then
	check "a machine answers solicitations that its bridge with br_netfilter passes on" bridged
else
	ktap_skip "a machine answers solicitations that its bridge with br_netfilter passes on" "no br_netfilter"
fi
check "a member answers while the guard is off" unguarded
check "the module leaves no group behind when it unloads" unload
ktap_exit
