#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Via tunnel, or gue: members behind a router get packets inside others, take them out, and serve them.
#
#   tunnel.sh [gue] [FAMILY...]     4 and 6 if not told
#   tunnel.sh [gue] brief           IPv4 alone, without streams, switches and load
# shellcheck disable=SC2086,SC2119,SC2120,SC2015 # the words here have no spaces; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# The client (1), the entry (2), which holds the vips, a router (254) and a node for via direct (20) are on the LAN.
# Each behind a link of its own to the router: m1, which the others know by addresses of both families, four by an IPv4
# address alone, and six by an IPv6 one.
declare -A number=([m1]=1 [four]=2 [six]=3)
members=(m1 four six) rounds=${ROUNDS:-20} bytes=${BYTES:-2000000}

# family 4|6: ip is what the IP header takes, and head all those around it, which are of the same family. cover is how
# the outer packet is told of.
family() {
	v=IPv$1 vip=10.0.0.100 client=10.0.0.1 entry=10.0.0.2 m1=10.0.1.11 new=10.0.1.12 near=10.0.0.20 none=10.0.0.99 \
		router=10.0.0.254 net1=10.0.1.0/24 ip=20 proto=4 icmp=icmp word=icmp
	[ "$1" = 4 ] || { vip=2001:db8::100 client=2001:db8::1 entry=2001:db8::2 m1=2001:db8:1::11 new=2001:db8:1::12
		near=2001:db8::20 none=2001:db8::99 router=2001:db8::254 net1=2001:db8:1::/64 ip=40 proto=41 \
			icmp=icmpv6 word=icmp6; }
	head=$ip cover=proto=$proto
	[ $by = tunnel ] || head=$((ip + 12)) cover=gue
	at=$vip room=$((1500 - head))
	[ "$1" = 4 ] || at="[$vip]"
}

# far NAME: a machine with a link to the router, that believes no packet which comes by another way than answers take.
far() {
	local id=${number[$1]}
	ns_add $1 && lan_no_dad $1 && printf '%s\n' "link add $1 type veth peer name eth0 netns $1" "link set $1 up" \
		"addr add 10.0.$id.254/24 dev $1" "addr add 2001:db8:$id::254/64 dev $1 nodad" | ip -n router -b - &&
		printf '%s\n' "link set eth0 up" "addr add 10.0.$id.11/24 dev eth0" \
			"addr add 2001:db8:$id::11/64 dev eth0 nodad" \
			"route add default via 10.0.$id.254" "route add default via 2001:db8:$id::254" |
			ip -n $1 -b - &&
		n $1 sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1 &&
		traffic ear $1 $1 eth0 $1 && traffic ear router-$1 router $1 $1
}

# Errors are told as often as there is a reason.
routes() {
	local id name
	for name in router entry; do
		n $name sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 || return 1
	done
	n router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 || return 1
	for id in 1 2 3; do
		for name in entry client; do
			ip -n $name route add 10.0.$id.0/24 via 10.0.0.254 &&
				ip -n $name route add 2001:db8:$id::/64 via 2001:db8::254 || return 1
		done
	done
}

# The port says who serves, and by which via.
ports=(53/udp:m1 54/udp:four 56/udp:six 80/tcp:m1 81/tcp:m1 57/udp:near)

via() {
	case $1:$2 in "$2:$2") echo local ;; *:near) echo direct ;; *) echo $by ;; esac
}

configured() {
	local name=$1 port version
	printf '%s\n' "node add entry addr 10.0.0.2 addr 2001:db8::2" "node add m1 addr 10.0.1.11 addr 2001:db8:1::11" \
		"node add four addr 10.0.2.11" "node add six addr 2001:db8:3::11" \
		"node add near addr 10.0.0.20 addr 2001:db8::20" |
		sed "s/^node add $name .*/& self/"
	for version in 4 6; do
		family $version
		echo "vip add $vip holder entry"
		for port in "${ports[@]}"; do
			printf '%s\n' "service add $at:${port%:*} failback auto" \
				"member add $at:${port%:*} node ${port#*:} via $(via $name ${port#*:})"
		done
		printf '%s\n' "service add $at:58/udp failback auto" \
			"member add $at:58/udp node m1 priority 10 via $(via $name m1)" \
			"member add $at:58/udp node six priority 20 via $(via $name six)" \
			"service add $vip/$icmp failback auto" "member add $vip/$icmp node m1 via $(via $name m1)" \
			"service add $vip/$proto failback auto" "member add $vip/$proto node m1 via $(via $name m1)"
	done
}

