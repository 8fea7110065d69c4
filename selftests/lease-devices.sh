#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices of leases: the operstate of ha-LEASE is the state of that lease here, as stock ip shows it. haadm makes them
# with the leases; most of these tests look at one that was made by hand.
#
#   lease-devices.sh [brief]     brief: without very many devices that change all the time
# shellcheck disable=SC2086,SC2317 # the words here have no spaces; functions are run by check

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

dir=$(mktemp -d)
echo 1 >"$dir/epoch"

ha() {
	haadm -n a "$@"
}

at() {
	ip -n a "$@"
}

# fresh: an epoch higher than all before it, of which $dir/epoch has the last one.
fresh() {
	local last
	last=$(cat "$dir/epoch") && echo $((last + 1)) | tee "$dir/epoch"
}

# grant LEASE HOLDER TIME
grant() {
	ha lease set "$1" epoch "$(fresh)" holder "$2" for "$3"
}

# state DEVICE STATE: what ip shows now.
state() {
	[ "$(at -br link show "$1" | awk '{ print $2 }')" = "$2" ]
}

# shows DEVICE STATE: what ip shows soon.
shows() {
	wait_for 10 state "$1" "$2" && return 0
	at link show "$1"
	ha lease show
	return 1
}

# stays DEVICE STATE: a change of another device has come and gone, and this one has that state.
stays() {
	grant probe n1 9s && shows ha-probe UP && ha lease release probe && shows ha-probe DORMANT && state "$1" "$2"
}

prepare() {
	need_root
	need haadm ip jq
	# As make install does.
	cp -r ../userspace/iproute2/protodown_reasons.d /etc/iproute2/
	# shellcheck disable=SC2119 # without parameters
	module_load && ns_add a && at link add ha0 type haswitch && at link set ha0 up && ha -b - <<-END
		node add n1 addr 192.168.0.1 self
		node add n2 addr 192.168.0.2
		lease add probe
		lease set probe floor 1
	END
	shows ha-probe DORMANT
}

# made LEASE: the device of the lease is as haadm makes it: up, not for IPv6, and its alias says what it is.
made() {
	local told
	at -d addr show dev ha-$1
	told=$(at -j -d link show ha-$1 |
		jq -r '.[0] | "\(.ifalias), \(.linkinfo.info_kind), \(.mtu), \(.flags | index("UP") != null)"') &&
		[ "$told" = "haswitch lease $1, haswitch, 1279, true" ] &&
		[ -z "$(at addr show dev ha-$1 | grep inet)$(at -6 route show table all dev ha-$1)" ]
}

gone() { ! at link show ha-$1; }

# said_nothing COMMAND...: it succeeds, and says nothing.
said_nothing() {
	local told
	told=$("$@" 2>&1) || { echo "$told" && return 1; }
	echo "$told"
	[ -z "$told" ]
}

comes_and_goes() {
	gone own && said_nothing ha lease add own && made own && stays ha-own DOWN &&
		ha lease set own floor 1 && shows ha-own DORMANT && said_nothing ha lease replace own prefer n1 &&
		made own && said_nothing ha lease del own && gone own &&
		said_nothing ha lease replace own && made own && said_nothing ha lease del own && gone own && made probe
}

restore_makes() {
	ha save >"$dir/without" &&
		{ cat "$dir/without" && printf 'lease add %s\n' own other; } >"$dir/with" &&
		said_nothing haadm -n a restore --check "$dir/with" && gone own &&
		said_nothing haadm -n a restore "$dir/with" && made own && made other && made probe &&
		at link del ha-own && said_nothing haadm -n a restore "$dir/with" && made own &&
		said_nothing haadm -n a restore "$dir/without" && gone own && gone other && made probe &&
		ha lease set probe floor 1 && shows ha-probe DORMANT
}

