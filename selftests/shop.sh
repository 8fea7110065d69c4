#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A shop of four servers in two zones, and a fifth node in a third one, which votes. While customers order, a member,
# the holder, an agent and a whole zone die one after the other. No acknowledged order is lost, and requests fail only
# while a death is felt: from it until all living modules know of it.
# shellcheck disable=SC2034,SC2046,SC2317,SC2086,SC2119 # others read it; check runs functions; no word has spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/machines.sh
. ./lib/machines.sh
# shellcheck source=selftests/lib/shop.sh
. ./lib/shop.sh
# shellcheck source=selftests/lib/telling.sh
. ./lib/telling.sh

declare -A number=([a]=1 [b]=2 [c]=3 [d]=4 [e]=5)
zone=([a]=east [b]=east [c]=west [d]=west [e]=north)
all=(a b c d e)
servers=(a b c d)
nodes=("${servers[@]}") keepers=("${servers[@]}")

timings='timings = { heartbeat = "50ms"; suspect = "200ms"; time = "500ms"; }; leases = { longest = "1s"; };
pulses = { interval = "50ms"; };'

text() {
	local name
	for name in "${all[@]}"; do echo "node add $name addr 10.0.0.${number[$name]} zone ${zone[$name]}"; done
	echo "lease add web only a only b only c only d"
	shop_text "${servers[@]}"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3 curl unshare
	module_load && machines_make "${all[@]}" && lan_join client 50 && haagentd --genkey "$dir/key" &&
		text >"$dir/conf" || return 1
	for name in "${all[@]}"; do
		cp "$dir/key" "$(etc $name)/haagentd.key" && cp "$dir/conf" "$(etc $name)/haswitch.conf" &&
			echo "$timings" >"$(etc $name)/haagentd.conf" || return 1
	done
}

opens() {
	story "Shop: four servers with a disk each in the zones east and west, and a voter in north; four customers" &&
		boots "${all[@]}" && opens_shop "${servers[@]}" && slowly 20 known && customers 4 && slowly 10 all_serve
}

# all_serve: whoever holds the lease, all members get new connections.
all_serve() {
	local who
	who=$(holder) && [ -n "$who" ] &&
		haadm -n $who -j member show | jq -e 'length == 12 and all(.serving)' >/dev/null && known
}

# lost NAME...: all the others know, and agree on a living holder.
lost() {
	local name node living=()
	for name in "${servers[@]}"; do [[ " $* " = *" $name "* ]] || living+=("$name"); done
	for name in "${living[@]}" e; do
		for node; do [[ $(haadm -n $name node show $node) = *" state lost"* ]] || return 1; done
	done
	local nodes=("${living[@]}")
	known
}

# felt WHAT NAMES CAUSE COMMAND...: the command kills NAMES, which is felt from then until the others know.
felt() {
	local begin after
	begin=$(now)
	echo "$2" >>"$dir/died"
	"${@:4}" && wait_for 10 lost $2 && after=$(since $begin) && is_over $begin "the death of $1" && goes_on &&
		tell $begin "$3" "all know after $after"
}

# member: one that does not hold the lease, and has not died yet: who dies three times is held for longer than is waited
member() {
	local who
	who=$(holder) && for name in "${servers[@]}"; do
		[ $name = $who ] || grep -qsw $name "$dir/died" || { echo $name && return; }
	done
}

# returns NAME...: power is back.
returns() { power_on "$@" && opens_shop "$@" && slowly 30 all_serve; }

# back NAME CAUSE COMMAND...: the command brings it back.
back() {
	local begin after
	begin=$(now)
	"${@:3}" && after=$(since $begin) && goes_on && tell $begin "$1: $2" "serves after $after"
}

member_dies() {
	local who
	who=$(member) && felt "member $who" $who "$who, a server in ${zone[$who]}, loses its power" power_off $who &&
		back $who "power is back" returns $who
}

holder_dies() {
	local who
	who=$(holder) && felt "holder $who" $who "$who, which holds the vip, loses its power" power_off $who &&
		back $who "power is back" returns $who
}

# The server and the kernel live on; the cluster takes the machine for dead all the same.
agent_dies() {
	local who
	who=$(member) && felt "the agent of $who" $who "$who, a server in ${zone[$who]}: the agent is killed" \
		stop KILL $who &&
		back $who "the agent is started again" agents_return $who
}
agents_return() { agents $1 && slowly 30 all_serve; }

# The holder's, so that the lease goes too.
zone_dies() {
	local name who names=()
	who=$(holder)
	for name in "${servers[@]}"; do [ ${zone[$name]} != ${zone[$who]} ] || names+=("$name"); done
	felt "zone ${zone[$who]}" "${names[*]}" \
		"the zone ${zone[$who]} (${names[*]}) loses its power, the holder with it" \
		power_off "${names[@]}" && echo "${names[@]}" >"$dir/dead"
}

# Nobody orders any more.
zone_returns() {
	local begin
	begin=$(now)
	returns "$@" && tell $begin "power is back in the dead zone" "all serve after $(since $begin)"
}

# For longer than ARP needs to give the dead up.
goes_on_long() {
	local begin
	begin=$(now) && sleep 20 && lost $(<"$dir/dead") && goes_on &&
		tell $begin "the other zone alone, for 20 s" "it serves"
}

# finds_nothing NAME: doctor does there.
finds_nothing() { on $1 haadm doctor | grep -qx "nothing found"; }

# asks_haadm: what haadm says when all is over, on e, which has seen all of it: the lease was down for each holder that
# died.
asks_haadm() {
	local name begin said
	begin=$(now)
	for name in "${all[@]}"; do wait_for 20 finds_nothing $name || { on $name haadm doctor && return 1; }; done
	tell $begin "haadm doctor, on each machine" "nothing found" && begin=$(now) || return 1
	said=$(on e haadm check) || { echo "$said" && return 1; }
	tell $begin "haadm check, on e" "${said%|*}" && begin=$(now) || return 1
	on e haadm -j availability lease web | tee "$dir/figures" | jq -r '.objects[0] |
		select(.outages == 2 and (.open | not) and .longest < 2000000000) |
		(.availability * 10000 | floor / 100) as $share | (.longest / 1000000 | floor) as $longest |
		"\($share) %, \(.outages) outages of at most \($longest) ms"' >"$dir/said"
	[ -s "$dir/said" ] || { cat "$dir/figures" && return 1; }
	tell $begin "haadm availability lease web, on e" "$(<"$dir/said")"
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "the shop is open" opens
check "a member dies and returns" member_dies
check "the holder dies and returns" holder_dies
check "the agent of a member dies and returns" agent_dies
check "a whole zone dies" zone_dies
check "the other zone alone takes orders for a while" goes_on_long
check "the customers fetch all their orders again, from the other zone" customers_go
check "the dead zone returns, and gets what it has missed" zone_returns $(<"$dir/dead")
check "haadm finds nothing wrong any more, and has the outages of the holders that died" asks_haadm
judged "$(store a),$(store b)" "$(store c),$(store d)"
stop TERM "${all[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
