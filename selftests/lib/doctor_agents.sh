# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2086 # $dir is the test's; no word has spaces
# Points of witness.sh: each fault of agents and their paths is made, and found by haadm doctor.
#
# Sourced after agents.sh; the test has nodes a and b, a witness w, start(), stop() and together().

# finds NAME CHECK PATTERN: doctor says so there, if not now, then soon.
finds() {
	wait_for 10 finds_now "$@" && return 0
	haadm -n $1 doctor
	return 1
}
finds_now() { haadm -n $1 doctor | grep -qE "^$2: $3"; }

all_well() {
	local name
	for name in a b w; do wait_for 10 is_well $name || break; done
	is_well $name && return 0
	haadm -n $name doctor
	return 1
}
is_well() { haadm -n $1 doctor | grep -qx "nothing found"; }

# Node a drops what comes; what doctor says to write mends it.
firewalled() {
	n a nft -f - <<-END || return 1
		add table inet f
		add chain inet f in { type filter hook input priority 0; policy drop; }
		add rule inet f in iif lo accept
		add rule inet f in meta l4proto ipv6-icmp accept
	END
	finds a firewall 'nft drops UDP port 6946, that of agents: no rule of chain in' &&
		finds a firewall 'nft drops TCP port 6946, that of agents, for configurations and joins: no rule of' &&
		finds a quorum '1 of 3 voters heard, and a lease needs more than half of them: unreachable b, w$' &&
		finds a peer 'b is not heard any more' && finds a witness 'w is not heard any more' &&
		finds b path 'path .* to a is one-way: a is heard, and does not hear this node' &&
		haadm -n a -j doctor | jq -r '.findings[] | select(.check == "firewall").mend' >"$dir/mends" &&
		[ "$(wc -l <"$dir/mends")" -eq 4 ] && n a sh -e "$dir/mends" && together && all_well &&
		n a nft flush ruleset
}

# What node b sends to node a alone is dropped.
one_way() {
	n b nft -f - <<-END || return 1
		add table ip f
		add chain ip f out { type filter hook output priority 0; }
		add rule ip f out ip daddr 10.0.0.1 udp dport 6946 drop
	END
	finds b path 'path .* to a is one-way' && finds a peer 'b is not heard any more' && n b nft flush ruleset &&
		together && all_well
}

# another KEY LONGEST: node b begins again with another file.
another() {
	stop TERM b && key=$1 conf b && sed -i "s/longest = \"2s\"/longest = \"$2\"/" "$dir/b.conf" && start b
}

other_key() {
	haagentd --genkey "$dir/key-other" && another key-other 2s &&
		finds a key 'packets of b are sealed with a key that this node does not have' &&
		finds b key 'packets of a are sealed with a key' && another key-b 2s && together && all_well
}

other_file() {
	another key-b 3s && finds a configuration 'the haagentd.conf of b names other nodes, another longest lease' &&
		finds b configuration 'the haagentd.conf of a names' && another key-b 2s && together && all_well
}

# Each node's packets take 55 ms: a lease is held for 90 ms.
far_away() {
	local name
	for name in a b; do n $name tc qdisc add dev eth0 root netem delay 55ms limit 10000 || return 1; done
	wait_for 10 far_found
	local code=$?
	for name in a b; do n $name tc qdisc del dev eth0 root || return 1; done
	together && all_well && return $code
}
far_found() {
	local name
	for name in a b; do
		! finds_now $name round-trip 'a majority of voters answers in .*, and a lease is held for .* time$' ||
			return 0
	done
	return 1
}

no_agent() { stop TERM a && finds a agent 'no agent runs here' && start a && together && all_well; }
no_witness() { stop KILL w && finds a witness 'w is not heard any more' && start w && together && all_well; }

# What agents tell is as the schema says, and the holder knows how long the answers of the others take.
agent_fits() {
	local name
	haadm -j schema >"$dir/schema" || return 1
	{
		for name in a b w; do haadm -n $name -j agent show | jq -cj '"agent show\t\(.)\n"'; done
		for name in a b; do haadm -n $name -j status | jq -cj '"status\t\(.)\n"'; done
	} | python3 lib/py/schema_check.py "$dir/schema" "agent show" status && name=$(holder) &&
		haadm -n $name -j agent show | jq -e '[.peers[].round_trip] | all(. > 0 and . < 50000000)' &&
		haadm -n $name agent show >"$dir/shown" &&
		grep -qE "^  w +heard, a witness, heard .* ago, answers in " "$dir/shown" &&
		haadm -n $name -j agent show | jq -e '.release as $own | [.peers[].release] == [$own, $own]' &&
		grep -qE "^key [0-9a-f]{8}: used with [abw], [abw]$" "$dir/shown" &&
		grep -qE "^  haagentd-worker +runs for [^,]*, pid [0-9]+$" "$dir/shown" && started_again $name
}

# started_again NAME: a killed worker is replaced, and that is told.
started_again() {
	local pid
	pid=$(haadm -n $1 -j agent show | jq '.processes[] | select(.process == "haagentd-worker").pid') &&
		kill -KILL "$pid" && wait_for 10 worker_again $1 "$pid"
}
worker_again() {
	haadm -n $1 -j agent show | jq -e --argjson was $2 '.processes[] | select(.process == "haagentd-worker") |
		.state == "runs" and .restarts == 1 and .pid != $was' >/dev/null
}

doctor_agents() {
	check "doctor: nothing is found where all is well" all_well
	check "agent show tells round trips, and is as the schema says" agent_fits
	check "doctor: a firewall drops heartbeats: quorum, peers and a path that is one-way" firewalled
	check "doctor: a path is one-way" one_way
	check "doctor: a node has another key" other_key
	check "doctor: a node has another configuration" other_file
	check "doctor: voters are too far away for the lease" far_away
	check "doctor: no agent runs" no_agent
	check "doctor: the witness is dead" no_witness
}
