#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The OCF resource agent ocf:haswitch:lease beside three agents that vote.
#
#   pacemaker.sh            run by hand: start, stop, monitor and validate-all, with what is wrong and without agent
#                           and module
#   pacemaker.sh cluster    run by Pacemaker on corosync, on the same three nodes: moves, standby, and the end of a
#                           node, of its network and of its agent
#   pacemaker.sh story      the part of it that `make demo` shows
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/telling.sh
. ./lib/telling.sh
# shellcheck source=selftests/lib/corosync.sh
. ./lib/corosync.sh

declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)
resource=$PWD/../userspace/ocf/lease

# What an OCF resource agent exits with.
success=0 generic=1 args=2 unimplemented=3 perm=4 configured=6 not_running=7

conf() {
	conf_head $1 "$dir/key" "$dir/voter-$1" 2s >"$dir/$1.conf"
	conf_nodes >>"$dir/$1.conf"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3
	[ -e /usr/lib/ocf/lib/heartbeat/ocf-shellfuncs ] || ktap_skip_all "needs the package resource-agents"
	module_load && lan_make || return 1
	for name in "${nodes[@]}"; do lan_join $name ${number[$name]} && nodes_add $name && conf $name || return 1; done
	every lease add web && every vip add 10.0.0.100 on eth0 lease web || return 1
	haagentd --genkey "$dir/key"
}

# ra NAME ACTION [LEASE [VARIABLE=VALUE...]]: the resource agent on that node, with a boot's folder of its own; monitor
# is one that Pacemaker repeats.
ra() {
	env OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=web HA_RSCTMP="$dir/boot-$1" OCF_RESKEY_lease="${3-web}" \
		OCF_RESKEY_CRM_meta_interval=5000 HA_debug=0 "${@:4}" ip netns exec $1 timeout 60 "$resource" $2
}

# ends_with CODE WORDS NAME ACTION...: what it exits with and says.
ends_with() {
	local said code
	said=$(ra "${@:3}" 2>&1)
	code=$?
	echo "exit $code: $said"
	[ $code -eq $1 ] && [[ $said = *"$2"* ]]
}

describes() {
	need xmllint
	ra a meta-data >"$dir/meta.xml" || return 1
	xmllint --noout --dtdvalid /usr/share/resource-agents/ra-api-1.dtd "$dir/meta.xml" || return 1
	ends_with $unimplemented usage a promote
}

valid() { start a b c && wait_for 20 known && ends_with $success "" a validate-all; }

bad_input() {
	ends_with $configured "the parameter lease is missing" a validate-all "" &&
		ends_with $configured "'x/y' is no name of a lease" a validate-all x/y &&
		ends_with $configured "'web db' is no name of a lease" a validate-all "web db" &&
		ends_with $args "lease other: " a validate-all other &&
		ends_with $args "lease other: " a start other
}

# A lease that goes where the configuration prefers it cannot be where Pacemaker wants it.
preferring() {
	haadm -n a lease set web prefer b && ends_with $args "lease web prefers b" a validate-all &&
		haadm -n a lease set web prefer "" && ends_with $success "" a validate-all
}

# runs NAME: there, and nowhere else, as the resource agent says.
runs() {
	local name
	for name in "${nodes[@]}"; do
		if [ $name = $1 ]; then ra $name monitor; else ends_with $not_running "" $name monitor; fi || return 1
	done
}

started() {
	local name
	for name in b c a b; do ra $name start && held_by $name && runs $name || return 1; done
	ra b start && runs b
}

# refuses NAME: nobody there can move the lease there, and the attempt moves it nowhere else.
refuses() {
	local now epoch
	now=$(holder) && epoch=$(epoch_of $now) && ! haadm -n $1 failover web to $1 && [ $now != $1 ] && held_by $now &&
		[ "$(epoch_of $now)" = $epoch ] && [[ $(haadm -n $1 lease show web) = *" only "* ]]
}

epoch_of() { haadm -n $1 -j lease show web | jq '.[].epoch'; }

all_heard() { [[ $(haadm -n $1 agent show) = *"3 of 3 voters heard"* ]]; }

# Another node holds it at once, and not the one where it was stopped, also after a restart of that node's agent.
stopped() {
	ra b stop && moved b && ends_with $not_running "" b monitor && ra b stop && refuses b &&
		stop TERM b && start b && wait_for 20 all_heard b && wait_for 20 known && refuses b
}

# Of three nodes two are lost: nobody is to hold it, and what was stopped does not.
nowhere() {
	ra a stop && ra c stop && ra b stop && nobody_holds && sleep 5 && nobody_holds
}

