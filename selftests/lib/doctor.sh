# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # $dir is the test's
# Points of haadm.sh: each fault of a machine is made, found by haadm doctor, and mended by what doctor says.
#
# Sourced after ktap.sh; the test has prints() and silent(), and a folder $dir.

# doctor_finds NAME CHECK PATTERN: doctor finds that in the namespace; both outputs and the exit code say so.
doctor_finds() {
	local code=0
	haadm -n "$1" doctor >"$dir/text" || code=$?
	cat "$dir/text"
	[ $code -eq 3 ] && grep -qE "^$2: $3" "$dir/text" && code=0 || return 1
	haadm -n "$1" -j doctor >"$dir/findings" || code=$?
	[ $code -eq 3 ] && jq -e --arg check "$2" --arg what "$3" 'any(.findings[];
		.check == $check and (.what | test("^" + $what)) and (.mend | length > 0))' "$dir/findings"
}

# doctor_mend NAME CHECK: the first command of what doctor said to write for a finding is run there.
doctor_mend() {
	local line
	jq -r --arg check "$2" '.findings[] | select(.check == $check).mend' "$dir/findings" >"$dir/mends"
	while read -r line; do
		echo "mend: ${line%%[,;]*}"
		n "$1" sh -c "${line%%[,;]*}" </dev/null || return 1
	done <"$dir/mends"
	[ -s "$dir/mends" ] && doctor_not "$1" "$2"
}

# doctor_not NAME CHECK: doctor finds no such thing.
doctor_not() {
	haadm -n "$1" -j doctor >"$dir/findings"
	jq -e --arg check "$2" 'all(.findings[]; .check != $check)' "$dir/findings"
}

# doctor_healthy NAME: doctor finds nothing; only systemd does not run.
doctor_healthy() { prints '^nothing found$' haadm -n "$1" doctor; }

doctor_configure() {
	ns_add ha-doctor && ip -n ha-doctor -b - <<-END && n ha-doctor sysctl -qw net.ipv4.conf.lan0.rp_filter=0
		link add lan0 mtu 9000 type dummy
		link add lan1 type dummy
		addr add 10.0.0.1/24 dev lan0
		addr add 192.168.0.1/24 dev lan1
		link set lan0 up
		link set lan1 up
	END
}

doctor_node() {
	haadm -n ha-doctor node add n1 addr 192.168.0.1 self && doctor_healthy ha-doctor
}

