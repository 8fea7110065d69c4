# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2086,SC2154 # the words here have no spaces; nodes and number are the test's
# Agents on that LAN that vote on leases: how they end, who holds, and that nobody held what another one did.
#
# Sourced after ktap.sh and lan.sh. The test sets nodes to the names of those that have a module, and number to the
# number of each machine on the LAN. An agent's files are in $dir: NAME.conf, NAME.log, NAME.pid. A lease is "web" where
# none is named.

agents_judge=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)/grants.py
dir=$(mktemp -d)

# conf_head NAME KEY VOTER LONGEST [TIMINGS]: how the file of an agent begins. A test may set heartbeat.
# The folder of the configurations is beside the voter's file.
conf_head() {
	cat <<-END
		node = "$1";
		key = "$2";
		timings = { heartbeat = "${heartbeat-20ms}"; suspect = "200ms"; time = "500ms"; ${5-} };
		leases = { longest = "$4"; voter = "$3"; }; configurations = "${3%/*}/config-$1";
	END
}

# conf_nodes [NET]: the nodes of the test as that file names them; NET is the first three bytes of their addresses.
conf_nodes() {
	local node between=
	echo "nodes = ("
	for node in "${nodes[@]}"; do
		printf '%s  { name = "%s"; address = "%s.%s"; }' "$between" $node ${1:-10.0.0} ${number[$node]}
		between=$',\n'
	done
	printf '\n);\n'
}

# start NAME...: agents, each with a log of its own, of another build where the test sets binary; where the test sets
# started, each has said that when this returns.
start() {
	local name
	for name; do
		: >"$dir/$name.log"
		ip netns exec $name ${binary:-haagentd} -f "$dir/$name.conf" >>"$dir/$name.log" 2>&1 &
		echo $! >"$dir/$name.pid"
	done
	for name; do [ -z "${started:-}" ] || wait_for 10 logged $name "$started" || return 1; done
}

# logged NAME PATTERN: since its agent was started last.
logged() {
	grep -q -- "$2" "$dir/$1.log"
}

# every WORD...: a command of haadm on every node.
every() {
	local name
	for name in "${nodes[@]}"; do haadm -n $name "$@" || return 1; done
}

# nodes_add NAME: its module knows all nodes, and which of them it is.
nodes_add() {
	local node self
	for node in "${nodes[@]}"; do
		self=
		[ $node != $1 ] || self=self
		haadm -n $1 node add $node addr 10.0.0.${number[$node]} $self || return 1
	done
}

# stop SIGNAL NAME...: until they have ended.
stop() {
	local name
	for name in "${@:2}"; do kill -$1 "$(<"$dir/$name.pid")"; done
	for name in "${@:2}"; do wait_for 10 lan_ended "$(<"$dir/$name.pid")" || return 1; done
}

what_happened() {
	local name
	tail -n 12 "$dir"/*.log
	for name in "${nodes[@]}"; do haadm -n $name lease show; done
}

# holder [LEASE]: the node whose module holds it; nothing when none does, and a failure when two do. It is asked for
# very often, so it takes few processes.
holder() {
	local name found=()
	for name in "${nodes[@]}"; do
		[[ $(haadm -n $name lease show ${1:-web}) != *" held "* ]] || found+=("$name")
	done
	echo "${found[*]}"
	[ ${#found[@]} -le 1 ]
}

# held_by NAME [LEASE]
held_by() { [ "$(holder ${2:-web})" = $1 ]; }

# moved NAME [LEASE]: somebody else holds it.
moved() {
	local now
	now=$(holder ${2:-web}) && [ -n "$now" ] && [ $now != $1 ]
}

nobody_holds() { [ -z "$(holder)" ]; }

# known [LEASE]: it is held, and all modules say the same holder. Each is asked once, as this is asked for very often.
known() {
	local name who='' said told=()
	for name in "${nodes[@]}"; do
		said=$(haadm -n $name lease show ${1:-web})
		told+=("$said")
		[[ $said = *" held "* ]] || continue
		[ -z "$who" ] || return 1
		who=$name
	done
	[ -n "$who" ] || return 1
	for said in "${told[@]}"; do [[ $said = *" holder $who "* ]] || return 1; done
}

# ends NAME: how often a grant of that node ended.
ends() {
	haadm -n $1 -j event show |
		jq --arg name $1 'map(select(.kind == "lease" and .node == $name and .cause != "granted")) | length'
}

# one_owner: what all modules were told of leases, which stays in events-NAME, has no two owners at a time.
one_owner() {
	local name told=()
	for name in "${nodes[@]}"; do
		haadm -n $name -j event show >"$dir/events-$name" || return 1
		told+=("$name=$dir/events-$name")
	done
	"$agents_judge" "${told[@]}"
}