serve() {
	local number
	for number in 4 6; do
		family $number
		traffic serve m1 udp $vip 53 m1 && traffic serve m1 tcp $vip 80 m1 &&
			traffic serve four udp $vip 54 four &&
			traffic serve six udp $vip 56 six && traffic serve client udp $client 4000 - || return 1
	done
}

prepare() {
	local name
	need_root
	need haadm jq python3 ethtool nft
	module_load && lan_make && traffic_start && lan_join client 1 && lan_join entry 2 && lan_join near 20 &&
		lan_join router 254 || return 1
	for name in client entry near; do traffic ear $name $name eth0 || return 1; done
	for name in "${members[@]}"; do far $name || return 1; done
	routes || return 1
	for name in entry "${members[@]}"; do
		configured $name >"$work_dir/$name.conf" && haadm -n $name -b "$work_dir/$name.conf" || return 1
	done
	mac_entry=$(lan_mac entry) mac_router=$(lan_mac router)
	serve && wait_for 20 cluster_reaches entry near && warm
}

# All know each other's link-layer addresses: what is counted below is not held up.
warm() {
	local number
	for number in 4 6; do
		family $number
		by_its_router && by_other_family && says m1 entry udp $vip 53 || return 1
	done
}

# ask [KEY=VALUE...]: the client to the vip.
ask() { shot client src=$client dst=$vip to=$mac_entry sport=4000 "$@"; }

by_its_router() { says m1 client udp $vip 53 && says m1 client tcp $vip 80 && pings; }
pings() { n client ping -q -c 1 -W 10 $vip; }
by_other_family() { says four client udp $vip 54 && says six client udp $vip 56; }
by_a_local_process() {
	says m1 entry udp $vip 53 && says m1 entry tcp $vip 80 && says four entry udp $vip 54 &&
		says six entry udp $vip 56
}

# grew_both COUNTERS-OF-ENTRY COUNTERS-OF-M1 COMMAND...
grew_both() {
	local entry_wanted=$1 m1_wanted=$2
	shift 2
	traffic count m1 && grew entry "$entry_wanted" "$@" && traffic grown m1 $m1_wanted
}

sent="seen=1 redirected=1 tunnel_sent=1" got="seen=1 local=1 tunnel_received=1"

# The inner packet is the client's but for its hop; the outer one has a full way before it.
around() {
	local df=''
	[ $proto = 41 ] || df=inner:ipsum=ok
	grew_both "$sent" "$got" ask ttl=9 &&
		heard "entry out $cover src=$entry dst=$m1 ttl=64 to=$mac_router len=$((head + ip + 40)) inner:udp \
			inner:src=$client inner:dst=$vip inner:sport=4000 inner:dport=53 inner:ttl=8 inner:sum=ok $df" \
			"m1 in udp src=$client dst=$vip ttl=8 sum=ok" \
			"client in udp sport=53 src=$vip dst=$client" && unheard "client in $cover" "entry in sport=53"
}

# What routers may do to the inner packet they may do to the outer one; IPv6 they never split.
split_alike() {
	ask df=1 && heard "entry out $cover df=1 inner:df=1" && ask df=0 && heard "entry out $cover df=0 inner:df=0"
}

hops() {
	local ttl
	for ttl in 1 0; do grew entry "seen=1 drop_ttl=1" ask ttl=$ttl && unheard "m1 in" || return 1; done
	grew entry "seen=1 drop_ttl=1" ask ttl=1 && heard "client in $word type=$1 code=0 src=$entry dst=$client" &&
		grew_both "$sent" "$got" ask ttl=2 && heard "m1 in udp ttl=1"
}

