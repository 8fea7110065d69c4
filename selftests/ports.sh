#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Ports that belong together: a service with further ports has them and no others; how they are shown, saved, refused.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/connections.sh
. ./lib/connections.sh

prepare() {
	connections_make && cluster_ready
}

# A service with further ports, and another one for the ports that no service names. The first is served by m1 and m2
# alone, the other by m3.
further() {
	entry flow del all >/dev/null && sched sched rr persist 0s &&
		sched also 443 also 8000-8010 also 8012-8020 "$@" && weights 1 1 0 &&
		entry service add $at/tcp failback auto && entry member add $at/tcp node m3
}
# further_over CODE: as before, and that code.
further_over() {
	sched also none && entry service del $at/tcp && return $1
}
# taker PORT [SOURCE]: who gets the first packet of a connection to that port; - if nobody does.
taker() {
	local name
	shot client src=${2:-$near} dst=$vip to="$(lan_mac entry)" proto=tcp sport=7000 dport=$1 || return 1
	for name in m1 m2 m3; do
		frames_find "$name in tcp dport=$1"
		[ ${#found[@]} -eq 0 ] || { echo $name; return; }
	done
	echo -
}
# takes PATTERN PORT...: those are the members that get packets to these ports.
takes() {
	local port who
	# shellcheck disable=SC2053 # a pattern
	for port in "${@:2}"; do
		who=$(taker $port) && [[ $who = $1 ]] && continue
		echo "port $port: $who"
		return 1
	done
}
ports_ends() { further && takes "m[12]" 80 443 8000 8005 8010 8012 8020; further_over $?; }
ports_gap() { further && takes m3 79 81 442 444 7999 8011 8021 65535; further_over $?; }
# alike PORT: a client whose flows are not known has the same member at this port as at port 80.
alike() {
	local source who
	for source in $near $same $far; do
		entry flow del all >/dev/null && who=$(taker 80 $source) && [[ $who = m[12] ]] &&
			entry flow del all >/dev/null && is "$(taker $1 $source)" $who || return 1
	done
}
ports_clients() {
	local one two
	further persist 300s && one=$(taker 80) && takes $one 443 8000 8020 && two=$(taker 8010 $far) &&
		[[ $two = m[12] ]] && [ $one != $two ] && is "$(taker 80 $far)" $two && is "$(taker 443)" $one &&
		sched sched maglev && alike 443 && alike 8015
	further_over $?
}
# Stateless, both paths find the same service.
ports_fast() {
	local before
	further sched maglev && before=$(stat_of entry fast) && takes "m[12]" 443 8000 8020 &&
		is "$(stat_of entry fast)" $((before + 3))
	further_over $?
}
ports_named() {
	local from=$near:7000
	[ $f = 4 ] || from="[$near]:7000"
	further && [[ $(taker 8003) = m[12] ]] &&
		entry explain $from $at:8003 syn in eth0 | grep -F "service  $at:80/tcp, which has also port 8003, " &&
		entry -j explain $from $at:8020 syn in eth0 | jq -e '.[0] | .service_port == 80 and .port == 8020' &&
		entry explain $from $at:8011 syn in eth0 | grep -F "service  $vip/tcp, scheduler" &&
		is "$(flows proto tcp port 8003)" 1 && is "$(flows proto tcp port 80)" 0 &&
		entry service show $at:80/tcp | grep -F "$at:80/tcp also 443 also 8000-8010 also 8012-8020 sched rr" &&
		entry -j service show $at:80/tcp | jq -e '.[0].also == ["443", "8000-8010", "8012-8020"]' &&
		entry status | grep -F "$at:80/tcp also 443 also 8000-8010 also 8012-8020 -> "
	further_over $?
}
# A restore replaces the ports as a whole; what it cannot do changes none of them.
ports_saved() {
	local ports="also 443 also 8000-8010 also 8012-8020"
	further && entry save >"$work_dir/saved" &&
		grep -F "service add $at:80/tcp $ports sched rr" "$work_dir/saved" &&
		sed "s,$ports,also 444," "$work_dir/saved" >"$work_dir/other" &&
		entry restore "$work_dir/other" && takes m3 443 8000 && takes "m[12]" 80 444 &&
		sed "s,$ports,also 53 also 445," "$work_dir/saved" >"$work_dir/wrong" &&
		echo "service add $at:53/tcp" >>"$work_dir/wrong" &&
		! entry restore "$work_dir/wrong" && takes "m[12]" 444 && takes m3 445 &&
		entry service replace $at:80/tcp sched rr failback auto && takes m3 444 &&
		entry restore "$work_dir/saved" && entry save | diff "$work_dir/saved" -
	further_over $?
}
# denied TEXT WORD...: haadm says so, and nothing is changed.
denied() {
	local text=$1 told before
	shift
	before=$(entry save)
	told=$(entry "$@" 2>&1) || { grep -E -- "$text" <<<"$told" && is "$(entry save)" "$before" && return; }
	echo "$*: $told"
	return 1
}
ports_denied() {
	local theirs="belongs to (the service with port 80|another service)" most over
	most=$(printf 'also %s ' {116..101}) over=$(printf 'also %s ' {101..117})
	further && denied "$theirs" service add $at:443/tcp && denied "$theirs" service add $at:8015/tcp &&
		denied "$theirs" service add $at:79/tcp also 80 &&
		denied "$theirs" service add $at:79/tcp also 78 also 7999-8000 &&
		denied "belongs to" service set $at:80/udp also 50-60 &&
		denied "reversed" service set $at:80/tcp also 8010-8000 &&
		denied "from 1 to 65535" service set $at:80/tcp also 0 &&
		denied "from 1 to 65535" service set $at:80/tcp also 65536 &&
		denied "own port" service set $at:80/tcp also 70-90 &&
		denied "own port" service set $at:80/tcp also 80 &&
		denied "given twice" service set $at:80/tcp also 90-95 also 93 &&
		denied "given twice" service set $at:80/tcp also 93-95 also 90-100 &&
		denied "stands alone" service set $at:80/tcp also 90 also none &&
		denied "port of its own" service set $at/tcp also 90 &&
		denied "more than 16" service set $at:80/tcp $over &&
		denied "name that one" service del $at:8004/tcp &&
		denied "name that one" member add $at:443/tcp node m1 &&
		sched $most && takes "m[12]" 101 108 116 && takes m3 100 117
	further_over $?
}

ktap_header
make_ready "setup: a client, a holder and three members" prepare
for number in 4 6; do
	family $number
	check "$v: each port of a range is the service's" ports_ends
	check "$v: other services have the ports between and beside them" ports_gap
	check "$v: a client kept by persist has one member at all ports" ports_clients
	check "$v: the fast path takes packets to them" ports_fast
	check "$v: explain, flow show and service show name them" ports_named
	check "$v: save and restore keep and replace them" ports_saved
	check "$v: wrong ones are refused, and change nothing" ports_denied
done
check "every packet had one fate" adds_up entry
ktap_exit
