#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Redirects in and out through VLAN and bridge devices; frames that a bridge merely passes are left alone.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# No configuration yet: each test gives its own to nodes that are called anew.
cluster_nodes=(entry:2 m1:11 m2:12)

family() {
	local net=10.0.0.
	net6=10.0.6.
	[ "$1" = 4 ] || net=2001:db8:: net6=2001:db8:6::
	v=IPv$1
	vip=${net}100 vip5=${net}105 vip6=${net6}100
	client=${net}1
}

# vlan NAME NUMBER: devices of VLAN 5 and 6 on eth0.
vlan() {
	local id
	for id in 5 6; do
		ip -n $1 link add eth0.$id link eth0 type vlan id $id && ip -n $1 link set eth0.$id up &&
			ip -n $1 addr add 10.0.$id.$2/24 dev eth0.$id &&
			ip -n $1 addr add 2001:db8:$id::$2/64 dev eth0.$id nodad || return 1
	done
}

# On entry, m1 is m1 in the untagged LAN, v1 in VLAN 5, and w1 in VLAN 6. On the machine m1 each of them is itself.
configure() {
	local at at5 at6 name lines
	at=$vip at5=$vip5 at6=$vip6
	[[ $vip != *:* ]] || at="[$vip]" at5="[$vip5]" at6="[$vip6]"
	cluster_tell entry "vip add $vip holder entry" "vip add $vip5 holder entry" "vip add $vip6 holder entry" \
		"service add $at:53/udp" "member add $at:53/udp node m1" "service add $at5:53/udp" \
		"member add $at5:53/udp node v1" "service add $at6:53/udp" "member add $at6:53/udp node w1" || return 1
	lines=("vip add $vip holder entry" "vip add $vip5 holder entry5" "vip add $vip6 holder entry6")
	for name in "$at" "$at5" "$at6"; do
		lines+=("service add $name:53/udp" "member add $name:53/udp node m1")
	done
	cluster_tell m1 "${lines[@]}" && traffic serve m1 udp $vip 53 m1 && traffic serve m1 udp $vip5 53 v1 &&
		traffic serve m1 udp $vip6 53 w1 && traffic serve client udp $client 4000 - &&
		traffic serve client udp ${net6}1 4000 -
}

prepare() {
	local name number
	need_root
	need haadm jq python3 ethtool bridge
	module_load && cluster_make || return 1
	vlan client 1 && vlan entry 2 && vlan m1 11 || return 1
	cluster_tell entry "node add entry addr 10.0.0.2 addr 2001:db8::2 self" \
		"node add m1 addr 10.0.0.11 addr 2001:db8::11" \
		"node add v1 addr 10.0.5.11 addr 2001:db8:5::11" "node add w1 addr 10.0.6.11 addr 2001:db8:6::11" ||
		return 1
	cluster_tell m1 "node add m1 addr 10.0.0.11 addr 2001:db8::11 self" \
		"node add entry addr 10.0.0.2 addr 2001:db8::2" \
		"node add entry5 addr 10.0.5.2 addr 2001:db8:5::2" "node add entry6 addr 10.0.6.2 addr 2001:db8:6::2" ||
		return 1
	for number in 4 6; do
		family $number
		configure || return 1
	done
	wait_for 20 cluster_reaches entry m1 v1 w1 && wait_for 20 cluster_reaches m1 entry entry5 entry6 && macs
}

macs() {
	mac_entry=$(lan_mac entry) mac_m1=$(lan_mac m1) mac_m2=$(lan_mac m2)
}

# The client's packet comes untagged and goes on with a tag, whoever puts it there.
out_by_vlan() {
	n entry ethtool -K eth0 tx-vlan-hw-insert $1 >/dev/null || return 1
	grew entry "seen=1 redirected=1" shot client src=$client dst=$vip5 to=$mac_entry sport=4000 &&
		heard "m1 in udp dport=53 ttl=63 vlan=5 sum=ok from=$mac_entry to=$mac_m1" &&
		says v1 client udp $vip5 53
}

