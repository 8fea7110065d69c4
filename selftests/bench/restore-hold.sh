#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: how long a restore keeps the module's mutex at once, with many services that are spread by Maglev.
#
#   restore-hold.sh SERVICES [MOST]
#
# A vip has four of them. Each service has other weights, so each has a table of its own. Ftrace takes the times of the
# functions that run with the mutex. Counted by instructions (`lab/run -i` on a Debian kernel) they are the same on any
# machine. Prints
#   figure restore-hold SERVICES FUNCTION CALLS NS
# with the longest call of each function, and fails if one took longer than MOST nanoseconds.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
services=$1 most=${2:-0}
trace=/sys/kernel/tracing
functions='^hasw_restore_(prepare|commit)( |$)'

configuration() {
	awk -v services="$services" 'BEGIN {
		print "node add a addr 192.168.7.1 self"
		for (i = 2; i < 6; i++)
			printf "node add n%d addr 192.168.7.%d\n", i, i
		for (i = 0; i < services; i++) {
			vip = sprintf("10.1.%d.%d", int(i / 1000), int(i / 4) % 250 + 1)
			service = vip ":" 80 + i % 4 "/tcp"
			if (i % 4 == 0)
				printf "vip add %s holder a\n", vip
			printf "service add %s sched maglev\n", service
			for (j = 2; j < 6; j++)
				printf "member add %s node n%d weight %d\n", service, j, j == 2 ? i + 1 : 1000
		}
	}'
}

module_load || die "no module"
ip netns add n || die "no network"
if ! mountpoint -q $trace; then mount -t tracefs none $trace || die "no trace"; fi
grep -oE "$functions" $trace/available_filter_functions >$trace/set_ftrace_filter || die "no functions"
echo 8192 >$trace/buffer_size_kb
echo function_graph >$trace/current_tracer && echo funcgraph-tail >$trace/trace_options
configuration | haadm -n n restore - || die "the configuration is refused"
sed -nE 's/^.*[^0-9.]([0-9.]+) us .*(hasw_[a-z0-9_]+).*/\2 \1/p' $trace/trace |
	awk -v head="figure restore-hold $services" -v limit="$most" '
	{ n[$1]++; if ($2 * 1000 > most[$1]) most[$1] = $2 * 1000 }
	END {
		for (name in most) {
			printf "%s %s %d %d\n", head, name, n[name], most[name]
			late += limit && most[name] > limit
		}
		exit late > 0 || !("hasw_restore_commit" in n)
	}'