doctor_by_hand() {
	ip -n ha-doctor addr add "$1" dev "$2" &&
		doctor_finds ha-doctor vip-by-hand "vip ${1%/*} is also an address of $2," &&
		doctor_mend ha-doctor vip-by-hand && [ -z "$(ip -n ha-doctor addr show dev "$2" to "${1%/*}")" ]
}

# An address of the machine that is a vip, whose holder this machine always is, is meant.
doctor_own_address() {
	ip -n ha-doctor addr add 10.0.0.30/24 dev lan0 && haadm -n ha-doctor vip add 10.0.0.30 holder n1 &&
		doctor_not ha-doctor vip-by-hand && haadm -n ha-doctor vip del 10.0.0.30 &&
		ip -n ha-doctor addr del 10.0.0.30/24 dev lan0
}

doctor_mtu() {
	haadm -n ha-doctor -b - <<-END || return 1
		vip add 10.0.0.101 holder n1
		service add 10.0.0.101:80/tcp
		member add 10.0.0.101:80/tcp node n2
	END
	doctor_finds ha-doctor mtu \
		'clients send packets of up to 9000 bytes by lan0, and lan1, by which member n2 gets .*, takes 1500' &&
		doctor_mend ha-doctor mtu && haadm -n ha-doctor service del 10.0.0.101:80/tcp &&
		haadm -n ha-doctor vip del 10.0.0.101
}

# The client's answer leaves by another device than the holder's frames come by.
doctor_rp_filter() {
	haadm -n ha-doctor -b - <<-END && n ha-doctor sysctl -qw net.ipv4.conf.lan1.rp_filter=1 || return 1
		vip add 10.0.0.102 holder n2
		service add 10.0.0.102:80/tcp
		member add 10.0.0.102:80/tcp node n1
	END
	doctor_finds ha-doctor rp-filter 'rp_filter is 1 on lan1, by which n2 sends packets' &&
		doctor_mend ha-doctor rp-filter &&
		haadm -n ha-doctor service del 10.0.0.102:80/tcp && haadm -n ha-doctor vip del 10.0.0.102
}

doctor_vrf() {
	haadm -n ha-doctor vip add 10.0.0.103 on lan0 holder n1 && ip -n ha-doctor link add blue type vrf table 7 &&
		ip -n ha-doctor link set lan0 master blue &&
		doctor_finds ha-doctor vrf 'lan0 is in the VRF blue' && doctor_mend ha-doctor vrf &&
		haadm -n ha-doctor vip del 10.0.0.103 && ip -n ha-doctor link del blue
}

doctor_lost() {
	haadm -n ha-doctor vip add 10.0.0.104 holder n1 && ip -n ha-doctor addr del 10.0.0.104/32 dev ha0 &&
		doctor_finds ha-doctor vip-lost 'vip 10.0.0.104 not served: it is not an address of this machine' &&
		doctor_mend ha-doctor vip-lost && haadm -n ha-doctor vip del 10.0.0.104
}

# doctor_nft PATTERN RULES...: with these rules doctor finds that, for the port of agents, and what it says mends it.
doctor_nft() {
	printf '%s\n' "${@:2}" | n ha-doctor nft -f - && doctor_finds ha-doctor firewall "$1" &&
		doctor_mend ha-doctor firewall && n ha-doctor nft flush ruleset
}

# Units that do not start at boot; what systemctl would do is done by hand.
doctor_units_found() {
	local units=/etc/systemd/system code=0
	mkdir -p /run/systemd/system $units/multi-user.target.wants && touch $units/ha{switch,agentd}.service &&
		doctor_finds ha-doctor unit 'the unit haswitch.service does not start at boot' &&
		doctor_finds ha-doctor unit 'the unit haagentd.service does not start at boot' &&
		ln -s $units/ha{switch,agentd}.service $units/multi-user.target.wants/ &&
		doctor_not ha-doctor unit || code=1
	rm -rf /run/systemd/system $units/{,multi-user.target.wants/}ha{switch,agentd}.service
	return $code
}

doctor() {
	check "setup: a namespace for doctor" doctor_configure
	check "doctor: the module has no configuration" \
		doctor_finds ha-doctor configuration 'the module has no configuration'
	check "doctor: nothing is found where all is well" doctor_node
	haadm -n ha-doctor node add n2 addr 192.168.0.2
	check "doctor: no agent runs" doctor_finds ha-doctor agent 'no agent runs here'
	check "doctor: no vip by hand" doctor_not ha-doctor vip-by-hand
	haadm -n ha-doctor -b - <<-END
		lease add web
		vip add 10.0.0.100 lease web
		vip add 2001:db8::100 holder n2
	END
	check "doctor: a vip is also set by hand" doctor_by_hand 10.0.0.100/24 lan0
	check "doctor: a vip is also set by hand on lo" doctor_by_hand 10.0.0.100/32 lo
	check "doctor: an IPv6 vip is also set by hand" doctor_by_hand 2001:db8::100/64 lan1
	check "doctor: a machine's own address may be a vip" doctor_own_address
	check "doctor: a member's device has a smaller MTU" doctor_mtu
	check "doctor: rp_filter drops clients' packets" doctor_rp_filter
	check "doctor: a vip's device is in a VRF" doctor_vrf
	check "doctor: a vip's address was deleted" doctor_lost
	check "doctor: a policy of nft drops heartbeats" doctor_nft \
		'nft drops UDP port 6946, that of agents: no rule of chain in \(input\) in table inet f accepts it' \
		'add table inet f' 'add chain inet f in { type filter hook input priority 0; policy drop; }' \
		'add rule inet f in iif lo accept' 'add rule inet f in tcp dport 22 accept' \
		'add rule inet f in udp dport { 6940-6945, 7000 } accept'
	check "doctor: a rule of nft drops heartbeats" doctor_nft \
		'nft drops UDP port 6947, .* rule [0-9]+ of chain no \(output\) in table ip f$' \
		'add table ip f' 'add chain ip f out { type filter hook output priority 0; }' 'add chain ip f no' \
		'add rule ip f out jump no' 'add rule ip f no ip protocol udp udp dport 6947 counter drop'
	check "doctor: units that do not start at boot" doctor_units_found
	check "doctor works without privilege" doctor_unprivileged
	ns_del_all
}

doctor_unprivileged() {
	local code=0
	as_nobody_in ha-doctor haadm doctor >"$dir/text" || code=$?
	[ $code -eq 3 ] && grep -q '^not looked at: firewall: nft does not tell' "$dir/text"
}
