#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What becomes of what no member of a service can take: dropped, rejected, or another node's.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

family() {
	v=IPv$1 vip=10.0.0.100 client=10.0.0.1
	[ "$1" = 4 ] || vip=2001:db8::100 client=2001:db8::1
	at=$vip
	[ "$1" = 4 ] || at="[$vip]"
}

# on_empty WHAT: everywhere, as on every node of a cluster; of the service that is about connections, and of that for
# all the rest.
on_empty() { cluster_all "service set $at:80/tcp on-empty $1" "service set $vip on-empty $1"; }

configure() {
	cluster_all "vip add $vip holder entry" "service add $at:80/tcp failback auto" "member add $at:80/tcp node m1" \
		"service add $vip failback auto" "member add $vip node m1" "member add $vip node m2 priority 200" &&
		on_empty other && traffic serve m1 tcp $vip 80 m1 && traffic serve m1 udp $vip 53 m1 &&
		traffic serve other tcp $vip 80 sorry &&
		traffic serve other udp $vip 53 sorry && traffic serve m2 udp $vip 53 m2 &&
		traffic serve client udp $client 4000 - && on_empty drop
}

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && family 4 && configure && family 6 && configure &&
		cluster_ready && mac_entry=$(lan_mac entry)
}

# down, up: nobody can serve; m1 can.
down() { cluster_all "node set m1 state down" "node set m2 state down"; }
up() { cluster_all "node set m1 state up" "node set m2 state up"; }

ask() { shot client src=$client dst=$vip to=$mac_entry sport=4000 "$@"; }
dropped() { haadm -n entry -j service show $1 | jq '.[0].dropped'; }

# Errors are told at a rate that the kernel limits by sender; here each has its reason.
unlimited() { n entry sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0; }

silent() {
	local before
	before=$(dropped $at:80/tcp)
	down && grew entry "seen=1 drop_no_member=1" ask proto=tcp dport=80 && unheard "client in" "entry out" &&
		grew entry "seen=1 drop_no_member=1" ask dport=53 && unheard "client in" "entry out" && up &&
		[ $(($(dropped $at:80/tcp) - before)) -eq 1 ] && says m1 client tcp $vip 80
}

reset() {
	on_empty reject && down && grew entry "seen=1 drop_no_member=1 rejected=1" ask proto=tcp dport=80 &&
		heard "client in tcp sport=80 dport=4000 src=$vip dst=$client" && unheard "other in" "m1 in" &&
		[ "$(traffic talk client tcp $vip 80)" = "refused Connection refused" ]
}

# A member on which nobody listens says so itself. What the holder says, which is one of those that can not serve, is
# not
# that: neither of connections nor of datagrams. And its own programs, which ask from the vip, hear it as well.
own_member() {
	local proto
	for proto in tcp udp; do
		cluster_tell entry "service add $at:81/$proto on-empty reject failback auto" \
						"member add $at:81/$proto node entry health down" || return 1
	done
	ask proto=tcp dport=81 && heard "client in tcp sport=81 src=$vip dst=$client" && ask dport=81 &&
		heard "client in icmp dst=$client" &&
		[ "$(traffic talk entry tcp $vip 81 wait=3)" = "refused Connection refused" ] &&
		for proto in tcp udp; do
			cluster_tell entry "member set $at:81/$proto node entry health up" &&
				[ "$(haadm -n entry -j member show $at:81/$proto | jq -r '.[].health')" = up ] ||
				return 1
		done
	# A whole vip's service takes what goes back as well.
	cluster_tell entry "service del $at:81/tcp" "service del $at:81/udp" "service set $vip on-empty reject" \
				"member add $vip node entry health down" &&
		[ "$(traffic talk entry tcp $vip 82 wait=3)" = "refused Connection refused" ] &&
		cluster_tell entry "member del $vip node entry"
}

# What comes here by way of another node, which does not hold the vip.
stray() {
	cluster_tell m2 "service set $at:80/tcp on-empty drop" &&
		shot client src=$client dst=$vip to="$(lan_mac other)" sport=4000 \
		proto=tcp dport=80 && heard "other out udp dport=6949" \
		"client in tcp sport=80 dport=4000 src=$vip dst=$client"
}

# The sender's address is validated before it is answered.
forged() {
	grew entry "seen=1 drop_source=1" ask src=10.0.0.255 proto=tcp dport=80 && unheard "entry out" &&
		grew entry "seen=1 drop_source=1" ask src=10.0.0.255 dport=53 && unheard "entry out" &&
		grew other "seen=1 drop_source=1" shot client src=10.0.0.255 dst=$vip \
			to="$(lan_mac other)" sport=4000 proto=tcp \
			dport=80 && unheard "other out"
}

