# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Two real kernels on one network, for what the namespaces of one kernel cannot show.
#
# Sourced after ktap.sh, on the host and in the kernels. It wants a kernel that has the daemon transport of UML (uml61,
# uml612). Machine number N has the address 10.0.0.N/24 and a MAC that ends with N.

two_cpu=()

# two_on N: what is begun from here on runs on that CPU, where there are several. Who is woken by a kernel that spins
# until it is dead would else wait on that one's CPU.
two_on() {
	two_cpu=()
	[ "$(nproc)" -eq 1 ] || two_cpu=(taskset -c "$1")
}

# two_alone SCRIPT WORD...: the script goes on in a network namespace of its own, whose sockets may have as many frames
# waiting as a NIC has. Of the host's only ten wait, so that kernels which are late lose some.
two_alone() {
	if [ -z "${two_inside:-}" ]; then
		need_root
		need unshare
		two_inside=yes exec unshare -n "$@"
	fi
	echo 256 >/proc/sys/net/unix/max_dgram_qlen
}

# two_make KERNEL SCRIPT: the network of two kernels that will run a script; $two_out is where they leave what they say.
two_make() {
	need uml_switch
	two_kernel=$1 two_script=$2 two_out=${HASW_OUT:-$(mktemp -d)} two_dir=$(mktemp -d)
	two_pids=()
	trap two_end EXIT
	"${two_cpu[@]}" uml_switch -unix "$two_dir/switch" </dev/null >/dev/null 2>&1 &
	two_pids+=($!)
	wait_for 10 [ -S "$two_dir/switch" ] && return 0
	ktap_header
	ktap_fail "setup: a network for two kernels"
	ktap_exit
}

two_end() {
	local guest
	# What is stopped does not end.
	for guest in "$two_out"/*/.lab/pid; do [ ! -e "$guest" ] || kill -CONT "$(<"$guest")" 2>/dev/null; done
	kill "${two_pids[@]}" 2>/dev/null
	rm -rf "$two_dir"
}

# two_machine NAME NUMBER [WORD...]: begins one, in which the script is told its name and the words; its run is process
# $!.
two_machine() {
	local lab=${BASH_SOURCE[0]%/*}/../lab name=$1 number=$2
	shift 2
	rm -rf "${two_out:?}/$name"
	mkdir -p "$two_out/$name"
	"${two_cpu[@]}" "$lab/run" -t 150 -o "$two_out/$name" \
		-a "eth0=daemon,02:00:00:00:00:0$number,unix,$two_dir/switch" "$two_kernel" \
		"$two_script" "$name" "$@" >"$two_out/$name.txt" 2>&1 &
	two_pids+=($!)
}

# two_judge NAME PID OTHER: waits for the run of the one that judges, prints what it found, and returns its exit code.
two_judge() {
	local code=0
	wait "$2" || code=$?
	grep -v '^# lab:' "$two_out/$1.txt"
	[ $code -eq 0 ] || sed "s/^/# $3: /" "$two_out/$3.txt" | tail -n 20
	return $code
}

# two_join NUMBER: in a kernel: its place on the network.
two_join() {
	ip link set eth0 up && ip addr add "10.0.0.$1/24" dev eth0
}
