#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets that do not fit, that came in pieces, or that are many in one: what a redirect owes to their size.
# shellcheck disable=SC2086,SC2119,SC2015 # the words here have no spaces; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
bytes=${BYTES:-20000000} some=$((bytes / 5))

family() {
	local net=10.0.0.
	head=20
	[ "$1" = 4 ] || { net=2001:db8:: head=40; }
	v=IPv$1
	vip=${net}100 plain=${net}101 client=${net}1 entry=${net}2 m1=${net}11 m2=${net}12 at=$vip
	[ "$1" = 4 ] || at="[$vip]"
}

# No service has a port yet, so pieces are not put together.
configure() {
	cluster_all "vip add $vip holder entry" "vip add $plain holder entry" \
		"service add $plain/udp" "member add $plain/udp node m2"
}

configure_ports() {
	cluster_all "service add $at:53/udp" "member add $at:53/udp node m1" "service add $at:80/tcp" \
		"member add $at:80/tcp node m1"
}

prepare() {
	local number
	need_root
	need haadm jq python3 ethtool
	module_load && cluster_make && cluster_nodes_add || return 1
	mac_entry=$(lan_mac entry) mac_m1=$(lan_mac m1)
	for number in 4 6; do
		family $number
		configure && traffic serve client udp $client 4000 - && traffic serve m2 udp $plain 53 m2 || return 1
	done
	cluster_ready
}

prepare_ports() {
	local number
	for number in 4 6; do
		family $number
		configure_ports && traffic serve m1 udp $vip 53 m1 || return 1
	done
}

send() {
	shot client src=$client dst=$vip to=$mac_entry sport=4000 "$@"
}

# sizes: lengths of the IP packets that left the holder, as one line.
sizes() {
	frames "entry out to=$mac_m1" | grep -o " len=[0-9]*" | cut -d = -f 2 | sort -n | paste -s -d ' '
}

left_in() {
	[ "$(sizes)" = "$*" ] && return 0
	echo "left in packets of: $(sizes), wanted: $*"
	return 1
}

each_piece() {
	grew entry "seen=3 redirected=3" shot client src=$client dst=$plain to=$mac_entry sport=4000 len=2992 \
		frag=1000 && heard "m2 in udp dport=53 ttl=63 off=0 more=1" "m2 in piece off=1000 more=1 ttl=63" \
			"m2 in piece off=2000 more=0 ttl=63" "m2 out udp sport=53 dport=4000"
}

# way MTU: that of the route to the member, which the holder notices.
way() {
	local name
	for name in 10.0.0.11/32 2001:db8::11/128; do
		ip -n entry route replace $name dev eth0 mtu $1 || return 1
	done
	wait_for 20 way_is $1
}

# What just fits is whole, and one byte more does not go.
way_is() {
	local number
	for number in 4 6; do
		family $number
		send df=1 len=$(($1 - head - 8)) && heard "m1 in udp df=1 len=$1" || heard "m1 in udp len=$1" ||
			return 1
		send df=1 len=$(($1 - head - 7)) && unheard "m1 in" || return 1
	done
}

too_big() {
	grew entry "seen=1 drop_mtu=1" send df=1 len=1400 && unheard "m1 in" "entry out dport=53" &&
		heard "client in icmp$1 type=$2 code=$3 info=1300 dst=$client sum=ok"
}

# 1408 bytes behind a header of 20: 1280 fit, a multiple of 8.
split() {
	grew entry "seen=1 redirected=1" send df=0 len=1400 && left_in 148 1300 &&
		heard "m1 in udp off=0 more=1 ttl=63 ipsum=ok" "m1 in piece off=1280 more=0 ttl=63 ipsum=ok" \
			"m1 out udp sport=53"
}

# A real socket learns from the answer, and then sends pieces itself.
learns() {
	local text
	text=$(printf 'x%.0s' {1..1400})
	wait_for 20 says "m1 1400 x" client udp $vip 53 text=$text wait=2
}

together() {
	local order
	for order in forth back; do
		grew entry "seen=1 redirected=1" send len=2992 frag=1000 order=$order id=$((RANDOM + 1)) &&
			left_in $((head + $1 + 1000)) $((head + $1 + 1000)) $((head + $1 + 1000)) &&
			heard "m1 in udp dport=53 off=0 more=1 ttl=63" "m1 in piece off=2000 more=0" \
				"m1 out udp sport=53 dport=4000" ||
			{ echo "$order"; return 1; }
	done
}

# The last piece is shorter, the others as they came, though the way would take larger ones.
largest_piece() {
	grew entry "seen=1 redirected=1" send len=1792 frag=800 id=7 &&
		left_in $((head + $1 + 200)) $((head + $1 + 800)) $((head + $1 + 800)) && heard "m1 out udp sport=53"
}

large() {
	grew entry "seen=1 redirected=1" send len=19992 frag=1400 id=8 &&
		heard "m1 out udp sport=53" "m1 in piece off=19600 more=0"
}

