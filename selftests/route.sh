#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Routes that are more than a device and a neighbour: IPsec, lightweight tunnels, gateways of the other family, tunnels
# that read the packet's route. What the module sends by them goes as the stack sends it, both ways.
#
#   route.sh [all] [FAMILY...]     families 4 and 6 if not told; `all`: a kernel without IPsec or light tunnels fails
# shellcheck disable=SC2046,SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# The client (1), the entry (2), which holds the vips, and a member (11), which sends what is for the client by way of
# the entry. The member has a second address, 10.0.1.11, which the entry reaches by a gateway: the member itself. family
# 4|6
family() {
	f=$1 v=IPv$1 vip=10.0.0.100 client=10.0.0.1 entry=10.0.0.2 m1=10.0.0.11 far=10.0.1.11 under=10.0.0.61 bits=32 \
		over=ip lan=24 lost=10.0.0.102 any=0.0.0.0/0
	[ "$1" = 4 ] || { vip=2001:db8::100 client=2001:db8::1 entry=2001:db8::2 m1=2001:db8::11 far=2001:db8:1::11 \
		under=2001:db8::61 bits=128 over=ip6 lan=64 lost=2001:db8::102 any=::/0; }
	at=$vip
	[ "$1" = 4 ] || at="[$vip]"
}

# Port 53 is m1's port 5353, 54 its port 54, 59 that of its second address, 60 is by a tunnel, 61 by gue. 62 has no
# member, and rejects. 63 has one that says nothing, and resets its clients. The vip $lost is held by m1.
configured() {
	local version
	printf '%s\n' "node add entry addr 10.0.0.2 addr 2001:db8::2 self" \
		"node add m1 addr 10.0.0.11 addr 2001:db8::11" "node add far addr 10.0.1.11 addr 2001:db8:1::11" \
		"node add mute addr 10.0.0.99 lladdr 02:00:00:00:00:99 dev eth0"
	for version in 4 6; do
		family $version
		printf '%s\n' "vip add $vip holder entry" \
			"service add $at:53/udp failback auto" "member add $at:53/udp node m1 via nat port 5353" \
			"service add $at:54/udp failback auto" "member add $at:54/udp node m1 via nat" \
			"service add $at:59/udp failback auto" "member add $at:59/udp node far via nat port 5353" \
			"service add $at:60/udp failback auto" "member add $at:60/udp node m1 via tunnel" \
			"service add $at:61/udp failback auto" "member add $at:61/udp node m1 via gue" \
			"service add $at:62/udp on-empty reject" "service add $at:62/tcp on-empty reject" \
			"service add $at:63/tcp sched rr on-failover reset" "member add $at:63/tcp node mute" \
			"vip add $lost holder m1"
	done
}

joined() {
	local number
	for number in 4 6; do
		family $number
		ip -n m1 addr add $far/$bits dev lo && ip -n m1 route add $client via $entry &&
			ip -n entry route add $far via $m1 &&
			traffic serve m1 udp $m1 5353 m1 && traffic serve m1 udp $m1 54 m1 &&
			traffic serve m1 udp $far 5353 far && traffic serve client udp $client 4000 - || return 1
	done
}

prepare() {
	need_root
	need haadm jq python3
	module_load && lan_make && traffic_start && lan_join client 1 && lan_join entry 2 && lan_join m1 11 &&
		mac_entry=$(lan_mac entry) &&
		configured >"$work_dir/entry.conf" && haadm -n entry -b "$work_dir/entry.conf" &&
		traffic ear client client eth0 && traffic ear entry entry eth0 && traffic ear m1 m1 eth0 && joined &&
		wait_for 20 cluster_reaches entry m1 && warm
}
# All know each other's link-layer addresses.
warm() {
	local number
	for number in 4 6; do
		family $number
		says m1 client udp $vip 53 && says far client udp $vip 59 || return 1
	done
}

# ask [KEY=VALUE...]: the client to the vip.
ask() { shot client src=$client dst=$vip to=$mac_entry sport=4000 dport=53 "$@"; }
# answer [KEY=VALUE...]: m1 to the client, by way of the entry.
answer() { shot m1 src=$m1 dst=$client to=$mac_entry sport=5353 dport=4000 "$@"; }
fasts() {
	local before
	before=$(stat_of entry fast) && "${@:2}" && [ $(($(stat_of entry fast) - before)) = $1 ]
}
has_hook() { entry -j status | jq -e '.doors >= 1'; }

