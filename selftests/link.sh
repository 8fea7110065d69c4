#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices of rtnl kind haswitch: made by stock ip, vips are local on them, gone with the module.
# shellcheck disable=SC2317 # functions are run by check

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

autoloads() {
	module_unload && module_install && ip link add ha0 type haswitch &&
		[ -e /sys/module/haswitch ] && ip link set ha0 up
}

# The state that ip shows: up as soon as the device is, without a carrier event.
state() {
	[ "$(ip -br link show ha0 | awk '{ print $2 }')" = "$1" ]
}

flags() {
	local flags
	flags=$(ip -j -d link show ha0) && [ -n "$flags" ] || return 1
	echo "$flags"
	jq -e '.[0] | (.flags | contains(["NOARP", "UP", "LOWER_UP"])) and .qdisc == "noqueue" and
		.linkinfo.info_kind == "haswitch" and .link_type == "ether"' <<<"$flags"
}

listed() {
	ip link add ha1 type haswitch &&
		[ "$(ip -j link show type haswitch | jq -r '.[].ifname' | sort | tr '\n' ' ')" = "ha0 ha1 " ]
}

driver() {
	ethtool -i ha0 | grep -qx "driver: haswitch"
}

# matches DEV KEY PATTERNS: whether an installed file's match is true of the device.
matches() {
	local value
	if [ "$2" = Driver ]; then
		value=$(ethtool -i "$1" | sed -n 's/^driver: //p')
	else
		value=$(sed -n "s/^$2=//p" "/sys/class/net/$1/uevent")
	fi
	[[ $value = @($3) ]]
}

# matches_of udev|networkd: what the files that are installed for NetworkManager and systemd-networkd match, as
# KEY=PATTERNS.
matches_of() {
	local files=../userspace/network
	case $1 in
	udev) grep -oE 'ENV\{[A-Z]+\}=="[^"]*"' "$files/80-haswitch.rules" | sed -E 's/ENV\{(.*)\}=="(.*)"/\1=\2/' ;;
	networkd) sed -n '/^\[Match\]/,/^$/p' "$files/80-haswitch.network" | grep '=' | tr ' ' '|' ;;
	esac
}

# left_alone DEV yes|no: whether both leave the device alone.
left_alone() {
	local who key patterns all
	for who in udev networkd; do
		all=yes
		while IFS='=' read -r key patterns; do
			matches "$1" "$key" "$patterns" || all=no
		done < <(matches_of "$who")
		[ "$all" = "$2" ] || { echo "$1, by $who: $all"; return 1; }
	done
}

# Whatever their names, devices of kind haswitch are left alone, and no others.
network_managers() {
	local result
	ip link add ha-web type dummy && ip link set ha1 name vips || return 1
	left_alone ha0 yes && left_alone vips yes && left_alone ha-web no && left_alone lo no
	result=$?
	ip link set vips name ha1
	ip link del ha-web
	return "$result"
}

vips_are_local() {
	ip addr add 10.0.0.100/32 dev ha0 scope host &&
		ip addr add 2001:db8::100/128 dev ha0 nodad preferred_lft 0 &&
		ping -q -c 1 -W 5 10.0.0.100 && ping -q -c 1 -W 5 2001:db8::100
}

# sent: packets and bytes that went into the device, and dropped ones, at one instant.
sent() {
	ip -j -s link show ha0 | jq -r '.[0].stats64.tx | "\(.packets) \(.bytes) \(.dropped)"'
}

# What is sent into it is lost, and counted; so are the router solicitations that the kernel sends at any time.
counts() {
	local packets bytes more_packets more_bytes dropped
	ip route add 10.9.0.0/24 dev ha0 src 10.0.0.100
	read -r packets bytes dropped < <(sent)
	ping -q -c 3 -i 0.01 -W 0.1 10.9.0.1
	read -r more_packets more_bytes dropped < <(sent)
	echo "$packets packets, $bytes bytes; then $more_packets packets, $more_bytes bytes, $dropped dropped"
	[ "$more_packets" -ge $((packets + 3)) ] && [ "$more_bytes" -ge $((bytes + 3 * 98)) ] &&
		[ "$dropped" -eq "$more_packets" ]
}

