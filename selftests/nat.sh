#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Via nat: members that know nothing of the vip get packets at an address and port of their own, and their answers go to
# the client as the vip's.
#
#   nat.sh [FAMILY...]        4 and 6 if not told
# shellcheck disable=SC2086,SC2119,SC2015 # the words here have no spaces; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# The client (1), the entry (2), which holds the vips, and two members (11, 12), who send what is for the client by way
# of the entry. Only the entry has any configuration.
bytes=${BYTES:-2000000}

# family 4|6
family() {
	v=IPv$1 f=$1 vip=10.0.0.100 other=10.0.0.101 client=10.0.0.1 entry=10.0.0.2 m1=10.0.0.11 m2=10.0.0.12 \
		far=10.0.1.11 router=10.0.0.254 icmp=icmp word=icmp reply=0
	[ "$1" = 4 ] || { vip=2001:db8::100 other=2001:db8::101 client=2001:db8::1 entry=2001:db8::2 m1=2001:db8::11 \
		m2=2001:db8::12 far=2001:db8:1::11 router=2001:db8::254
		icmp=icmpv6 word=icmp6 reply=129; }
	at=$vip asks=$client
	[ "$1" = 4 ] || { at="[$vip]"; asks="[$client]"; }
}

# The port says who serves: 53 is m1's port 5353, 54 a port of its own of m2, 55 whoever's turn it is, 56 with this node
# as the client, 57 via direct. 58 goes to m2 when m1 is down, 59 to who is behind a router. 60 has two servers on m1.
# 61 has further ports, up to 64.
configured() {
	local version
	printf '%s\n' "node add entry addr 10.0.0.2 addr 2001:db8::2 self" \
		"node add m1 addr 10.0.0.11 addr 2001:db8::11" \
		"node add m2 addr 10.0.0.12 addr 2001:db8::12" "node add far addr 10.0.1.11 addr 2001:db8:1::11" \
		"lease add web" "lease set web floor 1"
	for version in 4 6; do
		family $version
		printf '%s\n' "vip add $vip holder entry" \
			"service add $at:53/udp failback auto" "member add $at:53/udp node m1 via nat port 5353" \
			"service add $at:54/udp failback auto" "member add $at:54/udp node m2 via nat" \
			"service add $at:55/udp sched rr failback auto" \
			"member add $at:55/udp node m1 flows-max 9999 via nat port 5353" \
			"member add $at:55/udp node m2 via nat port 5353" \
			"service add $at:56/udp snat on failback auto" \
			"member add $at:56/udp node m1 via nat port 5353" \
			"service add $at:56/tcp snat on failback auto" \
			"member add $at:56/tcp node m1 via nat port 8080" \
			"service add $at:58/udp failback auto" \
			"member add $at:58/udp node m1 priority 10 via nat port 5353" \
			"member add $at:58/udp node m2 priority 20 via nat port 5353" \
			"service add $at:59/udp snat on failback auto" \
			"member add $at:59/udp node far via nat port 5353" \
			"service add $at:60/udp sched rr failback auto" \
			"member add $at:60/udp node m1 via nat port 5353" \
			"member add $at:60/udp node m1 via nat port 5355" \
			"service add $at:61/udp also 62-64 failback auto" "member add $at:61/udp node m2 via nat" \
			"service add $at:80/tcp failback auto" "member add $at:80/tcp node m1 via nat port 8080" \
			"service add $at:81/tcp failback auto" "member add $at:81/tcp node m1 via nat" \
			"service add $vip/$icmp failback auto" "member add $vip/$icmp node m1 via nat" \
			"service add $vip/sctp failback auto" "member add $vip/sctp node m1 via nat" \
			"vip add $other holder entry" "service add $other/99 snat on failback auto" \
			"member add $other/99 node m1 via nat"
	done
}

served() {
	local number name
	for number in 4 6; do
		family $number
		traffic serve m1 udp $m1 5353 m1 && traffic serve m1 tcp $m1 8080 m1 &&
			traffic serve m1 udp $m1 5355 m1b &&
			traffic serve m2 udp $m2 54 m2 &&
			traffic serve m2 udp $m2 62 m2 &&
			traffic serve m2 udp $m2 64 m2 &&
			traffic serve m2 udp $m2 5353 m2 &&
			traffic serve far udp $far 5353 far && traffic serve client udp $client 4000 - || return 1
		for name in m1 m2; do ip -n $name route add $client via $entry || return 1; done
	done
}

# A member behind a router, which the client does not reach by way of the entry.
behind() {
	ns_add far && lan_no_dad far && lan_join router 254 &&
		printf '%s\n' "link add far type veth peer name eth0 netns far" "link set far up" \
			"addr add 10.0.1.254/24 dev far" "addr add 2001:db8:1::254/64 dev far nodad" |
		ip -n router -b - && n router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 &&
		printf '%s\n' "link set eth0 up" "addr add 10.0.1.11/24 dev eth0" \
			"addr add 2001:db8:1::11/64 dev eth0 nodad" "route add default via 10.0.1.254" \
			"route add default via 2001:db8:1::254" | ip -n far -b - &&
		ip -n entry route add 10.0.1.0/24 via 10.0.0.254 &&
		ip -n entry route add 2001:db8:1::/64 via 2001:db8::254
}

ears=(client entry m1 m2)
ears_on() { local name; for name in "${ears[@]}"; do traffic ear $name $name eth0 || return 1; done; }
ears_off() { local name; for name in "${ears[@]}"; do traffic deaf $name || return 1; done; }