# A reset leaves by a tunnel whose other end is a vip: the tunnel's packet goes to that vip's member, as all do that
# this machine sends there.
by_tunnel() {
	local code=0 far=10.7.0.9 end=10.0.0.101 near=10.0.0.2 kind=ipip proto=4
	[ $v = IPv4 ] || far=2001:db8:7::9 end=2001:db8::101 near=2001:db8::2 \
		kind="ip6tnl mode ip6ip6 encaplimit none" proto=41
	cluster_tell entry "vip add $end holder entry" "service add $end failback auto" "member add $end node other" &&
		ip -n entry link add far type $kind local $near remote $end && ip -n entry link set far up &&
		ip -n entry route add $far dev far && ask src=$far proto=tcp dport=80 &&
		heard "other in proto=$proto src=$near dst=$end" && unheard "entry out tcp" || code=1
	ip -n entry link del far
	cluster_tell entry "service del $end" "vip del $end" && return $code
}

# Nobody is told who speaks to many.
for_many() {
	grew entry "seen=1 drop_malformed=1" ask to=ff:ff:ff:ff:ff:ff proto=tcp dport=80 && unheard "client in tcp"
}

unreachable() {
	grew entry "seen=1 drop_no_member=1 rejected=1" ask dport=53 &&
		heard "client in $1 type=$2 code=$3 dst=$client sum=ok" &&
		unheard "other in" "m1 in" && grew entry "seen=1 drop_no_member=1 rejected=1" ask proto=253 &&
		heard "client in $1 type=$2 code=$3 dst=$client"
}

# No error about an error, nor one about a connection that is being reset.
not_told() {
	ask proto=tcp flags=4 dport=80 && unheard "client in" &&
		ask about=unreach inner=$vip,53,$client,4000 && unheard "client in"
}

local_client() {
	[ "$(traffic talk entry tcp $vip 80 wait=3)" = "refused Connection refused" ]
}

comes_back() { up && says m1 client tcp $vip 80 && says m1 client udp $vip 53; }

# The other one gets all that comes, untouched but for its hops, and answers as a member does.
sorry() {
	on_empty other && says m1 client tcp $vip 80 && down && says sorry client tcp $vip 80 &&
		says sorry client udp $vip 53 &&
		grew entry "seen=1 redirected=1" ask dport=53 &&
		heard "other in udp dport=53 ttl=63 src=$client dst=$vip" && says sorry entry tcp $vip 80
}
shown() {
	haadm -n entry status | grep -F "$at:80/tcp -> other, for want of members: " &&
		haadm -n entry -j status |
		jq -e '.vips[].services[] | select(.service == "'$at':80/tcp") | .on_empty == "other"'
}
sorry_is_away() {
	cluster_all "node set other state down" && grew entry "seen=1 drop_no_member=1" ask proto=tcp dport=80 &&
		unheard "other in" "client in" && haadm -n entry status | grep -F "$at:80/tcp -> nobody: " &&
		cluster_all "node set other state up" && says sorry client tcp $vip 80
}
in_use() { ! told=$(haadm -n entry node del other 2>&1) && [[ $told = *EBUSY* ]]; }

# Itself: what nobody else takes.
itself() {
	on_empty entry && traffic serve entry tcp $vip 80 entry && says entry client tcp $vip 80 &&
		traffic close entry &&
		ip -n entry addr show dev ha0 | grep -F " $vip/"
}

kept() {
	local before
	before=$(haadm -n entry save) &&
		grep -F "service add $at:80/tcp sched active-standby failback auto on-empty entry" <<<"$before" &&
		haadm -n entry restore - <<<"$before" && [ "$(haadm -n entry save)" = "$before" ] &&
		haadm -n entry service replace $at:80/tcp failback auto &&
		[ "$(haadm -n entry -j service show $at:80/tcp |
			jq -r '.[0].on_empty')" = drop ]
}

ktap_header
make_ready "setup: a holder, two members, and a node without a part" prepare
unlimited
for number in 4 6; do
	family $number
	icmp=icmp type=3 code=3
	[ $number = 4 ] || icmp=icmp6 type=1 code=4
	check "$v: on-empty drop: a client gets no reply" silent
	check "$v: on-empty reject: a TCP connection is reset" reset
	check "$v: on-empty reject: a connection that another node sends on is reset" stray
	check "$v: on-empty reject: a tunnel that carries a reset is redirected" by_tunnel
	check "$v: on-empty reject: a broadcast frame gets no reply" for_many
	[ $number = 6 ] || check "on-empty reject: a packet from a broadcast address is dropped" forged
	check "$v: on-empty reject: a holder that rejects is not taken for a member that refuses" own_member
	check "$v: on-empty reject: other packets get port unreachable" unreachable $icmp $type $code
	check "$v: on-empty reject: an ICMP error or a TCP reset gets no reply" not_told
	check "$v: on-empty reject: a local client is refused" local_client
	check "$v: on-empty reject: a member that is up again serves" comes_back
	check "$v: on-empty NODE: packets go to that node when no member can serve" sorry
	check "$v: on-empty NODE: status shows that node" shown
	check "$v: on-empty NODE: packets are dropped while that node is down" sorry_is_away
	check "$v: on-empty NODE: that node cannot be deleted" in_use
	check "$v: on-empty NODE: the holder itself serves if named" itself
	check "$v: on-empty outlasts a restore until service replace drops it" kept
	up
done
check "every packet had one fate" adds_up entry
ktap_exit