# What somebody else has made, or given another alias or name, is not haadm's to delete.
others_stay() {
	at link add ha-hand up type haswitch && said_nothing ha -b - <<-END || return 1
		lease add hand
		lease add said
		lease add named
	END
	at link set ha-said alias mine && at link set ha-named down && at link set ha-named name mine &&
		said_nothing ha -b - <<-END || return 1
			lease del hand
			lease del said
			lease del named
		END
	at link show ha-hand && at link show ha-said && at link show mine && at link del mine && at link del ha-said &&
		at link del ha-hand
}

# Twelve characters fit into the name of a device.
long_name() {
	said_nothing ha lease add twelveletter && made twelveletter &&
		said_nothing ha lease add thirteenlette && ! at -br link show | grep thirteen &&
		said_nothing ha lease del thirteenlette && said_nothing ha lease del twelveletter && gone twelveletter
}

in_the_way() {
	at link add ha-way up type dummy && said_nothing ha lease add way && at link show type dummy | grep -q ha-way &&
		said_nothing ha lease del way && at link show ha-way && at link del ha-way
}

device_first() {
	at link add ha-web up type haswitch && state ha-web DOWN && ha lease add web && stays ha-web DOWN
}

floor() {
	ha lease set web floor 1 && shows ha-web DORMANT
}

granted() {
	grant web n1 9s && shows ha-web UP
}

released() {
	ha lease release web && shows ha-web DORMANT
}

elsewhere() {
	grant web n2 9s && stays ha-web DORMANT
}

expired() {
	grant web n1 9s && shows ha-web UP &&
		ha lease set web epoch "$(<"$dir/epoch")" holder n1 for 300ms && shows ha-web DORMANT
}

taken() {
	grant web n1 9s && shows ha-web UP && grant web n2 9s && shows ha-web DORMANT &&
		ha lease release web epoch "$(<"$dir/epoch")"
}

device_later() {
	grant web n1 9s && shows ha-web UP && at link del ha-web && at link add ha-web type haswitch &&
		at link set ha-web up && shows ha-web UP && ha lease release web && shows ha-web DORMANT
}

fenced() {
	ha node verdict n1 fenced && shows ha-web DOWN && ha node verdict n1 clear && shows ha-web DORMANT &&
		ha node verdict n2 fenced && stays ha-web DORMANT && ha node verdict n2 clear
}

# The state tells who holds, also when this node should not.
fenced_holder() {
	grant web n1 9s && shows ha-web UP && ha node verdict n1 fenced && shows ha-probe DOWN && state ha-web UP &&
		ha lease release web && shows ha-web DOWN && ha node verdict n1 clear && shows ha-web DORMANT
}

excluded() {
	ha lease set web only n2 && shows ha-web DOWN && ha lease set web only "" && shows ha-web DORMANT
}

# events SEQ: the kinds of the events of lease web after the one of that number, which are about protodown or a move.
events() {
	ha -j event show | jq -r --argjson seq "$1" '[.[] | select(.seq > $seq and .lease == "web" and
		(.kind | IN("protodown-on", "protodown-off", "lease-move"))) | .kind] | join(" ")'
}

last_event() { ha -j event show | jq '.[-1].seq // 0'; }

# told SEQ KINDS: soon these are the events since then.
told() {
	wait_for 10 told_now "$@" && return 0
	ha event show
	return 1
}

told_now() { [ "$(events "$1")" = "$2" ]; }

protodown() { at link set "${2:-ha-web}" protodown "$1"; }

# is_down LEASE, is_not LEASE: what haadm tells of protodown.
is_down() { ha -j lease show "$1" | jq -e '.[0].protodown == true' >/dev/null; }
is_not() { ha -j lease show "$1" | jq -e '.[0].protodown == false' >/dev/null; }

# refused LEASE: a grant to this node, for protodown. It changes nothing.
refused() {
	local told
	! told=$(grant "$1" n1 9s 2>&1) && echo "$told" && [[ $told = *"is protodown here"* ]] &&
		[ "$(holds "$1")" = null ]
}

holds() { ha -j lease show "$1" | jq -r '.[0].holder'; }