# inside FROM [KEY=VALUE...]: a packet to the vip inside one to m1 from there, from the machine that FROM names.
inside() {
	local from=$1
	shift
	shot $from src=$client dst=$vip to=$mac_router sport=4000 outer=$outer,$m1 $inside "$@"
}

# Who is not the holder is not believed, whatever he puts into a packet.
forged() {
	local outer
	for outer in $client $near; do
		grew m1 "tunnel_refused=1" inside client && heard "m1 in $cover src=$outer" &&
			unheard "m1 in udp" "m1 out udp" || return 1
	done
	# What is for no vip is none of the module's business, and what only a neighbour may say is not for who is none.
	outer=$entry
	grew m1 "$nobody" inside entry dst=$none && unheard "m1 out udp" || return 1
	[ $proto = 4 ] || { grew m1 "tunnel_refused=1" inside entry proto=ns ttl=255 &&
		unheard "m1 out $word type=136"; } || return 1
	grew m1 "$got" inside entry && heard "m1 out udp sport=53"
}

# Congestion on the way is told the receiver if he understands it; else the packet is lost (RFC 6040, 4.2).
congestion() {
	local outer=$entry tos
	for tos in 0 1 2 3 184 186; do
		ask tos=$tos && heard "entry out $cover tos=$tos inner:tos=$tos" "m1 in udp tos=$tos" || return 1
	done
	grew m1 "$got" inside entry tos=186 outer-tos=187 && heard "m1 in udp tos=187 sum=ok" &&
		grew m1 "$got" inside entry tos=185 outer-tos=3 && heard "m1 in udp tos=187 sum=ok" &&
		grew m1 "$got" inside entry tos=3 outer-tos=2 && heard "m1 in udp tos=3" &&
		grew m1 "tunnel_refused=1" inside entry tos=184 outer-tos=187 && unheard "m1 in udp"
}

# fits SIZE: just this much does, and no more.
fits() {
	ask df=1 len=$(($1 - ip - 8)) && heard "m1 in udp len=$1 sum=ok" || return 1
	grew entry "seen=1 drop_mtu=1" ask df=1 len=$(($1 - ip - 7)) && unheard "m1 in" &&
		heard "client in $word type=$2 code=$3 info=$1 dst=$client sum=ok"
}

# 1480 bytes behind a header of 20: so many of them fit, a multiple of 8.
split() {
	local fit=$(((room - 20) / 8 * 8))
	grew_both "seen=1 redirected=1 tunnel_sent=2" "seen=1 local=1 tunnel_received=2" ask df=0 len=1472 &&
		heard "entry out $cover len=$((head + 20 + fit)) inner:off=0 inner:more=1 inner:len=$((20 + fit))" \
			"entry out $cover inner:off=$fit inner:more=0 inner:len=$((1500 - fit))" \
			"m1 out udp sport=53"
}

# The pieces of a packet that was put together are no larger than they came.
pieces() {
	local order
	for order in forth back; do
		grew_both "seen=1 redirected=1 tunnel_sent=3" "seen=1 local=1 tunnel_received=3" ask len=2992 \
			frag=1000 order=$order id=$((RANDOM + 1)) &&
			heard "m1 out udp sport=53 dport=4000" "m1 in udp dport=53 off=0 more=1" \
				"m1 in piece off=2000 more=0" || return 1
	done
}

# A real socket, which may have to learn first what fits.
large() { wait_for 20 says "m1 8000 xxxx" client udp $vip 53 wait=2 text="$(printf 'x%.0s' {1..8000})"; }

# What is said about an answer goes to who gave it.
errors() {
	ask about=unreach inner=$vip,53,$client,4000 && heard "m1 in $word type=$1 src=$client dst=$vip" &&
		ask about=frag inner=$vip,80,$client,4000,tcp && heard "m1 in $word type=$2"
}

ears_off() {
	local name; for name in client entry near "${members[@]}"; do traffic deaf $name ||
		return 1; done; for name in "${members[@]}"; do traffic deaf router-$name || return 1; done
}
ears_on() {
	local name
	for name in client entry near; do traffic ear $name $name eth0 || return 1; done
	for name in "${members[@]}"; do
		traffic ear $name $name eth0 $name && traffic ear router-$name router $name $name || return 1
	done
}