# rule NAME in|out SRC DST [WORD...]: a policy of IPsec there.
rule() { ip -n $1 xfrm policy add dir $2 src $3/$bits dst $4/$bits "${@:5}"; }
# tunneled SRC DST: the template of ESP in tunnel mode between these.
tunneled() { echo "tmpl src $1 dst $2 proto esp mode tunnel"; }
# key NAME SRC DST SPI: a state of ESP between these, whose packets are signed and not encrypted.
key() {
	ip -n $1 xfrm state add src $2 dst $3 proto esp spi $4 mode tunnel auth-trunc "hmac(sha256)" \
		0x$(printf '5a%.0s' {1..32}) 128 enc "ecb(cipher_null)" ""
}
clear_rules() {
	local - name
	set +x
	for name in entry m1 client; do ip -n $name xfrm policy flush && ip -n $name xfrm state flush || return 1; done
}
# with_rules COMMAND...: and the policies are gone behind it.
with_rules() {
	local code=0
	"$@" || code=1
	clear_rules && return $code
}

# Both directions are known, by the fast path.
known() {
	wait_for 10 has_hook && ask && fasts 2 ask &&
		heard "entry out udp src=$client dst=$m1 dport=5353" "entry out udp src=$vip dst=$client sport=53"
}

# A policy that comes while the route is known, by protocol and port, is obeyed from the next packet on; and so when it
# goes.
request_blocked() {
	known && rule entry out $client $m1 proto udp dport 5353 action block &&
		grew entry "seen=1 drop_unresolved=1" ask && unheard "entry out udp dst=$m1" &&
		ask dport=54 && heard "entry out udp dst=$m1 dport=54" "entry out udp src=$vip dst=$client sport=54" &&
		fasts 2 ask dport=54 && clear_rules && ask && heard "entry out udp dst=$m1 dport=5353"
}
answer_blocked() {
	known && rule entry out $vip $client proto udp sport 53 action block &&
		grew entry "seen=2 redirected=1 drop_unresolved=1" ask &&
		heard "entry out udp dst=$m1 dport=5353" && unheard "entry out udp src=$vip" &&
		grew entry "seen=1 drop_unresolved=1" answer && unheard "entry out udp src=$vip" &&
		ask dport=54 && heard "entry out udp src=$vip dst=$client sport=54" && fasts 2 ask dport=54 &&
		clear_rules && answer && heard "entry out udp src=$vip dst=$client sport=53"
}
# Behind a gateway, too, where the route is kept with the node.
far_blocked() {
	says far client udp $vip 59 && ask dport=59 && rule entry out $client $far proto udp dport 5353 action block &&
		grew entry "seen=1 drop_unresolved=1" ask dport=59 &&
		unheard "entry out udp dst=$far" && clear_rules && says far client udp $vip 59
}
# What is said of the holder's own address is not said of a client's packet, which goes on with the client's.
own_blocked() {
	known && rule entry out $entry $m1 action block && ask &&
		heard "entry out udp src=$client dst=$m1 dport=5353" "entry out udp src=$vip dst=$client sport=53" &&
		fasts 2 ask
}
# What the system does by default when no policy matches.
default_blocked() {
	known && ip -n entry xfrm policy setdefault out block && ask && unheard "entry out udp" &&
		ip -n entry xfrm policy setdefault out accept && known
}
default_put_back() { ip -n entry xfrm policy setdefault out accept; }

# Nobody has agreed upon keys: nothing leaves, in the clear least of all.
no_state() {
	known && rule entry out $client $m1 $(tunneled $entry $m1) && ask &&
		unheard "entry out udp dst=$m1" "entry out proto=50" && clear_rules &&
		rule entry out $vip $client $(tunneled $entry $client) && ask && heard "entry out udp dst=$m1" &&
		unheard "entry out udp src=$vip" "entry out proto=50" && answer && unheard "entry out udp src=$vip"
}

# An allowed flow under the rule of another one goes the fast way; the rule below comes into force when the exception
# goes.
exception() {
	known && rule entry out $client $m1 proto udp dport 5353 priority 10 action allow &&
		rule entry out $client $m1 priority 20 action block &&
		rule entry out $vip $client proto udp sport 53 priority 10 action allow &&
		rule entry out $vip $client priority 20 action block &&
		ask && fasts 2 ask && heard "entry out udp dst=$m1 dport=5353" \
			"entry out udp src=$vip dst=$client sport=53" &&
		ip -n entry xfrm policy del dir out src $vip/$bits dst $client/$bits proto udp sport 53 && ask &&
		heard "entry out udp dst=$m1 dport=5353" && unheard "entry out udp src=$vip" &&
		ip -n entry xfrm policy del dir out src $client/$bits dst $m1/$bits proto udp dport 5353 && ask &&
		unheard "entry out udp"
}

