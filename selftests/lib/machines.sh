# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2086,SC2119 # number is the test's; the words here have no spaces
# Machines on that LAN, each with a disk of its own: /etc/haswitch and /var/lib/haswitch. They boot, and lose power.
#
# Sourced after agents.sh. The disk of a machine is $dir/disk-NAME, the log of its agent $dir/NAME.log.

# shellcheck disable=SC2016 # expanded there
disk_in='mount --bind "$0/etc" /etc/haswitch && mount --bind "$0/var" /var/lib/haswitch && exec "$@"'

# on NAME[/DISK] COMMAND...: on that machine, with its own files; another DISK is that of a machine in its place.
on() {
	local name=${1%/*} disk=${1#*/}
	mkdir -p "$dir/disk-$disk"/{etc,var} || return 1
	n $name unshare -m sh -c "$disk_in" "$dir/disk-$disk" "${@:2}"
}

etc() { echo "$dir/disk-$1/etc"; }

# machine_join NAME: on the LAN. A machine has its MAC when it boots again.
machine_join() {
	lan_join $1 ${number[$1]} && ip -n $1 link set eth0 address 02:00:00:00:00:0${number[$1]}
}

# machines_make NAME...: on the LAN, with empty disks.
machines_make() {
	local name
	lan_make && mkdir -p /etc/haswitch /var/lib/haswitch || return 1
	for name; do machine_join $name && mkdir -p "$dir/disk-$name"/{etc,var} || return 1; done
}

# boots NAME...: as the units do, and nothing else.
boots() {
	local name
	for name; do on $name haadm restore --committed /etc/haswitch/haswitch.conf || return 1; done
	agents "$@"
}

agents() {
	local name
	for name; do
		: >"$dir/$name.log"
		ip netns exec $name unshare -m sh -c "$disk_in" "$dir/disk-$name" haagentd >>"$dir/$name.log" 2>&1 &
		echo $! >"$dir/$name.pid"
	done
	for name; do wait_for 10 logged $name "listening for" || return 1; done
}

# power_off NAME...: from one moment to the next nothing comes from them, and their links stay up, as on a switch. What
# is not on their disks is gone. A namespace lives on while TCP waits for what was sent last, so its device is taken.
power_off() {
	local name
	for name; do ip -n lan link set $name-eth0 nomaster || return 1; done
	ns_del "$@"
	for name; do ip -n lan link del $name-eth0 2>/dev/null; done
	return 0
}

# power_on NAME...: their cables are where they were.
power_on() {
	local name
	for name; do wait_for 10 unplugged $name && machine_join $name || return 1; done
	boots "$@"
}

# unplugged NAME: a worker takes the devices of a namespace away.
unplugged() { ! ip -n lan link show $1-eth0; }

# invite NODE [WORD...]: by a, or by the machine that the test names as inviter; the token is in token-NODE.
invite() {
	on ${inviter:-a} haadm cluster invite $1 addr 10.0.0.${number[$1]} "${@:2}" >"$dir/token-$1"
}

# joins NODE[/DISK] [TOKEN]: with its token, or with another one.
joins() {
	local token=${2:-}
	[ -n "$token" ] || token=$(<"$dir/token-${1%/*}")
	on $1 haadm cluster join $token
}

# heard_all NUMBER: so many nodes are there, and all are heard.
heard_all() {
	haadm -n ${inviter:-a} -j cluster show |
		jq -e --argjson n $1 '.nodes | length == $n and all(.is_heard)' >/dev/null
}

# runs_all NUMBER: so many nodes run what is committed.
runs_all() {
	haadm -n ${inviter:-a} -j cluster show | jq -e --argjson n $1 '.committed.generation as $g | .nodes |
		length == $n and all(.is_heard and .state == "runs" and .applied.generation == $g)' >/dev/null
}

# silent NODE: its agent is not heard.
silent() {
	haadm -n ${inviter:-a} -j cluster show |
		jq -e --arg n $1 '.nodes[] | select(.node == $n) | .is_heard | not' >/dev/null
}
