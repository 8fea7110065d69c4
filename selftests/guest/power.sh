#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of three kernels does for host/power.sh: module and agent by one file for all, until it is told to end.
#
#   power.sh NAME NUMBER [disk]
#
# It is told by files in HASW_OUT: busy (from then on a process computes), well, calm, move, restart, upgrade (NAME
# becomes is-NAME once that is so), end; and by datagrams to go (goes.py). With "disk" what a power loss leaves is
# there, too: the voter's file. Else that is in memory: UML's kernel stands still while the host syncs a file.
# shellcheck disable=SC2119 # module_load takes no words here

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

files=$HASW_OUT/..

# Of the clients two have a place in the neighbour table, so that no answer waits for that.
join() {
	hostname "$1" && printf '%s\n' "link set eth0 up addrgenmode none" "addr add 10.0.0.$2/24 dev eth0" \
		"neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent" | ip -b - &&
		install -m 600 "$files/key" /run/key &&
		rm -rf /var/lib/haswitch && state "${3:-}" && module_load && haadm restore "$files/haswitch.conf"
}

state() { if [ "$1" = disk ]; then ln -s "$HASW_OUT" /var/lib/haswitch; else mkdir /var/lib/haswitch; fi; }

# well: the agent votes, and hears all others; so does the module, which has all ready to tell them of a panic.
well() {
	haadm -j agent show | jq -e '.vote | .knows and .mute == 0 and (.heard | length) == 3' &&
		haadm -j pulse show |
		jq -e 'length == 2 and all(.[]; .state == "up" and all(.paths[]; ."panic_ready"))'
}

# calm: no stall of the last minutes has the agent ask for longer.
calm() {
	local most=90
	! grep -q 'profile = "fast"' "$files/haagentd.conf" || most=25
	haadm -j agent show | jq -e --argjson most "$most" '.vote.length <= $most * 1000000'
}

agent_start() {
	haagentd -f "$files/haagentd.conf" >>"$HASW_OUT/agent.log" 2>&1 &
	agent=$!
}

agent_stop() { kill "$agent" && wait_for 10 halted "$agent"; }

move() { haadm failover web; }

restart() { agent_stop && agent_start; }

# As doc/install.md has an operator upgrade a holder: drain it, wait until another node holds its lease, unload the
# module, and do what a restart of both units does. The new module knows nothing of the drain.
upgrade() {
	haadm node set "$self" state drain && wait_for 10 elsewhere && module_unload && [ ! -e /sys/module/haswitch ] &&
		agent_stop && module_load && haadm restore "$files/haswitch.conf" && agent_start
}

elsewhere() { haadm -j lease show web | jq -e --arg self "$self" '.[0].holder | . != null and . != $self'; }

# does WORD: where that was told.
does() {
	[ -e "$HASW_OUT/$1" ] || return 0
	rm "$HASW_OUT/$1" && "$1" >>"$HASW_OUT/agent.log" 2>&1 && touch "$HASW_OUT/is-$1"
}

end() {
	[ -z "$busy" ] || kill "$busy"
	kill "$goes"
	agent_stop && kill "$monitor" && module_unload
}

self=$1
ktap_header
check "setup: a machine on the network, with all that the file says" join "$@" || ktap_exit
haadm -j monitor >>"$HASW_OUT/events" 2>&1 &
monitor=$!
agent_start
guest/goes.py "$agent" &
goes=$!
echo "$agent" >"$HASW_OUT/ready"
busy=
until [ -e "$HASW_OUT/end" ]; do
	nap 0.05
	[ ! -e "$HASW_OUT/busy" ] || { rm "$HASW_OUT/busy"; while :; do :; done & busy=$!; }
	for word in well calm; do
		[ ! -e "$HASW_OUT/$word" ] || ! $word >/dev/null 2>&1 || mv "$HASW_OUT/$word" "$HASW_OUT/is-$word"
	done
	for word in move restart upgrade; do does $word; done
done
check "agent and module end when asked to" end
ktap_exit