# Requests and answers arrive, of any size, and are inside ESP on their way from the holder. Who sends the first IPv6
# datagram that is too large is told of a smaller MTU.
large() { says "m1 8000 xxxx" client udp $vip 53 wait=5 text="$(printf 'x%.0s' {1..8000})"; }
request_sealed() {
	known && key entry $entry $m1 0x100 && key m1 $entry $m1 0x100 &&
		rule m1 in $client $m1 $(tunneled $entry $m1) &&
		rule entry out $client $m1 $(tunneled $entry $m1) && ask &&
		heard "entry out proto=50 src=$entry dst=$m1" "entry out udp src=$vip dst=$client sport=53" &&
		unheard "entry out udp src=$client" && says m1 client udp $vip 53 && wait_for 10 large
}
answer_sealed() {
	key entry $entry $client 0x200 && key client $entry $client 0x200 &&
		rule client in $vip $client $(tunneled $entry $client) && known &&
		rule entry out $vip $client $(tunneled $entry $client) && ask &&
		heard "entry out proto=50 src=$entry dst=$client" "entry out udp dst=$m1 dport=5353" &&
		unheard "entry out udp src=$vip" && grew entry "seen=1 redirected=1 nat_answered=1" answer &&
		heard "entry out proto=50 src=$entry dst=$client" &&
		unheard "entry out udp src=$vip" && says m1 client udp $vip 53 && large
}
# Who is too large for what is left within ESP hears so.
sealed_too_large() {
	answer_sealed && answer len=$((1500 - 28 - 20 * (f == 6))) df=1 &&
		heard "m1 in icmp${icmp6[$f]} inner:src=$m1 inner:dst=$client" && unheard "entry out proto=50"
}
icmp6=([4]='' [6]=6)
# An error about the flow is of ICMP: a rule for UDP does not concern it, one for ICMP does.
error_blocked() {
	local proto=icmp error="about=unreach inner=$client,4000,$m1,5353"
	[ $f = 4 ] || proto=ipv6-icmp
	known && rule entry out $vip $client proto udp action block && answer $error &&
		heard "entry out icmp${icmp6[$f]} src=$vip dst=$client" && clear_rules &&
		rule entry out $vip $client proto $proto action block && answer $error &&
		unheard "entry out icmp${icmp6[$f]} src=$vip" && ask && heard "entry out udp src=$vip"
}

# What is inside another packet is judged by what is around it.
tunnel_blocked() {
	local proto
	for proto in 4 41; do
		[ $proto = $((f == 4 ? 4 : 41)) ] || continue
		ask dport=60 && heard "entry out proto=$proto src=$entry dst=$m1" &&
			rule entry out $entry $m1 proto $proto action block && ask dport=60 &&
			unheard "entry out proto=$proto" && ask && heard "entry out udp dst=$m1 dport=5353" &&
			clear_rules || return 1
	done
	ask dport=61 && heard "entry out gue src=$entry dst=$m1" &&
		rule entry out $entry $m1 proto udp dport 6949 action block && ask dport=61 && unheard "entry out gue"
}
# A route that was found under an exception is not used any more when the exception goes.
tunnel_exception() {
	local proto=4
	[ $f = 4 ] || proto=41
	rule entry out $entry $m1 proto $proto priority 10 action allow &&
		rule entry out $entry $m1 priority 20 action block && ask dport=60 &&
		heard "entry out proto=$proto src=$entry dst=$m1" &&
		ip -n entry xfrm policy del dir out src $entry/$bits dst $m1/$bits proto $proto &&
		ask dport=60 && unheard "entry out proto=$proto"
}
# A policy by protocol blocks what a client gets for want of members: the reset of its connection, and the error.
reject_blocked() {
	local proto=icmp word=icmp
	[ $f = 4 ] || proto=ipv6-icmp word=icmp6
	ask proto=tcp dport=62 && heard "entry out tcp src=$vip dst=$client sport=62 dport=4000" && ask dport=62 &&
		heard "entry out $word dst=$client inner:dport=62" &&
		rule entry out $vip $client proto tcp action block &&
		grew entry "seen=1 drop_no_member=1 rejected=1" ask proto=tcp dport=62 && unheard "entry out tcp" &&
		ask dport=62 && heard "entry out $word dst=$client inner:dport=62" && clear_rules &&
		ip -n entry xfrm policy add dir out src $any dst $client/$bits proto $proto action block &&
		grew entry "seen=1 drop_no_member=1 rejected=1" ask dport=62 &&
		unheard "entry out $word dst=$client inner:dport=62" &&
		ask proto=tcp dport=62 && heard "entry out tcp src=$vip dst=$client sport=62"
}
# It leaves inside ESP if a policy says so.
reject_sealed() {
	key entry $entry $client 0x300 && rule entry out $vip $client proto tcp $(tunneled $entry $client) &&
		ask proto=tcp dport=62 && heard "entry out proto=50 src=$entry dst=$client" && unheard "entry out tcp"
}

