#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Proves the lab: that each way in which a run can go wrong is told from the others, and that a run leaves nothing
# behind.
#
#   lab_test.sh KERNEL [PART...]     parts: verdicts scanned hang output live killed isolation parallel several
#                                    simulated faults; default: all; struck, for Debian kernels only
set -u

lab=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$lab/../lib/ktap.sh"

kernel=${1:?KERNEL}
dir=${HASW_OUT:-$(mktemp -d)}/runs
mkdir -p "$dir"
limit=120 short=12
case $kernel in deb*) limit=240 short=60 ;; esac

# guest NAME [OPTION...] -- WORDS...: one run of lab_test_guest.sh; output in $dir/NAME.txt.
guest() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	"$lab/run" -t "$limit" -o "$dir/$name" "${options[@]}" "$kernel" "$lab/lab_test_guest.sh" "$@" \
		>"$dir/$name.txt" 2>&1
}

# verdict TITLE NAME EXIT PATTERN [OPTION...] -- WORDS...: the run exits with EXIT and its last line matches PATTERN.
verdict() {
	local title=$1 name=$2 wanted=$3 pattern=$4 code=0 last
	shift 4
	guest "$name" "$@" || code=$?
	last=$(tail -n 1 "$dir/$name.txt")
	if [ $code -eq "$wanted" ] && [[ $last =~ ^\#\ lab:\ $pattern ]]; then
		ktap_ok "$title"
	else
		ktap_fail "$title" "exit $code, wanted $wanted; last line: $last" "$(tail -n 5 "$dir/$name.txt")"
	fi
}

guest_gone() { [ -s "$1/.lab/pid" ] && ! kill -0 "$(cat "$1/.lab/pid")" 2>/dev/null; }

verdicts() {
	verdict "exit 0 is a pass" exit0 0 'pass:' -- exit 0
	verdict "exit 4 is a skip" exit4 4 'skip:' -- exit 4
	verdict "exit 1 is a failure" exit1 1 'script failed \(1\)' -- exit 1
	verdict "any other exit code is the run's" exit77 77 'script failed \(77\)' -- exit 77
	verdict "a report in the kernel log fails a script that passed" log 125 'kernel log' -- log \
		"BUG: made up by the test"
	verdict "the kernel log goes before the script's own failure" log1 125 'kernel log' -- log \
		"WARNING: CPU: 0 PID: 1 at made/up.c:1"
	verdict "a harmless line in the log does no harm" log0 0 'pass:' -- log "debugging is fun, no warning"
	verdict "a guest that goes down by itself is no pass" off 126 'the guest died' -- poweroff
	HASW_BUILD=$dir/none verdict "a script without its module fails" unbuilt 1 'script failed' \
		-k "$dir/none.ko" -- module none
	check "the run tells how to build a module that is missing" grep -q \
		"^# lab: no module for $kernel (.*/none.ko): build it by scripts/build-module.sh $kernel\$" \
		"$dir/unbuilt.txt"
	check "the run tells how to build the tools that are missing" grep -q \
		'^# lab: no haadm in .*/none/bin: build it by make userspace$' "$dir/unbuilt.txt"
}

# reported WANTED BY OFF: what the scan says of bottom halves enabled with interrupts off, in a softirq that BY ran,
# when it was OFF that switched them off.
reported() {
	local code=0
	printf '[    1.000000] %s\n' "hasw-lab: the script starts" "------------[ cut here ]------------" \
		"WARNING: kernel/softirq.c:430 at __local_bh_enable_ip+0x148/0x227, CPU#1: swapper/1/0" \
		"Modules linked in: haswitch(O)" \
		" [<60061a2c>] $2+0x24a/0x4ed" " [<60061a2c>] handle_softirqs+0x24a/0x4ed" \
		" [<6003e73b>] do_IRQ+0x47/0x5a" \
		"hardirqs last  enabled at (2596920): [<000000006006118d>] handle_softirqs+0x118/0x4ed" \
		"hardirqs last disabled at (2596921): [<000000006004003e>] $3+0x2f/0x31" \
		"---[ end trace 0000000000000000 ]---" "a line behind" >"$dir/scanned"
	"$lab/scan" "$dir/scanned" || code=$?
	[ "$code" -eq "$1" ]
}

scanned() {
	check "a tick that UML puts off is no fault" reported 0 __hrtimer_run_queues um_trace_signals_off
	check "interrupts that other code switched off are a fault" reported 1 __hrtimer_run_queues \
		_raw_spin_lock_irqsave
	check "a timer that runs in a hard interrupt is a fault" reported 1 do_IRQ um_trace_signals_off
}

hang() {
	local begin=$SECONDS code=0
	limit=$short guest hang -- hang-deaf || code=$?
	if [ $code -eq 124 ] && [ $((SECONDS - begin)) -le $((short + 10)) ] && guest_gone "$dir/hang"; then
		ktap_ok "a script that hangs is ended at the limit, with its guest"
	else
		ktap_fail "a script that hangs is ended at the limit, with its guest" \
			"exit $code after $((SECONDS - begin)) s"
	fi
	case $kernel in uml*) check "the run of a script that hangs tells where the kernel was" idle ;; esac
}

# The kernel idles, though it may handle an interrupt just then.
idle() { grep -q 'the kernel was at:  in [a-z]' "$dir/hang.txt" && grep -q ' in [a-z_]*idle' "$dir/hang/stuck.txt"; }

output() {
	verdict "a process left behind does not hold up the end" linger 0 'pass:' -- linger
	verdict "arguments arrive as they are" words 0 'pass:' -- words 'a b' "\$c" "d'e" ''
	check "the output of arguments arrives as it is" grep -qxF "<a b><\$c><d'e><>" "$dir/words.txt"
	verdict "opening /dev/stderr anew loses nothing" reopen 0 'pass:' -- reopen
	check "all lines written to /dev/stderr opened anew are there" \
		test "$(head -n 3 "$dir/reopen.txt" | tr '\n' ' ')" = "first second third "
}

live() {
	local pid
	guest live -- live &
	pid=$!
	check "output comes while the script runs" wait_for $limit grep -qx early "$dir/live.txt"
	touch "$dir/live/go"
	wait "$pid"
	check "the guest reads what the host writes to the output directory" test $? -eq 0
	check "the host reads what the guest writes to the output directory" grep -qx seen "$dir/live/answer"
}

killed() {
	"$lab/run" -t $limit -o "$dir/killed" "$kernel" "$lab/lab_test_guest.sh" hang >"$dir/killed.txt" 2>&1 &
	local pid=$!
	wait_for $limit grep -q 'the script starts' "$dir/killed/dmesg.txt"
	kill -KILL $pid
	wait $pid 2>/dev/null
	check "a killed run takes its guest with it" wait_for 5 guest_gone "$dir/killed"
}

isolation() {
	local mark="/var/tmp/lab-was-here.$$" more=()
	verdict "the guest may write anywhere but in the repository" root 0 'pass:' -- root "$mark"
	check "nothing that the guest writes elsewhere reaches the host" \
		test ! -e "$mark" -a -e /etc/hostname -a -e /usr/share/doc/bash
	case $kernel in
	deb*) more=(-e "-smbios type=1,product=lab") ;;
	*)
		check_fails "arguments for an emulator that there is none of are refused" 126 "needs a Debian kernel" \
			"$lab/run" -e -s -o "$dir/refused" "$kernel" "$lab/lab_test_guest.sh" exit 0
		;;
	esac
	verdict "the guest is a whole machine" machine 0 'pass:' "${more[@]}" -- machine
}

