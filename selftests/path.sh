#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The way of a packet to a vip: who serves it, who passes it on, who drops it, and what is counted.
#
#   path.sh [FAMILY...]     4 and 6 if not told
# shellcheck disable=SC2086,SC2119,SC2015 # the words here have no spaces; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# family 4|6: addresses of the vips and machines, for what follows. vip has services on ports and a protocol, whole has
# one of each kind, plain has none, part has one member that is the holder.
family() {
	net=10.0.0.
	[ "$1" = 4 ] || net=2001:db8::
	v=IPv$1
	vip=${net}100 whole=${net}101 plain=${net}102 part=${net}103
	client=${net}1 entry=${net}2 m1=${net}11 m2=${net}12 other=${net}20
	at=$vip at_whole=$whole at_part=$part icmp=icmp
	[ "$1" = 4 ] || at="[$vip]" at_whole="[$whole]" at_part="[$part]" icmp=icmpv6
}

configure() {
	cluster_all "vip add $vip holder entry stray drop" "vip add $whole holder entry stray drop" \
		"vip add $plain holder entry stray drop" \
		"vip add $part holder entry stray drop" \
		"service add $at:53/udp" "member add $at:53/udp node m1 priority 10" \
		"member add $at:53/udp node m2 priority 20" \
		"service add $at:80/tcp" "member add $at:80/tcp node m1 priority 10" \
		"member add $at:80/tcp node m2 priority 20" "service add $vip/$icmp" "member add $vip/$icmp node m2" \
		"service add $at_whole:53/udp" "member add $at_whole:53/udp node m1" \
		"service add $whole/udp" "member add $whole/udp node m2" \
		"service add $whole" "member add $whole node other" \
		"service add $at_part:53/udp" "member add $at_part:53/udp node m1" \
		"service add $at_part:80/tcp" "member add $at_part:80/tcp node entry"
}

# Sockets wherever an address is local, so that a packet that goes wrong is answered, wrongly.
serve() {
	local name
	for name in m1 m2; do
		traffic serve $name udp "$vip" 53 $name && traffic serve $name tcp "$vip" 80 $name &&
			traffic serve $name udp "$vip" 9 $name || return 1
	done
	traffic serve m1 udp "$whole" 53 m1 && traffic serve m2 udp "$whole" 53 m2 &&
		traffic serve other udp "$whole" 53 other &&
		traffic serve m2 udp "$whole" 54 m2 && traffic serve other udp "$whole" 54 other &&
		traffic serve other tcp "$whole" 80 other &&
		traffic serve entry udp "$plain" 53 entry && traffic serve entry tcp "$plain" 80 entry &&
		traffic serve entry udp "$part" 54 entry && traffic serve entry tcp "$part" 80 entry &&
		traffic serve m1 udp "$part" 53 m1 && traffic serve client udp "$client" 9000 client &&
		traffic serve client udp "$client" 4000 -
}

settings() {
	local name
	# Of the module's own devices there were none before.
	for name in client entry m1 m2 other; do
		n $name grep -rs . /proc/sys/net |
			grep -vE "/(neigh/.*/retrans_time|random/|nf_conntrack_count)|/ha0/" | sed "s/^/$name /"
	done
}

# A client that pretends to be another machine must not make the bridge believe it.
macs() {
	mac_client=$(lan_mac client) mac_entry=$(lan_mac entry) mac_m1=$(lan_mac m1) mac_m2=$(lan_mac m2)
	mac_other=$(lan_mac other)
	bridge -n lan link set dev client-eth0 learning off &&
		bridge -n lan fdb replace "$mac_client" dev client-eth0 master static
}

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make || return 1
	settings >"$work_dir/settings"
	cluster_nodes_add || return 1
	family 4 && configure && family 6 && configure && cluster_ready && macs || return 1
	family 4 && serve && family 6 && serve || return 1
	# The clients of the next tests are known to all, or their first packets would be counted with ARP's delay.
	family 4 && says client m1 udp "$client" 9000 && says client m2 udp "$client" 9000 &&
		family 6 && says client m1 udp "$client" 9000 && says client m2 udp "$client" 9000
}

served() {
	says "m1 5 hello" client udp "$vip" 53
}

# Anything the client sends to the vip, in a frame to the holder if not told otherwise.
send() {
	shot client src="$client" dst="$vip" to="$mac_entry" sport=4000 "$@"
}

redirected() {
	grew entry "seen=1 redirected=1" send ttl=7 &&
		heard "entry in dport=53 ttl=7 to=$mac_entry" \
			"entry out udp sport=4000 dport=53 src=$client dst=$vip ttl=6 sum=ok \
			from=$mac_entry to=$mac_m1" \
			"m1 in dport=53 ttl=6" "m1 out udp sport=53 dport=4000 src=$vip dst=$client to=$mac_client" &&
		unheard "m2 in udp" "other in udp" "entry out dport=4000"
}