# mute_down RESETS: the node of an open connection goes down, and the client gets so many resets.
mute_down() {
	local before code=0
	entry flow del all >/dev/null && before=$(stat_of entry flow_reset) && ask proto=tcp dport=63 &&
		ask proto=tcp dport=63 flags=16 ack=77 && entry node set mute state down &&
		wait_for 10 has_reset $((before + $1)) && traffic heard >"$work_dir/heard" || code=1
	entry node set mute state up && return $code
}
has_reset() { no_flows && [ "$(stat_of entry flow_reset)" = $1 ]; }
no_flows() { [ "$(entry -j flow show vip $vip port 63 | jq length)" = 0 ]; }
reset_blocked() {
	local reset="entry out tcp src=$vip dst=$client sport=63 dport=4000"
	mute_down 1 && heard "$reset" && rule entry out $vip $client proto tcp sport 63 action block && mute_down 0 &&
		unheard "$reset" && clear_rules && rule entry out $vip $client proto udp action block && mute_down 1 &&
		heard "$reset"
}
reset_sealed() {
	key entry $entry $client 0x400 && rule entry out $vip $client proto tcp $(tunneled $entry $client) &&
		mute_down 1 && heard "entry out proto=50 src=$entry dst=$client" && unheard "entry out tcp src=$vip"
}

# stray: the client takes the entry for the holder of a vip that m1 holds.
stray() { shot client src=$client dst=$lost to=$mac_entry sport=4000 dport=53; }
stray_blocked() {
	local datagram="entry out udp src=$entry dst=$m1 dport=6949"
	stray && heard "$datagram" && rule entry out $entry $m1 proto udp dport 6949 action block &&
		grew entry "seen=1 drop_unresolved=1" stray && unheard "$datagram" && clear_rules &&
		rule entry out $client $lost action block && stray && heard "$datagram"
}
stray_sealed() {
	key entry $entry $m1 0x500 && rule entry out $entry $m1 proto udp $(tunneled $entry $m1) && stray &&
		heard "entry out proto=50 src=$entry dst=$m1" && unheard "entry out udp"
}

# soon COMMAND...: it succeeds before long; or else tells why not.
soon() { wait_for 10 "$@" || "$@"; }

# Lightweight tunnels: VXLAN whose other end only the packet's route tells. That answers arrive is asked of IPv4 alone.
vx_made() {
	local name
	ip -n entry link add vx address 02:00:00:00:00:02 type vxlan external dstport 4789 udp6zerocsumrx &&
		ip -n entry link set vx up || return 1
	for name in m1 client; do
		ip -n $name link add vx address 02:00:00:00:00:01 type vxlan id 7 dstport 4789 remote $entry dev eth0 \
			udp6zerocsumrx && ip -n $name link set vx up || return 1
	done
}
vx_gone() {
	local - name
	set +x
	for name in entry m1 client; do ip -n $name link del vx || return 1; done
	ip -n m1 addr del ${under%?}1/$lan dev eth0 2>/dev/null
	ip -n client addr del ${under%?}2/$lan dev eth0 2>/dev/null
	return 0
}
settled() { ! ip -n $1 addr show dev eth0 | grep -q tentative; }
# by_vx NAME ADDRESS: the entry reaches that address in VXLAN alone, to another address of the same machine.
by_vx() {
	ip -n $1 addr add $under/$lan dev eth0 && wait_for 10 settled $1 &&
		ip -n entry route add $2/$bits encap $over id 7 dst $under dev vx &&
		ip -n entry neigh add $2 lladdr 02:00:00:00:00:01 nud permanent dev vx
}
request_in_vx() {
	by_vx m1 $m1 && soon in_vx "src=$client dst=$m1" && says m1 client udp $vip 53
}
in_vx() { ask && heard "entry out udp src=$entry dst=$under dport=4789" && unheard "entry out udp $1"; }
answer_in_vx() {
	# An address of its own: the entry knows where the other one was.
	under=${under%1}2 && by_vx client $client && soon in_vx "src=$vip dst=$client" && answer &&
		heard "entry out udp src=$entry dst=$under dport=4789" && unheard "entry out udp src=$vip" &&
		{ [ $f = 6 ] || says m1 client udp $vip 53; }
}
# with_vx COMMAND...
with_vx() {
	local code=0
	vx_made && "$@" || code=1
	vx_gone && return $code
}