# An address of every kind that ip can give.
takes_address() {
	ip link set ha1 address 02:00:00:00:00:0a && ip link set ha1 mtu 9000 && ip link set ha1 name ha-web &&
		ip -j link show ha-web | jq -e '.[0] | .address == "02:00:00:00:00:0a" and .mtu == 9000'
}

elsewhere() {
	ns_add away && ip -n away link add ha0 type haswitch && ip -n away link set ha0 up &&
		ip -n away addr add 10.0.0.100/32 dev ha0 && n away ping -q -c 1 -W 5 10.0.0.100
}

# asked HOST FAMILY SECONDS: a client, which has known this machine as the owner, asks it for an address.
asked() {
	local address=10.0.0.$1
	[ "$2" = 4 ] || address=2001:db8::$1
	n client ping -q -c 2 -i 0.01 -W "$3" "$address"
}

# A client that has these addresses' MAC from before.
client_comes() {
	ns_add client && ip link add uplink up type veth peer name eth0 netns client && ip -n client link set eth0 up &&
		ip addr add 10.0.0.1/24 dev uplink && ip addr add 2001:db8::1/64 dev uplink nodad &&
		ip -n client addr add 10.0.0.9/24 dev eth0 && ip -n client addr add 2001:db8::9/64 dev eth0 nodad &&
		ip -n client neigh add 10.0.0.100 lladdr "$(cat /sys/class/net/uplink/address)" dev eth0 &&
		ip -n client neigh add 2001:db8::100 lladdr "$(cat /sys/class/net/uplink/address)" dev eth0 &&
		wait_for 10 asked 1 4 1 && wait_for 10 asked 1 6 1
}

# guarded FAMILY ADDRESS: the kernel hands packets to an address on ha0 to no process while there is no such vip, as
# another machine may hold it. A host of a VRF may have the address as well. That another device of this machine has it,
# too, is the administrator's word.
guarded() {
	local result=0
	! asked 100 "$1" 0.2 || return 1
	ip link add tenant type vrf table 10 && ip link add inside type dummy && ip link set inside master tenant up &&
		ip addr add "$2" dev inside && ! asked 100 "$1" 0.2 || result=1
	ip link del inside && ip link del tenant && [ "$result" = 0 ] && ip addr add "$2" dev uplink &&
		wait_for 10 asked 100 "$1" 1
}

downs() {
	ip link set ha-web up && ip link set ha-web down &&
		[ "$(ip -br link show ha-web | awk '{ print $2 }')" = DOWN ]
}

# No vip outlives its guard, in no namespace.
gone() {
	module_unload || return 1
	ip addr show
	[ ! -e /sys/class/net/ha0 ] && [ ! -e /sys/class/net/ha-web ] &&
		[ -z "$(ip -n away -br link show type haswitch)" ] &&
		! ip addr show | grep -q 10.0.0.100 && ! ip -n away addr show | grep -q 10.0.0.100
}

need_root
need ip ethtool jq ping
trap ns_del_all EXIT
ktap_header
check "ip link add loads the module" autoloads
check "ha0 is up at once" state UP
check "ha0 has kind haswitch, NOARP and no queue" flags
check "ip lists all devices of kind haswitch" listed
check "ethtool names the driver haswitch" driver
point="network managers leave devices of kind haswitch alone, and no others"
# An installed kselftest folder has no files of user space beside it.
if [ -d ../userspace/network ]; then check "$point" network_managers; else ktap_skip "$point" "no ../userspace"; fi
check "addresses on ha0 are local" vips_are_local
check "packets sent into ha0 are dropped and counted" counts
check "setup: a client that still has the MAC of this machine" client_comes
check "no client reaches an address on ha0 that is no vip" guarded 4 10.0.0.100/32
check "no client reaches an IPv6 address on ha0 that is no vip" guarded 6 2001:db8::100/128
ip link del uplink
check "the address, MTU and name of a device can be changed" takes_address
check_fails "a multicast link-layer address is refused" 2 "unicast" \
	ip link add ha9 address 01:00:00:00:00:01 type haswitch
check_fails "a short link-layer address is refused" 2 "6 bytes|length" ip link add ha9 address 02:00:00:00 type haswitch
check "another namespace can have an ha0 of its own" elsewhere
check_fails "a device of kind haswitch cannot move to another namespace" 2 "." ip link set ha-web netns away
check "a device of kind haswitch can be set down" downs
check "unloading the module deletes its devices with their addresses" gone
ktap_exit
