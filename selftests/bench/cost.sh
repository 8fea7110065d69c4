#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest that counts instructions: what one packet costs in one case, and that it went the way of the case at
# all.
#
#   cost.sh CASE PACKETS REPEATS DROP-MODULE [symbols]
#
# Prints `figure cost PACKETS MICROSECONDS` for each repeat; a guest nanosecond is an instruction. Where a case has
# answers they are measured as well, as many as there are packets: the cost is that of both together, `figure there` and
# `figure back` that of each. With `symbols` the addresses of all functions come to $HASW_OUT/kallsyms.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=selftests/bench/peers.sh
. "${BASH_SOURCE[0]%/*}/peers.sh"
case=$1 packets=$2 repeats=$3 drop=$4
# What every case must have done to a packet: sent it to a node's MAC with one less of TTL (pktgen sends 32). left: what
# else a filter can tell of it on its way out. ttl: the outer one, where there are two.
redirects=yes target=$vip left='' ttl=31
# both: the answers of a node are sent as well, and leave for the client, from the vip.
ways=there
# ports: each packet has a source port of its own, that no earlier one had. vips: one to each of $vips of them in turn.
# flows: each is of another one of $flows, that came before. clients: the same, each flow of a client of its own, and
# each answer to another one of them.
vary='' vips=1 flows=1000
case $case in
*-new) vary=ports ;;
haswitch-maglev-[0-9]*) vary=ports ;;
*-flows-*) vary=flows flows=${case##*-} ;;
*-clients-*) vary=clients flows=${case##*-} ;;
*-vips-*) vary=vips vips=${case##*-} vip=10.100.0.0 target=10.100.0.0 ;;
esac
case $case in
haswitch-nat | haswitch-nat-clients-* | ipvs-nat | nft-dnat | nft-flowtable) ways="there back" ;;
esac

setup() {
	case $case in
	drop | drop-*) insmod "$drop" dev=in0 ;;
	haswitch-direct | haswitch-direct-new) haswitch_restore 1 && hook_wait ;;
	haswitch-direct-complete) words="hook prerouting" haswitch_restore 1 ;;
	haswitch-maglev)
		haswitch_restore 1 && haadm service set "$vip:$port/udp" sched maglev && hook_wait
		;;
	haswitch-rr | haswitch-rr-new | haswitch-flows-*)
		# As many as come are tracked, and stay: an idle guest's clock leaps to its next timer.
		haswitch_restore 1 && haadm service set "$vip:$port/udp" sched rr &&
			haadm flow set max 4000000 udp 24h && hook_wait
		;;
	haswitch-tunnel)
		left="dst_ip 10.8.0.2 ip_proto 4" ttl=64
		haswitch_restore 1 && haadm member set "$vip:$port/udp" node a via tunnel
		;;
	haswitch-gue)
		left="dst_ip 10.8.0.2 ip_proto udp dst_port 6949" ttl=64
		haswitch_restore 1 && haadm member set "$vip:$port/udp" node a via gue
		;;
	haswitch-nat)
		haswitch_restore 1 && haadm member set "$vip:$port/udp" node a via nat && hook_wait && sleep 1
		;;
	haswitch-nat-clients-*)
		haswitch_restore 1 && haadm member set "$vip:$port/udp" node a via nat &&
			haadm flow set udp 24h && ip route add 10.9.0.0/18 via "$client" && hook_wait && sleep 1
		;;
	haswitch-maglev-*) haswitch_maglev "${case##*-}" && hook_wait ;;
	haswitch-direct-100k | haswitch-vips-*)
		# Their announcements are repeated, at a capped rate: that work is no part of a packet's cost, and ends.
		[ $vary ] || vips=100000
		haswitch_restore "$vips" && sleep 30 && hook_wait
		;;
	haswitch-direct-holder) haswitch_owned "holder self" ;;
	haswitch-direct-lease) haswitch_owned "lease l" && haadm lease set l floor 1 ;;
	haswitch-miss)
		# What a packet pays that is not for any vip, on top of ip-forward.
		target=10.1.0.1
		haswitch_restore 1 && hook_wait && forward_on && ip route add $target via 10.8.0.2
		;;
	*) peer_setup ;;
	esac
}

# haswitch_owned WORDS: one vip, owned by this machine as the words say. Nothing but them differs between the cases.
haswitch_owned() {
	[ -e /sys/module/haswitch ] || module_load
	{
		echo "lease add l"
		configuration 1 "$1 on in0"
	} >/run/vips
	haadm restore /run/vips || die "haadm restores nothing"
	hook_wait
}

# haswitch_maglev N: one vip, whose flows are spread over so many members, each a node of its own.
haswitch_maglev() {
	module_load
	members "$1" >/run/vips
	members_seen /run/vips || return 1
	haadm restore /run/vips || die "haadm restores nothing"
}

# hook_wait: waits for the hook at ingress, which a device gets a moment after its first vip.
hook_wait() {
	local i
	for ((i = 0; i < 100; i++)); do
		! haadm -j status | grep -q '"doors": *[1-9]' || return 0
		sleep 0.1
	done
	die "no device has the hook of the fast path"
}

