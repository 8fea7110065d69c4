# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # $dir is the test's
# Points of haadm.sh: haadm check, as a monitoring system runs it, in a network namespace of its own.
#
# Sourced after ktap.sh; the test has prints() and silent(), and a folder $dir.

# plugin_hold: node n1 holds the lease for ten seconds more, unless nobody is to hold it.
plugin_hold() {
	[ "$plugin_epoch" = none ] || haadm -n ha-check lease set web epoch "$plugin_epoch" holder n1 for 10s
}

# plugin_says CODE PATTERN: check prints that line, and nothing else; it ends with that code; its figures are well
# formed; and JSON tells the same, as status -j does.
plugin_says() {
	local code=0 line figure form="^[a-z_]+=[0-9]+;[0-9]*;[0-9]*;0;[0-9]*$"
	plugin_hold || return 1
	haadm -n ha-check check >"$dir/check" 2>&1 || code=$?
	line=$(<"$dir/check")
	if [ $code -ne "$1" ] || ! [[ $line =~ $2 ]] || [ "$(wc -l <"$dir/check")" -ne 1 ]; then
		echo "exit $code: $line" && return 1
	fi
	for figure in ${line#*|}; do
		[[ $figure =~ $form ]] || { echo "no figure: $figure" && return 1; }
	done
	code=0
	haadm -n ha-check -j check >"$dir/check.json" || code=$?
	[ $code -eq "$1" ] && haadm -n ha-check -j status >"$dir/status.json" &&
		jq -e --argjson code $code --slurpfile s "$dir/status.json" '.code == $code and
			.figures.vips_not_served == ([$s[0].vips[] | select(.served | not)] | length) and
			.figures.vips_partly_served == ([$s[0].vips[] | select(.partly_served)] | length) and
			.figures.leases_not_held == ([$s[0].leases[] | select(.holder == null)] | length) and
			(.problems | map(.text)) as $texts | all($s[0].warnings[]; IN($texts[]))' "$dir/check.json"
}

plugin_configure() {
	ns_add ha-check && ip -n ha-check link add lan0 type dummy && ip -n ha-check addr add 10.0.0.1/24 dev lan0 &&
		ip -n ha-check link set lan0 up arp on && haadm -n ha-check -b - <<-END
			node add n1 addr 192.168.0.1 self
			node add n2 addr 192.168.0.2
			node add n3 addr 192.168.0.3
			lease add web
			vip add 10.0.0.100 holder n1
			vip add 10.0.0.101 lease web
			vip add 10.0.0.102 holder n2
			service add 10.0.0.100:80/tcp
			service add 10.0.0.100:81/tcp
			member add 10.0.0.100:80/tcp node n1
			member add 10.0.0.100:81/tcp node n1
			lease set web floor 1
			beat n1 n2 n3 for 1h
		END
}

# plugin_while PATTERN CODE BEFORE AFTER: what check says between these two commands of haadm.
plugin_while() {
	local code=0
	haadm -n ha-check -b - <<<"$3" || return 1
	plugin_says "$2" "$1" || code=1
	haadm -n ha-check -b - <<<"$4" && return $code
}

plugin() {
	local all='vips=3;;;0; vips_not_served=0;;0;0;3 vips_partly_served=0;0;;0;3 leases=1;;;0; '
	all+='leases_not_held=0;0;;0;1 nodes=3;;;0; nodes_lost=0;0;;0;3 nodes_overloaded=0;0;;0;3 members=2;;;0; '
	all+='members_unusable=0;0;;0;2 spares_called=0;0;;0;0 flows=0;;;0;[0-9]+$'
	check_fails "check with an unknown word is UNKNOWN" 3 '^HASWITCH UNKNOWN - check: unknown word "bogus"' \
		haadm check bogus
	check_fails "check in an unknown network namespace is UNKNOWN" 3 '^HASWITCH UNKNOWN - cannot open network nam' \
		haadm -n ha-none check
	plugin_epoch=1
	check "setup: a namespace for check" plugin_configure
	check "check: all is served" plugin_says 0 "^HASWITCH OK - 3 vips served, 1 lease held, 3 nodes\|$all"
	check "check: a vip is not served" plugin_while \
		'^HASWITCH CRITICAL - vip 10.0.0.102 not served: its holder n2 was set down\|.* vips_not_served=1;' 2 \
		'node set n2 state down' 'node set n2 state up'
	plugin_epoch=none
	check "check: nobody holds a lease" plugin_while \
		'^HASWITCH CRITICAL - vip 10.0.0.101 not served: its lease web has no .* leases_not_held=1;' 2 \
		'lease release web epoch 1' ''
	plugin_epoch=2
	check "check: a vip is partly served" plugin_while \
		'^HASWITCH WARNING - vip 10.0.0.100 only partly served: 10.0.0.100:81/tcp has .* \(and 1 more\)\|' 1 \
		'member set 10.0.0.100:81/tcp node n1 health down' 'member set 10.0.0.100:81/tcp node n1 health up'
	check "check: a member is unhealthy while another one serves" plugin_while \
		'^HASWITCH WARNING - member n2 of 10.0.0.100:80/tcp has health down\|.* members_unusable=1;' 1 \
		'member add 10.0.0.100:80/tcp node n2 health down' 'member del 10.0.0.100:80/tcp node n2'
	check "check: a node is fenced" plugin_while '^HASWITCH WARNING - node n3 is fenced\|.* nodes_lost=1;' 1 \
		'node verdict n3 fenced' $'node verdict n3 clear\nfailback n3'
	check "check: a drain is told, and is no problem" plugin_while \
		'^HASWITCH OK - 3 vips served, .* 3 nodes, n3 is being drained\|' 0 \
		'node set n3 state drain' 'node set n3 state up'
	check "check: a vip is no address of this machine" plugin_unlocal
	check "check -d lists all problems, the worst ones first" plugin_details
	check "check works without privilege" plugin_unprivileged
	check "ip -d link show tells who holds leases" link_shows
	check "ip -d -j link show tells who holds leases" link_shows_json
	check_fails "ip link add type haswitch with an option tells that there is none" 1 'unknown option "lease"' \
		env "IP_LIB_DIR=$link_plugins" ip link add ha1 type haswitch lease web
	ns_del_all
}

plugin_unprivileged() { plugin_hold && prints '^HASWITCH OK' as_nobody_in ha-check haadm check; }

as_nobody_in() { n "$1" setpriv --reuid 65534 --regid 65534 --clear-groups "${@:2}"; }

# Where the plug-in of ip was built; else it is installed.
link_plugins=/usr/lib/$(uname -m)-linux-gnu/ip
[ -z "${HASW_BUILD:-}" ] || link_plugins=$HASW_BUILD/iproute2

link_shows() {
	plugin_hold && IP_LIB_DIR=$link_plugins ip -n ha-check -d link show ha0 >"$dir/text" && cat "$dir/text" &&
		grep -qE '^    haswitch vips 3 ' "$dir/text" && grep -qE \
		'^	lease web held holder n1 epoch 2 remaining [0-9.]+s last-switch [0-9.]+m?s ' "$dir/text"
}

link_shows_json() {
	plugin_hold && IP_LIB_DIR=$link_plugins ip -n ha-check -j -d link show ha0 >"$dir/json" &&
		jq -e '.[0].linkinfo | .info_kind == "haswitch" and (.info_data | .vips == 3 and
			(.leases | length == 1) and (.leases[0] | .lease == "web" and .state == "holder" and
			.holder == "n1" and .epoch == 2 and .remaining > 0 and .last_switch > 0))' "$dir/json" &&
		haadm -n ha-check lease release web epoch 2 &&
		IP_LIB_DIR=$link_plugins ip -n ha-check -j -d link show ha0 |
		jq -e '.[0].linkinfo.info_data.leases[0] | .state == "free" and (has("holder") | not)'
}

plugin_unlocal() {
	local code=0
	ip -n ha-check addr del 10.0.0.101/32 dev ha0 &&
		plugin_says 2 '^HASWITCH CRITICAL - vip 10.0.0.101 not served: it is not an address of this' || code=1
	haadm -n ha-check vip heal && plugin_says 0 '^HASWITCH OK' && return $code
}

plugin_details() {
	local code=0
	haadm -n ha-check -b - <<-END || return 1
		node set n2 state down
		member set 10.0.0.100:81/tcp node n1 health down
	END
	plugin_hold || return 1
	haadm -n ha-check -d check >"$dir/check"
	diff <(sed '1d; s/:.*//' "$dir/check") <(printf 'CRITICAL\nWARNING\nWARNING\n') || code=1
	haadm -n ha-check -b - <<-END && return $code
		node set n2 state up
		member set 10.0.0.100:81/tcp node n1 health up
	END
}
