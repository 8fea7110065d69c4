# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # dir is of haadm.sh, which sources this, as are prints, same_config and refused_keeps
# What haadm says of who serves, and of the devices and addresses that this needs.

# The only member left is picked, and gets packets that it cannot be sent.
behind_no_route() {
	local at=10.0.0.100:80/tcp
	haadm member set $at node n5 via direct && haadm member set $at node n1 weight 0 &&
		haadm -j service show $at | jq -e '.[0] | .active == null and .serving_count == 0' &&
		haadm -j status |
		jq -e '.vips[0].services[0] | .active == null and (.reason | contains("n5 is behind"))' &&
		prints '^  n5 +up for [^,]*, is behind no direct route' haadm status &&
		haadm -j status | jq -e '.nodes[] | select(.name == "n5") | .unreached == "is behind no direct route"'
}

held_waits() {
	local at=10.0.0.100:80/tcp
	haadm service set $at sched rr failback manual && haadm node set n2 state down &&
		haadm node set n2 state up && prints "$at -> 1 of 3 members, 0 active, 0 closing\$" haadm status &&
		prints 'new-flows held$' haadm member show $at node n2 &&
		haadm -j service show $at | jq -e '.[0].serving_count == 1' &&
		haadm -j member show $at | jq -e '[.[] | select(.serving) | .node] == ["n1"]'
}

held_serves() {
	local at=10.0.0.100:80/tcp
	haadm member set $at node n1 weight 0 && prints "$at -> 1 of 3 members, 0 active, 0 closing\$" haadm status &&
		haadm -j member show $at | jq -e '[.[] | select(.serving) | .node] == ["n2"]' && haadm failback n2
}

# It serves until somebody takes the vip over.
drained_holder() {
	haadm node set n2 state drain && prints '^  10.0.0.101 held by n2$' haadm status &&
		haadm -j status | jq -e '.vips[] | select(.addr == "10.0.0.101") | .served and .reason == null' &&
		haadm node set n2 state maintenance &&
		prints '^  10.0.0.101 held by n2, NOT SERVED: its holder n2 is in maintenance$' haadm status &&
		haadm node set n2 state up && haadm failback n2
}

rejects_only() {
	haadm service set 10.0.0.100/udp on-empty reject &&
		prints '^    10.0.0.100/udp -> rejected: no members, and on-empty reject$' haadm status &&
		prints '^  10.0.0.100 held by n1$' haadm status &&
		haadm -j status | jq -e '.vips[0] | .served and (.partly_served | not) and .reason == null and
			(.services[] | select(.service == "10.0.0.100/udp") | .rejects and .reason == null)'
}

client_devices() {
	check "setup: a vip on a device of its own" ip link add lan9 up type dummy
	check "status has no warning of a vip whose device works" device_works
	check "status says that a held vip's only device has no carrier" device_fault "lan9 has no carrier" \
		"ip link set lan9 carrier off"
	check "status says that a held vip's only device is down" device_fault "lan9 is down" "ip link set lan9 down"
	check "status says that a held vip's only device is gone" device_fault "there is no device lan9" \
		"ip link del lan9"
	check "a restore takes what save prints of a vip without its device" saved_without_device
	check "a vip with another device that works is served" other_device
	check "a device that comes back ends the fault" device_back
	check "status warns of a vip that no device faces" unfaced
	check "status warns of a vip in a subnet to which no route leads, until there is one" own_subnet
	check "status says on a member that ha0 was flushed" flushed_member
	check "a restore heals a flushed ha0" healed_member
}

own_subnet() {
	local addr subnet code=0 text="no route leads to clients in its subnet; add one: ip route add SUBNET dev lan9"
	ip link add lan9 up type dummy || return 1
	while read -r addr subnet; do
		haadm vip add "$addr" on lan9 holder n1 && warned 1 "vip $addr: $text" &&
			ip route add "$subnet" dev lan9 && warned 0 "vip $addr: $text" || code=1
		haadm vip del "$addr" || code=1
	done <<-END
		203.0.113.10 203.0.113.0/24
		2001:db8:9::10 2001:db8:9::/64
	END
	ip link del lan9 && return $code
}

# warned COUNT TEXT: so many warnings of status have it.
warned() {
	haadm -j status | jq -e --arg text "$2" '[.warnings[] | select(contains($text))] | length == '"$1"
}

device_works() {
	haadm vip add 10.0.0.120 on lan9 holder n1 && warned 0 10.0.0.120 &&
		prints '^  10.0.0.120 held by n1$' haadm status
}

device_fault() {
	$2 && prints "^  10.0.0.120 held by n1, NOT SERVED: clients cannot reach this machine: $1\$" haadm status &&
		prints "^WARNING: vip 10.0.0.120: $1\$" haadm status && warned 1 "vip 10.0.0.120: $1" &&
		haadm -j status | jq -e --arg fault "$1" '.vips[] | select(.addr == "10.0.0.120") |
			(.served | not) and .faults == [$fault] and (.reason | endswith($fault))'
}

saved_without_device() {
	haadm save >"$dir/gone" && grep -q '^vip add 10.0.0.120 on lan9 ' "$dir/gone" &&
		prints "^$dir/gone:[0-9]+: warning: vip 10.0.0.120 waits for device lan9, which is not there\$" \
			haadm restore "$dir/gone" && same_config "$dir/gone" &&
		refused_keeps 'no device of that name' 2 haadm vip add 10.0.0.121 on lan9 holder n1
}

other_device() {
	sed 's/^vip add 10.0.0.120 on lan9/& on lan0/' "$dir/gone" | haadm restore - &&
		prints '^  10.0.0.120 held by n1$' haadm status && warned 1 "vip 10.0.0.120: there is no device lan9" &&
		haadm restore "$dir/gone"
}

device_back() {
	ip link add lan9 up type dummy && warned 0 10.0.0.120 && prints '^  10.0.0.120 held by n1$' haadm status &&
		haadm vip del 10.0.0.120 && ip link del lan9
}

# It may have clients behind routers, so it is served.
unfaced() {
	haadm vip add 10.99.0.1 holder n1 && haadm vip add 10.99.0.2 holder n1 &&
		warned 1 "10.99.0.1 and 1 more: no device leads to its clients: this machine has no address in the" &&
		prints '^  10.99.0.1 held by n1$' haadm status &&
		haadm vip set 10.99.0.1 on lan0 && warned 1 "vip 10.99.0.2: no device leads to its clients" &&
		haadm vip del 10.99.0.1 && haadm vip del 10.99.0.2
}

flushed_member() {
	local at=10.0.0.100:80/tcp
	haadm member set $at node n2 weight 0 && prints "$at -> n1\$" haadm status &&
		ip addr flush dev ha0 && warned 1 "vip 10.0.0.100: it is not an address of this machine" &&
		prints "$at -> nobody: no usable member \(n2 has weight 0, n1 does not have the vip as an address, " \
			haadm status
}

healed_member() {
	haadm save >"$dir/heal" && haadm restore "$dir/heal" && warned 0 "not an address" &&
		prints '10.0.0.100:80/tcp -> n1$' haadm status && haadm restore "$dir/saved"
}

# two_here SERVICE ADDRESS OTHER: OTHER, the vip of the service, is an address while this machine has a member there.
two_here() {
	haadm -b <(printf '%s\n' "service add $1" "member add $1 node n1 via nat port "{8080,8081}) &&
		has_addresses "$2" "$3" && haadm member del "$1" node n1 at 8080 && has_addresses "$2" "$3" &&
		haadm member del "$1" node n1 && has_addresses "$2" && haadm service del "$1"
}
