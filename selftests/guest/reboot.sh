#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of two kernels does for host/reboot.sh: `goes` holds a lease and is switched off, panics or loses the
# module; `stays` tells what it heard of it.
#
#   reboot.sh goes off|panic|unload
#   reboot.sh stays
# shellcheck disable=SC2119 # module_load takes no words here

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/two_kernels.sh
. ./lib/two_kernels.sh

role=$1 mine=1 other=2 peer=stays tx=00112233445566778899aabbccddeeff rx=ffeeddccbbaa99887766554433221100
[ "$role" = goes ] || { mine=2 other=1 peer=goes && read -r tx rx <<<"$rx $tx"; }

# Heartbeats so slow that silence is nothing for a minute and a half.
prepare() {
	(umask 077 && echo "$tx" >/run/tx && echo "$rx" >/run/rx) && module_load && two_join $mine &&
		haadm node add "$role" addr 10.0.0.$mine self && haadm node add $peer addr 10.0.0.$other &&
		haadm lease add l && haadm lease set l floor 1 && haadm vip add 10.0.0.100 on eth0 lease l &&
		haadm pulse set $peer id 7 interval 1s multiplier 90 path 10.0.0.$mine 10.0.0.$other tx-key /run/tx \
			rx-key /run/rx &&
		wait_for 60 heard
}

# stamped CODE: python that is run right after the counter was read. Nothing is between but that the stamp is written.
stamped() {
	python3 -c 'import ctypes, os, sys, tsc
libc, code = ctypes.CDLL(None), compile(sys.argv[2], "code", "exec")
with open(sys.argv[1], "w", buffering=1) as goes:
    goes.write(f"{tsc.counter()}\n")
    exec(code)' "$HASW_OUT/goes" "$1"
}

# LINUX_REBOOT_CMD_POWER_OFF
off() {
	stamped 'libc.reboot(0x4321fedc)'
}

panic() {
	wait_for 10 ready && stamped 'os.write(os.open("/proc/sysrq-trigger", os.O_WRONLY), b"c")'
}

unload() {
	stamped 'os.execlp("rmmod", "rmmod", "haswitch")'
}

# By every path would be said that it panics.
ready() {
	haadm -j pulse show | jq -e 'all(.[0].paths[]; ."panic_ready")'
}

heard() {
	haadm -j pulse show | jq -e '.[0].state == "up"'
}

# The grant that the other one is about to have; then, once events are seen as they come, it is told to begin. Nothing
# runs here from then on until the event.
expect() {
	local epoch=1
	until read -rt 0.5 -u "$events" _; do
		epoch=$((epoch + 1))
		[ "$epoch" -lt 50 ] && haadm lease set l epoch "$epoch" holder goes for 10s || return 1
	done
	haadm lease set l epoch 50 holder goes for 10s && python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
for _ in range(300):
    s.sendto(b"there?", ("10.0.0.1", 7000))
    try:
        s.recv(10)
        break
    except (TimeoutError, ConnectionRefusedError):
        pass
s.sendto(b"go", ("10.0.0.1", 7000))'
}

resigned() {
	timeout 30 grep -qm1 resigned <&"$events" &&
		haadm -j event show | jq -se \
			'flatten | map(select(.kind == "lease")) | last | .cause == "resigned" and .node == "goes" and
				.told == "released"'
}

lost() {
	haadm -j node show goes | jq -e '.[0] | .state == "lost" and .evidence == ["resigned"]'
}

# When that was, by the counter, and how fast that is.
when() {
	local stamp
	stamp=$(haadm -j event show | jq -se 'flatten | map(select(.kind == "lease")) | last | .decision') &&
		python3 -c 'import sys, tsc; print(*tsc.at(int(sys.argv[1])))' "$stamp" >"$HASW_OUT/told"
}

in_time() {
	haadm -j event show | jq -se 'flatten | map(select(.kind == "lease" and .cause == "expired")) | length == 0'
}

if [ "$role" = goes ]; then
	# shellcheck disable=SC2016 # python's
	prepare >/dev/null && python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.1", 7000))
while (got := s.recvfrom(10))[0] != b"go":
    s.sendto(b"yes", got[1])' && haadm lease set l epoch 50 holder goes for 10s && "$2"
	haadm event show
	exit 1
fi
ktap_header
check "two kernels hear each other" prepare
exec {events}< <(exec haadm -j monitor)
check "setup: one kernel holds a lease" expect
# This kernel has one CPU, so a panic has no other one to stop.
check "a kernel that goes tells its peer that its grant is over, and no voter has to wait" resigned
check "the peer hears of the end before the grant's deadline" in_time
check "the peer records when it was told of the end" when
check "the peer takes the node for lost by its own word" wait_for 5 lost
ktap_exit