tcp() {
	says "m1 5 hello" client tcp "$vip" 80
}

echoes() {
	send proto=echo && heard "m2 in icmp$2 type=$1 dst=$vip" \
		"client in icmp$2 type=$3 src=$vip dst=$client from=$mac_m2 sum=ok" && unheard "m1 in dst=$vip"
}

most_specific() {
	says m1 client udp "$whole" 53 && says m2 client udp "$whole" 54 && says other client tcp "$whole" 80 ||
		return 1
	cluster_tell entry "service del $at_whole:53/udp" && says m2 client udp "$whole" 53 &&
		cluster_tell entry "service del $whole/udp" && says other client udp "$whole" 53 &&
		cluster_tell entry "service add $whole/udp" "member add $whole/udp node m2" \
			"service add $at_whole:53/udp" "member add $at_whole:53/udp node m1" &&
		says m1 client udp "$whole" 53
}

local_without_service() {
	says entry client udp "$plain" 53 && says entry client tcp "$plain" 80 && says entry client udp "$part" 54 &&
		grew entry "seen=1 local=1" shot client src="$client" dst="$plain" sport=4000 to="$mac_entry"
}

local_member() {
	says entry client tcp "$part" 80 && says m1 client udp "$part" 53
}

nobody_left() {
	cluster_tell entry "service add $at:99/udp" && grew entry "seen=1 drop_no_member=1" send dport=99 &&
		unheard "entry out" && haadm -n entry -j service show "$at:99/udp" | jq -e '.[0].dropped == 1' &&
		cluster_tell entry "service del $at:99/udp"
}

# Nothing that is sent there would come back. What else the stack knows to be none it drops before.
martian() {
	local src martians=(0.0.0.0 127.0.0.1 224.0.0.1 255.255.255.255 "$vip")
	[[ $vip != *:* ]] || martians=(:: "$vip")
	for src in "${martians[@]}"; do
		grew entry "seen=1 drop_malformed=1" shot client src=$src dst=$vip to=$mac_entry &&
			unheard "entry out" || return 1
	done
}

# Addresses that are no vip, though the very packets for one would be sent on or dropped.
untouched() {
	grew entry "" shot client src="$client" dst="$entry" to="$mac_entry" ttl=1 proto=echo &&
		heard "entry out src=$entry dst=$client" &&
		grew entry "" shot client src="$client" dst="${net}77" to="$mac_entry" ttl=1 cut=3
}

holder_from_holder() {
	grew entry "seen=1 redirected=1" send from="$mac_entry" && heard "m1 in dport=53"
}

holder_from_local() {
	grew entry "seen=1 redirected=1" says m1 entry udp "$vip" 53 && says m1 entry tcp "$vip" 80
}

# The vip is an address here, and so the source of what is sent to it: no answer would come back.
holder_from_itself() {
	grew entry "seen=1 drop_output=1" says "refused Operation not permitted" entry udp "$part" 53 &&
		says entry entry udp "$part" 54
}

member_from_client() {
	grew m1 "seen=1 drop_not_holder=1" send to="$mac_m1" && heard "m1 in dport=53" && unheard "m1 out"
}

member_from_holder() {
	grew m1 "seen=1 local=1" send to="$mac_m1" from="$mac_entry" && heard "m1 out sport=53 src=$vip"
}

# Its own process is a client like another: the holder picks, even if it picks who asked.
member_from_local() {
	grew m2 "seen=1 redirected=1" traffic talk m2 udp "$vip" 53 from="$m2" wait=0.1 >/dev/null &&
		heard "m2 out dport=53 src=$m2 dst=$vip to=$mac_entry" "m1 in dport=53 from=$mac_entry" \
			"m1 out sport=53 dst=$m2" &&
		grew m2 "seen=1 drop_not_holder=1" says "refused Operation not permitted" m2 udp "$vip" 53
}

neither_from_client() {
	grew other "seen=1 drop_not_holder=1" send to="$mac_other" && heard "other in dport=53" && unheard "other out"
}

neither_from_holder() {
	grew other "seen=1 drop_not_holder=1" send to="$mac_other" from="$mac_entry" && heard "other in dport=53" &&
		unheard "other out"
}

neither_from_local() {
	grew other "seen=1 redirected=1" says m1 other udp "$vip" 53 && says m1 other tcp "$vip" 80
}

members_reply() {
	grew m1 "seen=1 local=1" says client m1 udp "$client" 9000 from="$vip" sport=53 &&
		grew m2 "" traffic talk m2 udp "$client" 9000 from="$vip" sport=9 wait=0 &&
		heard "client in dport=9000 from=$mac_m2 src=$vip"
}

