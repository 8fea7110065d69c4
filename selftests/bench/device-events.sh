#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: how long the module works under rtnl or its mutex, or beside packets, when a device or an address
# comes, changes or goes, and when a lease is granted, with very many vips behind very many devices.
#
#   device-events.sh VIPS DEVICES named|subnet [LEASES]
#
# Each vip names its device, or is in its subnet. The vips of each device are of LEASES leases in turn, by default of
# one; the first lease is granted, and the others are not. Ftrace takes the times of the module's
# functions. Counted by instructions (`lab/run -i` on a Debian kernel) they are the same on any machine. Prints
#   figure device-events HOW EVENT FUNCTION NS
# the longest call of each function in the three seconds after the event.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
vips=$1 devices=$2 how=$3 leases=${4:-1}
trace=/sys/kernel/tracing
# They are notifiers, under rtnl, works that take the mutex, what holds it in one, and operations.
functions='^hasw_(dev_events_(netdev|inetaddr|inet6addr)|client_links_work|fast_dev_work|group_work'
functions+='|announce_(some|stride)|nl_(lease_set|vip_add)_doit)( |$)'

# network: the devices, each with a subnet of 65534 addresses.
network() {
	local i
	ip netns add n && ip -n n link set lo up || return 1
	for ((i = 0; i < devices; i++)); do
		echo "link add d$i up type dummy"
		echo "link set d$i arp on"
		echo "addr add 10.$((i + 10)).255.254/16 dev d$i"
	done | ip -n n -batch -
}

configuration() {
	awk -v vips="$vips" -v devices="$devices" -v how="$how" -v leases="$leases" 'BEGIN {
		print "node add a addr 192.168.7.1 self"
		for (i = 0; i < leases; i++)
			print "lease add big" i
		for (i = 0; i < vips; i++) {
			d = i % devices
			j = int(i / devices)
			on = how == "named" ? " on d" d : ""
			printf "vip add 10.%d.%d.%d%s lease big%d\n", d + 10, int(j / 250), j % 250 + 1, on, j % leases
		}
	}'
}

prepare_trace() {
	mountpoint -q $trace || mount -t tracefs none $trace || return 1
	grep -oE "$functions" $trace/available_filter_functions >$trace/set_ftrace_filter || return 1
	echo 8192 >$trace/buffer_size_kb
	# A work that waits for the mutex holds nobody up meanwhile.
	echo 0 >$trace/options/sleep-time || return 1
	echo function_graph >$trace/current_tracer && echo funcgraph-tail >$trace/trace_options
}

# event NAME COMMAND...: what it costs, and what follows it.
event() {
	echo >$trace/trace
	"${@:2}" || die "$*"
	sleep 3
	sed -nE 's/^.*[^0-9.]([0-9.]+) us .*(hasw_[a-z0-9_]+).*/\2 \1/p' $trace/trace |
		awk -v head="figure device-events $how-$leases $1" '
		{ if ($2 * 1000 > most[$1]) most[$1] = $2 * 1000 }
		END { for (name in most) printf "%s %s %d\n", head, name, most[name] }' | sort
}

flap() {
	ip -n n link set d7 down && ip -n n link set d7 up
}

if [ "$devices" -gt 200 ] || [ $((vips / devices)) -gt 60000 ]; then
	die "at most 200 devices, and 60000 vips on each"
fi
module_load || die "no module"
network || die "no network"
configuration | haadm -n n restore - || die "the configuration is refused"
haadm -n n lease set big0 floor 1 || die "no floor"
sleep 3
prepare_trace || die "no trace"
event registered ip -n n link add x0 type dummy
event up ip -n n link set x0 up
event address ip -n n addr add 10.10.255.253/16 dev x0
event renamed ip -n n link set d5 name e5
event unregistered ip -n n link del x0
event granted haadm -n n lease set big0 epoch 2 holder a for 10s
event flapped flap
event vip-added haadm -n n vip add 10.9.9.9 on d3 lease big0
