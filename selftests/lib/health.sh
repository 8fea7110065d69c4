# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2086 # the variables and functions are of agent.sh, which sources this; no word has spaces
# What the agent's health checks find, log, tell and set.

# health WHERE NODE up|down [SERVICE]
health() {
	[ "$(haadm -j -n "$1" member show | jq -r --arg n "$2" --arg s "${4:-$web}" \
		'.[] | select(.node == $n and .service == $s).health')" = "$3" ]
}

# health_at PORT up|down: of n2's member with that port.
health_at() { [ "$(haadm -j -n n1 member show $two node n2 at $1 | jq -r '.[0].health')" = "$2" ]; }

health_checks() {
	check "a member that takes connections is logged as up" wait_for 20 logged n1 "n2 of $web is up: 2 connections"
	check "of two members on a node, the one without a server is down" wait_for 20 health_at 82 down
	check "of two members on a node, the one with a server is up" health_at 80 up
	check "of two members on a node, notify commands are told the port" wait_for 10 \
		grep -qx "n1 member $two n2:82 down" "$dir/told"
	check "a check that does not say which of a node's members it is of is told" logged n1 \
		'node "n3" has several members of .*; the check has no effect until it says the port of one'
	unserve n2
	check "a server that is gone: its IPv4 member is down" wait_for 20 health n1 n2 down
	check "a server that is gone: the log tells three failures in a row" logged n1 \
		"n2 of $web is down: 3 connections in a row failed, the last one: Connection refused"
	check "a server that is gone: its IPv6 member is down" wait_for 20 health n1 n2 down "$web6"
	check "a server that is gone: the other member stays up" health n1 n3 up
	check "a server that is gone: IPv4 traffic goes to the other member" wait_for 10 got n3
	check "a server that is gone: IPv6 traffic goes to the other member" wait_for 10 got6 n3
	check "a server that is gone: its node stays up" alive n1 n2
	check "a server that is gone: of the node's two members, its own is down" wait_for 20 health_at 80 down
	haadm -n n1 member del $web node n2
	haadm -n n1 member add $web node n2 priority 10
	check "a server that is gone: its member is down when it is added anew" wait_for 20 health n1 n2 down
	serve n2
	check "a server that is back: its member is up" wait_for 20 health n1 n2 up
	check "a server that is back: of the node's two members, its own is up" wait_for 20 health_at 80 up
	check "a server that is back: the log tells two successes in a row" logged n1 \
		"n2 of $web is up: 2 connections in a row were taken"
	check "a server that is back: notify commands are told" wait_for 10 grep -qx "n1 member $web n2 up" "$dir/told"
	check "a server that is back: IPv4 traffic goes back" wait_for 10 got n2
	check "a server that is back: IPv6 traffic goes back" wait_for 10 got6 n2
}