packets() { n $1 cat /sys/class/net/eth0/statistics/rx_packets; }

# counted_stream SERVER ADDR PORT [HOW]: how many packets it got by that. The traffic generator cannot read so much.
counted_stream() {
	local code=0 before
	ears_off && before=$(packets $1) || return 1
	./tools/tcp_stream.py client $1 $2 $3 $bytes ${4:-} || code=1
	count=$(($(packets $1) - before))
	ears_on && return $code
}

# The member offers segments that fit into the tunnel, so a client sends no packet that is too large, of which the
# holder would have to tell it.
uploads() {
	local code=0
	haadm -n m1 member set $at:81/tcp node m1 via $by || return 1
	n client nft -f - <<-RULES || return 1
		table inet deaf {
			chain in {
				type filter hook input priority 0
				icmp type destination-unreachable drop
				icmpv6 type packet-too-big drop
			}
		}
	RULES
	n client ip route flush cache
	timeout 20 ./tools/tcp_stream.py client m1 $vip 81 100000 || code=1
	n client nft delete table inet deaf && haadm -n m1 member set $at:81/tcp node m1 via local && return $code
}

# One large packet is many on the wire: fewer packets than bytes of one MTU each would need. The first is too large.
streams_large() {
	n client ip route flush cache && counted_stream m1 $vip 81 && [ $count -lt $((bytes / 3000)) ] && return 0
	echo "$count packets"
	return 1
}

streams_small() {
	n client ethtool -K eth0 tso off gso off >/dev/null && counted_stream m1 $vip 81 || return 1
	n client ethtool -K eth0 tso on gso on >/dev/null
	[ $count -ge $((bytes / 1500)) ] && return 0
	echo "$count packets"
	return 1
}

# Segments of a tunnel of the client's own, which ends at m1: one more around them no device knows.
streams_inside() {
	local code=0 kind=ipip far=2001:db8:9::2
	[ $proto = 4 ] && far=10.9.0.2 || kind="ip6tnl mode ip6ip6"
	ip -n client link add name own type $kind local $client remote $vip &&
		ip -n m1 link add name own type $kind local $vip remote $client &&
		ip -n client link set own up && ip -n m1 link set own up &&
		n m1 sysctl -qw net.ipv4.conf.own.rp_filter=0 || return 1
	if [ $proto = 4 ]; then
		ip -n client addr add 10.9.0.1/24 dev own && ip -n m1 addr add 10.9.0.2/24 dev own
	else
		ip -n client addr add 2001:db8:9::1/64 dev own nodad && ip -n m1 addr add 2001:db8:9::2/64 dev own nodad
	fi && counted_stream m1 $far 82 || code=1
	ip -n client link del own && ip -n m1 link del own && return $code
}

# narrow MTU: the link behind the router takes no more, which the holder does not know, nor the client.
narrow() {
	ip -n router link set m1 mtu $1 && ip -n m1 link set eth0 mtu $1
}

forget() {
	local name; for name in entry client router; do ip -n $name route flush cache &&
		ip -n $name -6 route flush cache || return 1; done
}

# The router tells the holder, and the holder the client, from then on.
learns() {
	forget && narrow 1400 || return 1
	ask df=1 len=$((1400 - ip - 8)) && heard "entry in $word type=$1 code=$2 info=1400 dst=$entry" &&
		unheard "client in $word type=$1" &&
		fits $((1400 - head)) "$@" &&
		{ [ $brief ] || { n client ip route flush cache && counted_stream m1 $vip 81; }; }
}

# An IPv6 packet that every link must take goes, in pieces, where it does not fit.
smallest() {
	forget && narrow 1300 && ask len=$((1280 - ip - 8)) && heard "entry in icmp6 type=2 info=1300" &&
		ask len=$((1280 - ip - 8)) && heard "m1 in udp len=1280 sum=ok" "entry out piece" && fits 1280 2 0
}