others_do_not() {
	local code=0
	ip -n other addr add "$vip/$1" dev lo ${2:+"$2"} || return 1
	grew other "seen=1 drop_output=1" says "refused Operation not permitted" other udp "$client" 9000 from="$vip" &&
		unheard "other out" || code=1
	ip -n other addr del "$vip/$1" dev lo
	return $code
}

expired() {
	local ttl
	for ttl in 1 0; do
		grew entry "seen=1 drop_ttl=1" send ttl=$ttl && unheard "m1 in" "entry out dport=53" || return 1
	done
	grew entry "seen=1 drop_ttl=1" send ttl=1 &&
		heard "client in icmp$1 type=$2 code=0 src=$entry dst=$client sum=ok" &&
		grew entry "seen=1 redirected=1" send ttl=2 && heard "m1 in ttl=1"
}

malformed() {
	local keys
	for keys in "cut=0" "cut=3" "proto=tcp cut=3" "proto=132 len=2" "proto=echo cut=7" \
		"about=unreach inner=$vip,53,$client,4000 cut=20" \
		"about=unreach inner=$vip,53,$client,4000 cut=$1" "${@:2}"; do
		grew entry "seen=1 drop_malformed=1" send $keys && unheard "entry out" || { echo "$keys"; return 1; }
	done
}

# What is said about an answer goes to who gave it.
errors_arrive() {
	send about=unreach inner="$vip,53,$client,4000" && heard "m1 in icmp$1 type=$2" && unheard "m2 in" &&
		send about=frag inner="$vip,80,$client,4000,tcp" && heard "m1 in icmp$1 type=$3" && unheard "m2 in" &&
		shot client src="$client" dst="$whole" to="$mac_entry" about=unreach inner="$whole,54,$client,4000" &&
		heard "m2 in icmp$1 type=$2" && unheard "m1 in" &&
		shot client src="$client" dst="$whole" to="$mac_entry" about=unreach \
			inner="$whole,54,$client,4000,tcp" &&
		heard "other in icmp$1 type=$2" &&
		send about=unreach inner="$m1,53,$client,4000" && heard "m2 in icmp$1 type=$2"
}

all_add_up() {
	adds_up entry && adds_up m1 && adds_up m2 && adds_up other
}

same_settings() {
	settings | diff "$work_dir/settings" -
}

ktap_header
make_ready "setup: a client, a holder, two members and a node that is neither" prepare
[ $# -gt 0 ] || set -- 4 6
for number; do
	family $number
	# Numbers that differ by family: echo request and reply, ICMP's name; expired; unreachable, too big; prefix.
	if [ $number = 4 ]; then
		echo=(8 "" 0) expiry=("" 11) errors=("" 3 3) prefix=(32) bad=(30)
	else
		echo=(128 6 129) expiry=(6 3) errors=(6 1 2) prefix=(128 nodad) bad=(50 "proto=60 len=1" "ext=8 cut=3")
	fi
	check "$v: a member serves a client's packet" served
	check "$v: the holder sends a packet on with only its TTL changed" redirected
	check "$v: TCP goes to a member" tcp
	check "$v: ICMP echo goes to its own member" echoes "${echo[@]}"
	check "$v: a packet goes to the most specific service: port, protocol, vip" most_specific
	check "$v: a packet that no service takes is delivered locally" local_without_service
	check "$v: the holder can be a member" local_member
	check "$v: without a usable member a packet is dropped" nobody_left
	check "$v: packets to other addresses are untouched" untouched
	check "$v: the holder sends on a packet from its own MAC" holder_from_holder
	check "$v: the holder sends on a packet from a local process" holder_from_local
	check "$v: a packet from the vip to itself never leaves the holder" holder_from_itself
	check "$v: a member drops a packet from a client" member_from_client
	check "$v: a member serves a packet from the holder's MAC" member_from_holder
	check "$v: a member sends a packet from a local process to the holder" member_from_local
	check "$v: a node that is neither drops a packet from a client" neither_from_client
	check "$v: a node that is neither drops a packet from the holder's MAC" neither_from_holder
	check "$v: a node that is neither sends a packet from a local process to the holder" neither_from_local
	check "$v: members reply as the vip" members_reply
	check "$v: a node that is neither sends nothing as the vip" others_do_not "${prefix[@]}"
	check "$v: a packet with a martian source is dropped" martian
	check "$v: the sender of a packet at its last hop is told" expired "${expiry[@]}"
	check "$v: a packet with truncated headers is dropped" malformed "${bad[@]}"
	check "$v: an ICMP error goes to the member of its flow" errors_arrive "${errors[@]}"
done
check "counter seen is the sum of the packets' fates" all_add_up
check "the module changes no sysctl" same_settings
ktap_exit
