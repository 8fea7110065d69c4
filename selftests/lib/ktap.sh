# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What every KTAP script here shares: result lines, waiting for a condition, namespaces, the module.
#
# Sourced. A script says ktap_header, then one ktap_ok / ktap_fail / ktap_skip (or check) a test point,
# and ends with ktap_exit, which prints the plan when ktap_plan did not, and the totals. No `set -e` there:
# a failed point must not end the script.

KSFT_PASS=0 KSFT_FAIL=1 KSFT_SKIP=4

# Where the tools' modules are.
PYTHONPATH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/py
export PYTHONPATH

ktap_points=0 ktap_passed=0 ktap_failed=0 ktap_skipped=0 ktap_planned=''
ns_made=()

# Where bash tells each command of a point: a file without a name, which nobody has to remove.
ktap_trace=$(mktemp)
exec {ktap_trace}>>"$ktap_trace" && rm "$(readlink /proc/$$/fd/$ktap_trace)"

# Where waits that ran out tell so: lab/check runs a point once more that failed so beside others.
ktap_late=$(mktemp)
exec {ktap_late}>>"$ktap_late" && rm "$(readlink /proc/$$/fd/$ktap_late)"

# ktap_header: the first line of the output.
ktap_header() {
	echo "TAP version 13"
}

# ktap_plan N: how many points will follow; one more or less is a failure.
ktap_plan() {
	ktap_planned=$1
	echo "1..$1"
}

# ktap_ok NAME
ktap_ok() {
	ktap_points=$((ktap_points + 1)) ktap_passed=$((ktap_passed + 1))
	echo "ok $ktap_points $*"
}