fast() {
	haadm -n entry -j stats show | jq .fast
}

fast_by_vlan() {
	local before
	before=$(fast) && shot client src=$client dst=$vip5 to=$mac_entry sport=4000 &&
		heard "m1 in udp dport=53 ttl=63 vlan=5" &&
		[ "$(fast)" -eq $((before + 1)) ]
}

in_by_vlan() {
	grew entry "seen=1 redirected=1" shot client src=${net6}1 dst=$vip6 to=$mac_entry sport=4000 vlan=6 &&
		heard "entry in vlan=6 ttl=64" "m1 in udp dport=53 ttl=63 vlan=6 to=$mac_m1" &&
		says w1 client udp $vip6 53
}

# A holder's frame is known by its MAC, whichever VLAN of it brings it.
in_and_out() {
	grew entry "seen=1 redirected=1" shot client src=${net6}1 dst=$vip5 to=$mac_entry sport=4000 vlan=6 &&
		heard "m1 in vlan=5 dst=$vip5 ttl=63"
}

# The client's packets to v1 come by VLAN 5, and what m1 answers leaves by the untagged LAN: with rp_filter=1, m1's
# kernel drops these packets behind the module.
rp_filter() { n m1 sysctl -qw net.ipv4.conf.eth0/5.rp_filter=$1; }
rp_warned() {
	haadm -n m1 -j status | jq -e '[.warnings[] | select(contains("rp_filter"))] | length == 1 and
		(.[0] | startswith("rp_filter is 1 on eth0.5, by which entry5 sends packets of 10.0.0.105:"))'
}
rp_strict() {
	rp_filter 1 && grew m1 "seen=1 local=1" shot client src=$client dst=$vip5 to=$mac_entry sport=4000 &&
		heard "m1 in udp dport=53 vlan=5" && unheard "m1 out udp sport=53" && rp_warned
}
rp_loose() { rp_filter 2 && says v1 client udp $vip5 53 && ! rp_warned; }

# A member of entry's alone, behind a macvlan; m1 hears its packets.
macvlan_member() {
	ip -n entry link add mv7 link eth0 type macvlan mode bridge && ip -n entry link set mv7 up &&
		ip -n entry addr add 10.0.7.2/24 dev mv7 && ip -n entry addr add 2001:db8:7::2/64 dev mv7 nodad &&
		ip -n m1 addr add 10.0.7.11/24 dev eth0 && ip -n m1 addr add 2001:db8:7::11/64 dev eth0 nodad &&
		cluster_tell entry "node add x1 addr 10.0.7.11 addr 2001:db8:7::11" "vip add 10.0.0.107 holder entry" \
			"service add 10.0.0.107:53/udp" "member add 10.0.0.107:53/udp node x1" &&
		wait_for 20 cluster_reaches entry x1
}

# A lower device of a macvlan has no fast path itself, so the packets come by a VLAN. The first one after a switch of
# its member takes the slow path.
fast_by_macvlan() {
	local before
	shot client src=10.0.6.1 dst=10.0.0.107 to=$mac_entry sport=4000 vlan=6 &&
		before=$(fast) && shot client src=10.0.6.1 dst=10.0.0.107 to=$mac_entry sport=4000 vlan=6 &&
		heard "m1 in udp dport=53 ttl=63 from=$(n entry cat /sys/class/net/mv7/address) to=$mac_m1" &&
		[ "$(fast)" -eq $((before + 1)) ]
}

# bridged: the holder's address moves to a bridge with eth0 as a port.
bridged() {
	ip -n entry link add br9 address $mac_entry type bridge mcast_snooping 0 &&
		ip -n entry addr flush dev eth0 && ip -n entry link set eth0 master br9 &&
		ip -n entry link set br9 up &&
		ip -n entry addr add 10.0.0.2/24 dev br9 && ip -n entry addr add 2001:db8::2/64 dev br9 nodad &&
		wait_for 20 cluster_reaches entry m1 && for number in 4 6; do
			family $number
			wait_for 20 says m1 client udp $vip 53 || return 1
		done
}