wide() { ip -n router link set m1 mtu 1500 && ip -n m1 link set eth0 mtu 1500 && forget; }

# flow MODE PACKETS: so many moves of one flow from m1 to six and back.
flow() {
	local report
	ears_off || return 1
	report=$(./tools/udp_flow.py $1 $vip 58 $rounds $2 client m1 six -- haadm -n entry node set m1 state down -- \
		haadm -n entry node set m1 state up)
	echo "$report"
	ears_on && jq -e ".moves == $rounds and .lost == 0 and .stale == 0 and .early == 0 and .twice == 0" \
		<<<"$report" >/dev/null
}

# fast NUMBER COMMAND...: so many packets take the holder's fast path meanwhile.
fast() {
	local number=$1 before
	shift
	before=$(stat_of entry fast) && "$@" || return 1
	[ $(($(stat_of entry fast) - before)) -eq $number ] && return 0
	echo "not $number but $(($(stat_of entry fast) - before)) took the fast path: $*"
	cat "$work_dir/heard"
	return 1
}
has_hook() { haadm -n entry -j status | jq -e '.doors >= 1'; }
arrives() { ask "$@" && heard "m1 in udp dport=53 sum=ok"; }

# Packets that need nothing special take it; those that do not fit, or that a local process sends, do not.
plain_ones() {
	wait_for 10 has_hook && arrives && fast 1 arrives && fast 1 arrives tos=3 && fast 0 ask ttl=1 &&
		fast 0 ask frag=16 id=5 len=32 &&
		fast 1 arrives pad=9 len=8 && heard "entry out $cover len=$((head + ip + 16))" && ask dport=57 &&
		fast 1 ask dport=57 &&
		heard "near in udp dport=57 from=$mac_entry" && fast 0 by_a_local_process && fast 1 fits $room "$@"
}

# outers [COUNT]: what the holder sends for packets of all kinds, but for the outer id.
outers() {
	local keys
	for keys in ttl=2 ttl=255 df=0 df=1 tos=1 tos=2 tos=3 tos=187 len=0 "len=3 pad=15" "len=$((room - ip - 8))"; do
		ask id=77 $keys && frames "entry out $cover" | sed 's/ id=[0-9]*//' || return 1
	done
}

both_paths() {
	local code=0
	arrives && fast 11 outers >"$work_dir/fast" && haadm -n entry vip set $vip hook prerouting || return 1
	fast 0 outers >"$work_dir/complete" || code=1
	haadm -n entry vip set $vip hook ingress && [ "$(wc -l <"$work_dir/fast")" -eq 11 ] &&
		diff "$work_dir/fast" "$work_dir/complete" && return $code
}

# Rules for the datagrams hold for them; the routes to m1 are looked up again when one of them changes.
ruled() {
	local code=0 rule="ipproto udp dport 6949 table 69" six=-6
	[ $proto = 41 ] || six=-4
	ip -n entry $six rule add $rule && ip -n entry route add $net1 via $near table 69 && way via $router &&
		fast 1 by "$(lan_mac near)" || code=1
	ip -n entry $six rule del $rule && ip -n entry $six route flush table 69 && way via $router &&
		fast 1 by $mac_router && return $code
}

# way WORD...: the holder's route to m1 is that.
way() { ip -n entry route replace $net1 "$@"; }
by() { ask && heard "entry out $cover to=$1"; }

route_moves() {
	local code=0
	fast 1 arrives && way via $near && fast 1 by "$(lan_mac near)" || code=1
	way via $router && fast 1 arrives && return $code
}

route_narrows() {
	local code=0
	way via $router mtu 1400 && fast 1 fits $((1400 - head)) "$@" || code=1
	way via $router && fast 1 arrives && return $code
}

neighbour() { ip -n entry neigh replace $router lladdr $1 dev eth0 nud $2; }
is_now() { [[ $(ip -n entry neigh show $router dev eth0) = *$1* ]]; }