# ktap_fail NAME [DETAIL...]: details follow as diagnostic lines.
ktap_fail() {
	local name=$1
	shift
	ktap_points=$((ktap_points + 1)) ktap_failed=$((ktap_failed + 1))
	echo "not ok $ktap_points $name"
	[ $# -eq 0 ] || ktap_note "$@"
}

# ktap_skip NAME REASON
ktap_skip() {
	ktap_points=$((ktap_points + 1)) ktap_skipped=$((ktap_skipped + 1))
	echo "ok $ktap_points $1 # SKIP ${2:-}"
}

# ktap_skip_all REASON: the whole script can't run here.
ktap_skip_all() {
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

# ktap_note TEXT...: diagnostic lines.
ktap_note() {
	printf '%s\n' "$@" | sed 's/^/# /'
}

# ktap_exit: totals, and the exit code: 0 pass, 1 a failure, 4 everything was skipped.
ktap_exit() {
	[ -n "$ktap_planned" ] || echo "1..$ktap_points"
	echo "# Totals: pass:$ktap_passed fail:$ktap_failed xfail:0 xpass:0 skip:$ktap_skipped error:0"
	if [ -n "$ktap_planned" ] && [ "$ktap_planned" -ne $ktap_points ]; then
		echo "# planned $ktap_planned points, made $ktap_points"
		exit $KSFT_FAIL
	fi
	[ $ktap_failed -eq 0 ] && [ $ktap_points -gt 0 ] || exit $KSFT_FAIL
	[ $ktap_passed -gt 0 ] || exit $KSFT_SKIP
	exit $KSFT_PASS
}

# what_happened: what is told besides of a test point that failed; tests that know more say more.
what_happened() { :; }

# check NAME COMMAND...: a point that passes when the command does; when it fails, the last commands that were run
# and what it printed are shown.
check() {
	local name=$1 printed happened late code=0
	shift
	: >/proc/$$/fd/$ktap_trace
	: >/proc/$$/fd/$ktap_late
	printed=$(BASH_XTRACEFD=$ktap_trace && set -x && "$@" 2>&1) || code=$?
	if [ $code -eq 0 ]; then
		ktap_ok "$name"
	else
		happened=$(what_happened 2>&1)
		late=$(head -n 3 /proc/$$/fd/$ktap_late | cut -c 1-200)
		ktap_fail "$name" "exit $code: $*" ${late:+"$late"} \
			"$(tail -n 8 /proc/$$/fd/$ktap_trace | cut -c 1-200)" \
			${printed:+"$printed"} ${happened:+"$happened"}
	fi
	return $code
}

# check_fails NAME EXIT PATTERN COMMAND...: passes when the command exits with EXIT and prints what matches PATTERN.
check_fails() {
	local name=$1 wanted=$2 pattern=$3 printed code=0
	shift 3
	printed=$("$@" 2>&1) || code=$?
	if [ $code -eq "$wanted" ] && grep -qE -- "$pattern" <<<"$printed"; then
		ktap_ok "$name"
		return 0
	fi
	ktap_fail "$name" "exit $code, wanted $wanted and /$pattern/: $*" "$printed"
	return 1
}

# ktap_judged: lines "ok NAME" and "not ok NAME" of a judge as points, each with what was wrong below it.
ktap_judged() {
	local line name='' details=()
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			[ -z "$name" ] || ktap_fail "$name" "${details[@]}"
			name='' details=()
			if [[ $line = ok* ]]; then ktap_ok "${line#ok }"; else name=${line#not ok }; fi
			;;
		*) if [ -n "$name" ]; then details+=("$line"); else ktap_note "$line"; fi ;;
		esac
	done
	[ -z "$name" ] || ktap_fail "$name" "${details[@]}"
}

# nap SECONDS: sleep(1) without a process. Nobody writes to what is read, so the time limit always ends it.
exec {ktap_never}<> <(:)
nap() {
	local REPLY
	read -r -t "$1" -u $ktap_never || return 0
}

# wait_for SECONDS COMMAND...: polls until the command succeeds; fails when the time is up. What takes long is asked for
# less often, after a quarter of the time that it has taken so far: asking takes a CPU's time from what it is about.
wait_for() {
	local span begin now pause
	printf -v span '%.0f' "${1}e6"
	begin=${EPOCHREALTIME/./}
	shift
	until "$@" >/dev/null 2>&1; do
		now=$((${EPOCHREALTIME/./} - begin))
		[ $now -lt "$span" ] || { echo "timed out: $*" >&$ktap_late; return 1; }
		pause=$((now < 80000 ? 20000 : now > 400000 ? 100000 : now / 4))
		printf -v pause '0.%06d' $pause
		nap "$pause"
	done
}

# slowly SECONDS COMMAND...: as wait_for, for what takes seconds, and is asked of processes that take time here.
slowly() {
	local i
	for ((i = 0; i < $1 * 5; i++)); do
		"${@:2}" >/dev/null 2>&1 && return 0
		nap 0.2
	done
	echo "timed out: ${*:2}" >&$ktap_late
	return 1
}

# ns_add NAME...: network namespaces with lo up, which ns_del_all takes away again.
ns_add() {
	local name
	for name; do
		ip netns add "$name" || return 1
		ns_made+=("$name")
		ip -n "$name" link set lo up || return 1
	done
}

# halted PID: it has stopped, or is no more.
halted() {
	! grep -q '^State:.[RSD]' "/proc/$1/status" 2>/dev/null
}

# ns_del NAME...: with every process that still lives in them. They are stopped first, so that none is killed in the
# midst of a fork: that panics UML 6.12.
ns_del() {
	local name pid pids kept=()
	for name; do
		mapfile -t pids < <(ip netns pids "$name" 2>/dev/null)
		if [ ${#pids[@]} -gt 0 ]; then
			kill -STOP "${pids[@]}" 2>/dev/null
			for pid in "${pids[@]}"; do wait_for 1 halted "$pid"; done
			kill -KILL "${pids[@]}" 2>/dev/null
		fi
		ip netns del "$name" 2>/dev/null
	done
	for name in "${ns_made[@]}"; do
		case " $* " in *" $name "*) ;; *) kept+=("$name") ;; esac
	done
	ns_made=("${kept[@]}")
}

ns_del_all() {
	[ ${#ns_made[@]} -eq 0 ] || ns_del "${ns_made[@]}"
}

# n NAME COMMAND...: runs the command in a namespace.
n() {
	local name=$1
	shift
	ip netns exec "$name" "$@"
}

# module_load [PARAMETER=VALUE...]: the lab's build ($HASW_KO) with the kernel's modules that it builds on, else the
# one that the running kernel has.
module_load() {
	local depends
	[ ! -e /sys/module/haswitch ] || return 0
	if [ -n "${HASW_KO:-}" ]; then
		[ -e "$HASW_KO" ] || {
			echo "no module $HASW_KO: build it by scripts/build-module.sh ${HASW_KERNEL:-KERNEL}"
			return 1
		}
		IFS=, read -r -a depends < <(modinfo -F depends "$HASW_KO")
		[ ${#depends[@]} -eq 0 ] || modprobe -a "${depends[@]}" || return 1
		insmod "$HASW_KO" "$@"
	else
		modprobe haswitch "$@"
	fi
}

# module_install: makes `modprobe haswitch` and autoloading by alias find the lab's build, as an installed module would
# be found; by a rule of modprobe's, since depmod over thousands of compressed modules takes minutes in QEMU.
module_install() {
	local depends name
	[ -n "${HASW_KO:-}" ] || return 0
	depends=$(modinfo -F depends "$HASW_KO") || return 1
	{
		modinfo -F alias "$HASW_KO" | while read -r name; do echo "alias $name haswitch"; done
		echo "install haswitch ${depends:+modprobe -a ${depends//,/ } && }insmod $HASW_KO"
	} >/etc/modprobe.d/haswitch-lab.conf
}

# module_unload: a namespace that was just deleted is cleaned up by a worker, which is waited for.
module_unload() {
	[ ! -e /sys/module/haswitch ] || wait_for 10 rmmod haswitch
}

# ageless: JSON without ages and what remains, which are others at each look: for comparing two outputs of haadm.
ageless() {
	jq -S 'walk(if type == "object" then with_entries(select(.key | test("(^|_)(age|remaining)$") | not))
		else . end)'
}

# time_simulated: the clock stands still while a program computes (lab/run -s).
time_simulated() { grep -q time-travel /proc/cmdline; }

# need_root, need COMMAND...: skip the script where it can't run.
need_root() {
	[ "$(id -u)" -eq 0 ] || ktap_skip_all "needs root"
}

need() {
	local command
	for command; do
		command -v "$command" >/dev/null || ktap_skip_all "needs $command"
	done
}