prepare() {
	need_root
	need haadm jq python3 ethtool nft
	module_load && lan_make && traffic_start && lan_join client 1 && lan_join entry 2 && lan_join m1 11 &&
		lan_join m2 12 && behind && ears_on || return 1
	n entry sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 &&
		n m1 sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 || return 1
	configured >"$work_dir/entry.conf" && haadm -n entry -b "$work_dir/entry.conf" &&
		mac_entry=$(lan_mac entry) && mac_m1=$(lan_mac m1) && mac_client=$(lan_mac client) &&
		mac_router=$(lan_mac router) &&
		served && wait_for 20 cluster_reaches entry m1 m2 && warm
}

# All know each other's link-layer addresses: what is counted below is not held up.
warm() {
	local number
	for number in 4 6; do
		family $number
		serves && says far client udp $vip 59 || return 1
	done
}

serves() {
	says m1 client udp $vip 53 && says m2 client udp $vip 54 && says m1 client tcp $vip 80 &&
		n client ping -q -c 1 -W 10 $vip
}

# ask [KEY=VALUE...]: the client to the vip.
ask() { shot client src=$client dst=$vip to=$mac_entry sport=4000 "$@"; }
# answer [KEY=VALUE...]: m1 to the client, by way of the entry.
answer() { shot m1 src=$m1 dst=$client to=$mac_entry sport=5353 dport=4000 "$@"; }
afresh() { entry flow del all >/dev/null; }
flows() { entry -j flow show vip $vip "$@" | jq length; }
is() {
	[ "$1" = "$2" ] && return 0
	echo "seen: $1"
	echo "wanted: $2"
	return 1
}

# Forth and back each packet has one hop less, the ends that are due, and right checksums.
translated() {
	afresh && grew entry "seen=2 redirected=2 nat_answered=1 flow_made=1" ask ttl=9 &&
		heard "entry out udp src=$client dst=$m1 sport=4000 dport=5353 ttl=8 sum=ok to=$mac_m1" \
			"m1 in udp src=$client dst=$m1 sum=ok" \
			"entry in udp src=$m1 dst=$client sport=5353 dport=4000" \
			"client in udp src=$vip dst=$client sport=53 dport=4000 ttl=63" &&
		unheard "client in udp src=$m1" "m1 in udp dst=$vip" &&
		grew entry "seen=1 redirected=1 nat_answered=1" answer ttl=9 &&
		heard "client in udp src=$vip dst=$client sport=53 dport=4000 ttl=8 sum=ok"
}

# The member gets a packet at the port to which the client has sent it, and its reply comes from there. A port of the
# member's own would get those to all ports.
further_ports() {
	local port
	afresh || return 1
	for port in 62 64; do
		ask dport=$port &&
			heard "m2 in udp src=$client dst=$m2 sport=4000 dport=$port sum=ok" \
				"client in udp src=$vip dst=$client sport=$port dport=4000" || return 1
	done
	ask about=unreach inner=$vip,64,$client,4000 && heard "m2 in $word inner:src=$m2 inner:sport=64" &&
		is "$(flows port 62)" 1 && is "$(flows port 64)" 1 && is "$(flows port 61)" 0 &&
		entry member set $at:61/udp node m2 port 0 &&
		says_no "has further ports" member set $at:61/udp node m2 port 5353 &&
		says_no "has further ports" member add $at:61/udp node m1 via nat port 5353 &&
		says_no "has a port of its own" service set $at:53/udp also 70 &&
		entry service set $at:54/udp also 70-72 &&
		says_no "has further ports" member set $at:54/udp node m2 port 54 &&
		entry service set $at:54/udp also none
}
# says_no TEXT WORD...: haadm refuses that, and says so.
says_no() {
	local told
	told=$(entry "${@:2}" 2>&1) || { grep -F -- "$1" <<<"$told" && return; }
	echo "$told"
	return 1
}

tcp() {
	afresh && ask proto=tcp dport=80 sport=4100 flags=16 &&
		heard "m1 in tcp src=$client dst=$m1 sport=4100 dport=8080 sum=ok len=$((52 + 20 * (1 + (f == 6))))" &&
		answer proto=tcp flags=16 sport=8080 dport=4100 &&
		heard "client in tcp src=$vip dst=$client sport=80 dport=4100 sum=ok" &&
		is "$(flows port 80 state closing)" 1
}

echoes() {
	ask proto=echo sport=77 &&
		heard "m1 in $word src=$client dst=$m1 echo=77 sum=ok" \
			"client in $word type=$reply src=$vip dst=$client echo=77 sum=ok"
}

# A protocol without ports: one flow of each client; of this node, one of all.
others() {
	local before
	afresh && before=$(stat_of entry flow_refused) && ask proto=99 dst=$other &&
		heard "m1 in proto=99 src=$entry dst=$m1" && answer src=$m1 dst=$entry proto=99 &&
		heard "client in proto=99 src=$other dst=$client" &&
		shot m2 src=$m2 dst=$other to=$mac_entry proto=99 && unheard "m1 in proto=99" &&
		is "$(stat_of entry flow_refused)" $((before + 1))
}