by_bridge() {
	grew entry "seen=1 redirected=1" shot client src=$client dst=$vip to=$mac_entry sport=4000 &&
		heard "m1 in udp dport=53 ttl=63 from=$mac_entry to=$mac_m1"
}

unbridged() {
	ip -n entry link del br9 && ip -n entry addr add 10.0.0.2/24 dev eth0 &&
		ip -n entry addr add 2001:db8::2/64 dev eth0 nodad && for number in 4 6; do
			family $number
			wait_for 20 says m1 client udp $vip 53 || return 1
		done
}

# vrf_make, vrf_enter: VLAN 6 of entry goes into a VRF. The vip of its subnet has no `on`, and faced it.
vrf_make() {
	modprobe -q vrf
	ip -n entry link add blue type vrf table 100 && ip -n entry link set blue up
}

vrf_enter() {
	n entry sysctl -qw net.ipv6.conf.eth0/6.keep_addr_on_down=1 && ip -n entry link set eth0.6 master blue &&
		wait_for 10 up entry eth0.6
}
up() { [ "$(n $1 cat /sys/class/net/$2/operstate)" = up ]; }

# says_vrf COMMAND...: it is refused, with the reason.
says_vrf() {
	local printed
	printed=$(haadm -n entry "$@" 2>&1) && return 1
	[[ $printed = *"in a VRF, where vips do not work"* ]] && return 0
	echo "$printed"
	return 1
}

vrf_refused() {
	local new=10.0.6.110
	[ "$v" = IPv4 ] || new=2001:db8:6::110
	says_vrf vip add $new holder entry on eth0.6 && says_vrf vip add $new holder entry on eth0 on blue &&
		says_vrf vip set $vip on eth0.6 && haadm -n entry vip show $vip
}

# Else what save prints could not be restored after a device was put into a VRF.
vrf_restored() {
	local new=10.0.6.110
	[ "$v" = IPv4 ] || new=2001:db8:6::110
	haadm -n entry save >"$work_dir/saved" && echo "vip add $new holder entry on eth0.6" >>"$work_dir/saved" &&
		haadm -n entry restore "$work_dir/saved" && haadm -n entry save | grep -q "^vip add $new on eth0.6 " &&
		haadm -n entry vip del $new
}

# The addresses on it would not be guarded there.
vrf_not_ha() {
	local printed
	ip -n entry link show ha0 >/dev/null 2>&1 || ip -n entry link add ha0 type haswitch || return 1
	printed=$(ip -n entry link set ha0 master blue 2>&1) && return 1
	[[ $printed = *"vips do not work in a VRF"* ]]
}

# Nobody here has that address: it may be another host's in the VRF. Two hooks see the packet, and one counts it.
vrf_left_alone() {
	grew entry "seen=1 passed=1" shot client src=${net6}1 dst=$vip6 to=$mac_entry sport=4000 vlan=6 &&
		unheard "m1 in" && vrf_silent
}

# Entry answers for its own address there, and not for the vip.
vrf_silent() {
	local answers
	answers=$(n client $lan_neighbour ask eth0.6 $vip6 --fence ${net6}2) && [ -z "$answers" ] && return 0
	echo "$answers"
	return 1
}

# The kernel would take it for its own, by the table of local addresses, whoever holds the vip.
vrf_dropped() {
	local code=0 len=32
	[ "$v" = IPv4 ] || len=128
	ip -n entry addr add $vip6/$len dev ha0 && ip -n entry link set ha0 up || return 1
	grew entry "seen=1 drop_not_holder=1" shot client src=${net6}1 dst=$vip6 to=$mac_entry sport=4000 vlan=6 &&
		unheard "m1 in" "client in udp" && vrf_silent || code=1
	ip -n entry addr del $vip6/$len dev ha0 && return $code
}