# Its address is another, and it is stale: it is used, and probed. Failed: the stack asks for it, and sends what waits.
neighbour_moves() {
	local code=0
	fast 1 arrives && neighbour 02:00:00:00:99:99 reachable && fast 1 by 02:00:00:00:99:99 || code=1
	neighbour $mac_router stale && is_now STALE && fast 1 arrives &&
		{ is_now DELAY || is_now PROBE || is_now REACHABLE; } && wait_for 20 is_now REACHABLE || code=1
	ip -n entry neigh change $router dev eth0 nud failed && fast 0 ask && wait_for 20 is_now REACHABLE &&
		fast 1 arrives && return $code
}

# The holder itself sends to the new address, by the same route cache.
another_address() {
	local code=0
	ip -n m1 addr add $new/$1 dev eth0 ${2:-} && haadm -n entry node set m1 addr $new || return 1
	ask && heard "entry out $cover src=$entry dst=$new" "m1 out udp sport=53" || code=1
	haadm -n entry node set m1 addr $m1 && ask && heard "entry out $cover dst=$m1" "m1 out udp sport=53" || code=1
	ip -n m1 addr del $new/$1 dev eth0 && return $code
}

# Without a route, of either family, there is no way; with it there is at once.
no_route() {
	local code=0
	ip -n entry route replace unreachable 10.0.1.0/24 &&
		ip -n entry route add unreachable 2001:db8:1::/64 metric 1 || return 1
	grew entry "seen=1 drop_unresolved=1" ask && unheard "entry out $cover" || code=1
	ip -n entry route replace 10.0.1.0/24 via 10.0.0.254 &&
		ip -n entry route del unreachable 2001:db8:1::/64 metric 1 || return 1
	grew_both "$sent" "$got" ask && return $code
}

# Who has become the holder takes what the one before it has still sent here.
taken_over() {
	local outer=$entry code=0
	haadm -n m1 vip set $vip holder m1 || return 1
	grew m1 "$got" inside entry && heard "m1 out udp sport=53" && outer=$client &&
		grew m1 "tunnel_refused=1" inside client || code=1
	haadm -n m1 vip set $vip holder entry && return $code
}

# That no link leads to it says nothing against a member that is reached by tunnel; that it is lost does.
told() {
	haadm -n entry -j member show $at:53/udp | jq -e '.[0].via == "'$by'"' && haadm -n entry -j node show m1 |
		jq -e '.[0].reach4 == "no-route"' &&
		haadm -n entry -j status | jq -e '[.vips[].served] | all' && haadm -n entry save |
		grep -qxF "member add $at:53/udp node m1 priority 100 via $by" || return 1
	haadm -n entry node set m1 state down && haadm -n entry status | grep -q "no usable member (m1 was set down)" &&
		grew entry "seen=1 drop_no_member=1" ask && haadm -n entry node set m1 state up &&
		grew_both "$sent" "$got" ask
}

# The via is changed while it is in use; who is behind a router is reached by no link.
another_via() {
	haadm -n entry member set $at:53/udp node m1 via direct && grew entry "seen=1 drop_unresolved=1" ask &&
		haadm -n entry member set $at:53/udp node m1 via $by && grew_both "$sent" "$got" ask
}

# sports COMMAND...: by which source ports the holder has sent then.
sports() { "$@" && frames "entry out gue" | sed -n 's/^[^:]* sport=\([0-9]*\) .*/\1/p'; }

# Its port is the flow's, by either path, with or without a payload; others have others.
told_apart() {
	local first port seen=''
	first=$(sports ask sport=4000) && [ "$first" -ge 49152 ] && [ "$(sports ask sport=4000 len=0)" = $first ] &&
		[ "$(sports ask sport=4000 len=700 ttl=9 tos=3)" = $first ] || return 1
	for port in 4000 4001 4002 4003 4004 4005 4006 4007; do seen+=" $(sports ask sport=$port)"; done
	echo "$seen"
	[ "$(tr ' ' '\n' <<<"$seen" | sort -u | grep -c .)" -ge 6 ]
}

