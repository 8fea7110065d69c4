#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One haswitch.conf for all nodes: whoever holds the lease, each member is served, itself too, by each via.
#
#   same-file.sh [FAMILY...]        4 and 6 if not told
# shellcheck disable=SC2046,SC2086,SC2119,SC2015 # the words here have no spaces; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# a and b are members, of which a is preferred; c holds the lease now and then, and serves nothing.
cluster_nodes=(a:2 b:3 c:4)
vias=(53:direct 54:tunnel 55:gue 56:nat)
conf=$work_dir/haswitch.conf

# family 4|6
family() {
	v=IPv$1 vip=10.0.0.100 net=10.0.0. at=10.0.0.100 proto=4
	[ "$1" = 4 ] || { vip=2001:db8::100 net=2001:db8:: at="[2001:db8::100]" proto=41; }
}

# No word of it says where it is read. Strays are dropped, so that only a member by gue opens its port.
file() {
	local version via name snat
	for name in "${cluster_nodes[@]}"; do
		echo "node add ${name%:*} addr 10.0.0.${name#*:} addr 2001:db8::${name#*:} state up"
	done
	echo "lease add web"
	for version in 4 6; do
		family $version
		echo "vip add $vip lease web stray drop"
		for via in "${vias[@]}"; do
			snat=
			[ ${via#*:} != nat ] || snat=" snat on"
			echo "service add $at:${via%:*}/udp sched active-standby failback auto$snat"
			echo "member add $at:${via%:*}/udp node a priority 1 via ${via#*:}"
			echo "member add $at:${via%:*}/udp node b priority 2 via ${via#*:}"
		done
	done
}

# Each serves at the vip, and at its own address what comes by nat.
serve() {
	local version name via
	for version in 4 6; do
		family $version
		for name in a:2 b:3; do
			for via in "${vias[@]}"; do
				traffic serve ${name%:*} udp $vip ${via%:*} ${name%:*} || return 1
			done
			traffic serve ${name%:*} udp $net${name#*:} 56 ${name%:*} || return 1
		done
	done
}

prepare() {
	local name
	need_root
	need haadm jq python3
	module_load && cluster_make && file >"$conf" || return 1
	for name in a b c; do haadm -n $name restore "$conf" || return 1; done
	cluster_all "lease set web floor 1" && cluster_ready && serve
}

# The nodes agree on all but who each of them is.
agree() {
	local name
	for name in a b c; do
		haadm -n $name -j node show |
			jq -e --arg name $name '[.[] | select(.self)] | length == 1 and .[0].name == $name' &&
			haadm -n $name save | sed '/^service/s/ on-empty drop//' | sort | diff <(sort "$conf") - ||
			return 1
	done
}

# held NAME: from now on.
held() {
	local epoch=1
	[ ! -e "$work_dir/epoch" ] || read -r epoch <"$work_dir/epoch"
	echo $((++epoch)) >"$work_dir/epoch"
	cluster_all "lease set web epoch $epoch holder $1 for 9s"
}

# health NODE VALUE: of the member in all services, on all nodes.
health() {
	local via lines=()
	for via in "${vias[@]}"; do lines+=("member set $at:${via%:*}/udp node $1 health $2"); done
	cluster_all "${lines[@]}"
}

# sent VIA MEMBER: what a holder sends that.
sent() {
	local to
	to=$net$([ $2 = a ] && echo 2 || echo 3)
	case $1 in
	direct) echo "udp dport=$port dst=$vip to=$(lan_mac $2)" ;;
	tunnel) echo "proto=$proto dst=$to inner:dst=$vip inner:dport=$port" ;;
	gue) echo "gue dst=$to inner:dst=$vip inner:dport=$port" ;;
	nat) echo "udp dport=$port dst=$to" ;;
	esac
}

# served HOLDER MEMBER VIA: a datagram to the holder goes to the member as it should, and a client is answered.
served() {
	local holder=$1 member=$2 via=$3 port how
	for how in "${vias[@]}"; do [ ${how#*:} != $via ] || port=${how%:*}; done
	held $holder && shot client src=${net}1 dst=$vip to=$(lan_mac $holder) sport=4000 dport=$port || return 1
	if [ $holder = $member ]; then
		unheard "$holder out udp dport=$port" "$holder out gue" "$holder out proto=$proto" || return 1
	else
		heard "$holder out $(sent $via $member)" || return 1
	fi
	wait_for 10 says $member client udp $vip $port
}

# explained NODE VIA: what that says of itself.
explained() {
	haadm -n $1 explain ${net}1:4000 $at:$2/udp | grep -qE "node +$1, via $3 for other nodes, local here$" &&
		haadm -n $1 -j explain ${net}1:4000 $at:$2/udp |
		jq -e --arg via $3 '.[0] | .via == $via and .local_here and .way == "local"' &&
		haadm -n $1 member show $at:$2/udp node $1 | grep -q " via $3 local-here " &&
		! haadm -n b member show $at:$2/udp node $1 | grep local-here
}

# A via that is said of this machine changes nothing here: it goes on to be local, and its flows go on.
changed() {
	local via
	for via in tunnel nat gue direct local nat direct; do
		haadm -n a member set $at:53/udp node a via $via && served a a direct || return 1
	done
}

# listening N: so many sockets of a are for packets inside UDP.
listening() { [ "$(n a ss -Hlun 'sport = 6949' | wc -l)" -eq $1 ]; }

# A member by gue listens for it, though its vips drop strays and it sends by gue to nobody.
listens() {
	grep -v ' via gue$' "$conf" | haadm -n a restore - && listening 0 && sed '/node b .* via gue$/d' "$conf" |
		haadm -n a restore - && listening 2 && haadm -n a restore "$conf" && listening 2
}

ktap_header
make_ready "setup: three nodes with the same file" prepare
check "nodes with one file agree which node each of them is" agree
[ $# -gt 0 ] || set -- 4 6
for version; do
	family $version
	for via in "${vias[@]}"; do
		how=${via#*:}
		check "$v, via $how: the holder is the member" served a a $how
		check "$v, via $how: haadm explain tells that the holder is the member" explained a ${via%:*} $how
		check "$v, via $how: the other member holds the lease" served b a $how
		check "$v, via $how: a node that is no member holds the lease" served c a $how
	done
	check "$v: setup: the preferred member fails" health a down
	for via in "${vias[@]}"; do
		how=${via#*:}
		check "$v, via $how: the failed member holds the lease still" served a b $how
		check "$v, via $how: the holder is the other member" served b b $how
		check "$v, via $how: a holder that is no member sends to the other member" served c b $how
	done
	check "$v: setup: the preferred member is well again" health a up
	check "$v: a changed via of this machine changes nothing under its packets" changed
done
check "a member by gue listens" listens
ktap_exit