# Without a device in the question, the module looks for one that faces the clients of the vip.
vrf_faces_none() {
	local printed from=${net6}1 to=$vip6
	[ "$v" = IPv4 ] || from="[$from]" to="[$to]"
	printed=$(haadm -n entry explain $from:4000 $to:53/udp 2>&1) && return 1
	[[ $printed = *"no device faces the clients of that vip"* ]] && return 0
	echo "$printed"
	return 1
}

vrf_told() {
	haadm -n entry -j status |
		jq -e '.warnings | any(startswith("eth0.6 is in the VRF blue, where vips do not work: "))' &&
		haadm -n entry status | grep '^WARNING: eth0.6 is in the VRF blue'
}

vrf_leave() {
	ip -n entry link set eth0.6 nomaster && wait_for 20 cluster_reaches entry w1 &&
		haadm -n entry -j status | jq -e '.warnings | any(contains("VRF")) | not'
}

# The bridge between all machines becomes a node itself, one that shows netfilter what it passes.
bridge_node() {
	local number at
	modprobe br_netfilter
	n lan sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 || return 1
	# Its vips face a device behind which there is nobody: entry answers for them.
	ip -n lan link add eth7 up type dummy && ip -n lan addr add 10.0.0.200/24 dev br0 &&
		ip -n lan addr add 2001:db8::200/64 dev br0 nodad &&
		cluster_tell lan "node add sw addr 10.0.0.200 addr 2001:db8::200 self" \
			"node add m2 addr 10.0.0.12 addr 2001:db8::12" ||
		return 1
	for number in 4 6; do
		family $number
		at=$vip
		[ $number = 4 ] || at="[$vip]"
		cluster_tell lan "vip add $vip holder sw on eth7" "service add $at:53/udp" \
			"member add $at:53/udp node m2" || return 1
	done
	mac_lan=$(n lan cat /sys/class/net/br0/address)
	wait_for 20 cluster_reaches lan m2
}

# For a packet that it passes the bridge is no node, though the address in it is one of its vips.
passed() {
	grew lan "seen=1 passed=1" shot client src=$client dst=$vip to=$mac_m2 sport=4000 ttl=9 &&
		heard "m2 in udp dport=53 ttl=9 to=$mac_m2" && unheard "entry in" "m1 in"
}

# What is sent to the bridge itself is for it.
for_bridge() {
	grew lan "seen=1 redirected=1" shot client src=$client dst=$vip to=$mac_lan sport=4000 ttl=9 &&
		heard "m2 in udp dport=53 ttl=8 from=$mac_lan to=$mac_m2"
}

# And to any of its ports: that which the frame comes in by, or another.
for_port() {
	local port mac
	for port in client m1; do
		mac=$(n lan cat /sys/class/net/$port-eth0/address)
		grew lan "seen=1 redirected=1" shot client src=$client dst=$vip to=$mac sport=4000 ttl=9 &&
			heard "m2 in udp dport=53 ttl=8 from=$mac_lan to=$mac_m2" || return 1
	done
}

# And to a device on it.
for_macvlan() {
	ip -n lan link show mv0 >/dev/null 2>&1 || ip -n lan link add mv0 link br0 up type macvlan mode bridge ||
		return 1
	grew lan "seen=1 redirected=1" shot client src=$client dst=$vip to="$(n lan cat /sys/class/net/mv0/address)" \
		sport=4000 ttl=9 && heard "m2 in udp dport=53 ttl=8 from=$mac_lan to=$mac_m2"
}

# But not to a guest of the machine: its device takes away what comes.
for_guest() {
	grew lan "seen=1 passed=1" shot client src=$client dst=$vip to="$(n lan cat /sys/class/net/mvt0/address)" \
		sport=4000 ttl=9 && unheard "m2 in ttl=8"
}