# Over IPv4 there need be none, over IPv6 there has to be; a wrong one is that of nobody's datagram.
checksums() {
	local outer=$entry sum=none
	[ $proto = 4 ] || sum=ok
	# Else the device would be the one to sum, and there is none.
	n entry ethtool -K eth0 tx off >/dev/null && ask && heard "entry out gue sum=$sum inner:sum=ok" &&
		ask len=901 && heard "entry out gue sum=$sum inner:sum=ok" &&
		n entry ethtool -K eth0 tx on >/dev/null && grew m1 "$got" inside entry gue-sum=ok &&
		grew m1 "" inside entry gue-sum=bad && unheard "m1 out udp" || return 1
	if [ $proto = 4 ]; then grew m1 "$got" inside entry gue-sum=none; else grew m1 "" inside entry gue-sum=none; fi
}

# What a device would have segmented and summed the holder does itself, where it can't.
streams_summed() {
	local code=0
	n entry ethtool -K eth0 tx off >/dev/null && counted_stream m1 $vip 81 || code=1
	n entry ethtool -K eth0 tx on >/dev/null && return $code
}

# Another's socket on the port: via gue can't be had, and nothing is changed; then it can, until there are no vips.
port_taken() {
	local code=0
	printf '%s\n' "node add near self addr 10.0.0.20" "node add m1 addr 10.0.1.11" \
		"vip add 10.0.0.100 stray drop holder near" \
		"service add 10.0.0.100/udp" "member add 10.0.0.100/udp node m1" | haadm -n near -b - && ! listens ||
		return 1
	traffic serve near udp 10.0.0.20 6949 - || return 1
	check_words "UDP port 6949, which strays and via gue come to, is in use" haadm -n near \
		member set 10.0.0.100/udp node m1 via gue priority 7 &&
		haadm -n near -j member show | jq -e '.[0].via == "direct" and .[0].priority == 100' || code=1
	traffic close - && haadm -n near member set 10.0.0.100/udp node m1 via gue && listens && opens_and_closes ||
		code=1
	haadm -n near restore /dev/null && ! listens && return $code
}
# With the last one that is reached so it goes, however that ends.
opens_and_closes() {
	local near="haadm -n near" at=10.0.0.100/udp
	$near member set $at node m1 via tunnel && ! listens && $near member set $at node m1 via gue && listens &&
		$near member set $at node m1 via gue && $near member del $at node m1 && ! listens &&
		$near member add $at node m1 via gue && listens && $near save >"$work_dir/near.conf" &&
		$near service del $at && ! listens &&
		$near restore "$work_dir/near.conf" && listens && $near restore /dev/null && ! listens &&
		$near restore "$work_dir/near.conf" && listens
}
check_words() {
	local text=$1 said
	shift
	said=$("$@" 2>&1) && return 1
	[[ $said = *"$text"* ]] && return 0
	echo "$said"
	return 1
}
listens() { n near ss -Hlun | grep -q ':6949 '; }

all_add_up() { local name; for name in entry "${members[@]}"; do adds_up $name || return 1; done; }

# Packets of both families come without an end. No socket of the traffic generator may keep a namespace.
flood() {
	ears_off && traffic close m1 && traffic close four && traffic close six || return 1
	./tools/udp_flow.py flood 10.0.0.100 58 client &
	floods=($!)
	./tools/udp_flow.py flood 2001:db8::100 58 client &
	floods+=($!)
}
flows() { [ "$(stat_of six tunnel-received)" -gt 0 ] || [ "$(stat_of m1 tunnel-received)" -gt 0 ]; }

# A restore puts other nodes, with routes of their own, into the place of those there are.
restores() {
	local i
	for ((i = 0; i < 10; i++)); do haadm -n entry restore "$work_dir/entry.conf" || return 1; done
	flows
}

module_cycles() {
	local i name
	for ((i = 0; i < 5; i++)); do
		wait_for 20 flows && wait_for 20 rmmod haswitch && module_load || { echo "cycle $i"; return 1; }
		for name in entry "${members[@]}"; do haadm -n $name restore "$work_dir/$name.conf" || return 1; done
	done
	wait_for 20 flows
}