# A holder is asked to move the lease, and keeps it until it does. It never gets it back before protodown is off.
protodown_held() {
	local seq
	grant web n1 9s && shows ha-web UP && seq=$(last_event) && protodown on &&
		told $seq "protodown-on lease-move" &&
		is_down web && ha lease show web | grep -q ' protodown' && stays ha-web UP &&
		ha lease set web epoch "$(<"$dir/epoch")" holder n1 for 9s && grant web n1 9s && stays ha-web UP &&
		[ "$(holds web)" = n1 ] && ha lease release web && shows ha-web DOWN && refused web &&
		grant web n2 9s && stays ha-web DOWN && ha lease release web epoch "$(<"$dir/epoch")" &&
		protodown off && shows ha-web DORMANT && told $seq "protodown-on lease-move protodown-off" &&
		is_not web &&
		grant web n1 9s && shows ha-web UP && ha lease release web && shows ha-web DORMANT
}

# The reason is only a word: haswitch follows protodown itself.
protodown_reason() {
	at link set ha-web protodown on protodown_reason drain on && shows ha-web DOWN && is_down web &&
		at -d link show ha-web >"$dir/text" && cat "$dir/text" &&
		grep -q 'protodown on .*protodown_reason.*drain' "$dir/text" &&
		at link set ha-web protodown_reason drain off && is_down web && protodown off && shows ha-web DORMANT
}

# What another node or nobody holds is not asked for, as it would move away from there.
protodown_standby() {
	local seq
	seq=$(last_event) && protodown on && shows ha-web DOWN && told $seq protodown-on && protodown off &&
		shows ha-web DORMANT && grant web n2 9s && seq=$(last_event) && protodown on && shows ha-web DOWN &&
		told $seq protodown-on && protodown off && shows ha-web DORMANT &&
		told $seq "protodown-on protodown-off" &&
		ha lease release web epoch "$(<"$dir/epoch")"
}

# Neither flag nor state changes by a restore. A lease that comes back finds its device protodown.
protodown_restored() {
	local seq
	ha save >"$dir/conf" && ! grep protodown "$dir/conf" && grant web n1 9s && protodown on && stays ha-web UP &&
		is_down web && seq=$(last_event) && haadm -n a restore "$dir/conf" && is_down web && stays ha-web UP &&
		told $seq "" && ha lease release web && shows ha-web DOWN && haadm -n a restore "$dir/conf" &&
		refused web &&
		ha lease del web && ha lease add web && ha lease set web floor 1 && wait_for 10 is_down web &&
		refused web &&
		protodown off && shows ha-web DORMANT && is_not web
}

# The flag is that of the device which has the lease's name, and goes with it. It can always be cleared.
protodown_renamed() {
	protodown on && shows ha-web DOWN && at link set ha-web down && at link set ha-web name spare &&
		at link set spare up && wait_for 10 is_not web && shows spare UP && at link set spare down &&
		at link set spare name ha-web && at link set ha-web up && shows ha-web DOWN &&
		wait_for 10 is_down web && at link set ha-web down && at link set ha-web name spare &&
		wait_for 10 is_not web && protodown off spare && stays spare DOWN && ! protodown on spare &&
		at link set spare name ha-web && at link set ha-web up && shows ha-web DORMANT
}

protodown_gone() {
	local seq
	seq=$(last_event) && protodown on && shows ha-web DOWN && at link del ha-web && wait_for 10 is_not web &&
		told $seq "protodown-on protodown-off" && grant web n1 9s && ha lease release web &&
		at link add ha-web up type haswitch && shows ha-web DORMANT
}

protodown_alternative() {
	local name=lease-with-a-name-of-31-letters
	ha lease add "$name" && ha lease set "$name" floor 1 && at link add long up type haswitch && shows long UP &&
		! protodown on long && at link property add dev long altname "ha-$name" && shows long DORMANT &&
		protodown on "ha-$name" && shows long DOWN && wait_for 10 is_down "$name" && refused "$name" &&
		at link property del dev long altname "ha-$name" && shows long UP && wait_for 10 is_not "$name" &&
		protodown off long && at link del long && ha lease del "$name"
}

