#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the machine behind the NIC does for host/nic_filter.sh: it has vips, and itself solicited for them from outside.
#
#   nic_filter.sh DRIVER
# shellcheck disable=SC2086,SC2119 # the words here have no spaces; module_load takes none

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

driver=$1 mac=02:00:00:00:00:01
# The NICs tell groups apart exactly or by a hash of the last bits: no two of these are alike in it.
vip=2001:db8::1:1100 twin=2001:db8:0:9::1:1100 leased=2001:db8::2:2200 fresh=2001:db8::3:3300
# Of no vip.
stranger=2001:db8::7:7700

plug() {
	need_root
	need haadm jq python3
	modprobe "$driver" && wait_for 10 [ -e /sys/class/net/eth0 ] &&
		echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad && up
}

up() {
	ip link set eth0 up && wait_for 30 carrier && ip addr replace 2001:db8::1/64 dev eth0 nodad &&
		wait_for 30 link_local
}

carrier() {
	[ "$(cat /sys/class/net/eth0/carrier)" = 1 ]
}

link_local() {
	ip -6 addr show dev eth0 scope link -tentative | grep -q fe80
}

configure() {
	module_load && haadm node add here addr 2001:db8::1 self && haadm node add there addr 2001:db8::2 &&
		haadm lease add l && haadm lease set l floor 1
}

# One process asks all, for one to begin takes an emulated machine longer than the rest.
begin() {
	mkfifo /run/ask /run/answer && exec {ask}<>/run/ask {answer}<>/run/answer
	./tools/nic_solicit.py ask eth0 </run/ask >/run/answer &
}

# asked TARGET: solicits it from outside, once; what came of that is printed, and in /run/asked.
asked() {
	local line
	: >/run/asked
	echo "$1" >&$ask
	while read -r -t 60 -u $answer line && [ "$line" != . ]; do
		echo "$line" | tee -a /run/asked
	done
}

# filtered TARGET: the solicitation ended at the NIC.
filtered() {
	asked "$1"
	[ "$(cat /run/asked)" = filtered ]
}

arrived() {
	asked "$1"
	grep -qx arrived /run/asked
}

# answered TARGET...: the solicitation arrived, and was answered once, as by an owner of the address.
answered() {
	local target
	for target; do
		arrived "$target" && [ "$(wc -l </run/asked)" -eq 2 ] &&
			grep -q "^na from=$mac .* source=$target .*lladdr=$mac hops=255 sum=ok flags=R0S1O1$" \
				/run/asked || return 1
	done
}

# unanswered TARGET: it arrived, and that was all.
unanswered() {
	asked "$1"
	[ "$(cat /run/asked)" = arrived ]
}

# Else it would be no filter, but silence.
without_filter() {
	ip link set eth0 allmulticast on && unanswered $stranger && ip link set eth0 allmulticast off &&
		filtered $stranger
}

added() {
	filtered $vip && haadm vip add $vip on eth0 holder here && answered $vip
}

shared() {
	haadm vip add $twin on eth0 holder here && answered $vip $twin && haadm vip del $vip && answered $twin &&
		unanswered $vip
}

left() {
	haadm vip del $twin && wait_for 10 filtered $twin && wait_for 10 filtered $vip
}

added_again() {
	haadm vip add $vip on eth0 holder here && answered $vip
}

# Joining is no part of a takeover.
standby() {
	filtered $leased && haadm vip add $leased on eth0 lease l && unanswered $leased &&
		haadm lease set l epoch 1 holder there for 10s && unanswered $leased
}

taken_over() {
	haadm lease set l epoch 2 holder here for 10s && answered $leased
}

handed_back() {
	haadm lease set l epoch 3 holder there for 10s && unanswered $leased
}

set_down() {
	ip link set eth0 down && up && wait_for 30 answered $vip && unanswered $leased && filtered $stranger
}

# The driver forgets all that was in the filter, and the kernel too.
plugged_in_again() {
	modprobe -r "$driver" && [ ! -e /sys/class/net/eth0 ] && plug && wait_for 30 answered $vip &&
		unanswered $leased &&
		filtered $stranger
}

restored() {
	haadm save >/run/saved && { cat /run/saved && echo "vip add $fresh on eth0 holder here"; } >/run/more &&
		filtered $fresh && haadm restore /run/more && answered $fresh $vip && unanswered $leased
}

restored_less() {
	haadm restore /run/saved && wait_for 10 filtered $fresh && answered $vip
}

# vips FIRST LAST: the commands that delete so many vips, a group each.
vips() {
	local i
	for ((i = $1; i <= $2; i++)); do
		printf 'vip del 2001:db8:0:8::%x:80%02x\n' $((1 + (i >> 8))) $((i & 0xff))
	done
}

add() {
	haadm -b <(vips "$@" | sed 's/ del / add /; s/$/ on eth0 holder here/')
}

del() {
	haadm -b <(vips "$@")
}

# nth N: the address of that one.
nth() {
	vips "$1" "$1" | sed 's/.* //'
}

# More than any of the NICs has exact entries for.
dozens() {
	add 0 39 && answered "$(nth 0)" "$(nth 20)" "$(nth 39)" $vip && filtered $stranger
}

# More than are joined one by one.
hundreds() {
	add 40 299 && answered "$(nth 0)" "$(nth 299)" $vip && unanswered $stranger && del 0 299 &&
		wait_for 10 filtered $stranger &&
		filtered "$(nth 0)" && answered $vip
}

unloaded() {
	module_unload && filtered $vip && filtered $leased && answered 2001:db8::1
}

begin
ktap_header
if ! check "setup: a NIC, and a client at the other end of its cable" plug; then
	ktap_exit
fi
check "a solicitation of the machine's own address is answered" wait_for 30 answered 2001:db8::1
check "a group that nobody has joined ends at the NIC" filtered $stranger
check "a group that nobody has joined arrives with all multicast" without_filter
check "setup: a module without a vip" configure
check "a solicitation of a new vip is answered at once" added
check "the second of two vips with one group is answered for when the first goes" shared
check "the group of a deleted vip ends at the NIC" left
check "the group of a vip added again is joined" added_again
check "the group of a vip whose lease another node holds is joined in silence" standby
check "the first solicitation after the grant is answered" taken_over
check "the group of a vip stays joined when its lease is handed back" handed_back
check "a device set down and up has its groups" set_down
check "a device that left and returned has its groups" plugged_in_again
check "a vip that a restore brings is answered for at once" restored
check "the group of a vip is left by a restore without the vip" restored_less
check "vips of more groups than the NIC tells apart are answered for" dozens
check "a device takes all multicast only for more than 256 groups" hundreds
check "the module's groups end at the NIC when the module unloads" unloaded
ktap_exit
