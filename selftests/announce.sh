#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Announcements of vips: repeated while held, again where a link heals, against others who claim them, on each kind of
# device.
# shellcheck disable=SC2317,SC2086,SC2119 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

many=1500	# vips at once; each is announced by two frames, and those are repeated five times

# configure NAME: the holder and a node that holds nothing know both.
configure() {
	local name=$1 node number
	for node in holder:1 other:3; do
		number=${node#*:} node=${node%:*}
		set -- haadm -n "$name" node add "$node" addr "10.0.0.$number" addr "2001:db8::$number"
		[ "$node" != "$name" ] || set -- "$@" self
		"$@" || return 1
	done
}

setup() {
	module_load announce_refresh=0 && lan_make && lan_join client 9 && lan_join holder 1 &&
		lan_join other 3 || return 1
	configure holder && configure other && lan_watch client
}

# must COMMAND...: says which one failed, and makes the caller's code a failure.
must() {
	"$@" && return
	echo "failed: $*"
	code=1
}

holder() {
	haadm -n holder "$@"
}

# told ADDR [DEV]: how often the client has heard the holder announce a vip from a device, once for its two ARP forms.
told() {
	grep -cE "(request|na) from=$(lan_mac holder "${2:-eth0}") .*(sender=$1|dest=ff02::1) .*target=$1 " \
		"$lan_dir/heard"
}

told_are() {
	[ "$(told "$1" "${3:-eth0}")" -eq "$2" ]
}

told_more() {
	[ "$(told "$1" "${3:-eth0}")" -gt "$2" ]
}

stat_is() {
	[ "$(stat_of holder "$1")" -eq "$2" ]
}

# told_least ADDR N [DEV]
told_least() {
	[ "$(told "$1" "${3:-eth0}")" -ge "$2" ]
}

# told_most ADDR N [DEV]
told_most() {
	[ "$(told "$1" "${3:-eth0}")" -le "$2" ]
}

# quiet: nothing of before is repeated any more: who became held later than all that has had its own repeats.
quiet() {
	local before code=0
	before=$(told 2001:db8::199)
	must holder vip add 2001:db8::199 on eth0 holder holder
	must slowly 60 told_are 2001:db8::199 $((before + 6))
	must holder vip del 2001:db8::199
	return $code
}

# spaced ADDR: the times between the announcements that the client heard. A repeat may be late, and never early: but
# what came before it may have taken a moment to be sent.
spaced() {
	lan_heard "(request|na) from=$(lan_mac holder) .* target=$1 " | grep -E "sender=$1 |dest=ff02::1 " |
		awk -v gaps="0.1 0.4 0.5 1 3" 'BEGIN { split(gaps, gap) }
			NR > 1 { print NR, $1 - last; if ($1 - last < gap[NR - 1] - 0.08) bad = 1 }
			{ last = $1 }
			END { exit bad || NR != 6 }'
}

# Both families, from the same moment on; six times, and not a seventh.
repeated() {
	local code=0 before addr
	before=$(stat_of holder repeated)
	for addr in 10.0.0.101 2001:db8::101; do
		must holder vip add $addr on eth0 holder holder
	done
	for addr in 10.0.0.101 2001:db8::101; do
		must slowly 30 told_are $addr 6
		must spaced $addr
	done
	must quiet
	must told_are 10.0.0.101 6
	must told_are 2001:db8::101 6
	# With those of what quiet has announced.
	must stat_is repeated $((before + 20))
	return $code
}

# From the moment on when it is not held any more. A machine that stands still until all repeats were sent shows
# nothing: then another vip is tried.
not_repeated() {
	local code=0 addr i before
	for i in 1 2 3; do
		before=()
		must holder vip add 10.0.0.15$i on eth0 holder holder
		must holder vip add 2001:db8::15$i on eth0 holder holder
		must wait_for 30 told_more 10.0.0.15$i 1
		must wait_for 30 told_more 2001:db8::15$i 1
		must holder vip set 10.0.0.15$i holder other
		must holder vip del 2001:db8::15$i
		# What was sent before this has been heard when this is.
		must holder vip add 10.0.0.16$i on eth0 holder holder
		must wait_for 30 told_more 10.0.0.16$i 0
		for addr in 10.0.0.15$i 2001:db8::15$i; do before+=("$(told $addr)"); done
		must wait_for 30 told_are 10.0.0.16$i 6
		must told_are 10.0.0.15$i "${before[0]}"
		must told_are 2001:db8::15$i "${before[1]}"
		[ $code -ne 0 ] || [ "${before[0]}" -ge 6 ] || [ "${before[1]}" -ge 6 ] || break
		echo "told ${before[*]} times before they were not held: too late to see anything"
	done
	must [ "${before[0]}" -lt 6 ]
	must [ "${before[1]}" -lt 6 ]
	# Held again, all begins anew.
	must holder vip set 10.0.0.15$i holder holder
	must wait_for 30 told_are 10.0.0.15$i $((before[0] + 6))
	return $code
}

# Very many at once: all are told and repeated, at the rate; who becomes held meanwhile does not wait for their repeats.
many() {
	local i announced repeated code=0
	must ip -n holder link add eth3 up type veth peer name peer3
	must ip -n holder link set peer3 up
	must lan_pace holder peer3 $((many * 8))
	announced=$(stat_of holder announced) repeated=$(stat_of holder repeated)
	holder save >"$lan_dir/before"
	for ((i = 0; i < many; i++)); do
		# Served elsewhere, so that haadm has no addresses to add meanwhile.
		printf 'vip add %s on eth3 holder holder\nservice add %s\nmember add %s node other\n' \
			10.1.$((i / 250)).$((i % 250 + 1)){,,}
	done | cat "$lan_dir/before" - >"$lan_dir/more"
	must holder restore "$lan_dir/more"
	must wait_for 30 repeats_begun
	must holder vip add 10.0.0.104 on eth0 holder holder
	must wait_for 30 told_more 10.0.0.104 0
	echo "of $((many * 10)) repeats, $(($(stat_of holder repeated) - repeated)) were sent when a fresh vip was"
	must [ $(($(stat_of holder repeated) - repeated)) -lt $((many * 10)) ]
	must wait_for 60 stat_is repeated $((repeated + many * 10 + 10))
	must stat_is announced $((announced + many * 2 + 2))
	# The rate allows 1000, and two bursts.
	must lan_paced 1300
	must holder restore "$lan_dir/before"
	must ip -n holder link del eth3
	return $code
}

# A grant queues the first 512 vips of its lease, and the work queues the others.
granted() {
	local i announced code=0
	must ip -n holder link add eth3 up type veth peer name peer3
	must ip -n holder link set peer3 up
	holder save >"$lan_dir/before"
	announced=$(stat_of holder announced)
	{
		cat "$lan_dir/before"
		echo "lease add big"
		for ((i = 0; i < 1100; i++)); do
			echo "vip add 10.2.$((i / 250)).$((i % 250 + 1)) on eth3 lease big"
		done
	} >"$lan_dir/leased"
	must holder restore "$lan_dir/leased"
	must stat_is announced $announced
	must holder lease set big floor 1
	must holder lease set big epoch 2 holder holder for 9s
	must wait_for 60 stat_is announced $((announced + 2 * 1100))
	must holder restore "$lan_dir/before"
	must ip -n holder link del eth3
	return $code
}

repeats_begun() {
	[ "$(stat_of holder repeated)" -gt "$repeated" ]
}

# A link that was lost and is back: what faces that device is told there, and only there.
healed() {
	local code=0 before at0 addr
	must lan_port holder eth1
	must holder vip add 10.0.0.110 on eth1 holder holder
	must holder vip add 2001:db8::110 on eth1 holder holder
	must holder vip add 10.0.0.111 on eth0 on eth1 holder holder
	must holder vip add 10.0.0.112 on eth0 holder holder
	must quiet
	before=()
	for addr in 10.0.0.110 2001:db8::110 10.0.0.111; do before+=("$(told $addr eth1)"); done
	at0=$(told 10.0.0.111)$(told 10.0.0.112)
	must ip -n lan link set holder-eth1 down
	must ip -n lan link set holder-eth1 up
	# The other end may take a second to let the first ones through: that is what the repeats are for.
	must wait_for 30 told_least 10.0.0.110 $((before[0] + 2)) eth1
	must wait_for 30 told_least 2001:db8::110 $((before[1] + 2)) eth1
	must wait_for 30 told_least 10.0.0.111 $((before[2] + 2)) eth1
	must quiet
	must told_most 10.0.0.110 $((before[0] + 6)) eth1
	must told_most 2001:db8::110 $((before[1] + 6)) eth1
	must told_most 10.0.0.111 $((before[2] + 6)) eth1
	must [ "$(told 10.0.0.111)$(told 10.0.0.112)" = $at0 ]
	# By an administrator, too; and a new MAC address is news.
	must ip -n holder link set eth1 down
	must ip -n holder link set eth1 up
	must wait_for 30 told_more 10.0.0.110 $((before[0] + 6)) eth1
	must quiet
	must ip -n holder link set eth1 address 02:00:00:00:01:01
	must wait_for 30 told_least 10.0.0.110 2 eth1
	# Other news of a device is none.
	at0=$(stat_of holder announced)
	must ip -n holder link set eth1 txqueuelen 999
	must ip -n holder link set eth1 alias other
	must ip -n holder link set eth1 promisc on
	must holder vip add 10.0.0.113 on eth0 holder holder
	must wait_for 30 told_least 10.0.0.113 3
	must stat_is announced $((at0 + 2))
	for addr in 10.0.0.110 2001:db8::110 10.0.0.111 10.0.0.112 10.0.0.113; do
		must holder vip del $addr
	done
	must ip -n holder link del eth1
	return $code
}

# answers DEV ADDR: who asks for the vip gets an answer from that device.
answers() {
	n client "$lan_neighbour" ask ${3:-eth0} $2 --fence $2 |
		grep -qE "from=$(lan_mac holder $1) .*(sender|target)=$2 "
}

# on_device DEV PORT [CLIENT_DEV]: announced there, answered there, and announced again when the link of the port heals.
on_device() {
	local dev=$1 port=$2 asker=${3:-eth0} net=${4:-10.0.0} net6=${5:-2001:db8:} code=0 addr before=()
	for addr in $net.120 $net6:120; do
		must holder vip add $addr on $dev holder holder
		must wait_for 30 told_more $addr 0 $dev
		must answers $dev $addr $asker
	done
	must quiet
	for addr in $net.120 $net6:120; do before[${#before[@]}]=$(told $addr $dev); done
	must ip -n lan link set $port down
	must ip -n lan link set $port up
	must wait_for 30 told_more $net.120 ${before[0]} $dev
	must wait_for 30 told_more $net6:120 ${before[1]} $dev
	for addr in $net.120 $net6:120; do
		must holder vip del $addr
	done
	return $code
}

on_vlan() {
	ip -n holder link add eth0.5 link eth0 type vlan id 5 && ip -n holder link set eth0.5 up &&
		ip -n holder addr add 10.0.5.1/24 dev eth0.5 &&
		ip -n holder addr add 2001:db8:5::1/64 dev eth0.5 nodad &&
		ip -n client link add eth0.5 link eth0 type vlan id 5 && ip -n client link set eth0.5 up &&
		ip -n client addr add 10.0.5.9/24 dev eth0.5 &&
		wait_for 10 ready client eth0.5 && on_device eth0.5 holder-eth0 eth0.5 10.0.5 2001:db8:5:
}

ready() {
	ip -n "$1" -6 -br addr show dev "$2" scope link | grep -q fe80 &&
		! ip -n "$1" -6 addr show dev "$2" | grep -q tentative
}

# A macvlan takes only the groups that were joined on it.
on_macvlan() {
	ip -n holder link add mv0 link eth0 type macvlan mode bridge && ip -n holder link set mv0 up &&
		wait_for 10 ready holder mv0 && on_device mv0 holder-eth0 && ip -n holder link del mv0
}

# One port of the bridge heals, and the bridge itself never was down.
on_bridge() {
	lan_port holder eth4 && ip -n holder link add br9 address 02:00:00:00:09:01 type bridge mcast_snooping 0 &&
		ip -n holder link add keeps up type veth peer name kept && ip -n holder link set kept up &&
		ip -n holder link set keeps master br9 &&
		ip -n holder link set eth4 master br9 && ip -n holder link set br9 up && wait_for 10 ready holder br9 &&
		on_device br9 holder-eth4 && ip -n holder link del br9 && ip -n holder link del eth4 &&
		ip -n holder link del keeps
}

# active: the port that the bond uses.
active_is() {
	[ "$(n holder cat /sys/class/net/bond0/bonding/active_slave)" = "$1" ]
}

# The other port of a bond takes over: its switch must learn where the MAC address is now. A VLAN above it is told of,
# too.
on_bond() {
	local code=0 addr now other before=()
	must ip -n holder link add bond0 type bond mode active-backup miimon 50
	for port in b1 b2; do
		must lan_port holder $port
		must ip -n holder link set $port down
		must ip -n holder link set $port master bond0
	done
	must ip -n holder link set bond0 up
	must ip -n holder link add bond0.7 link bond0 type vlan id 7
	must ip -n holder link set bond0.7 up
	must wait_for 20 ready holder bond0
	must wait_for 20 ready holder bond0.7
	for addr in 10.0.0.121 2001:db8::121; do
		must holder vip add $addr on bond0 holder holder
	done
	must holder vip add 10.0.7.121 on bond0.7 holder holder
	for addr in 10.0.0.121 2001:db8::121; do
		must answers bond0 $addr
	done
	must quiet
	for addr in 10.0.0.121 2001:db8::121; do before+=("$(told $addr bond0)"); done
	before+=("$(told 10.0.7.121 bond0.7)")
	must [ ${before[0]} -ge 6 ]
	now=$(n holder cat /sys/class/net/bond0/bonding/active_slave)
	other=b1
	[ "$now" != b1 ] || other=b2
	must ip -n holder link set bond0 type bond active_slave $other
	must wait_for 20 active_is $other
	must wait_for 30 told_more 10.0.0.121 ${before[0]} bond0
	must wait_for 30 told_more 2001:db8::121 ${before[1]} bond0
	must wait_for 30 told_more 10.0.7.121 ${before[2]} bond0.7
	for addr in 10.0.0.121 2001:db8::121 10.0.7.121; do
		must holder vip del $addr
	done
	must ip -n holder link del bond0
	must ip -n holder link del b1
	must ip -n holder link del b2
	return $code
}

# conflicts: the events that tell of one.
conflicts() {
	holder -j event show | jq -c '.[] | select(.kind == "vip-conflict")'
}

# conflict ADDR COMMAND...: after the command the vip is announced again, and one more event names the client.
conflict() {
	local addr=$1 before events counted
	shift
	before=$(stat_of holder announced) events=$(conflicts | wc -l) counted=$(stat_of holder conflicts)
	"$@" || return 1
	wait_for 30 announced_more $before || { echo "not announced again"; return 1; }
	conflicts | tail -n 1
	[ "$(stat_of holder conflicts)" -eq $((counted + 1)) ] && [ "$(conflicts | wc -l)" -eq $((events + 1)) ] &&
		conflicts | tail -n 1 |
		jq -e ".addr == \"$addr\" and .dev == \"eth0\" and .lladdr == \"$(lan_mac client)\""
}

announced_more() {
	[ "$(stat_of holder announced)" -gt "$1" ]
}

# probed ADDR COMMAND...: likewise, but the answer to the probe is enough.
probed() {
	local addr=$1 events
	shift
	events=$(conflicts | wc -l)
	"$@" && [ "$(conflicts | wc -l)" -eq $((events + 1)) ] && conflicts | tail -n 1 | jq -e ".addr == \"$addr\""
}

# Each by a vip of its own, for a vip is defended once in a second.
claimed() {
	local code=0 i addr conflicts
	for i in {1..5}; do
		must holder vip add 10.0.0.13$i on eth0 holder holder
		must holder vip add 2001:db8::13$i on eth0 holder holder
	done
	for addr in 10.0.0.135 2001:db8::135; do must wait_for 30 told_more $addr 0; done
	must conflict 10.0.0.131 n client "$lan_neighbour" say eth0 10.0.0.131
	must conflict 2001:db8::131 n client "$lan_neighbour" say eth0 2001:db8::131
	must conflict 10.0.0.132 lan_ask client 10.0.0.1 --source 10.0.0.132 --fence 10.0.0.1
	must conflict 2001:db8::132 lan_ask client 2001:db8::1 --source 2001:db8::132 --fence 2001:db8::1
	must conflict 10.0.0.133 n client "$lan_neighbour" say eth0 10.0.0.133 --to "$(lan_mac holder)"
	must probed 10.0.0.134 lan_ask client 10.0.0.134 --source 0.0.0.0 --fence 10.0.0.1
	must probed 2001:db8::134 lan_ask client 2001:db8::134 --source :: --fence 2001:db8::1
	must ip -n client addr add 10.0.0.135/32 dev lo
	must conflict 10.0.0.135 n client arping -q -U -c 1 -I eth0 10.0.0.135
	must ip -n client addr del 10.0.0.135/32 dev lo
	haadm -n holder event show | grep "vip-conflict" | tail -n 1
	conflicts=$(haadm -n holder event show | grep "vip-conflict" | grep -c "dev eth0 lladdr $(lan_mac client)")
	must [ "$conflicts" -eq 8 ]
	must forgotten 10.0.0.131 10.0.0.132
	return $code
}

# forgotten ADDR OTHER: a vip that a restore takes away has no conflict when it comes back; the other one keeps its own.
forgotten() {
	used_also $1 && used_also $2 && holder save >"$lan_dir/all" &&
		grep -v "^vip add $1 " "$lan_dir/all" >"$lan_dir/without" &&
		holder restore "$lan_dir/without" && holder restore "$lan_dir/all" && ! used_also $1 && used_also $2
}

# used_also ADDR: the vip shows who else used it.
used_also() { holder -j vip show $1 | jq -e '.[0] | has("conflict_lladdr")'; }

# An ordinary question, one's own words that come back, what is said on a device that clients do not use: no conflict.
no_conflict() {
	local code=0 before
	must lan_port holder eth1
	before=$(stat_of holder conflicts)
	# Both legs are in one network: what the one says the other hears.
	must holder vip set 10.0.0.131 on eth0 on eth1
	must wait_for 30 told_more 10.0.0.131 0 eth1
	must n client "$lan_neighbour" say eth0 10.0.0.131 --own "$(lan_mac holder eth1)"
	must lan_ask client 10.0.0.131 --fence 10.0.0.131
	must n client "$lan_neighbour" say eth0 2001:db8::131 --own "$(lan_mac holder eth1)"
	must lan_ask client 2001:db8::131 --fence 2001:db8::131
	must stat_is conflicts "$before"
	must ip -n holder link del eth1
	return $code
}

# A claim of many vips, again and again: so many are answered in a second, and fewer told of; a vip once.
capped() {
	local code=0 i addrs=() before answered events first first_events
	for i in {1..200}; do
		addrs+=(10.0.0.200)
	done
	must holder vip add 10.0.0.200 on eth0 holder holder
	before=$(stat_of holder conflicts) \
		answered=$(($(stat_of holder conflicts) - $(stat_of holder conflicts-capped)))
	events=$(conflicts | wc -l)
	must n client "$lan_neighbour" say eth0 "${addrs[@]}"
	must wait_for 30 stat_is conflicts $((before + 200))
	answered=$(($(stat_of holder conflicts) - $(stat_of holder conflicts-capped) - answered))
	first=$answered first_events=$(($(conflicts | wc -l) - events))
	echo "200 claims of a vip, $answered answered"
	must [ $answered -ge 1 ]
	must [ $answered -le 5 ]
	for i in {1..200}; do
		addrs[i - 1]=10.2.0.$i
		echo "vip add 10.2.0.$i on eth0 holder holder"
	done >"$lan_dir/more"
	must holder -b "$lan_dir/more"
	before=$(stat_of holder conflicts) \
		answered=$(($(stat_of holder conflicts) - $(stat_of holder conflicts-capped)))
	events=$(conflicts | wc -l)
	must n client "$lan_neighbour" say eth0 "${addrs[@]}"
	must wait_for 30 stat_is conflicts $((before + 200))
	answered=$(($(stat_of holder conflicts) - $(stat_of holder conflicts-capped) - answered))
	events=$(($(conflicts | wc -l) - events))
	echo "200 vips claimed, $answered answered, $events told of"
	# Both may have been in one second.
	must [ $((first + answered)) -ge 64 ]
	must [ $answered -lt 200 ]
	must [ $((first_events + events)) -ge 8 ]
	must [ $events -lt $answered ]
	must holder -b <(sed 's/ add / del /; s/ on .*//' "$lan_dir/more")
	return $code
}

# This node searches its devices for a sender's address at most 64 times in a second. So it does not find out that the
# last of 201 senders is itself. A second that ends meanwhile begins the count anew, so there are three attempts.
searched() {
	local code=0
	must lan_port holder eth1
	must holder vip add 10.0.0.201 on eth0 holder holder
	must wait_for 30 told_more 10.0.0.201 0
	crowd_is_capped || crowd_is_capped || must crowd_is_capped
	must holder vip del 10.0.0.201
	must ip -n holder link del eth1
	return $code
}

crowd_is_capped() {
	local conflicts capped
	conflicts=$(stat_of holder conflicts) capped=$(stat_of holder conflicts-capped)
	n client "$lan_neighbour" say eth0 10.0.0.201 --crowd 200 --own "$(lan_mac holder eth1)" || return 1
	wait_for 10 stat_is conflicts $((conflicts + 201)) &&
		[ "$(stat_of holder conflicts-capped)" -ge $((capped + 137)) ]
}

# proxies: the other node answers for whom it has a route to, but not for a vip.
proxied() {
	local code=0
	must ip -n other link add dummy0 up type dummy
	n other sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/conf/eth0/proxy_arp
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; echo 1 >/proc/sys/net/ipv6/conf/eth0/proxy_ndp
		echo 0 >/proc/sys/net/ipv4/neigh/eth0/proxy_delay; echo 0 >/proc/sys/net/ipv6/neigh/eth0/proxy_delay'
	for addr in 10.0.0.140 10.0.0.141; do
		must ip -n other route add $addr/32 dev dummy0
	done
	for addr in 2001:db8::140 2001:db8::141; do
		must ip -n other neigh add proxy $addr dev eth0
		must ip -n other route add $addr/128 dev dummy0
	done
	for addr in 10.0.0.140 2001:db8::140; do
		must haadm -n other vip add $addr on eth0 holder holder
		must holder vip add $addr on eth0 holder holder
	done
	# It does for others: the test can fail.
	must lan_ask client 10.0.0.141 --fence 10.0.0.141
	must lan_ask client 10.0.0.140 --fence 10.0.0.1 --fence 10.0.0.3 --fence 10.0.0.141 >"$lan_dir/asked"
	cat "$lan_dir/asked"
	must [ "$(cut -d ' ' -f 1,2 "$lan_dir/asked")" = "reply from=$(lan_mac holder)" ]
	must lan_ask client 2001:db8::141 --fence 2001:db8::141
	must lan_ask client 2001:db8::140 --fence 2001:db8::1 --fence 2001:db8::3 --fence 2001:db8::141 \
		>"$lan_dir/asked"
	cat "$lan_dir/asked"
	must [ "$(cut -d ' ' -f 1,2 "$lan_dir/asked")" = "na from=$(lan_mac holder)" ]
	return $code
}

# An unreachability probe goes to the MAC address that is known.
unreachable() {
	lan_ask client 10.0.0.140 --fence 10.0.0.140 --to "$(lan_mac holder)" |
		grep -q "^reply from=$(lan_mac holder)" &&
		lan_ask client 2001:db8::140 --fence 2001:db8::140 --to "$(lan_mac holder)" |
		grep -q "^na from=$(lan_mac holder)"
}

need_root
need haadm arping jq ip
trap 'lan_unwatch; ns_del_all; rm -rf "$lan_dir"' EXIT
ktap_header
if ! check "setup: a holder, members and a client on a LAN" setup; then
	ktap_exit
fi
check "a new vip is announced six times in 5 s" repeated
check "a vip that is not held any more is not announced" not_repeated
check "thousands of repeats keep the rate without delaying a new vip" many
check "all 1100 vips of a granted lease are announced" granted
check "vips are announced on a link that comes back" healed
check "the holder speaks for its vips on a VLAN device" on_vlan
check "the holder speaks for its vips on a macvlan" on_macvlan
check "the holder speaks for its vips on a bridge" on_bridge
check "vips are announced again when a bond fails over" on_bond
check "another host's claim of a vip is answered by an announcement" claimed
check "a holder's own frames are no conflict" no_conflict
check "announcements that answer claims are capped" capped
check "a crowd of claiming senders needs few searches" searched
check "a node that proxies does not answer for a vip" proxied
check "an unreachability probe is answered" unreachable
lan_unwatch
ns_del_all
check "the module unloads" module_unload
ktap_exit