# A device that is down tells nothing, so it counts from when the device is up. No state of before is shown then.
protodown_while_down() {
	at link set ha-web down && protodown on && at link set ha-web up && shows ha-web DOWN &&
		wait_for 10 is_down web &&
		at link set ha-web down && protodown off && at link set ha-web up && shows ha-web DORMANT && is_not web
}

# heed_linkdown 0|1
heed_linkdown() {
	n a sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=$1 \
		net.ipv6.conf.all.ignore_routes_with_linkdown=$1
}

# The kernel ends the carrier. Addresses that somebody has put there stay in use, and the operstate tells who holds.
protodown_serves() {
	local code=0
	at addr add 10.9.9.9/32 dev ha-web scope host && at -6 addr add 2001:db8::99/128 dev ha-web nodad &&
		heed_linkdown 1 &&
		grant web n1 9s && shows ha-web UP && protodown on && stays ha-web UP &&
		n a ping -c 1 -W 2 10.9.9.9 && n a ping -c 1 -W 2 2001:db8::99 &&
		! at link show ha-web | grep NO-CARRIER &&
		! { at route show table local && at -6 route show table local type local; } | grep linkdown || code=1
	heed_linkdown 0
	at addr flush dev ha-web scope host && at -6 addr flush dev ha-web scope global && protodown off &&
		ha lease release web &&
		shows ha-web DORMANT && return $code
}

# No lease is asked for by a device of another kind, or by one that shows no lease.
protodown_of_others() {
	! protodown on ha0 && state ha0 UP && at link add ha-other up type vxlan id 1 dstport 4789 &&
		ha lease add other &&
		ha lease set other floor 1 && protodown on ha-other && stays ha-web DORMANT && is_not other &&
		grant other n1 9s && ha lease release other && at link del ha-other && ha lease del other
}

# No line of ip monitor tells that the lease is held which is not, nor that it is a candidate while it is not.
protodown_monitored() {
	local pid code=0
	ip -n a monitor link >"$dir/seen" 2>&1 &
	pid=$!
	wait_for 10 seen_mark && protodown on && shows ha-web DOWN && protodown off && shows ha-web DORMANT &&
		protodown on && stays ha-web DOWN || code=1
	kill $pid && wait $pid
	cat "$dir/seen"
	protodown off && shows ha-web DORMANT && ! grep ' ha-web: .* state UP ' "$dir/seen" && return $code
}

# No lease, or none that this node could hold.
deleted() {
	ha lease del web && shows ha-web DOWN && ha lease add web && stays ha-web DOWN && ha lease set web floor 1 &&
		shows ha-web DORMANT
}

restored() {
	grant web n1 9s && shows ha-web UP && ha save >"$dir/conf" && ha restore "$dir/conf" && stays ha-web UP &&
		grep -v '^lease add web' "$dir/conf" | haadm -n a restore - && shows ha-web DOWN &&
		haadm -n a restore "$dir/conf" && stays ha-web DOWN && ha lease set web floor 1 &&
		shows ha-web DORMANT
}

renamed() {
	at link set ha-web down && at link set ha-web name spare && at link set spare up && shows spare UP &&
		at link set spare down && at link set spare name ha-web && at link set ha-web up && shows ha-web DORMANT
}

# A lease whose name is longer than a device's.
alternative() {
	local name=lease-with-a-name-of-31-letters
	ha lease add "$name" && ha lease set "$name" floor 1 && at link add long up type haswitch && shows long UP &&
		at link property add dev long altname "ha-$name" && shows long DORMANT &&
		grant "$name" n1 9s && shows long UP && ha lease release "$name" && shows "ha-$name" DORMANT &&
		at link property del dev long altname "ha-$name" && shows long UP && at link del long &&
		ha lease del "$name"
}

other_kind() {
	at link add ha-other up type dummy && ha lease add other && ha lease set other floor 1 &&
		grant other n1 9s && stays ha-other UNKNOWN && at link del ha-other && ha lease release other &&
		ha lease del other
}