# A tag that the bridge has read is not put on again.
tagged() {
	local code=0
	n lan sysctl -qw net.bridge.bridge-nf-filter-vlan-tagged=1 || return 1
	grew lan "seen=1 redirected=1" shot client src=$client dst=$vip to=$mac_lan sport=4000 ttl=9 vlan=5 &&
		heard "m2 in udp dport=53 ttl=8 from=$mac_lan to=$mac_m2" && unheard "m2 in vlan=5" || code=1
	n lan sysctl -qw net.bridge.bridge-nf-filter-vlan-tagged=0
	return $code
}

# The bridge's own stack would get it, too, and the hooks would not see it again.
for_many() {
	grew lan "seen=1 drop_malformed=1" shot client src=$client dst=$vip to=01:00:5e:00:00:64 sport=4000 ttl=9 &&
		unheard "m2 in"
}

all_add_up() {
	adds_up entry && adds_up m1 && adds_up lan
}

ktap_header
make_ready "setup: a client, a holder and a member with VLANs" prepare
for number in 4 6; do
	family $number
	check "$v: a packet leaves by a VLAN device whose driver tags" out_by_vlan on
	check "$v: a packet leaves tagged by a VLAN device whose driver does not tag" out_by_vlan off
	check "$v: a packet that leaves by a VLAN device takes the fast path" fast_by_vlan
	check "$v: a packet comes and leaves by one VLAN device" in_by_vlan
	check "$v: a packet comes by one VLAN device and leaves by another" in_and_out
done
family 4
check "status warns of rp_filter=1 where a member's answers leave by another device" rp_strict
check "status does not warn of rp_filter=2, with which the member answers" rp_loose
make_ready "setup: a member behind a macvlan" macvlan_member
check "a packet that leaves by a macvlan takes the fast path" fast_by_macvlan
check "the macvlan is deleted" ip -n entry link del mv7
make_ready "setup: the holder's address moves to a bridge" bridged
for number in 4 6; do
	family $number
	check "$v: a packet comes and leaves by a bridge device" by_bridge
done
make_ready "setup: the holder's address moves back from the bridge" unbridged
if vrf_make; then
	check "a device of haswitch does not go into a VRF" vrf_not_ha
	make_ready "setup: a device goes into a VRF" vrf_enter
	for number in 4 6; do
		family $number
		check "$v: a vip on a device in a VRF is refused with the reason" vrf_refused
		check "$v: a restore takes a vip whose device is in a VRF" vrf_restored
		check "$v: a packet that comes by a device in a VRF is left alone, and counted once" vrf_left_alone
		check "$v: such a packet to an address of this machine is dropped" vrf_dropped
		check "$v: a vip whose only device is in a VRF faces no device" vrf_faces_none
	done
	check "status warns of the device in a VRF" vrf_told
	make_ready "setup: the device leaves the VRF" vrf_leave
	for number in 4 6; do
		family $number
		check "$v: a packet comes by the device that has left the VRF" in_by_vlan
	done
else
	ktap_skip "a device in a VRF" "no VRF"
fi
if modprobe br_netfilter 2>/dev/null || [ -e /proc/sys/net/bridge ]; then
	make_ready "setup: a bridge that is a node" bridge_node
	for number in 4 6; do
		family $number
		check "$v: a frame that a bridge passes on is left alone" passed
		check "$v: a frame for the bridge is redirected" for_bridge
		check "$v: a frame for a port of the bridge is redirected" for_port
		check "$v: a frame for a macvlan on the bridge is redirected" for_macvlan
		if ip -n lan link show mvt0 >/dev/null 2>&1 ||
			ip -n lan link add mvt0 link br0 up type macvtap mode bridge 2>/dev/null; then
			check "$v: a frame for a guest on the bridge is left alone" for_guest
		else
			ktap_skip "$v: a frame for a guest on the bridge is left alone" "no macvtap"
		fi
		check "$v: a multicast frame is dropped" for_many
		check "$v: a packet that came with a VLAN tag leaves without" tagged
	done
else
	ktap_skip "frames that a bridge passes" "no br_netfilter"
fi
check "counter seen is the sum of the packets' fates" all_add_up
ktap_exit