# Options in front of each piece hide that it is one.
behind_options() {
	grew entry "seen=1 redirected=1" send len=1992 frag=1000 first=8 id=13 && heard "m1 out udp sport=53 dport=4000"
}

# So does an authentication header, of which the holder knows nothing.
behind_auth() {
	grew entry "seen=1 redirected=1" send len=1992 frag=1000 auth=24 id=16 &&
		heard "m1 in proto=51 more=1" "m1 in piece off=1024 more=0"
}

# Of a length that is no multiple of 8, and without the whole header behind (RFC 8200, 4.5).
no_sense() {
	grew entry "seen=1 drop_malformed=1" send len=1992 frag=1004 id=17 && unheard "m1 in" &&
		grew entry "seen=1 drop_malformed=1" send proto=tcp frag=16 id=18 && unheard "m1 in"
}

# RFC 6980.
nd_in_pieces() {
	local before
	before=$(stat_of entry nd-dropped)
	send proto=ns ttl=255 len=40 frag=32 id=14 && unheard "entry out icmp6 type=136" &&
		[ "$(stat_of entry nd-dropped)" -eq $((before + 1)) ]
}

# What is for no vip is nobody's business: its pieces go on one by one, also if one is missing.
others_pieces() {
	local code=0
	n entry sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 || return 1
	shot client src=$client dst=$m2 to=$mac_entry sport=4000 len=2992 frag=1000 lost=1 id=15 &&
		heard "m2 in udp off=0 more=1 ttl=63" "m2 in piece off=2000 more=0 ttl=63" || code=1
	n entry sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
	return $code
}

piece_missing() {
	grew entry "" send len=2992 frag=1000 lost=1 id=9 && unheard "m1 in udp" "entry out"
}

# Pieces that are too large for the way: only in IPv4 may others make them smaller.
large_pieces4() {
	grew entry "seen=1 redirected=1" send len=2792 frag=1400 id=10 && left_in 260 1300 1300 &&
		heard "m1 out udp sport=53"
}

large_pieces6() {
	grew entry "seen=1 drop_mtu=1" send len=2792 frag=1400 id=10 && unheard "m1 in" &&
		heard "client in icmp6 type=2 code=0 info=1300"
}

# features NAME WORD...
features() {
	local name=$1
	shift
	n $name ethtool -K eth0 "$@" >/dev/null
}

packets() {
	n $1 cat /sys/class/net/eth0/statistics/rx_packets
}

# stream BYTES [split]: there and back. The traffic generator does not listen meanwhile: it cannot read so much.
stream() {
	local code=0
	cluster_deaf || return 1
	./tools/tcp_stream.py client m1 $vip 80 "$@" || code=1
	cluster_ears || return 1
	return $code
}

# counted_stream BYTES: how many packets the member got by it.
counted_stream() {
	local before
	before=$(packets m1)
	stream $1 && count=$(($(packets m1) - before)) && return 0
	return 1
}

# One large packet is many on the wire: fewer packets than bytes of one MTU each would need.
streams_large() {
	counted_stream $bytes && [ $count -lt $((bytes / 3000)) ] && return 0
	echo "$count packets"
	return 1
}

streams_small() {
	features client tso off gso off && features m1 tso off gso off && counted_stream $some || return 1
	echo $count >"$work_dir/small"
	[ $count -ge $((some / 1500)) ] && return 0
	echo "$count packets"
	return 1
}

# held_for_merging NS: how long the holder's device waits for more of a stream before it hands up what it merged.
held_for_merging() {
	n entry sh -c "echo $1 >/sys/class/net/eth0/gro_flush_timeout"
}

# Small ones that the holder's device puts together: it sends on what it got. Without a wait a slow machine merges
# little, since each poll of the device ends a merge.
streams_merged() {
	local code=0
	# A veth has its peer merge only what it can't send as one.
	n lan ethtool -K entry-eth0 tso off >/dev/null && features entry gro on && held_for_merging 2000000 &&
		counted_stream $some || code=1
	held_for_merging 0 && n lan ethtool -K entry-eth0 tso on >/dev/null && features entry gro off &&
		features client tso on gso on && features m1 tso on gso on || return 1
	# A busy machine merges a fifth of them. None would be left if the holder split what it got.
	[ $code -eq 0 ] && [ $((count * 20)) -lt $(($(<"$work_dir/small") * 19)) ] && return 0
	echo "$count packets; unmerged: $(<"$work_dir/small")"
	return 1
}

# forged MTU: says that the way to the member has that MTU, in the names of nobody and of an answer to ICMP.
forged() {
	local kind=icmp
	[[ $m1 != *:* ]] || kind=icmp6
	shot client src=$client dst=$entry to=$mac_entry about=frag mtu=$1 inner="$entry,0,$m1,0,$kind"
}

believed() {
	n entry ip -o route get $m1 | grep -q "mtu $1"
}