# ha0 and its routes are what they were.
ha0_stays() {
	local was
	was=$(ha0_is) && grant web n1 9s && shows ha-web UP && ha lease release web &&
		shows ha-web DORMANT && [ "$(ha0_is)" = "$was" ] && state ha0 UP
}

# ha0_is: what ip tells of ha0, but not what its plug-in tells of leases.
ha0_is() {
	at -j -d link show ha0 | jq 'del(.[0].linkinfo.info_data)'
}

# monitored: what ip monitor tells of a grant, a release and a fence, and of ha0 nothing.
monitored() {
	local pid code=0
	ip -n a monitor link >"$dir/seen" 2>&1 &
	pid=$!
	wait_for 10 seen_mark || code=1
	grant web n1 9s && shows ha-web UP && ha lease release web && shows ha-web DORMANT &&
		ha node verdict n1 fenced && shows ha-web DOWN && ha node verdict n1 clear && shows ha-web DORMANT &&
		wait_for 10 seen_all || code=1
	kill $pid && wait $pid
	cat "$dir/seen"
	! grep -q ' ha0: ' "$dir/seen" && return $code
}

seen_mark() {
	at link set ha-probe mtu $((1400 + RANDOM % 100)) && [ -s "$dir/seen" ]
}

seen_all() {
	diff <(sed -n 's/.* ha-web: .* state \([A-Z]*\) .*/\1/p' "$dir/seen") <(printf '%s\n' UP DORMANT DOWN DORMANT)
}

# No line of ip monitor tells that the lease is held before the work has looked at it.
never_up_too_early() {
	local pid code=0
	ip -n a monitor link >"$dir/seen" 2>&1 &
	pid=$!
	wait_for 10 seen_mark && at link add ha-new up type haswitch && stays ha-new DOWN &&
		wait_for 10 grep -q ' ha-new: .*[<,]UP[,>]' "$dir/seen" || code=1
	kill $pid && wait $pid
	cat "$dir/seen"
	at link del ha-new && ! grep -q ' ha-new: .* state UP ' "$dir/seen" && return $code
}

# Where the plug-in of ip was built; else it is installed.
export IP_LIB_DIR=${HASW_BUILD:-/usr/lib/$(uname -m)-linux-gnu/ip}
[ -z "${HASW_BUILD:-}" ] || IP_LIB_DIR+=/iproute2

plugged() {
	grant web n1 9s && shows ha-web UP && at -d link show ha-web >"$dir/text" && cat "$dir/text" &&
		grep -qE "^	lease web held holder n1 epoch $(<"$dir/epoch") remaining " "$dir/text" &&
		! grep -qE "lease probe|vips" "$dir/text" && at -j -d link show ha-web | jq -e '.[0] |
			.operstate == "UP" and (.linkinfo.info_data | (has("vips") | not) and
			(.leases | length == 1) and
			(.leases[0] | .lease == "web" and .state == "holder" and .holder == "n1"))' &&
		ha lease release web && shows ha-web DORMANT &&
		at -j -d link show ha-web | jq -e '.[0].linkinfo.info_data.leases[0].state == "free"' &&
		at link add ha-none up type haswitch && at -d link show ha-none | grep -q '^	lease none unknown ' &&
		at link del ha-none && at -d link show ha0 | grep -q '^    haswitch vips 0 '
}

# many TEXT: a line for each of many leases.
many() {
	seq -f "$1" 250
}

all_show() {
	[ "$(at -br link show type haswitch | awk -v s="$1" '/^ha-m/ && $2 == s' | wc -l)" -eq 250 ]
}

any_shows() {
	at -br link show type haswitch | grep -q "^ha-m.* $1 "
}

many_made() {
	{ many 'lease add m%g' && many 'lease set m%g floor 1'; } | ha -b - && wait_for 30 all_show DORMANT
}