# ready: done before packets are sent. A lease lasts for 10 s at most, and those are seconds of guest time; each renewal
# is a new deadline.
ready() {
	[ "$case" != haswitch-direct-lease ] || haadm lease set l epoch 1 holder self for 10s ||
		die "the lease is refused"
}

# held: the lease is had at this time, and was then all along.
held() {
	[ "$case" != haswitch-direct-lease ] || haadm -j lease show l | grep -q '"held": *true' ||
		die "the lease ran out: $(haadm lease show l)"
}

# counted: how many packets whoever redirects says that it had; for each that is measured it is $each more. Nothing,
# where it does not say, or before its entries are made.
counted() {
	[ $settled = yes ] || return 0
	case $case in
	haswitch-miss) ;;
	haswitch-*) haadm -j stats show | sed 's/.*"redirected": *\([0-9]*\).*/\1/' ;;
	*) peer_counted ;;
	esac
}

# aim there|back: pktgen sends what goes this way.
aim() {
	local last=10.9.$((16 + (flows - 1) / 256)).$(((flows - 1) % 256))
	if [ "$1" = back ]; then
		pktgen_back 10.8.0.2 0
		[ "$vary" != clients ] || pktgen_set out0 "dst_min 10.9.16.0" "dst_max $last"
		return
	fi
	pktgen_ready "$target" 0
	case $vary in
	ports)
		[ "$packets" -le 50000 ] || die "there are not so many ports"
		pktgen_set in0 "src_min 10.9.0.$((20 + runs))" "src_max 10.9.0.$((20 + runs))" "udp_src_min 10000" \
			"udp_src_max 60000"
		runs=$((runs + 1))
		;;
	flows)
		# Address and port go on together: as many pairs as their product, since those numbers have no factor in
		# common.
		if [ "$flows" -le 50000 ]; then
			pktgen_set in0 "udp_src_min 10000" "udp_src_max $((10000 + flows))"
		else
			pktgen_set in0 "src_min 10.9.16.0" "src_max 10.9.19.240" "udp_src_min 10000" "udp_src_max 60000"
		fi
		;;
	clients) pktgen_set in0 "src_min 10.9.16.0" "src_max $last" ;;
	vips) pktgen_set in0 "dst_max $(vip_of $((vips - 1)))" ;;
	esac
}
runs=0 settled=no each=1

# send there|back PACKETS: sends them, proves that so many left where they should and how, and sets $took.
send() {
	local dev=out0 before told wanted=$2
	[ "$1" = there ] || dev=in0
	aim "$1"
	ready
	before=$(sent $dev) told=$(counted)
	pktgen_send "$2"
	took=$(pktgen_took "$pktgen_dev")
	held
	[ $redirects = yes ] || wanted=0
	[ $(($(sent $dev) - before)) -eq "$wanted" ] || die "$(($(sent $dev) - before)) packets of $2 went out, $1"
	[ -z "$told" ] || [ $(($(counted) - told)) -eq $(($2 * each)) ] ||
		die "$(($(counted) - told)) of $2 packets were counted as $case, $1"
}

# verify there|back: a few packets, looked at by a filter on their way out.
verify() {
	local seen dev=out0 match="dst_mac 02:00:00:00:08:00/ff:ff:ff:ff:ff:00 $left"
	[ "$1" = there ] || dev=in0 match="dst_mac $mac_client src_ip $vip ip_proto udp src_port $port"
	tc qdisc add dev $dev clsact
	# shellcheck disable=SC2086
	tc filter add dev $dev egress pref 1 protocol ip flower $match ip_ttl $ttl action ok || die "no filter"
	send "$1" 10
	seen=$(tc -s filter show dev $dev egress | sed -n 's/.* \([0-9]*\) pkt .*/\1/p')
	tc qdisc del dev $dev clsact
	[ "$seen" = 10 ] || die "of 10 packets $seen went $1 as they should, with their TTL decremented"
}

# members_used: how many of them were sent a packet.
members_used() { haadm -j member show "$vip:$port/udp" | jq '[.[] | select(.packets > 0)] | length'; }

if [[ $ways = *back* ]]; then net_in_out dummy; else net_in_out; fi || die "no network"
setup || die "$case can't be set up"
case $case in
drop | drop-*) redirects=no ;;
esac
# The first packets, and answers, make the entries of tracking peers: what is looked at then are those that find them.
for way in $ways; do
	send "$way" 10
done
for way in $ways; do
	[ $redirects = no ] || verify "$way"
done
read -r held _ < <(memory_settled)
for way in $ways; do
	send "$way" $((vips > flows ? vips : flows))
done
settled=yes
if [ $vary = flows ]; then
	# The table follows in its own time.
	read -r held_now _ < <(memory_settled)
	figure held "$flows" $(((held_now - held) * 1024))
fi

for ((i = 0; i < repeats; i++)); do
	all=0
	for way in $ways; do
		send "$way" "$packets"
		all=$((all + took))
		[ "$ways" = there ] || figure "$way" "$packets" "$took"
	done
	figure cost $((packets * $(wc -w <<<"$ways"))) $all
done
case $case in
haswitch-maglev-*)
	[ "$(members_used)" = "${case##*-}" ] || die "$(members_used) of ${case##*-} members were sent packets"
	;;
esac
[ "${5:-}" != symbols ] || cat /proc/kallsyms >"$HASW_OUT/kallsyms"
