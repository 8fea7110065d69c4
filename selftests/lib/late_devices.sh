# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # dir, silent and prints are of haadm.sh, which sources this; check_code is of owners.sh
# What haadm does at boot, when a device is not there yet, or the file is no good.

# late WORDS...: haadm in the namespace of these points.
late() {
	haadm -n ha-late "$@"
}

# device_of NAME: it comes, and is not set up yet.
device_of() {
	ip -n ha-late link add "$1" type veth peer name peer0 && ip -n ha-late link set peer0 up
}

# waits NAME: the vip 2001:db8:9::1 waits for that device, and says so.
waits() {
	prints " waits-for $1 " late vip show 2001:db8:9::1 && prints "^    waits for device $1\$" late status &&
		late -j status | jq -e --arg dev "$1" '.vips[] | select(.addr == "2001:db8:9::1") |
			.waits_for == [$dev] and .served == false' >/dev/null
}

waits_not() {
	late -j vip show 2001:db8:9::1 | jq -e '.[0].dev_absent == []' >/dev/null
}

# joined DEV: the vip is there, as a group that its holder has joined says.
joined() {
	ip -n ha-late -6 maddr show dev "$1" | grep -q 'ff02::1:ff00:1$'
}

comes() {
	device_of eth0.50 && waits_not && ip -n ha-late link set eth0.50 up && wait_for 10 joined eth0.50 &&
		same_late
}

goes() {
	ip -n ha-late link del eth0.50 && waits eth0.50 && same_late && comes
}

same_late() {
	late save | diff "$dir/late" -
}

# As udev does at boot: what the kernel calls so at first is another device.
not_that_one() {
	ip -n ha-late link del eth0.50 && device_of eth0.50 && ip -n ha-late link set eth0.50 name other &&
		waits eth0.50 && same_late && ip -n ha-late link set other name eth0.50 && waits_not
}

renamed() {
	ip -n ha-late link set eth0.50 up && ip -n ha-late link set eth0.50 down &&
		ip -n ha-late link set eth0.50 name lan50 && waits_not &&
		prints ' on lan50 ' late vip show 2001:db8:9::1
}

by_its_other_name() {
	ip -n ha-late link del lan50 && waits lan50 && device_of other &&
		ip -n ha-late link property add dev other altname lan50 && ip -n ha-late link set other up &&
		waits_not && prints ' on other ' late vip show 2001:db8:9::1 && wait_for 10 joined other
}

# A list of two names; the device that came by the first one gets the second one.
renamed_twice() {
	{ grep '^node' "$dir/late" && echo "vip add 10.9.0.9 on aa0 on bb0 holder a stray forward"; } >"$dir/twice"
	late restore "$dir/twice" >/dev/null 2>&1
	ip -n ha-late link add aa0 up type dummy && ip -n ha-late link set aa0 down &&
		ip -n ha-late link set aa0 name bb0 && prints '^vip add 10.9.0.9 on bb0 holder a ' late save &&
		late save >"$dir/twice" && late restore "$dir/twice" 2>/dev/null && ip -n ha-late link del bb0 &&
		prints '^    waits for device bb0$' late status && late restore "$dir/late" 2>/dev/null
}

late_devices() {
	ns_add ha-late
	printf '%s\n' "node add a addr 192.168.9.1 self state up" \
		"node add b addr 192.168.9.2 lladdr 02:00:00:00:00:02 dev eth0.60 state up" \
		"vip add 10.9.0.1 holder a stray forward" "vip add 2001:db8:9::1 on eth0.50 holder a stray forward" \
		"vip add 2001:db8:9::2 on eth0.50 holder b stray forward" >"$dir/late"
	check "late: restore --check warns of a device that is not there" prints \
		"^$dir/late:4: warning: vip 2001:db8:9::1 and 1 more wait for device eth0.50, which is not there\$" \
		late restore --check "$dir/late"
	check "late: a restore warns of a node's device that is not there, and takes the file" prints \
		"^$dir/late: warning: node b waits for device eth0.60, which is not there\$" late restore "$dir/late"
	check "late: save prints a device that is not there" same_late
	check "late: vip show and status say that the vip waits for a device" waits eth0.50
	check "late: a vip waits for its own device alone" \
		jq -e '.[0] | .dev_absent == [] and .role == "holder"' <(late -j vip show 10.9.0.1)
	check "late: a device that comes is joined when it is up" comes
	check "late: a device that goes is waited for, and joined when it comes again" goes
	check "late: a device that is renamed before it was up is another one" not_that_one
	check "late: a device that was up keeps its vips when it is renamed" renamed
	check "late: a device is joined by its alternative name" by_its_other_name
	check "late: a device of a vip that gets the name of another one is saved once" renamed_twice
	check_fails "late: vip set by hand refuses a device that is not there" 2 'ENODEV' \
		late vip set 10.9.0.1 on eth0.50
}

fallbacks() {
	local good=$dir/good bad=$dir/bad
	late restore /dev/null
	echo "node add a addr 192.168.9.1 state up self" >"$dir/one"
	printf '%s\n' "node add a addr 192.168.9.7 self" "vip add 10.9.0.1 on" >"$bad"
	check "fallback: without a good file a bad one is an error" check_code 1 late restore --fallback "$good" "$bad"
	check "fallback: a restored file is copied" silent late restore --fallback "$good" "$dir/one"
	check "fallback: the copy is the file" diff "$dir/one" "$good"
	check "fallback: a bad file does not replace what is in force" \
		check_code 1 late restore --fallback "$good" "$bad"
	check "fallback: what is in force stays" prints '192.168.9.1 ' late node show a
	late restore /dev/null
	check_fails "fallback: where nothing is in force the good file is put in place, with a warning" 3 \
		"^haadm: WARNING: an OLD configuration is in force, $good, because $bad is no good" \
		late restore --fallback "$good" "$bad"
	check "fallback: the good file is in force" prints '192.168.9.1 ' late node show a
	check "fallback: the good file is kept" diff "$dir/one" "$good"
	ns_del_all
}
