#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of three kernels does for host/power.sh: module and agent by one file for all, until it is told to end.
#
#   power.sh NAME NUMBER
#
# It is told by files in HASW_OUT: move, busy (from then on a process computes), well (which becomes is-well once that
# is so), end; and by datagrams to go (goes.py). What a power loss leaves is there, too: the voter's file.
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
		rm -rf /var/lib/haswitch && ln -s "$HASW_OUT" /var/lib/haswitch && module_load &&
		haadm restore "$files/haswitch.conf"
}

# well: the agent votes, and hears all others; so does the module, which has all ready to tell them of a panic.
well() {
	haadm -j agent show | jq -e '.vote | .knows and .mute == 0 and (.heard | length) == 3' &&
		haadm -j pulse show |
		jq -e 'length == 2 and all(.[]; .state == "up" and all(.paths[]; ."panic_ready"))'
}

end() {
	[ -z "$busy" ] || kill "$busy"
	kill "$goes"
	kill "$agent" && wait_for 10 halted "$agent" && kill "$monitor" && module_unload
}

ktap_header
check "setup: a machine on the network, with all that the file says" join "$@" || ktap_exit
haadm -j monitor >>"$HASW_OUT/events" 2>&1 &
monitor=$!
haagentd -f "$files/haagentd.conf" >>"$HASW_OUT/agent.log" 2>&1 &
agent=$!
guest/goes.py "$agent" &
goes=$!
echo "$agent" >"$HASW_OUT/ready"
busy=
until [ -e "$HASW_OUT/end" ]; do
	nap 0.05
	[ ! -e "$HASW_OUT/busy" ] || { rm "$HASW_OUT/busy"; while :; do :; done & busy=$!; }
	[ ! -e "$HASW_OUT/well" ] || ! well >/dev/null 2>&1 || mv "$HASW_OUT/well" "$HASW_OUT/is-well"
	[ ! -e "$HASW_OUT/move" ] || { rm "$HASW_OUT/move" && haadm failover web >>"$HASW_OUT/agent.log" 2>&1; }
done
check "agent and module end when asked to" end
ktap_exit
