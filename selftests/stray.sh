#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Strays: what a client sends to a node that no longer holds the vip goes on to the holder, marked, in a UDP datagram.
#
#   stray.sh [FAMILY...]     4 and 6 if not told
# shellcheck disable=SC2034,SC2046,SC2086,SC2119,SC2015 # the words here have no spaces; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

port=6949

# family 4|6: vip has members elsewhere, plain is served by the holder itself. Nodes have one address of each family.
family() {
	net=10.0.0. head=20 bytes=1472
	[ "$1" = 4 ] || net=2001:db8:: head=40 bytes=1452
	v=IPv$1
	vip=${net}100 plain=${net}102 dropped=${net}103 client=${net}1 entry=${net}2 m1=${net}11 other=${net}20
	at=$vip
	[ "$1" = 4 ] || at="[$vip]"
}

configure() {
	cluster_all "vip add $vip holder entry" "vip add $plain holder entry" \
		"vip add $dropped holder entry stray drop" \
		"service add $at:53/udp" "member add $at:53/udp node m1" "service add $at:80/tcp" \
		"member add $at:80/tcp node m1"
}

serve() {
	traffic serve m1 udp "$vip" 53 m1 && traffic serve entry udp "$plain" 53 entry &&
		traffic serve client udp "$client" 4000 -
}

# What a device was to finish would be heard without its checksum.
unaided() {
	local name
	for name in client entry m1 other; do n $name ethtool -K eth0 tx $1 >/dev/null || return 1; done
}

# A client that pretends to be another machine must not make the bridge believe it.
macs() {
	mac_client=$(lan_mac client) mac_entry=$(lan_mac entry) mac_m1=$(lan_mac m1) mac_other=$(lan_mac other)
	bridge -n lan link set dev client-eth0 learning off &&
		bridge -n lan fdb replace "$mac_client" dev client-eth0 master static
}

prepare() {
	need_root
	need haadm jq python3 nft
	module_load && cluster_make && cluster_nodes_add || return 1
	family 4 && configure && family 6 && configure && cluster_ready && macs && unaided off || return 1
	family 4 && serve && family 6 && serve || return 1
	# Who answers the client knows it, or the first answers would wait for it.
	local number name
	for number in 4 6; do
		family $number
		for name in m1 entry; do traffic talk $name udp "$client" 4000 wait=0 >/dev/null || return 1; done
	done
}

# stray WHERE [KEY=VALUE...]: the client believes that the vip is there.
stray() {
	local to=mac_$1
	shift
	shot client src="$client" dst="$vip" to="${!to}" sport=4000 "$@"
}