parallel() {
	local pids=() pid code=0
	for i in 1 2 3; do
		guest "parallel$i" -- exit 0 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || code=$?; done
	check "three runs at once do not disturb each other" test $code -eq 0
}

# several: scripts that share a boot are told apart, and one that fails fails the run.
several() {
	local me="$lab/lab_test_guest.sh"
	verdict "one of several scripts that fails fails the run" several1 3 'script failed \(3\)' -- linger + "$me" \
		exit 3 + "$me" exit 0
	check "the run tells how each of several scripts exited" \
		test "$(sed -n 's/^# lab: [0-9a-f]* subject \(. ended, exit .\)$/\1/p' "$dir/several1.txt" | xargs)" \
		= "1 ended, exit 0 2 ended, exit 3 3 ended, exit 0"
	check "the run tells what each of several scripts took" \
		grep -qE '^# lab: [0-9a-f]+ subject 2 took [0-9]+\.[0-9] s of CPU$' "$dir/several1.txt"
	verdict "scripts that pass or skip are a pass" several0 0 'pass:' -- exit 4 + "$me" exit 0
	verdict "a report in the kernel log of the first of several scripts fails the run" several-log 125 \
		'kernel log' -- log "BUG: made up by the test" + "$me" exit 0
}

# simulated: a sleep of half an hour takes no time.
simulated() {
	case $kernel in
	uml61 | uml612* | uml72-one) verdict "simulated time passes while the guest sleeps" simulated 0 'pass:' \
		-s -- sleep 1800 ;;
	*) verdict "a kernel without simulated time runs with -s" simulated 0 'pass:' -s -- sleep 1 ;;
	esac
}