# IPv4 by a gateway whose address is an IPv6 one, whose link-layer header is kept for IPv6.
gateway6() {
	local code=0
	ip -n entry route add $2/32 via inet6 $3 dev eth0 || return 1
	n entry ping -q -c 1 -W 5 $3 && n entry ping -q -c 1 -W 5 $3 && for _ in 1 2 3; do
		ask && heard "m1 in udp src=$client dst=$m1 dport=5353 sum=ok" \
			"client in udp src=$vip dst=$client sport=53" || code=1
	done
	ip -n entry route del $2/32 && return $code
}

# A tunnel device without a remote address sends to whom the packet's route names.
nbma() {
	local - code=0
	ip -n entry link add nb type ipip local $entry && ip -n entry link set nb up &&
		ip -n m1 link add nb type ipip local $m1 remote $entry && ip -n m1 link set nb up &&
		ip -n entry route replace $far/$bits via $m1 dev nb onlink && soon by_nbma &&
		says far client udp $vip 59 || code=1
	set +x
	ip -n entry link del nb && ip -n m1 link del nb && ip -n entry route replace $far via $m1 && return $code
}
by_nbma() { ask dport=59 && heard "entry out proto=4 src=$entry dst=$m1" && unheard "entry out udp dst=$far"; }

# may FEATURE NAME COMMAND...: a point for kernels that have the feature.
may() {
	if [[ " $features " = *" $1 "* ]]; then check "${@:2}"
	elif [ $all = yes ]; then ktap_fail "$2" "this kernel has no $1"
	else ktap_skip "$2" "this kernel has no $1"; fi
}

ktap_header
all=no features=
[ "${1:-}" != all ] || { all=yes && shift; }
make_ready "setup: a client, a holder and a member" prepare
! ip -n entry xfrm policy list >/dev/null 2>&1 || features+=" IPsec"
if ip -n entry route add 10.9.9.9/32 encap ip id 7 dst 10.0.0.11 dev eth0 2>/dev/null; then
	features+=" encap"
	ip -n entry route del 10.9.9.9/32
fi
[ $# -gt 0 ] || set -- 4 6
for version; do
	family $version
	may IPsec "$v: an IPsec policy blocks requests by port" with_rules request_blocked
	may IPsec "$v: an IPsec policy blocks replies by port" with_rules answer_blocked
	may IPsec "$v: an IPsec policy blocks requests to a member behind a gateway" with_rules far_blocked
	may IPsec "$v: the default policy block blocks requests and replies" default_blocked
	[[ $features != *IPsec* ]] || default_put_back
	may IPsec "$v: a policy without keys lets nothing leave" with_rules no_state
	may IPsec "$v: an allowed flow is blocked when its exception is deleted" with_rules exception
	may IPsec "$v: a policy about the holder's own address does not block via nat" with_rules own_blocked
	may IPsec "$v: requests leave inside ESP" with_rules request_sealed
	may IPsec "$v: replies leave inside ESP" with_rules answer_sealed
	may IPsec "$v: a packet that does not fit into ESP is dropped, and its sender told" with_rules sealed_too_large
	may IPsec "$v: an ICMP error is blocked by a policy of ICMP, not by one of UDP" with_rules error_blocked
	may IPsec "$v: a policy blocks via tunnel and via gue" with_rules tunnel_blocked
	may IPsec "$v: a deleted exception allows nothing via tunnel" with_rules tunnel_exception
	may IPsec "$v: a policy blocks the reset and the error of on-empty reject" with_rules reject_blocked
	may IPsec "$v: the reset of on-empty reject leaves inside ESP" with_rules reject_sealed
	may IPsec "$v: a policy blocks the resets of on-failover reset" with_rules reset_blocked
	may IPsec "$v: the resets of on-failover reset leave inside ESP" with_rules reset_sealed
	may IPsec "$v: a policy blocks strays to the holder" with_rules stray_blocked
	may IPsec "$v: strays to the holder leave inside ESP" with_rules stray_sealed
	may encap "$v: requests leave by a lightweight tunnel" with_vx request_in_vx
	may encap "$v: replies leave by a lightweight tunnel" with_vx answer_in_vx
	[ $version = 6 ] || {
		check "$v: requests leave by a tunnel device that reads the packet's route" nbma
		check "$v: requests leave by an IPv6 gateway" gateway6 - $m1 2001:db8::11
		check "$v: replies leave by an IPv6 gateway" gateway6 - $client 2001:db8::1
	}
done
check "every packet had one fate" adds_up entry
ktap_exit