# grew_all NAME "COUNTER=N..." ... -- COMMAND...: as grew, for several nodes at once.
grew_all() {
	local -a wanted=()
	local i
	while [ "$1" != -- ]; do wanted+=("$1"); shift; done
	shift
	: >"$work_dir/heard"
	for ((i = 0; i < ${#wanted[@]}; i += 2)); do traffic count "${wanted[i]}" || return 1; done
	"$@" && traffic heard >>"$work_dir/heard" || { cat "$work_dir/heard"; return 1; }
	for ((i = 0; i < ${#wanted[@]}; i += 2)); do
		traffic grown "${wanted[i]}" ${wanted[i + 1]} ||
			{ echo "${wanted[i]}"; cat "$work_dir/heard"; return 1; }
	done
}

forwarded="seen=1 redirected=1 stray_sent=1" received="seen=1 redirected=1 stray_received=1"

# outer LENGTH: the one datagram that went from a node to the holder; it may be split.
outer() {
	heard "$1 out udp dport=$port dst=$entry src=${!1} from=${mac[$1]} to=$mac_entry sum=ok \
		len=$2 ${df:+df=0} ttl=64"
}

from_member() {
	grew_all m1 "seen=2 redirected=1 stray_sent=1 local=1" entry "$received" -- stray m1 ttl=9 &&
		outer m1 $((head + 8 + 16 + head + 8 + 32)) &&
		heard "m1 in udp dport=53 ttl=9 from=$mac_client" \
			"entry out udp dport=53 src=$client dst=$vip ttl=7 sum=ok to=$mac_m1" \
			"m1 out udp sport=53 dport=4000 src=$vip dst=$client sum=ok to=$mac_client" &&
			unheard "client out dport=$port"
}

from_neither() {
	grew_all other "$forwarded" entry "$received" m1 "seen=1 local=1" -- stray other ttl=9 &&
		outer other $((head + 8 + 16 + head + 8 + 32)) &&
		heard "m1 in udp dport=53 ttl=7 sum=ok from=$mac_entry" \
			"m1 out udp sport=53 dport=4000 src=$vip dst=$client"
}

# What the holder serves itself comes up its stack as if the client had sent it here.
to_holder_itself() {
	grew_all other "$forwarded" entry "seen=1 local=1 stray_received=1" -- \
		shot client src="$client" dst="$plain" to="$mac_other" sport=4000 &&
		heard "entry out udp sport=53 dport=4000 src=$plain dst=$client sum=ok to=$mac_client"
}

dropped() {
	grew_all other "seen=1 drop_not_holder=1" entry "" -- shot client src="$client" dst="$dropped" \
		to="$mac_other" && unheard "other out"
}

# From the holder's own address it is no stray, and would go round and round.
from_holder() {
	grew_all other "seen=1 drop_not_holder=1" entry "" -- stray other from="$mac_entry" && unheard "other out"
}

expires() {
	grew_all other "seen=1 drop_ttl=1" entry "" -- stray other ttl=1 && unheard "other out udp" &&
		grew_all other "$forwarded" entry "seen=1 drop_ttl=1 stray_received=1" -- stray other ttl=2 &&
		unheard "m1 in dport=53"
}

# The largest packet of the link is two pieces on the way, and whole again behind it.
full_size() {
	local df=''
	grew_all other "$forwarded" entry "$received" m1 "seen=1 local=1" -- stray other df=1 len=$bytes &&
		heard "m1 in udp dport=53 len=1500 sum=ok from=$mac_entry" "entry in udp dport=$port off=0 more=1" \
			"entry in piece more=0" "m1 out udp sport=53"
}

# What came in pieces arrives in pieces, none larger.
in_pieces() {
	grew_all other "seen=1 redirected=1 stray_sent=1" -- stray other len=2992 frag=1000 id=$((RANDOM + 1)) &&
		heard "m1 in udp dport=53 off=0 more=1 ttl=62" "m1 in piece off=1000 more=1" \
			"m1 in piece off=2000 more=0" "m1 out udp sport=53 dport=4000"
}

# strip PREFIX: node and holder know all nodes by addresses of the other family only. unstrip: by both again.
strip() {
	local name
	for name in other entry; do
		haadm -n $name save >"$work_dir/$name.conf" &&
			sed "/^node /s/ addr $1[^ ]*//" "$work_dir/$name.conf" | haadm -n $name restore - || return 1
	done
	wait_for 20 stripped_ready
}

unstrip() {
	local name
	for name in other entry; do haadm -n $name restore "$work_dir/$name.conf" || return 1; done
	cluster_ready
}

stripped_ready() {
	haadm -n other -j node show entry | jq -e 'any(.[0].reach4, .[0].reach6; . == "resolved")' &&
		haadm -n entry -j node show m1 | jq -e 'any(.[0].reach4, .[0].reach6; . == "resolved")'
}

# The way to the holder need not be of the packet's family.
other_family() {
	local code=0 src=2001:db8::20 dst=2001:db8::2
	[ $net = 10.0.0. ] || src=10.0.0.20 dst=10.0.0.2
	strip $net || return 1
	grew_all other "$forwarded" entry "$received" -- stray other ttl=9 len=$bytes &&
		heard "other out udp dport=$port src=$src dst=$dst off=0 more=1" \
			"other out piece src=$src dst=$dst more=0" \
			"m1 in udp dport=53 len=1500 ttl=7 sum=ok from=$mac_entry" \
			"m1 out udp sport=53 dport=4000 src=$vip" || code=1
	unstrip && return $code
}

# tell NAME FROM HEX: a datagram to the port there.
tell() {
	traffic send "$2" "${!1}" 6949 data="$3"
}

# refused WHAT HEX FROM
refused() {
	grew entry "stray_refused=1" tell entry "$3" "$2" || { echo "$1"; return 1; }
}

# inner SRC DST: a whole packet to a vip, as it would be inside.
inner() {
	python3 -c '
import ipaddress, sys, packet
print(packet.datagram(*(ipaddress.ip_address(a).packed for a in sys.argv[1:])).hex())' "$1" "$2"
}

# solicitation SRC DST: the same, of neighbour discovery.
solicitation() {
	python3 -c '
import ipaddress, struct, sys
src, dst = (ipaddress.ip_address(a).packed for a in sys.argv[1:])
head = struct.pack("!IHBB", 6 << 28, 24, 58, 255) + src + dst
print((head + struct.pack("!BBHI", 135, 0, 0, 0) + dst).hex())' "$1" "$2"
}

mark=4841530100000000 epoch=00000000

refuses() {
	local proto=04 body good
	[ $1 = 4 ] || proto=29
	body=$(inner $client $plain) good=03${proto}0000$mark$epoch
	refused "from a stranger" $good$body client || return 1
	refused "empty" 03 m1 && refused "no packet inside" $good m1 &&
		refused "variant 1" 43${proto}0000$mark$epoch$body m1 &&
		refused "control" 23${proto}0000$mark$epoch$body m1 &&
		refused "other length" 02${proto}0000$mark$epoch$body m1 &&
		refused "flags" 03${proto}0001$mark$epoch$body m1 &&
		refused "other mark" 03${proto}0000${mark/01/02}$epoch$body m1 &&
		refused "other protocol" 03110000$mark$epoch$body m1 && refused "short inside" $good${body:0:30} m1 &&
		refused "no vip" $good$(inner $client ${net}77) m1 &&
		refused "from this node itself" $good$(inner $entry $plain) m1 || return 1
	[ $1 = 4 ] || refused "neighbour discovery" $good$(solicitation $client $plain) m1 || return 1
	# The same with nothing wrong.
	grew entry "stray_received=1 seen=1 local=1" tell entry m1 $good$body
}

# Marked, at a node that does not hold the vip: dropped, though it forwards what clients send there.
no_loop() {
	local proto=04
	[ $1 = 4 ] || proto=29
	grew other "stray_received=1 seen=1 drop_not_holder=1" tell other m1 \
		03${proto}0000$mark$epoch$(inner $client $vip) && unheard "other out udp dport=$port"
}

# The member knows another MAC address of the holder, as with a bond that sends by several devices. It takes the
# holder's frame for a client's and sends it back. The holder then sends it in a tunnel, and the member serves.
other_mac() {
	local passed=0 ask="shot client src=$client dst=$vip to=$mac_entry sport=4000 dport=53"
	haadm -n m1 node set entry lladdr 02:00:00:00:00:99 dev eth0 || return 1
	grew_all entry "seen=3 redirected=3 tunnel_sent=1 stray_received=2 stray_returned=1" \
		m1 "seen=3 redirected=2 local=1 stray_sent=2 tunnel_received=1" -- $ask ttl=64 &&
		heard "client in udp sport=53 dport=4000 src=$vip" &&
		shot client src=$client dst=$vip to=$mac_entry sport=4000 dport=53 ttl=50 len=$bytes df=1 &&
		heard "m1 in udp dport=53 ttl=45 from=00:00:00:00:00:00" || passed=1
	haadm -n m1 node set entry lladdr $mac_entry dev eth0 && return $passed
}

# A client that believes in the wrong node sends it all: segments of many packets' size, checksums for devices to
# finish.
bulk() {
	local code=0 before
	unaided on && ip -n client neigh replace $vip lladdr $mac_other dev eth0 nud permanent || return 1
	cluster_deaf || return 1
	before=$(stat_of other stray_sent)
	./tools/tcp_stream.py client m1 $vip 80 4000000 || code=1
	cluster_ears || return 1
	ip -n client neigh del $vip dev eth0 && unaided off || return 1
	echo "$(($(stat_of other stray_sent) - before)) strays"
	[ $code -eq 0 ] && [ $(($(stat_of other stray_sent) - before)) -gt 100 ]
}

# box_make NAME NUMBER: a container behind that machine, which forwards for it.
box_make() {
	ns_add box-$1 && lan_no_dad $1 && lan_no_dad box-$1 &&
		printf '%s\n' "link add box0 up type veth peer name eth0 netns box-$1" \
			"addr add 10.0.$2.1/24 dev box0" \
			"addr add 2001:db8:$2::1/64 dev box0 nodad" | ip -n $1 -b - &&
		printf '%s\n' "link set eth0 up" "addr add 10.0.$2.2/24 dev eth0" "route add default via 10.0.$2.1" \
			"addr add 2001:db8:$2::2/64 dev eth0 nodad" "route add default via 2001:db8:$2::1" |
		ip -n box-$1 -b - && n $1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# Nobody but its machine knows the address of the first container, which gets that machine's address as its source.
boxes_make() {
	box_make other 9 && box_make m1 8 && n other nft -f - <<-RULES
		table ip behind {
			chain out {
				type nat hook postrouting priority 100
				ip saddr 10.0.9.0/24 oifname "eth0" masquerade
			}
		}
		table ip6 behind {
			chain out {
				type nat hook postrouting priority 100
				ip6 saddr 2001:db8:9::/64 oifname "eth0" masquerade
			}
		}
	RULES
}

# in_box NAME: a container of that machine is served by m1.
in_box() {
	traffic talk box-$1 udp $vip 53 | grep -q ^m1
}

from_container() {
	local passed=0 policy
	for policy in drop forward; do
		haadm -n other vip set $vip stray $policy || return 1
		grew_all other "seen=1 passed=1" entry "seen=1 redirected=1" m1 "seen=1 local=1" -- in_box other &&
			heard "entry in udp dport=53 src=$other dst=$vip" "m1 in udp dport=53 src=$other dst=$vip" ||
			passed=1
	done
	haadm -n other explain $box:4000 $at:53/udp in box0 | grep -q "it is left to the stack" && return $passed
}

# The vip is an address of the member's machine, so its stack would serve the packet.
from_container_of_member() {
	grew_all m1 "seen=2 redirected=1 stray_sent=1 local=1" entry "$received" -- in_box m1
}

listens() {
	[ "$(n $1 ss -Huln "sport = :$port" | wc -l)" -eq $2 ]
}

# The port is in use while a vip has its strays forwarded, and not longer.
port_opens() {
	ns_add alone || return 1
	listens alone 0 && haadm -n alone vip add 10.0.0.100 stray drop && listens alone 0 &&
		haadm -n alone vip add 10.0.0.101 && listens alone 2 && haadm -n alone vip set 10.0.0.101 stray drop &&
		listens alone 0 &&
		haadm -n alone vip set 10.0.0.100 stray forward && listens alone 2 &&
		haadm -n alone vip del 10.0.0.100 && listens alone 0 &&
		haadm -n alone restore - <<<"vip add 10.0.0.100" && listens alone 2 &&
		haadm -n alone restore - <<<"vip add 10.0.0.100 stray drop" && listens alone 0
}

# The port is somebody else's.
port_taken() {
	local refusal="UDP port $port, which strays and via gue come to, is in use" before
	traffic serve alone udp :: $port taker && before=$(haadm -n alone save) || return 1
	check_fails "vip add is refused while another socket has the port" 2 "$refusal" \
		haadm -n alone vip add 10.0.0.105
	check_fails "vip set is refused while another socket has the port" 2 "$refusal" \
		haadm -n alone vip set 10.0.0.100 stray forward on lo
	check_fails "a restore is refused while another socket has the port" 2 "$refusal" \
		haadm -n alone restore - <<<"vip add 10.0.0.106"
	check "a refusal for the port changes no configuration" test "$before" = "$(haadm -n alone save)"
	traffic close taker
	check "vip set works when the port is free again" haadm -n alone vip set 10.0.0.100 stray forward
}

ktap_header
make_ready "setup: a client, a holder, a member and a node that is neither" prepare
declare -A mac=([m1]=$mac_m1 [other]=$mac_other)
[ $# -gt 0 ] || set -- 4 6
for number; do
	family $number
	df=
	[ $number = 6 ] || df=0
	check "$v: a member sends a stray to the holder" from_member
	check "$v: a node that is neither holder nor member sends a stray to the holder" from_neither
	check "$v: the holder serves a stray itself" to_holder_itself
	check "$v: stray drop: a stray is dropped" dropped
	check "$v: a packet from the holder's MAC is no stray" from_holder
	check "$v: a stray loses a hop on each node until it is dropped" expires
	check "$v: a stray of full size arrives whole" full_size
	check "$v: a stray in fragments arrives in fragments" in_pieces
	check "$v: a stray goes to a holder that has addresses of the other family only" other_family
	check "$v: a stream of large segments goes by strays" bulk
	check "$v: a stray that is malformed or from a stranger is refused" refuses $number
	check "$v: a marked stray is not sent on" no_loop $number
	check "$v: a member that knows another MAC address of the holder gets its packets in a tunnel" other_mac
done
make_ready "setup: containers behind the member and the node that is neither" boxes_make
for number; do
	family $number
	box=10.0.9.2
	[ $number = 4 ] || box="[2001:db8:9::2]"
	check "$v: a masqueraded container reaches the vip as any other address" from_container
	check "$v: a container of a member is a client that reached the wrong node" from_container_of_member
done
check "the port is open only while a vip forwards strays" port_opens
port_taken
ktap_exit
