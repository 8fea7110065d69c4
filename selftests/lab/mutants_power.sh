# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Modules and agents broken on purpose, of three kernels (host/power.sh). Sourced by mutants.sh, whose functions and
# variables it uses.

# shellcheck disable=SC2154 # mutants.sh sets it
# Only these kernels have the daemon transport, by which three of them are on one network.
case $kernel in uml61 | uml612 | -n) ;; *) return ;; esac
mutant power-deadline "a deadline that has passed counts when a machine goes on" \
	"kmod/cluster/grant.h kmod/cluster/lease.c" \
	's/return hasw_deadline_valid\(time, mine\);/return mine != 0;/
	s/if \(READ_ONCE\(hn->closing\) \|\|/if (1 || READ_ONCE(hn->closing) ||/' \
	host/power.sh "--only pause 1-20" "no other machine acts beyond" "answered for within"
mutant power-gasp "a kernel that panics tells nobody" kmod/heartbeat/resign.c \
	's/^\t\t\thasw_pulse_gasp\(hasw_net_of\(net\), i, value\);/\t\t\t(void)net;/' \
	host/power.sh "--only panic,force 1 5" "a kernel that panics is followed" "."
mutant power-reboot "a kernel that reboots ends no grant" kmod/heartbeat/resign.c \
	's/^\thasw_resign_all\(HASWITCH_CAUSE_REBOOT\);/\t(void)hasw_resign_all;/' \
	host/power.sh "--only panic,force 1 5" "a kernel that reboots is followed" "."
agent_mutant power-deaf "an agent does not tell its vote that a module resigned" \
	userspace/haagentd/module/module_events.c \
	's/cause == HASWITCH_CAUSE_RESIGNED && node/0 \&\& &/' \
	host/power.sh "--only panic,force 1 5" "a kernel that (panics|reboots) is followed" "."
agent_mutant power-ack "a holder counts its grant from the ack, of three kernels" \
	include/rules/vote_proposer.h 's/HASW_RULES_WRONG\(ACK_TIME\)/1/' \
	host/power.sh "--only late 1-8" "no other machine acts beyond" "answered for within"
# Each machine that has once lost the lease asks for it in vain.
agent_mutant power-epochs "an epoch is used twice, of three kernels" include/rules/vote_proposer.h \
	's/HASW_RULES_WRONG\(SAME_EPOCH\)/1/' \
	host/power.sh "--only pause 1-8" "the vip is answered for within" "no other machine acts beyond"
mutant power-stray "who has let go of a lease drops what still comes for its vips" kmod/path/path.c \
	's/^\tcase HASW_NOT_HOLDER_STRAY:/&\n\t\tif (p)\n\t\t\tbreak;/' \
	host/power.sh "--upgrade 1" "while (a lease is moved|the holder's module)"
agent_mutant power-short "an agent that ends asks for no long rights" userspace/haagentd/vote/vote_leases.c \
	's/hasw_seat_long\(.*(now|clock_now\(\)), v->t.longest\);/(void)\1;/' \
	host/power.sh "--upgrade 1" "while the holder's agent"
