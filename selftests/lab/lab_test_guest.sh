#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest's side of lab/lab_test.sh: does what its first argument names.

case $1 in
exit) exit "$2" ;;
hang) exec sleep 100000 ;;
hang-deaf) trap '' TERM INT HUP; while :; do sleep 1000; done ;;
log) echo "$2" >/dev/kmsg ;;
sleep) sleep "$2" ;;
poweroff) busybox poweroff -f ;;
linger) sleep 100000 & exit 0 ;;
words) shift; printf '<%s>' "$@"; echo ;;
reopen) echo first; echo second >/dev/stderr; echo third >/dev/stdout ;;
live)
	echo early
	until [ -e "$HASW_OUT/go" ]; do sleep 0.05; done
	echo seen >"$HASW_OUT/answer"
	;;
root)
	# Nothing written may reach the machine; the repository may not be written at all.
	rm -rf /etc/hostname /usr/share/doc/bash && mkdir /usr/share/doc/bash &&
		[ -z "$(ls -A /usr/share/doc/bash)" ] || exit 1
	echo lab >"$2" && grep -qx lab "$2" && ! touch "$HASW_REPO/lab-was-here" 2>/dev/null
	;;
machine)
	set -e
	[ "$(id -u)" = 0 ]
	[ -d /sys/kernel/debug/tracing ] && [ -e /sys/kernel/tracing/trace ] && [ -c /dev/pts/ptmx ]
	# An emulated one is called as the caller of lab/run has said.
	[ ! -e /sys/class/dmi/id ] || [ "$(cat /sys/class/dmi/id/product_name)" = lab ]
	[ "$(hostname)" = lab ] && [ "$HOME" = /root ] && [ "$(command -v python3)" = /usr/bin/python3 ]
	ping -c 1 -W 2 127.0.0.1 >/dev/null
	ip netns add a && ip netns exec a true && ip netns del a
	unshare --user --map-root-user true
	modprobe veth && ip link add v0 type veth peer name v1
	;;
module) insmod "$HASW_KO" "fault=$2" ;;
*) exit 99 ;;
esac
