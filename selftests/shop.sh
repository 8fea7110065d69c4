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

opens() { boots "${all[@]}" && opens_shop "${servers[@]}" && slowly 20 known && customers 4 && slowly 10 all_serve; }

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

now() { python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'; }

# felt WHAT NAMES COMMAND...: the command kills NAMES, which is felt from then until the others know.
felt() {
	local begin
	begin=$(now)
	"${@:3}" && wait_for 10 lost $2 && echo "$1 $begin $(now)" >>"$dir/windows" && goes_on
}

# goes_on: for a while after it, in which nothing may fail.
goes_on() {
	local had
	had=$(grep -c "^order.* served " "$dir/asked")
	wait_for 10 ordered $((had + 30))
}
ordered() { [ "$(grep -c "^order.* served " "$dir/asked")" -ge $1 ]; }

# member: one that does not hold the lease.
member() {
	local who
	who=$(holder) && for name in "${servers[@]}"; do [ $name = $who ] || { echo $name && return; }; done
}

returns() { power_on "$@" && opens_shop "$@" && slowly 30 all_serve; }
back() { returns "$@" && goes_on; }

member_dies() {
	local who
	who=$(member) && felt member-$who $who power_off $who && back $who
}

holder_dies() {
	local who
	who=$(holder) && felt holder-$who $who power_off $who && back $who
}

# The server and the kernel live on; the cluster takes the machine for dead all the same.
agent_dies() {
	local who
	who=$(member) && felt agent-$who $who stop KILL $who && agents $who && slowly 30 all_serve && goes_on
}

# The holder's, so that the lease goes too.
zone_dies() {
	local name who names=()
	who=$(holder)
	for name in "${servers[@]}"; do [ ${zone[$name]} != ${zone[$who]} ] || names+=("$name"); done
	felt zone-${zone[$who]} "${names[*]}" power_off "${names[@]}" && echo "${names[@]}" >"$dir/dead"
}

# For longer than ARP needs to give the dead up.
goes_on_long() { sleep 20 && lost $(<"$dir/dead") && goes_on; }

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
check "the dead zone returns, and gets what it has missed" returns $(<"$dir/dead")
ktap_judged < <("$shop" judge "$dir/asked" "$dir/windows" "$(store a),$(store b)" "$(store c),$(store d)")
stop TERM "${all[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