# flap ROUNDS: so often each of the many leases is granted and released.
flap() {
	local round under
	for ((round = 0; round < $1; round++)); do
		under=$(fresh) && { many "lease set m%g epoch $under holder n1 for 10s" && many 'lease release m%g'; } |
			ha -b - || return 1
	done >/dev/null
}

# A lease that is granted meanwhile is shown, and others get rtnl, too.
many_flap() {
	local pid i code=0
	flap 4 2>/dev/null &
	pid=$!
	wait_for 30 any_shows UP || code=1
	for ((i = 0; i < 4; i++)); do
		# The flapping leases' epochs come from the same file.
		ha lease set web epoch $((1000 + i)) holder n1 for 9s && shows ha-web UP && ha lease release web &&
			shows ha-web DORMANT && at link add d$i type dummy && at link del d$i || code=1
	done
	wait $pid && wait_for 30 all_show DORMANT && return $code
}

# A namespace that ends while its leases change.
namespace_ends() {
	local pid
	flap 1000 2>/dev/null &
	pid=$!
	{ wait_for 30 any_shows UP && ip netns del a; } || kill $pid
	! wait $pid && ns_add a && [ -z "$(at -br link show type haswitch)" ]
}

unloaded() {
	local pid
	ha node add n1 addr 192.168.0.1 self && many_made || return 1
	flap 1000 2>/dev/null &
	pid=$!
	{ wait_for 30 any_shows UP && module_unload; } || kill $pid
	! wait $pid && [ ! -e /sys/module/haswitch ] && [ -z "$(at -br link show type haswitch)" ]
}

trap 'ns_del_all; rm -rf "$dir"' EXIT
ktap_header
check "setup: a namespace with a lease" prepare || ktap_exit
check "haadm makes the device of a lease, and takes it away with the lease" comes_and_goes
check "a restore makes the devices of its leases, and takes those of other leases away" restore_makes
check "devices of others stay when their lease goes" others_stay
check "a lease with a name of 13 characters gets no device" long_name
check "a device that has the name of a lease's is left alone" in_the_way
check "a device without its lease, or without a floor, is DOWN" device_first
check "a lease that this node can be granted is DORMANT" floor
check "a lease that this node holds is UP" granted
check "a released lease is DORMANT" released
check "a lease that another node holds is DORMANT" elsewhere
check "an expired lease is DORMANT" expired
check "a lease that another node takes over is DORMANT" taken
check "a device that is made when its lease is held is UP" device_later
check "a lease is DOWN while this node is fenced" fenced
check "a lease that a fenced node still holds is UP" fenced_holder
check "a lease that excludes this node is DOWN" excluded
check "protodown asks a holder to move its lease, and bars it until it is off" protodown_held
check "protodown takes a reason" protodown_reason
check "protodown of a node that holds nothing asks for no move" protodown_standby
check "protodown stays by a restore, and for a lease that comes back" protodown_restored
check "protodown is that of the device with the lease's name" protodown_renamed
check "protodown ends with the device" protodown_gone
check "protodown works by an alternative name" protodown_alternative
check "protodown of a device that is down counts from when it is up" protodown_while_down
check "protodown of a holder leaves its operstate and local addresses" protodown_serves
check "protodown is for devices of leases alone" protodown_of_others
check "ip monitor sees no wrong state by protodown" protodown_monitored
check "a deleted lease is DOWN" deleted
check "a restore keeps states, and ends those of leases that it drops" restored
check "a renamed device shows a lease as long as it has the name" renamed
check "an alternative name is for leases with long names" alternative
check "a device of another kind is left alone" other_kind
check "ha0 stays as it is" ha0_stays
check "ip monitor link sees each change" monitored
check "a new device shows no lease as held that is not" never_up_too_early
check "ip -d link show tells the lease of its device" plugged
check "250 devices show their leases" many_made
if [ "${1:-}" = brief ]; then ktap_exit; fi
check "flapping leases keep no other device and nobody else from rtnl" many_flap
check "a namespace ends while its leases change" namespace_ends
check "the module is unloaded while leases change" unloaded
ktap_exit
