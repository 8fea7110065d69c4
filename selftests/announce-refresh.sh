#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Announcements long after a vip was taken: the refresh, and `haadm vip announce`. It runs in simulated time.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces; module_load takes none here

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

vip=10.0.0.100 vip6=2001:db8::100
every=/sys/module/haswitch/parameters/announce_refresh

holder() {
	haadm -n holder "$@"
}

prepare() {
	module_load && lan_make && lan_join holder 1 &&
		holder node add holder addr 10.0.0.1 addr 2001:db8::1 self && holder node add other addr 10.0.0.3 &&
		holder vip add $vip holder holder && holder vip add $vip6 holder holder
}

# counted NAME: that counter.
counted() {
	holder -j stats show | jq ".$1"
}

# grows NAME BY SECONDS [COMMAND...]: the counter grows by so much by the command and in the time after it.
grows() {
	local before after
	before=$(counted "$1") && { [ $# -lt 4 ] || "${@:4}"; } && nap "$3" && after=$(counted "$1") || return 1
	[ $((after - before)) -eq "$2" ] && return 0
	echo "$1 grew by $((after - before))"
	return 1
}

# An IPv4 vip is announced by two frames, an IPv6 vip by one. The first refresh is due 60 s after the vips were taken,
# 6 s before this. The kernel's timer wheel may fire a timer of 60 s up to 5.2 s late at HZ=100, depending on the
# jiffies.
refreshed() {
	grows repeated 0 50 && grows repeated 3 14 && grows repeated 0 46 && grows repeated 3 20
}

sooner() {
	echo 10 >$every && holder vip announce $vip && nap 8 && grows repeated 15 50
}

announced() {
	grows announced 0 1 && grows announced 2 1 holder vip announce $vip &&
		grows announced 1 1 holder vip announce $vip6
}

repeated() {
	nap 6 && grows repeated 10 6 holder vip announce $vip
}

# Two nodes that hold it would report each other's refreshes.
everywhere() {
	holder vip add 10.0.0.101 everywhere && nap 6 && grows repeated 0 70 && holder vip del 10.0.0.101
}

given_away() {
	holder vip set $vip holder other && holder vip set $vip6 holder other && grows repeated 0 70
}

need_root
need haadm jq
ktap_header
check "setup: a node that holds two vips" prepare || ktap_exit
check "setup: the announcements of a new holder have ended" nap 6
check "each vip is announced once in 60 s" refreshed
check "vip announce announces a vip again" announced
check "vip announce is repeated like the first announcement" repeated
check "announce_refresh makes the refresh more frequent" sooner
check "no vip is announced after it was given away" given_away
check "a vip that is held everywhere is not refreshed" everywhere
check_fails "vip announce is refused on another node than the holder" 2 \
	"this node does not hold the vip: announce it on its holder" holder vip announce $vip
check_fails "vip announce is refused without such a vip" 2 "no such vip|there is no vip" holder vip announce 10.0.0.99
check "setup: no refresh" eval "echo 0 >$every && holder vip set $vip holder holder && nap 6"
check "announce_refresh 0 has no vip refreshed" grows repeated 0 100
check "setup: the default again" eval "echo 60 >$every"
check "a refresh of more than a day is refused" eval '! echo 86401 2>/dev/null >'$every
ns_del_all
check "the module unloads" module_unload
ktap_exit