# What the node's own sockets believe is no limit for everybody's packets.
not_forged() {
	forged $1 && believed $1 && neighbour 02:00:00:00:00:77 permanent && neighbour $mac_m1 permanent &&
		believed $1 &&
		send df=1 len=1400 && heard "m1 in udp sport=4000 dport=53" && neighbour $mac_m1 reachable
}

# Nor is what was said of the address of everybody, by whose route packets are split.
not_forged_pieces() {
	shot client src=$client dst=$entry to=$mac_entry about=frag mtu=1280 inner="$entry,0,ff02::1,0,udp" &&
		believed_of_all &&
		grew entry "seen=1 redirected=1" send len=2792 frag=1400 id=12 && heard "m1 out udp sport=53"
}

# 6.1 does not believe it.
believed_of_all() {
	[[ $(uname -r) = 6.1.* ]] || n entry ip -6 -o route get ff02::1 oif eth0 | grep -q "mtu 1280"
}

# neighbour MAC STATE: what the holder knows of the member, which makes it look at the way again.
neighbour() {
	ip -n entry neigh replace $m1 lladdr $1 dev eth0 nud $2 && wait_for 20 way_goes $1
}

way_goes() {
	send df=1 len=100 && heard "entry out udp dport=53 to=$1"
}

doctor_tells() {
	local drops code=0
	drops=$(stat_of entry drop_mtu) && [ "$drops" -gt 0 ] || return 1
	haadm -n entry doctor >"$work_dir/doctor" || code=$?
	cat "$work_dir/doctor"
	[ $code -eq 3 ] &&
		grep -A 1 "^mtu-drops: $drops packets were dropped because they were too long" "$work_dir/doctor" |
		grep -q "mend: give all devices between clients and members the same MTU"
}

# Large packets of a size that does not fit: the client is told, and then sends smaller ones.
streams_through() {
	local before
	n client ip route flush cache
	n client ip -6 route flush cache
	before=$(stat_of entry drop_mtu)
	stream $some && [ "$(stat_of entry drop_mtu)" -gt "$before" ]
}

# Large packets that may be split, and must be: nobody is told, and they come through.
streams_split() {
	local before seen
	n client ip route flush cache
	before=$(stat_of entry drop_mtu) seen=$(stat_of entry seen)
	stream $some split && seen=$(($(stat_of entry seen) - seen)) && [ "$(stat_of entry drop_mtu)" -eq "$before" ] &&
		[ $seen -lt $((some / 3000)) ] && return 0
	echo "$seen packets, dropped: $before before, $(stat_of entry drop_mtu) now"
	return 1
}

all_add_up() {
	adds_up entry && adds_up m1 && adds_up m2
}

ktap_header
make_ready "setup: a client, a holder, two members" prepare
for number in 4 6; do
	family $number
	check "$v: fragments are redirected one by one where no service names a port" each_piece
done
make_ready "setup: services on ports" prepare_ports
for number in 4 6; do
	family $number
	[ $number = 4 ] && more=0 || more=8
	check "$v: fragments in any order leave as they came after reassembly" together $more
	check "$v: no fragment leaves larger than the largest that came" largest_piece $more
	check "$v: a packet of 20,000 bytes in fragments arrives" large
	check "$v: a packet that lacks a fragment goes nowhere" piece_missing
	check "$v: fragments for no vip are forwarded though one is missing" others_pieces
	[ $number = 4 ] || check "$v: fragments behind destination options are reassembled" behind_options
	[ $number = 4 ] || check "$v: fragments behind an authentication header are reassembled" behind_auth
	[ $number = 4 ] || check "$v: a malformed first fragment is counted as dropped" no_sense
	[ $number = 4 ] || check "$v: neighbour discovery in fragments is dropped" nd_in_pieces
	check "$v: packets of many segments stay whole in both directions" streams_large
	check "$v: packets of one segment pass in both directions" streams_small
	check "$v: segments that the holder's device merged leave merged" streams_merged
	check "$v: a forged ICMP error limits no redirected packet" not_forged $((number == 4 ? 600 : 1280))
	[ $number = 4 ] || check "$v: a forged ICMP error about a multicast route limits no fragment" not_forged_pieces
done
make_ready "the MTU of a narrower route is kept to the byte" way 1300
for number in 4 6; do
	family $number
	if [ $number = 4 ]; then
		check "$v: the sender of a packet too big with DF is told the MTU" too_big "" 3 4
		check "$v: a packet too big without DF is fragmented" split
		check "$v: fragments too big are fragmented again" large_pieces4
		check "$v: packets of many segments without DF are fragmented" streams_split
	else
		check "$v: the sender of a packet too big is told the MTU" too_big 6 2 0
		check "$v: the sender of fragments too big is told the MTU" large_pieces6
	fi
	check "$v: a stream of many segments finds the route's MTU" streams_through
	check "$v: a client's socket learns the route's MTU" learns
done
check "haadm doctor tells how many packets were dropped because they were too long" doctor_tells
check "counter seen is the sum of the packets' fates" all_add_up
ktap_exit