namespaces_end() {
	ns_del entry && wait_for 20 gone entry-eth0 lan && ns_del m1 six && wait_for 20 gone m1 router
}
gone() { ! ip -n $2 link show $1; }

by=tunnel inside='' nobody=''
[ "${1:-}" != gue ] || { by=gue inside=gue=50000 nobody=tunnel_refused=1 && shift; }
ktap_header
make_ready "setup: a client, a holder, and members behind a router" prepare
[ $# -gt 0 ] || set -- 4 6
brief=''
[ "$1" != brief ] || { brief=yes && set -- 4; }
for version; do
	family $version
	# Numbers that differ: time exceeded; unreachable, too big.
	if [ $version = 4 ]; then expiry=11 errors=(3 3) big=(3 4); else expiry=3 errors=(1 2) big=(2 0); fi
	check "$v: a member behind a router serves" by_its_router
	check "$v: a member serves whose address is of the other family" by_other_family
	check "$v: a local process of the holder is served" by_a_local_process
	check "$v: the outer header is right" around
	[ $version = 6 ] || check "$v: the outer header has DF if the packet has" split_alike
	check "$v: the sender of a packet at its last hop is told" hops $expiry
	check "$v: a tunnel packet from another node than the holder is refused" forged
	[ $by = tunnel ] || check "$v: outer source ports tell flows apart" told_apart
	[ $by = tunnel ] || check "$v: only right outer checksums are sent or accepted" checksums
	check "$v: congestion is told the receiver, or the packet dropped" congestion
	check "$v: the sender of a packet that does not fit is told the MTU" fits $room "${big[@]}"
	[ $version = 6 ] || check "$v: a packet without DF that does not fit is fragmented" split
	check "$v: fragments arrive as fragments" pieces
	check "$v: a large datagram arrives" large
	check "$v: an ICMP error goes to the member of its flow" errors "${errors[@]}"
	[ $brief ] || check "$v: a client that hears no ICMP errors can send much" uploads
	[ $brief ] || check "$v: packets of many segments stay whole" streams_large
	[ $brief ] || check "$v: packets of one segment pass" streams_small
	[ $brief ] || [ $by = tunnel ] ||
		check "$v: packets of many segments pass without a device's offloads" streams_summed
	[ $brief ] || check "$v: packets of many segments inside a client's tunnel pass" streams_inside
	check "$v: the MTU that a router names is believed" learns "${big[@]}"
	[ $version = 4 ] || check "$v: a packet of 1280 bytes passes a narrower link" smallest
	make_ready "$v: setup: the router's link is wide again" wide
	check "$v: the fast path takes packets that need nothing special" plain_ones "${big[@]}"
	check "$v: fast path and slow path send the same" both_paths
	check "$v: the fast path follows a route that changes" route_moves
	[ $by = tunnel ] || check "$v: the fast path follows routing rules for datagrams" ruled
	check "$v: the fast path follows the MTU of the route" route_narrows "${big[@]}"
	check "$v: the fast path follows the neighbour entry that it keeps probed" neighbour_moves
	[ $version = 4 ] && prefix=(24) || prefix=(64 nodad)
	check "$v: a member's new address is used at once" another_address "${prefix[@]}"
	check "$v: packets are dropped while no route leads to the member" no_route
	check "$v: a new holder takes what the old holder has sent" taken_over
	check "$v: haadm shows a member by tunnel as served though no link leads to it" told
	check "$v: a via that is changed counts from the next packet on" another_via
	[ $brief ] || check "$v: no packet goes astray in $rounds acknowledged switches of a flow" flow acked 100
	[ $brief ] || check "$v: no packet goes astray in $rounds switches under traffic" flow running 50
done
check "every packet had one fate" all_add_up
[ $by = tunnel ] || check "via gue is refused while another socket has the port" port_taken
[ ! $brief ] || ktap_exit
make_ready "setup: floods of both families" flood
check "packets flow on through restores under load" restores
check "the module can be replaced under load" module_cycles
check "namespaces end under load" namespaces_end
check "the module unloads after the floods" wait_for 20 rmmod haswitch
kill "${floods[@]}"
ktap_exit