# stricken N REAL: an emulator whose first N boots end as QEMU 7.2's do once in a while, then REAL; in $dir/stricken.
stricken() {
	mkdir -p "$dir/stricken" && echo "$1" >"$dir/stricken/left" && cat >"$dir/stricken/qemu-system-x86_64" <<-EOF
		#!/bin/bash
		left=\$(cat "$dir/stricken/left")
		[ "\$left" -gt 0 ] || exec $2 "\$@"
		echo \$((left - 1)) >"$dir/stricken/left"
		for word; do [[ \$word != file:* ]] || log=\${word#file:}; done
		{
			printf '%s\r\n' "[    2.550814] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI"
			printf '%s\r\n' "[    2.561497] Kernel panic - not syncing: x"
		} >"\$log"
	EOF
	chmod +x "$dir/stricken/qemu-system-x86_64"
}

# left N: so many of them were not made.
left() {
	[ "$(cat "$dir/stricken/left")" -eq "$1" ]
}

# no_job: the run's disown says what bash's does for an emulator that ended as it began, as on a busy host.
no_job() {
	disown() { builtin disown %999; }
	export -f disown
}

struck() {
	local real PATH=$PATH
	real=$(command -v qemu-system-x86_64)
	no_job
	PATH=$dir/stricken:$PATH
	stricken 1 "$real"
	verdict "a boot that the emulator ends is made again" struck1 0 'pass:' -- exit 0
	check "the run tells of a boot that the emulator ended" \
		grep -q "^# lab: the emulator's int3 ended boot 1 " "$dir/struck1.txt"
	check "the run keeps the log of a boot that the emulator ended" \
		grep -q "Oops: int3" "$dir/struck1/dmesg-boot1.txt"
	stricken 4 "$real"
	verdict "a boot that the emulator ends each time fails the run" struck4 125 'kernel log' -- exit 0
	check "a boot that the emulator ends is made three times" left 1
	stricken 0 "$real"
	verdict "an int3 report while a script runs fails the run" struck0 125 'kernel log' -- log \
		"Oops: int3: 0000 [#1] made up by the test"
	check "an int3 report while a script runs causes no other boot" test ! -e "$dir/struck0/dmesg-boot1.txt"
}

# fault TITLE FAULT PATTERN [OPTION...]: a module with that fault is caught, by a log line that matches PATTERN.
fault() {
	verdict "$1: the run fails" "fault-$2" 125 'kernel log' "${@:4}" -k "$dir/module/haswitch.ko" -- module "$2"
	check "$1: the log has the expected report" grep -qE "$3" "$dir/fault-$2/dmesg.txt"
}

faults() {
	if ! check "the module with faults builds" "$lab/../../scripts/build-module.sh" -s "$lab/broken" "$kernel" \
		"$dir/module"; then
		return
	fi
	verdict "a faultless module passes, and is unloaded" fault-none 0 'pass:' -k "$dir/module/haswitch.ko" -- \
		module none
	fault "WARN_ON" warn 'WARNING: ' -q
	fault "BUG_ON" bug '(kernel BUG at|Kernel panic)'
	fault "a module that can't be unloaded" stay 'BUG: haswitch is in use' -q
	case $kernel in
	*-debug)
		fault "memory that nobody frees" leak 'unreferenced object'
		fault "a write past the end" overrun 'KASAN: slab-out-of-bounds' -q
		fault "an undefined shift" shift 'UBSAN: shift-out-of-bounds' -q
		fault "an armed timer freed" freed 'ODEBUG: free active' -q
		;;
	esac
	case $kernel in
	*-debug | uml72)
		fault "sleeping under a spinlock" sleep '(sleeping function|scheduling while atomic)' -q
		fault "two locks in both orders" locks 'possible circular locking' -q
		fault "RCU data read outside a reader" rcu 'suspicious RCU usage' -q
		;;
	esac
}

shift
[ $# -gt 0 ] || set -- verdicts scanned hang output live killed isolation parallel several simulated faults
ktap_header
for part; do
	case $part in
	verdicts) verdicts ;;
	scanned) scanned ;;
	hang) hang ;;
	output) output ;;
	live) live ;;
	killed) killed ;;
	isolation) isolation ;;
	parallel) parallel ;;
	several) several ;;
	simulated) simulated ;;
	faults) faults ;;
	struck) struck ;;
	*) ktap_fail "part $part" "there is none" ;;
	esac
done
ktap_exit
