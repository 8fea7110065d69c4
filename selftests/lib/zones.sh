# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2317 # $dir is the test's; check runs functions
# Points of haadm.sh about zones. Node n1 is in rack-a and n2 in rack-b, and the drained n3 is in none.
#
# Sourced after ktap.sh; uses prints and silent of haadm.sh.

zones_told() {
	prints '^zone rack-a state up usable 1 of 1 nodes n1 leases 0$' haadm zone show &&
		prints '^without a zone: state drain usable 0 of 1 nodes n3 leases 0$' haadm zone show &&
		[ "$(haadm zone show | wc -l)" -eq 3 ] && [ "$(haadm zone show rack-b | wc -l)" -eq 1 ] &&
		haadm -j zone show | jq -ce 'map([.zone, .state, .usable, (.nodes | map(.name + " " + .state))]) ==
			[["rack-a", "up", 1, ["n1 up"]], ["rack-b", "up", 1, ["n2 up"]],
			[null, "drain", 0, ["n3 drain"]]]'
}

# zone_is STATE WORDS...: all nodes of rack-b have that state, and status has these lines.
zone_is() {
	local line
	[ "$(haadm -j node show | jq -r '.[] | select(.zone == "rack-b") | .name + .state')" = "n2$1"$'\n'"n3$1" ] ||
		return 1
	haadm status >"$dir/status" || return 1
	for line in "${@:2}"; do grep -qxF -- "$line" "$dir/status" || { cat "$dir/status" && return 1; }; done
}

# Both have one decision, as one request has changed them.
zone_set() {
	silent haadm node set n3 zone rack-b && silent haadm zone set rack-b state drain within 5m &&
		zone_is drain "zone rack-b: drain, 0 of 2 nodes usable" \
			"note: the whole zone rack-b is drained: none of its 2 nodes is usable" &&
		[ "$(haadm -j node show | jq '[.[] | select(.within)] | length')" -eq 2 ] &&
		silent haadm zone set rack-b state up && zone_is up "zone rack-b: up, 2 of 2 nodes usable" &&
		silent haadm zone set rack-b state down && zone_is down "zone rack-b: down, 0 of 2 nodes usable" &&
		haadm -j event show | jq -e '[.[] | select(.kind == "node" and .to == "down")][-2:] |
			map(.node) == ["n2", "n3"] and .[0].decision == .[1].decision'
}

# What nobody wanted is a warning, and the administrator's word is none.
zone_lost() {
	local code=0
	silent haadm zone set rack-b state up && haadm node verdict n2 fenced && haadm node verdict n3 fenced &&
		zone_is fenced "zone rack-b: lost, 0 of 2 nodes usable" \
			"WARNING: the whole zone rack-b is lost: none of its 2 nodes is usable" &&
		haadm -j status | jq -e '(.zones[1] | .zone == "rack-b" and .state == "lost" and .usable == 0) and
			(.nodes[1].zone == "rack-b") and (.notes == [])' || code=1
	haadm -b - <<-END && haadm node set n3 state drain zone "" && return $code
		node verdict n2 clear
		node verdict n3 clear
		failback n2
		failback n3
	END
}

zones() {
	check "zone show tells zones, their nodes and how many are usable" zones_told
	check_fails "zone set of an unknown zone names the known ones" 2 \
		'^haadm: there is no zone rack-c; there are: rack-a, rack-b$' haadm zone set rack-c state drain
	check_fails "zone show of an unknown zone names the known ones" 2 'there are: rack-a, rack-b' haadm zone show x
	check_fails "zone set without privilege is refused with EPERM" 2 'CAP_NET_ADMIN.*\(EPERM\)' \
		as_nobody haadm zone set rack-b state down
	check "zone set sets all nodes of a zone at once" zone_set
	check "status warns of a zone that is lost as a whole" zone_lost
}