# With this node as the client no route is asked of the member, and two clients of one port are two.
as_client() {
	local port
	afresh && ask dport=56 sport=4200 &&
		heard "m1 in udp src=$entry dst=$m1 sport=4200 dport=5353 sum=ok" \
			"client in udp src=$vip dst=$client sport=56 dport=4200" &&
		answer dst=$entry dport=4200 && heard "client in udp src=$vip dst=$client sport=56 dport=4200 sum=ok" &&
		shot m2 src=$m2 dst=$vip to=$mac_entry sport=4200 dport=56 &&
		heard "m1 in udp src=$entry dst=$m1 dport=5353 sum=ok" \
			"m2 in udp src=$vip dst=$m2 sport=56 dport=4200" &&
		port=$(frames "m1 in udp src=$entry" | grep -o 'sport=[0-9]*') && [ "$port" != sport=4200 ] &&
		port=${port#*=} && [ $port -ge 1024 ] && { [ $port -lt 32768 ] || [ $port -gt 60999 ]; }
}

# Answers of nobody's flow are not touched.
not_ours() {
	afresh && grew entry "" answer && unheard "client in udp src=$vip"
}

# What an error is about is what its receiver has sent.
errors() {
	afresh && ask && ask about=unreach inner=$vip,53,$client,4000 &&
		heard "m1 in $word type=$1 src=$client dst=$m1 sum=ok \
			inner:src=$m1 inner:dst=$client inner:sport=5353 inner:dport=4000" &&
		ask proto=tcp dport=80 && ask about=frag inner=$vip,80,$client,4000,tcp &&
		heard "m1 in $word type=$2 info=1280 sum=ok inner:src=$m1 inner:sport=8080" &&
		answer about=unreach inner=$client,4000,$m1,5353 &&
		heard "client in $word type=$1 src=$vip dst=$client sum=ok \
			inner:src=$client inner:dst=$vip inner:sport=4000 inner:dport=53" &&
		answer src=$m2 about=unreach inner=$client,4000,$m1,5353 &&
		heard "client in $word type=$1 src=$m2 dst=$client sum=ok inner:dst=$vip" &&
		[ $icmp = icmpv6 ] || { heard "client in icmp inner:ipsum=ok"; }
}

# Nobody listens on that port of the member's: its own error comes as the vip's.
refused() {
	ask dport=54 sport=4300 && heard "m2 in udp dport=54" && says silence client udp $vip 53 sport=4301 wait=1 text=
}

hops() {
	local ttl
	for ttl in 1 0; do grew entry "seen=1 drop_ttl=1" ask ttl=$ttl && unheard "m1 in" || return 1; done
	grew entry "seen=1 drop_ttl=1" ask ttl=1 &&
		heard "client in $word type=$1 code=0 src=$entry dst=$client inner:dst=$vip" && ask &&
		grew entry "seen=1 drop_ttl=1" answer ttl=1 && unheard "client in udp" &&
		heard "m1 in $word type=$1 inner:src=$m1 inner:dst=$client"
}

# A process of the holder's own, by its address and by the vip itself, where that is here.
by_a_local_process() {
	local code=0
	says m1 entry udp $vip 53 && says m1 entry tcp $vip 80 && ip -n entry addr add $vip/$1 dev lo ${2:-} || return 1
	says m1 entry udp $vip 53 && says m1 entry udp $vip 53 from=$vip && says m1 entry tcp $vip 80 from=$vip ||
		code=1
	ip -n entry addr del $vip/$1 dev lo && return $code
}

# Each part of what comes in pieces is smaller than the whole; so both ways.
pieces() {
	local order
	for order in forth back; do
		ask len=2992 frag=1000 order=$order id=$((RANDOM + 1)) &&
			heard "m1 in udp dst=$m1 dport=5353 off=0 more=1" "m1 in piece dst=$m1 off=2000 more=0" \
			"m1 out udp sport=5353" || return 1
	done
	says "m1 8000 xxxx" client udp $vip 53 wait=5 text="$(printf 'x%.0s' {1..8000})"
}

packets() { n $1 cat /sys/class/net/eth0/statistics/rx_packets; }
stream() {
	local code=0 before
	ears_off && before=$(packets m1) || return 1
	./tools/tcp_stream.py client m1 $vip 81 $bytes at=$m1 || code=1
	count=$(($(packets m1) - before))
	ears_on && return $code
}
streams_large() { stream && [ $count -lt $((bytes / 3000)) ]; }
streams_small() {
	local name code=0
	for name in client m1; do n $name ethtool -K eth0 tso off gso off gro off >/dev/null || return 1; done
	stream || code=1
	for name in client m1; do n $name ethtool -K eth0 tso on gso on gro on >/dev/null || return 1; done
	[ $code = 0 ] && [ $count -ge $((bytes / 1500)) ]
}

# Who is too large for the way to the client hears so, about the packet that he has sent.
too_large() {
	local code=0
	ip -n entry route add $client dev eth0 mtu 1400 && ip -n entry route add $m1 dev eth0 mtu 1400 || return 1
	ask && answer len=1430 df=1 &&
		heard "m1 in $word type=$1 code=$2 info=1400 src=$entry dst=$m1 sum=ok \
			inner:src=$m1 inner:dst=$client inner:sport=5353" ||
		code=1
	wait_for 10 grew entry "seen=1 drop_mtu=1" ask len=1430 df=1 &&
		heard "client in $word type=$1 code=$2 info=1400 inner:src=$client inner:dst=$vip" || code=1
	ip -n entry route del $client dev eth0 && ip -n entry route del $m1 dev eth0 && ask && return $code
}

turns() {
	afresh && ask dport=55 sport=5001 && ask dport=55 sport=5002 && is "$(flows port 55 node m1)" 1 &&
		is "$(flows port 55 node m2)" 1 && ask dport=55 sport=5001 && is "$(flows port 55)" 2
}

# flows_at PORT: how many flows the member with this port has.
flows_at() { entry -j member show $at:60/udp node m1 at $1 | jq '.[0].flows'; }

# Two servers on one machine are two members. Each gets flows, and its replies are the vip's.
two_servers() {
	afresh && ask dport=60 sport=5001 && heard "client in udp src=$vip sport=60 dport=5001" &&
		ask dport=60 sport=5002 && heard "client in udp src=$vip sport=60 dport=5002" &&
		is "$(flows_at 5353) $(flows_at 5355)" "1 1" &&
		is "$(entry member show $at:60/udp node m1 | grep -c " node m1 .* port 535[35] health up ")" 2
}

# only_at PORT OTHER: all flows are at the server with that port, and none at the other one.
only_at() {
	local sport
	for sport in 5001 5002 5003 5004; do
		ask dport=60 sport=$sport && heard "m1 in udp dst=$m1 sport=$sport dport=$1" \
			"client in udp src=$vip sport=60 dport=$sport" && unheard "m1 in udp dport=$2" || return 1
	done
}

# One of the two dies: its flows go to the other one. A restore keeps what is known of each.
one_dies() {
	two_servers && entry member set $at:60/udp node m1 at 5355 health down && only_at 5353 5355 &&
		is "$(flows_at 5353) $(flows_at 5355)" "4 0" && entry save >"$work_dir/saved" &&
		entry restore "$work_dir/saved" && entry save | diff "$work_dir/saved" - && only_at 5353 5355 &&
		is "$(flows_at 5353) $(flows_at 5355)" "4 0" &&
		entry member set $at:60/udp node m1 at 5355 health up &&
		entry member set $at:60/udp node m1 at 5353 weight 0 && afresh && only_at 5355 5353 &&
		entry member set $at:60/udp node m1 at 5353 weight 1
}

# All that tells of a member tells which of the servers it is.
told_apart() {
	two_servers && is "$(flows port 60 node m1 at 5355) $(flows port 60 node m1 at 60)" "1 0" &&
		entry flow show $at:60/udp | grep -q " m1:5355 " &&
		is "$(entry flow del $at:60/udp node m1 at 5353)" "deleted 1" &&
		entry explain $asks:5009 $at:60/udp in eth0 | grep "node     m1, via nat port 535[35]$" &&
		entry service set $at:60/udp sched random &&
		entry explain $asks:5009 $at:60/udp in eth0 | grep "node     one of m1:5353 m1:5355," &&
		entry service set $at:60/udp sched active-standby &&
		entry member set $at:60/udp node m1 at 5353 health down &&
		entry -j event show | jq -e 'last | .kind == "member" and .node == "m1" and .nat_port == 5353' &&
		entry service show $at:60/udp | grep " active m1 at 5355 " &&
		entry status | grep -F "$at:60/udp -> m1:5355" &&
		entry member set $at:60/udp node m1 at 5355 health down &&
		entry status | grep -F "(m1:5353 has health down, m1:5355 has health down)" &&
		entry service set $at:60/udp sched rr && entry member set $at:60/udp node m1 at 5353 health up &&
		entry member set $at:60/udp node m1 at 5355 health up
}

# A client that is kept stays with one of the servers.
kept_at_one() {
	local port
	entry service set $at:60/udp persist 1m && afresh && ask dport=60 sport=5001 &&
		port=$(frames "m1 in udp dst=$m1" | grep -o 'dport=[0-9]*') && port=${port#*=} &&
		only_at $port $((5353 + 5355 - port)) && entry service set $at:60/udp persist 0s
}

# port_goes: the member's port is taken away, and the next packet of the flow goes to the one that the client has used.
port_goes() {
	local passed=0
	afresh && ask proto=udp dport=53 && heard "m1 in udp sport=4000 dport=5353" || return 1
	entry member set $at:53/udp node m1 port 0 && ask proto=udp dport=53 &&
		heard "m1 in udp sport=4000 dport=53" || passed=1
	entry member set $at:53/udp node m1 port 5353 && afresh && return $passed
}

ports() { entry -j member show $at:60/udp | jq -c 'map(.nat_port)'; }

# Commands for one of several members name it by its port. A node's only member needs no name.
named_by_port() {
	says_no 'node has several members in the service: name the port of one, with "at PORT"' \
		member set $at:60/udp node m1 weight 2 &&
		says_no "name the port of one" member del $at:60/udp node m1 &&
		says_no "no member with this port" member del $at:60/udp node m1 at 80 &&
		says_no "with this port already" member add $at:60/udp node m1 via nat port 5353 &&
		says_no "several of one node need via nat, and different ports" member add $at:60/udp node m1 &&
		says_no "several of one node need via nat" member add $at:53/udp node m1 via direct &&
		says_no "delete it and add it anew" member set $at:60/udp node m1 at 5355 via direct &&
		says_no "delete it and add it anew" member set $at:60/udp node m1 at 5355 port 5353 &&
		says_no "name the port of one, or of a new one" member replace $at:60/udp node m1 via nat port 7 &&
		is "$(ports)" "[5353,5355]" && entry member replace $at:60/udp node m1 at 60 via nat port 0 &&
		is "$(ports)" "[5353,5355,null]" && entry member replace $at:60/udp node m1 via nat weight 7 &&
		entry member show $at:60/udp node m1 at 0 | grep -q "weight 7 " &&
		entry member del $at:60/udp node m1 at 60 && entry member del $at:60/udp node m1 at 5355 &&
		entry member replace $at:60/udp node m1 via nat port 5356 && is "$(ports)" "[5356]" &&
		entry member del $at:60/udp node m1 at 5356 &&
		entry member add $at:60/udp node m1 via nat port 5353 &&
		entry member replace $at:60/udp node m1 at 5355 via nat && is "$(ports)" "[5353,5355]"
}

# A member that dies is left for another one, whose answers are the vip's, too; those of the dead one are no more.
moves() {
	afresh && ask dport=58 && heard "m1 in udp dport=5353" && entry node set m1 state down && ask dport=58 &&
		heard "m2 in udp dst=$m2 dport=5353" \
		"client in udp src=$vip sport=58" && answer && unheard "client in udp src=$vip" &&
		entry node set m1 state up && is "$(flows port 58 node m2)" 1
}

# By another port, another address, another via: from the next packet on.
changes() {
	afresh && ask && heard "m1 in udp dport=5353" && entry member set $at:53/udp node m1 port 5354 && ask &&
		heard "m1 in udp dst=$m1 dport=5354" &&
		entry member set $at:53/udp node m1 via direct && ask && heard "m1 in udp dst=$vip dport=53" &&
		entry member set $at:53/udp node m1 via nat port 5353 &&
		ask && heard "m1 in udp dst=$m1 dport=5353" "client in udp src=$vip sport=53"
}

# A configuration takes the place of another one, and flows go on.
restored() {
	local before
	afresh && ask && before=$(stat_of entry flow_made) && entry save >"$work_dir/saved" &&
		entry restore "$work_dir/saved" && ask &&
		heard "client in udp src=$vip sport=53" && is "$(stat_of entry flow_made)" $before &&
		grep -qxF "member add $at:53/udp node m1 priority 100 via nat port 5353" "$work_dir/saved" &&
		grep -qF "service add $at:56/udp sched active-standby failback auto snat on" "$work_dir/saved" &&
		grep -F "member add $at:55/udp node m1 " "$work_dir/saved" |
		grep -q "flows-max 9999 via nat port 5353$"
}

# Packets of a known flow take the fast path, both ways, and are translated alike; odd packets, and the last one of a
# flow, do not. fasts N COMMAND...: so many packets take the fast path in it.
fasts() {
	local before
	before=$(stat_of entry fast) && "${@:2}" && is $(($(stat_of entry fast) - before)) $1
}
fast() {
	wait_for 10 has_hook && afresh && ask && fasts 2 grew entry "seen=2 redirected=2 nat_answered=1" ask ttl=7 &&
		heard "m1 in udp src=$client dst=$m1 sport=4000 dport=5353 ttl=6 sum=ok" \
			"client in udp src=$vip sport=53 ttl=63" &&
		fasts 1 grew entry "seen=1 redirected=1 nat_answered=1" answer ttl=7 &&
		heard "client in udp src=$vip dst=$client sport=53 dport=4000 ttl=6 sum=ok from=$mac_entry" &&
		fasts 0 answer ttl=1 && fasts 0 answer src=$m2 && fasts 0 answer len=3000 frag=1000 &&
		heard "client in udp src=$vip off=0 more=1" &&
		entry vip set $vip hook prerouting &&
		fasts 0 grew entry "seen=2 redirected=2 nat_answered=1" ask ttl=7 && entry vip set $vip hook ingress &&
		wait_for 10 has_hook && afresh && ask dport=56 && fasts 2 ask dport=56 &&
		heard "m1 in udp src=$entry dst=$m1 sport=4000 sum=ok" &&
		ask proto=tcp dport=80 sport=4500 flags=16 && fasts 2 ask proto=tcp dport=80 sport=4500 flags=16 &&
		fasts 0 ask proto=tcp dport=80 sport=4500 flags=4
}
has_hook() { entry -j status | jq -e '.doors >= 1'; }

# uses PROTO PORT TO: a program of the holder has a socket from that port to m1, and has sent to it. Sets user, its pid.
uses() {
	rm -f "$work_dir/uses"
	ip netns exec entry python3 -c 'import socket, sys, time
proto, own, port, member, to, made = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in own else socket.AF_INET,
                  socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
s.bind((own, int(port)))
s.connect((member, int(to)))
s.send(b"mine")
open(made, "w")
time.sleep(600)' $1 $entry $2 $m1 $3 "$work_dir/uses" >/dev/null &
	user=$!
	wait_for 10 [ -e "$work_dir/uses" ]
}
unused() { kill $user && ! wait $user; }

# keeps_port, new_port PROTO PORT: a new client of that port reaches m1 from the same port, from another.
keeps_port() {
	ask dport=56 sport=$2 proto=$1 ttl=9 && heard "m1 in $1 src=$entry sport=$2 ttl=8"
}
new_port() {
	ask dport=56 sport=$2 proto=$1 ttl=9 && heard "m1 in $1 src=$entry ttl=8" &&
		unheard "m1 in $1 src=$entry sport=$2"
}

# With snat, the replies to a port that this node uses towards the member itself would go to the client.
own_ports() {
	local passed=0
	afresh && keeps_port udp 4300 || return 1
	uses udp 4301 5353 && new_port udp 4301 || passed=1
	unused && afresh && keeps_port udp 4301 || passed=1
	uses tcp 4302 8080 && new_port tcp 4302 || passed=1
	unused && keeps_port tcp 4303 || passed=1
	n entry sysctl -qw net.ipv4.ip_local_reserved_ports=4304 && new_port udp 4304 || passed=1
	n entry sysctl -qw net.ipv4.ip_local_reserved_ports="" && return $passed
}

# refusal KIND PORT: an event tells that m1 at its port 5353 took no flow of the service. A packet asks for another one,
# since there is one in some seconds only.
refusal() {
	ask dport=$2 sport=4300 && entry -j event show | jq -e "any(.kind == \"$1\" and .addr == \"$vip\" and
		.port == $2 and .node == \"m1\" and .nat_port == 5353)" >/dev/null
}
# No port of the holder is left for a new flow, and a known one goes on.
no_ports() {
	local passed=0
	afresh && keeps_port udp 4299 && n entry sysctl -qw net.ipv4.ip_local_reserved_ports=1024-65535 &&
		grew entry "seen=1 drop_flow_ports=1 flow_refused=1" ask dport=56 sport=4300 &&
		unheard "entry out" && keeps_port udp 4299 && wait_for 20 refusal flow-ports 56 || passed=1
	n entry sysctl -qw net.ipv4.ip_local_reserved_ports="" && keeps_port udp 4300 && return $passed
}
# Two services have a member in common, whose replies to one client's port could not be told apart.
alike() {
	afresh && ask sport=4300 && heard "m1 in udp src=$client dst=$m1 sport=4300 dport=5353" &&
		grew entry "seen=1 drop_flow_alike=1 flow_refused=1" ask dport=58 sport=4300 &&
		unheard "entry out" && wait_for 20 refusal flow-alike 58 && afresh && ask dport=58 sport=4300 &&
		heard "m1 in udp src=$client dst=$m1 sport=4300 dport=5353"
}

# Conntrack still knows the connection of a program that has ended, as it knows those that nft masquerades.
conntracked() {
	local passed=0
	n entry nft -f - <<-RULES && uses udp 4305 5353 && unused && new_port udp 4305 || passed=1
		table ip tracks {
			chain out {
				type filter hook output priority 0
				ct state new accept
			}
		}
	RULES
	n entry nft delete table ip tracks && return $passed
}

# A machine behind the holder, whose packets to the link get the vip and a port of it as their source.
inside_make() {
	ns_add inside && ip -n entry link add in0 up type veth peer name eth0 netns inside &&
		ip -n entry addr add 10.0.9.1/24 dev in0 && printf '%s\n' "link set eth0 up" \
			"addr add 10.0.9.2/24 dev eth0" "route add default via 10.0.9.1" | ip -n inside -b - &&
		n entry sysctl -qw net.ipv4.ip_forward=1 && traffic serve client udp $client 7000 out &&
		cluster_tell entry "vip add 10.0.0.140 holder entry" "service add 10.0.0.140:1/udp" \
			"member add 10.0.0.140:1/udp node m1" &&
		n entry nft -f - <<-RULES
			table ip masks {
				chain out {
					type nat hook postrouting priority 100
					ip saddr 10.0.9.0/24 udp dport 7000 snat to $vip:4999
					ip saddr 10.0.9.0/24 icmp type echo-request snat to 10.0.0.140
				}
			}
		RULES
}

# What conntrack knows is for the machine behind the holder, though the vip is no address here; the rest is dropped,
# such as a request that has the identifier of a ping from there.
masked() {
	grew entry "seen=1 drop_no_member=1" ask sport=7000 dport=4999 &&
		grew entry "seen=1 passed=1" says out inside udp $client 7000 &&
		grew entry "seen=1 passed=1" ask proto=icmp about=unreach inner=$vip,4999,$client,7000 &&
		grew entry "seen=1 drop_no_member=1" ask sport=7001 dport=4999 &&
		n inside ping -q -c 1 -W 10 -e 77 $client &&
		grew entry "seen=1 passed=1" n inside ping -q -c 1 -W 10 -e 77 $client &&
		grew entry "seen=1 drop_no_member=1" ask proto=echo sport=77 dst=10.0.0.140 &&
		wait_for 10 guarded &&
		entry explain $client:7000 $vip:4999/udp in eth0 | grep "it is left to the stack"
}

# guarded: a reply that connection tracking finds invalid, here one that is cut off, is dropped before it is forwarded.
guarded() {
	grew entry "seen=2 passed=1 drop_no_member=1" ask sport=7000 dport=4999 cut=8 && unheard "entry out dst=$vip"
}

vrf_there() { modprobe -q vrf; ip -n entry link add blue type vrf table 100 2>/dev/null; }

# Two machines in a VRF of the holder. One of them has the address of the vip there, so the packets are not for the vip.
vrf_forwards() {
	ns_add red1 && ns_add red2 &&
		printf '%s\n' "link set blue up" \
			"link add r1 up master blue type veth peer name eth0 netns red1" \
			"link add r2 up master blue type veth peer name eth0 netns red2" \
			"addr add 10.0.8.1/24 dev r1" "addr add 10.0.7.1/24 dev r2" \
			"route add $vip/32 via 10.0.7.2 vrf blue" | ip -n entry -b - &&
		printf '%s\n' "link set eth0 up" "addr add 10.0.8.2/24 dev eth0" "route add default via 10.0.8.1" |
		ip -n red1 -b - &&
		printf '%s\n' "link set eth0 up" "addr add 10.0.7.2/24 dev eth0" "route add default via 10.0.7.1" \
			"addr add $vip/32 dev lo" | ip -n red2 -b - &&
		n red1 ping -q -c 1 -W 10 $vip && printf 'link del %s\n' r1 r2 blue | ip -n entry -b -
}

# Members know the holder's address only.
from_inside() { says m1 inside udp $vip 56 && says m1 inside tcp $vip 56; }

inside_gone() {
	cluster_tell entry "service del 10.0.0.140:1/udp" "vip del 10.0.0.140" && n entry nft delete table ip masks &&
		n entry sysctl -qw net.ipv4.ip_forward=0 && ip -n entry link del in0
}

# A machine whose own address becomes a vip, as for port forwarding. The node has another address of the machine.
own_make() {
	lan_join gate 30 && ip -n gate addr add 10.0.0.31/24 dev eth0 &&
		cluster_tell gate "node add gate addr 10.0.0.31 self" "node add m1 addr $m1" \
			"vip add 10.0.0.30 holder gate" \
			"service add 10.0.0.30:80/tcp snat on" \
			"member add 10.0.0.30:80/tcp node m1 via nat port 8080" &&
		traffic serve gate udp 10.0.0.30 22 gate && traffic serve client udp $client 7001 out &&
		wait_for 20 says m1 client tcp 10.0.0.30 80
}

# What no service is for is the machine's own, and so are replies to its own connections.
own_serves() {
	says gate client udp 10.0.0.30 22 && n client ping -q -c 1 -W 10 10.0.0.30 &&
		says out gate udp $client 7001 from=10.0.0.30 && says m1 client tcp 10.0.0.30 80
}

# forged SRC COUNTS: a packet of a new flow from SRC counts so, and reaches no member.
forged() {
	afresh && grew entry "seen=1 $2" ask src=$1 && unheard "entry out" &&
		is "$(entry -j flow show | jq length)" 0
}
filter() { n entry sysctl -qw net.ipv4.conf.all.rp_filter=$1; }

# A new flow's source is validated by the routes and the device's rp_filter, as the kernel validates it. The packets of
# a known flow are not.
sources() {
	local passed=0
	forged 10.0.0.255 drop_source=1 && forged $entry drop_source=1 && afresh && filter 0 &&
		grew entry "seen=1 redirected=1 flow_made=1" ask src=192.0.2.1 && filter 2 &&
		grew entry "seen=1 redirected=1" ask src=192.0.2.1 && forged 192.0.2.1 drop_source=1 &&
		n entry ip route add 192.0.2.0/24 dev lo && afresh &&
		grew entry "seen=1 redirected=1 flow_made=1" ask src=192.0.2.1 &&
		filter 1 && forged 192.0.2.1 drop_source=1 &&
		entry -j event show | jq -e 'any(.kind == "flow-source")' >/dev/null || passed=1
	n entry ip route del 192.0.2.0/24 dev lo && filter 0 && return $passed
}

# The client's address becomes a broadcast address after its flow began. The reply is dropped.
no_broadcast() {
	local passed=0
	afresh && grew entry "seen=1 redirected=1 flow_made=1" ask src=10.0.0.63 &&
		heard "m1 in udp src=10.0.0.63" && n entry ip address add 10.0.0.40/26 dev eth0 &&
		grew entry "seen=1 drop_unresolved=1" answer dst=10.0.0.63 && unheard "entry out" || passed=1
	n entry ip address del 10.0.0.40/26 dev eth0 && return $passed
}

# Who is not the holder any more sends nothing as the vip.
not_the_holder() {
	afresh && ask && entry vip set $vip holder m2 && grew entry "seen=1 drop_not_holder=1" answer &&
		unheard "client in udp src=$vip" && entry vip set $vip holder entry
}

# leaves_for MAC [KEY=VALUE...]: m1's answer leaves the holder for that machine.
leaves_for() { answer "${@:2}" && heard "entry out udp src=$vip dst=$client sport=53 to=$1"; }

# by_both_paths COMMAND...: with a flow of its own by the fast path, and by the slow one. Sets count, how many packets
# take the fast path of those that could.
by_both_paths() {
	local hook passed=0
	for hook in prerouting ingress; do
		entry vip set $vip hook $hook && { [ $hook = prerouting ] || wait_for 10 has_hook; } && afresh && ask &&
			count=$([ $hook = prerouting ] || echo 1) && "$@" || { passed=1 && echo "hook $hook"; }
	done
	return $passed
}

# A route to the client comes and goes in the middle of its flow.
follows_route() {
	local passed=0
	fasts ${count:-0} leaves_for $mac_client && ip -n entry route add $client/$1 via $router || return 1
	fasts ${count:-0} leaves_for $mac_router && fasts ${count:-0} leaves_for $mac_router || passed=1
	ip -n entry route del $client/$1 && fasts ${count:-0} leaves_for $mac_client && return $passed
}

# nft marks some of a flow's replies, which then have another route.
follows_mark() {
	local passed=0
	ip -n entry -$f rule add fwmark 7 table 77 && ip -n entry -$f route add default via $router table 77 &&
		n entry nft -f - <<-RULES || return 1
			table netdev marks {
				chain in {
					type filter hook ingress device eth0 priority -1
					ip ttl 9 meta mark set 7
					ip6 hoplimit 9 meta mark set 7
				}
			}
		RULES
	fasts ${count:-0} leaves_for $mac_client && fasts ${count:-0} leaves_for $mac_router ttl=9 &&
		fasts ${count:-0} leaves_for $mac_router ttl=9 && fasts ${count:-0} leaves_for $mac_client || passed=1
	n entry nft delete table netdev marks && ip -n entry -$f route del default table 77 &&
		ip -n entry -$f rule del fwmark 7 table 77 && return $passed
}

# routes_now: how many IPv4 routes the kernel has in use. few_more BEFORE: hardly more than that.
# shellcheck disable=SC2016 # the dollar is awk's
routes_now() { echo $((16#$(awk 'NR == 2 { print $1 }' /proc/net/stat/rt_cache))); }
few_more() { [ $(($(routes_now) - $1)) -lt 10 ]; }

# Each turn has a flow whose route becomes useless and is replaced, and one that ends with its route.
routes_released() {
	local before turn
	afresh && ask && answer && before=$(routes_now) || return 1
	for turn in {1..20}; do
		ip -n entry route add 192.0.2.$turn/32 dev eth0 && answer && heard "client in udp src=$vip" && afresh &&
			ip -n entry route del 192.0.2.$turn/32 dev eth0 && ask && answer || return 1
	done
	wait_for 10 few_more $before && return 0
	echo "$(routes_now) routes in use, $before before"
	return 1
}

# The device by which a flow's replies leave goes, while the flow stays.
device_goes() {
	local pid net=10.0.66. len=24
	[ $f = 4 ] || net=2001:db8:66:: len="64 nodad"
	printf '%s\n' "link add gone0 type dummy" "link set gone0 addrgenmode none" "link set gone0 up" \
		"addr add ${net}1/$len dev gone0" | ip -n entry -b - &&
		afresh && ask src=${net}9 && answer dst=${net}9 && fasts 1 answer dst=${net}9 &&
		is "$(n entry cat /sys/class/net/gone0/statistics/tx_packets)" 2 || return 1
	ip -n entry link del gone0 >/dev/null 2>&1 &
	pid=$!
	# If something keeps it, the kernel's log says so after ten seconds, and fails the test.
	wait_for 30 lan_ended $pid && grew entry "seen=1 drop_unresolved=1" answer dst=${net}9
}

far_away() { says far client udp $vip 59; }

says_no() {
	haadm -n entry "${@:2}" 2>"$work_dir/no" && return 1; grep -q -- "$1" "$work_dir/no" ||
		{ cat "$work_dir/no"; return 1; }
}
bad_port() {
	says_no "port of the member needs via nat" member set $at:53/udp node m1 via direct port 80 &&
		says_no "port of the member needs via nat" member set $vip/$icmp node m1 port 80 &&
		entry -j member show $at:53/udp | jq -e '.[0].via == "nat" and .[0].nat_port == 5353'
}
bad_one_packet() { says_no "one-packet" service set $at:55/udp one-packet on; }

ktap_header
make_ready "setup: a client, a holder, and members of their own addresses" prepare
[ $# -gt 0 ] || set -- 4 6
for version; do
	family $version
	if [ $version = 4 ]; then expiry=11 errors=(3 3) big=(3 4) prefix=(32); else expiry=3 errors=(1 2) big=(2 0) \
		prefix=(128 nodad); fi
	check "$v: via nat: members serve at addresses of their own" serves
	check "$v: via nat: a datagram and its reply are translated" translated
	check "$v: via nat: a service's further ports are the member's" further_ports
	check "$v: via nat: TCP is translated both ways" tcp
	check "$v: via nat: ICMP echoes are translated both ways" echoes
	check "$v: snat on: the holder is the members' client" as_client
	check "$v: snat on: a port that a socket of the holder uses is not taken" own_ports
	check "$v: snat on: a flow for which no port is left is dropped, and an event tells so" no_ports
	check "$v: via nat: a flow whose replies would be another one's is dropped, and an event tells so" alike
	[ $version = 6 ] || check "snat on: a port that conntrack knows towards the member is not taken" conntracked
	check "$v: via nat: protocols without ports are translated" others
	check "$v: via nat: a member's packet that is no reply is left alone" not_ours
	check "$v: via nat: ICMP errors are translated both ways" errors "${errors[@]}"
	check "$v: via nat: the sender of a packet at its last hop is told" hops $expiry
	check "$v: via nat: a local process of the holder is served" by_a_local_process "${prefix[@]}"
	check "$v: via nat: fragments are translated both ways" pieces
	check "$v: via nat: the sender of a packet that does not fit is told the MTU" too_large "${big[@]}"
	check "$v: via nat: packets of many segments stay whole" streams_large
	check "$v: via nat: packets of one segment pass" streams_small
	check "$v: via nat: packets of a known flow take the fast path" fast
	check "$v: via nat: replies of a flow follow a new route" by_both_paths follows_route ${prefix[0]}
	check "$v: via nat: replies with a mark follow the mark's route" by_both_paths follows_mark
	check "$v: via nat: the device by which a flow's replies leave can go" device_goes
	check "$v: via nat: members get new flows in turn" turns
	check "$v: via nat: the flows of a member that goes down move" moves
	check "$v: via nat: two servers on one node are two members" two_servers
	check "$v: via nat: the flows of one of two servers on a node go to the other" one_dies
	check "$v: via nat: what is told of two servers on a node tells them apart" told_apart
	check "$v: via nat: persist keeps a client at one of two servers on a node" kept_at_one
	check "$v: via nat: commands name one of a node's members by its port" named_by_port
	check "$v: via nat: a member's new port or via counts from the next packet on" changes
	check "$v: via nat: flows survive a restore" restored
	check "$v: via nat: a node that lost the vip sends no reply as the vip" not_the_holder
	check "$v: via nat: a member behind a router serves" far_away
	if [ $version = 4 ]; then
		check "a new flow whose source fails the kernel's source validation is dropped" sources
		check "a reply to a broadcast address is dropped" no_broadcast
		check "via nat: the routes of replies are released" routes_released
		make_ready "setup: a machine behind the holder, which gets the vip as its source" inside_make
		check "a reply to a connection to which nft gave the vip is left to the stack" masked
		title="a packet in a VRF to another host with the vip's address is forwarded"
		if vrf_there; then check "$title" vrf_forwards; else ktap_skip "$title" "no VRF"; fi
		check "snat on: a machine behind the holder is a client" from_inside
		make_ready "setup: nobody is behind the holder" inside_gone
		make_ready "setup: a machine whose own address is a vip" own_make
		check "a machine's own address is a vip, and serves its own programs as before" own_serves
	fi
	check "$v: a flow leaves the port that its member had" port_goes
	check "$v: a member's port without via nat is refused" bad_port
	check "$v: one-packet with a member via nat is refused" bad_one_packet
done
check "every packet had one fate" adds_up entry
ktap_exit
