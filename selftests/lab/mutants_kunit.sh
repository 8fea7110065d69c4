# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Modules broken on purpose that KUnit must tell of. Sourced by mutants.sh, whose functions and variables it uses.

# shellcheck disable=SC2154 # kernel, of mutants.sh
# resign_mutant NAME TITLE SED MUST: what KUnit tells of grants that end before the machine sleeps, or in a clone.
resign_mutant() {
	mutant "resign-$1" "$2" kmod/heartbeat/resign.c "$3" lab/kunit.sh "-u --" "$4" "$4|haswitch_resign"
}
# run_mutant NAME TITLE FILE SED MUST: what KUnit tells of what one run of a work does; the suite fails, too.
run_mutant() {
	mutant "$1" "$2" "kmod/$3" "$4" lab/kunit.sh "-u --" "$5" "haswitch_"
}
# What only kernels with KUnit have a test for.
case $kernel in uml72-debug | -n)
	resign_mutant hibernation "a machine that hibernates keeps its grants" \
		's/^\tcase PM_HIBERNATION_PREPARE:$//' "resign_before_hibernation"
	resign_mutant restored "a machine whose memory is about to be restored keeps its grants" \
		's/^\tcase PM_RESTORE_PREPARE:$//' "resign_before_restored_memory"
	resign_mutant awake "a machine that has hibernated is granted no lease" \
		's/^\tcase PM_POST_HIBERNATION:$//' "resign_before_hibernation"
	resign_mutant running "a panic says that its CPUs have stopped when they have not" \
		's/^\treturn online == 1 \? /\treturn online ? /' "panic_with_running_cpus_says_so"
	mutant resign-hasty "nobody waits after a panic, whatever its other CPUs do" kmod/heartbeat/pulse_report.c \
		's/^\tbool still = .*;$/\tbool still = true;/' lab/kunit.sh "-u --" "panic_of_stopped_cpus_releases" \
		"panic_of_stopped_cpus_releases|haswitch_resign"
	resign_mutant early "peers are told that grants have ended while packets are under way" \
		's/^\tsynchronize_rcu_expedited\(\);$//' "resign_waits_for_packets"
	change='s/^\thasw_lease_end\(hn, lease, (HASWITCH_CAUSE_CLONED, hasw_switch_now\(\))\);/'
	change+='\thasw_resign_end(hn, lease, \1, \&hn->pulses->resigned);\n'
	change+='\thasw_resign_later(hn);/'
	resign_mutant clone "a clone tells the peers that grants have ended" \
		"$change" \
		"clone_ends_grants_silently"
	mutant nat-id "the members of a node have the same flows" kmod/service/member.c \
		's/^\t\t\treturn siphash_2u64\(id, port, \&key\);/\t\t\treturn id;/' \
		lab/kunit.sh "-u --" "maglev_tells_servers_of_a_node_apart" "haswitch_maglev"
	run_mutant unused-waits "an unused namespace waits for a grace period when it ends" core/haswitch.h \
		's/^\tif \(hn->used\)$/\tif (hn->used || 1)/' "unused_namespaces_end_at_once"
	run_mutant used-waits-not "a configuration is freed while packets may read it" core/haswitch.h \
		's/^\tif \(hn->used\)$/\tif (hn->used \&\& !hn)/' "unused_namespaces_end_at_once"
	# A work that has lost the bound of its run: KUnit counts what a run does.
	run_mutant pulse-crowd "heartbeats to all peers are sent in one run" heartbeat/pulse_send.c \
		's/^\t\t\tif \(sent \+ hasw_pulse_cost\(p\) > HASW_PULSE_RUN\) \{/\t\t\tif (0) {/' \
		"pulse_crowd_is_sent_to_in_short_runs"
	run_mutant pulse-fair "peers at the end of the list get no heartbeat" heartbeat/pulse_send.c \
		's/due <= now \&\& p->round != all->round/due <= now/' "pulse_crowd_leaves_nobody_out"
	run_mutant pulse-notices "notices to all peers are sent in one run" heartbeat/pulse_send.c \
		's/^\t\t\tif \(sent \+ hasw_pulse_cost\(p\) > HASW_PULSE_RUN\)$/\t\t\tif (0)/' \
		"pulse_crowd_gets_notices_in_short_runs"
	run_mutant pulse-told "a peer does not count as told of a notice" heartbeat/pulse_send.c \
		's/^\t\tp->notify_round = all->notify_round;$/\t\tp->notify_round = 0;/' \
		"pulse_crowd_is_notified_in_short_runs"
	run_mutant pulse-told-once "no peer is told of a second notice about services" heartbeat/pulse_send.c \
		's/^\tall->once_round\+\+;$/\tall->once_round += 0;/' "pulse_crowd_gets_notices_in_short_runs"
	run_mutant pulse-queued "a notice is queued as often as it is found" heartbeat/pulse_send.c \
		's/e->kind == kind \&\& e->value == value/0/' "pulse_crowd_is_told_each_notice"
	run_mutant pulse-dropped "a notice that is dropped counts as queued" heartbeat/pulse_send.c \
		'/^\tif \(all->once_n == HASW_PULSE_ONCE\)/{n;s/false/true/}' "pulse_crowd_is_told_each_notice"
	run_mutant flow-chain "a table that cannot grow takes any number of flows" flow/flow_room.c \
		's/min\((READ_ONCE\(p->cfg->limits.max\)), hasw_flow_most\(at\)\)/at ? \1 : 0/' \
		"flow_table_that_cannot_grow_is_full"
	run_mutant flow-chain-reply "a table of replies that cannot grow takes any number of them" flow/flow_table.c \
		's/^\t\t\t\t       hasw_flow_most\(at\)\)\)\)$/\t\t\t\t       U32_MAX)))/' \
		"flow_table_that_cannot_grow_is_full"
	run_mutant flow-port "a flow gets a privileged port with snat" flow/flow_port.c \
		's/port < HASW_FLOW_PORT_MIN \|\| //' "flow_ports_of_member_are_many"
	run_mutant flow-counted "expired flows of a large table count for lc up to eight seconds" flow/flow_net.c \
		's/^\tif \(READ_ONCE\(flows->counted\)\)$/\tif (0)/' "flow_table_is_swept_when_counted"
	run_mutant flow-full "expired flows of a large table count for flows-max up to eight seconds" flow/flow_net.c \
		's/READ_ONCE\(flows->full\) \?/0 ?/' "flow_table_is_swept_when_counted"
	run_mutant beat-crowd "a BEAT that loses all nodes holds the lock all the time" cluster/beat.c \
		's/n\+\+ == HASW_NODE_STRIDE/n++ == U32_MAX/' "many_nodes_are_lost_in_short_runs"
	run_mutant drain-crowd "drains that end hold the lock all the time" cluster/node.c \
		's/n\+\+ == HASW_NODE_STRIDE/n++ == U32_MAX/' "many_drains_end_in_short_runs"
	run_mutant carrier-crowd "a lost carrier changes all nodes in one run" cluster/evidence.c \
		's/changed\+\+ == HASW_EVIDENCE_MOST/changed++ == U32_MAX/' \
		"carrier_of_many_nodes_is_read_in_short_runs"
	run_mutant spares-end "the work on spare members goes on when there are none" service/judge.c \
		's/else if \(!hasw_spares_any\(service\)\)/else if (0 \&\& !hasw_spares_any(service))/' \
		"spares_work_ends"
	run_mutant zone-turn "members of other zones are called before the spare ones of the zone" service/judge.c \
		's/^\t\treturn a->kind - b->kind;$/\t\treturn b->kind - a->kind;/' "members_of_other_zones_wait"
	run_mutant class-cursor "a walk leaves out the older classes of the next group" service/vip_class.c \
		's/^\t\t\tcursor->class = 0;$//' "class_walk_filters"
	run_mutant table-sparse "a table with few objects keeps its slots" core/table.c \
		's/^\tif \(s->mask \+ 1 > HASW_TABLE_MIN \&\&/\tif (0 \&\&/' "table_with_few_objects_is_small"
	run_mutant table-walk "a walk of a table does not count slots" core/table.c \
		's/^\t\t\(\*left\)--;$//' "table_walk_pauses" ;;
esac