again() {
	local name
	ra c start && runs c || return 1
	[[ $(haadm -n c lease show web) != *" only "* ]] || return 1
	ra c stop && nobody_holds && ra a start && runs a && [[ $(haadm -n a lease show web) != *" only "* ]] &&
		[[ $(haadm -n b lease show web) = *" only "* ]] && ra b start && runs b && ra c start && runs c
}

# What the configuration says stays as it was.
configuration() {
	every lease set web only b only c && ra b start && runs b && ra b stop && held_by c &&
		ends_with $perm "lets only b c hold lease web" a start && ra b start && runs b &&
		[[ $(haadm -n b lease show web) = *" only b only c"* ]] && every lease set web only ""
}

# stop waits for the end of the right also where nobody can follow, and start for a majority.
alone() {
	local code
	ra a start && stop KILL b c && wait_for 20 nobody_holds || return 1
	ra a stop && start b && ! held_by a && start c && wait_for 20 known && moved a && ra a start && runs a
	code=$?
	return $code
}

without_agent() {
	stop KILL a && ends_with $generic "haagentd does not answer" a monitor &&
		ends_with $not_running "" a monitor web OCF_RESKEY_CRM_meta_interval=0 __OCF_ACTION=monitor &&
		ends_with $generic "haagentd does not answer" a start && ra a stop && wait_for 20 moved a &&
		start a && wait_for 20 known && ra a start && runs a
}

without_module() {
	ends_with $generic "the module does not tell" a monitor &&
		ends_with $not_running "" a monitor web OCF_RESKEY_CRM_meta_interval=0 __OCF_ACTION=monitor &&
		ends_with $generic "the module haswitch does not answer" a validate-all &&
		ends_with $generic "the module haswitch does not answer" a start && ra a stop
}

# placed NAME ASKED: Pacemaker has the resource there, as machine ASKED knows; and that node holds the lease.
placed() {
	[ "$(on $2 crm_resource -r web --locate -Q | tr -d ' \n')" = $1 ] && held_by $1
}

# somewhere ASKED [BUT]: the same, of any node but one.
somewhere() {
	local now
	now=$(holder) && [ -n "$now" ] && [ "$now" != "${2-}" ] && placed $now $1
}

# settled ASKED [BUT]: and Pacemaker has nothing left to do.
settled() { slowly 120 somewhere "$@" && on $1 crm_resource --wait -T 60s && somewhere "$@"; }

# other NAME: a node that is not this one.
other() { if [ $1 = a ]; then echo b; else echo a; fi; }

resources() {
	cat <<-END
		<primitive id="web" class="ocf" provider="haswitch" type="lease">
		<instance_attributes id="web-is"><nvpair id="web-lease" name="lease" value="web"/></instance_attributes>
		<operations>
		<op id="web-start" name="start" interval="0s" timeout="20s"/>
		<op id="web-stop" name="stop" interval="0s" timeout="20s"/>
		<op id="web-monitor" name="monitor" interval="5s" timeout="10s"/>
		</operations></primitive>
	END
}

begins() {
	local name
	mkdir -p /usr/lib/ocf/resource.d/haswitch && cp "$resource" /usr/lib/ocf/resource.d/haswitch/ &&
		cp "$(command -v haadm)" /usr/sbin/ && resources >"$dir/resources.xml" || return 1
	story "Pacemaker: it says by ocf:haswitch:lease where lease web is to be; the vote keeps it to one holder."
	start a b c && wait_for 20 known || return 1
	for name in "${nodes[@]}"; do machine $name "$dir/resources.xml" || return 1; done
	settled a && settled b && settled c && tell "$(now)" "Pacemaker has started on a, b and c" "$(holder) holds it"
}

# stopped_there NAME: that node is not granted it before Pacemaker starts it there.
stopped_there() { [[ $(haadm -n $1 lease show web) = *" only "* ]] && ! held_by $1; }

# told BEGIN CAUSE TIME: who holds the lease, and how long after that cause.
told() { tell $1 "$2" "$(holder) holds it after $3"; }

# moves NAME...: from node to node and back, as the administrator says. The node where it was does not take it again by
# itself.
moves() {
	local from to begin
	for to; do
		from=$(holder) || return 1
		[ $from != $to ] || continue
		begin=$(now)
		on a crm_resource -r web --move -N $to && wait_for 60 held_by $to &&
			told $begin "crm_resource -r web --move -N $to" "$(since $begin)" &&
			slowly 60 placed $to a && stopped_there $from &&
			on a crm_resource -r web --clear && settled a && placed $to a || return 1
	done
}

standby() {
	local from asked begin
	begin=$(now)
	from=$(holder) && asked=$(other $from) && on $asked crm_attribute -N $from -n standby -v on &&
		wait_for 60 moved $from && told $begin "$from is put in standby" "$(since $begin)" &&
		settled $asked $from && stopped_there $from && refuses $from &&
		on $asked crm_attribute -N $from -n standby -D && settled $asked $from
}

# The node that holds loses its power: nothing of it runs any more. A node where Pacemaker has stopped the lease may not
# hold it before Pacemaker starts it there.
holder_dies() {
	local from asked begin
	begin=$(now)
	from=$(holder) && asked=$(other $from) && machine_off $from && stop KILL $from && wait_for 60 moved $from &&
		told $begin "$from, which holds it, dies" "$(since $begin)" && settled $asked $from
}

node_dies() {
	local from asked
	from=$(holder) && asked=$(other $from) && holder_dies && haadm -n $from lease set web only "" &&
		start $from && machine $from "$dir/resources.xml" && wait_for 20 all_heard $from &&
		settled $asked $from && settled $from $from
}

# Corosync loses the node, and its agent is silent as well. The node's own Pacemaker has no quorum, and stops the
# resource.
node_is_cut_off() {
	local from asked
	from=$(holder) && asked=$(other $from) && ip -n lan link set $from-eth0 down && wait_for 20 moved $from &&
		settled $asked $from && slowly 60 stopped_there $from && ip -n lan link set $from-eth0 up &&
		wait_for 20 all_heard $from && slowly 60 agree && settled $asked
}

# agree: all machines say the same place.
agree() {
	local name now
	now=$(holder) && [ -n "$now" ] || return 1
	for name in "${nodes[@]}"; do placed $now $name || return 1; done
}

# Without its agent the node cannot renew: monitor fails, and so does a start there, until the failure is forgotten.
agent_dies() {
	local from asked
	from=$(holder) && asked=$(other $from) && stop KILL $from && settled $asked $from && start $from &&
		wait_for 20 all_heard $from && on $asked crm_resource -r web --cleanup &&
		on $asked crm_resource -r web --move -N $from && slowly 60 placed $from $asked &&
		on $asked crm_resource -r web --clear && settled $asked
}

# Stopped by Pacemaker everywhere, nobody holds it; and it comes back where Pacemaker starts it.
disabled() {
	on a crm_resource -r web --meta -p target-role -v Stopped && slowly 60 stopped_there "$(holder)" || return 1
	on a crm_resource --wait -T 60s
	[ -z "$(on a crm_resource -r web --locate -Q 2>/dev/null)" ] &&
		on a crm_resource -r web --meta -d target-role && settled a
}

what_happened_there() {
	local name
	for name in "${nodes[@]}"; do
		on $name crm_mon -1 -r -o
		tail -n 30 /run/machines/$name/var/log/*.log
	done
}

by_hand() {
	check "the resource agent describes itself as the DTD of OCF wants it" describes
	check "validate-all accepts a lease of the module" valid
	check "validate-all names what is wrong" bad_input
	check "validate-all refuses a lease that prefers nodes" preferring
	check "start has the lease moved here, and monitor tells where it is" started
	check "a node on which the lease was stopped is not granted it again" stopped
	check "a lease that was stopped everywhere is held by nobody" nowhere
	check "start ends what stop began, on its own node alone" again
	check "start leaves the nodes alone that may hold the lease" configuration
	check "stop ends where nobody can follow" alone
	check "monitor without an agent is an error, a probe is not" without_agent
}

by_pacemaker() {
	need corosync pacemakerd crm_resource crm_attribute
	check "Pacemaker finds or starts the lease, and one node holds it" begins || { what_happened_there; return; }
	if [ $1 = story ]; then
		check "crm_resource --move has the lease follow" moves "$(other "$(holder)")" || what_happened_there
		check "another node has the lease of a node that died" holder_dies || what_happened_there
		return
	fi
	check "crm_resource --move has the lease follow" moves b c a b || what_happened_there
	check "a node in standby gives the lease up and is not granted it" standby || what_happened_there
	check "another node has the lease of a node that died" node_dies || what_happened_there
	check "another node has the lease of a node that is cut off" node_is_cut_off || what_happened_there
	check "the lease goes elsewhere when an agent died, and comes back" agent_dies || what_happened_there
	check "a resource that is to be stopped leaves its node" disabled || what_happened_there
}

exec 3>&1
ktap_header
prepare || ktap_exit
if [ $# -gt 0 ]; then by_pacemaker $1; else by_hand; fi
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
ns_del_all
check "the module unloads" module_unload
if [ $# -eq 0 ]; then
	ns_add a
	check "monitor without the module is an error, stop is not" without_module
	ns_del_all
fi
rm -rf "$dir"
ktap_exit
