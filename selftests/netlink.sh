#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every netlink operation with input that is wrong in every way: errno, reason, attribute, and nothing changed.

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

# relay COMMAND...: its points become ours; and there must be some, however it ends.
relay() {
	local line before=$ktap_points
	while IFS= read -r line; do
		case $line in
		"ok "*) ktap_ok "${line#ok }" ;;
		Traceback*) ktap_fail "$* broke off" && echo "$line" ;;
		"not ok "*) ktap_fail "${line#not ok }" ;;
		*) echo "$line" ;;
		esac
	done < <("$@" 2>&1 || [ $? -eq 1 ] || echo "not ok $* ended with $?")
	[ "$ktap_points" -gt "$before" ] || ktap_fail "no result of $*"
}

as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# Who is root in a user namespace of his own is nobody here.
as_root_elsewhere() {
	unshare --user --map-root-user "$@"
}

# The namespace of a network namespace's owner: made together, so that its root may change what is there.
as_owner() {
	unshare --user --map-root-user --net "$@"
}

owner_may() {
	as_owner bash -c 'ip link set lo up && haadm node add n1 addr 192.168.0.1 && haadm node show n1' |
		grep -q '^node n1 '
}

# Heartbeats take time of all.
# shellcheck disable=SC2016 # expanded there
owner_may_not() {
	local printed
	printed=$(as_owner bash -c 'ip link set lo up && haadm node add n1 addr 192.168.0.1 &&
		umask 077 && keys=$(mktemp -d) &&
		echo 00112233445566778899aabbccddeeff >$keys/tx && echo ffeeddccbbaa99887766554433221100 >$keys/rx &&
		haadm pulse set n1 id 7 interval 1ms multiplier 3 path 127.0.0.1 192.168.0.1 \
			tx-key $keys/tx rx-key $keys/rx' 2>&1) &&
		return 1
	grep -q "begin heartbeats over the machine" <<<"$printed" || { echo "$printed"; return 1; }
}

device() {
	ip link add net0 type dummy && ip link set net0 up && ip addr add 192.168.0.1/24 dev net0 &&
		ip addr add 10.0.0.1/24 dev net0
}

need_root
need haadm python3 setpriv unshare
ktap_header
check "the module loads" module_load

check "setup: a device for the addresses" device
check "setup: a configuration to try messages on" haadm -b <(python3 tools/netlink_try.py setup)
relay python3 tools/netlink_try.py bad
relay python3 tools/netlink_try.py restores
relay python3 tools/netlink_try.py dumps
relay python3 tools/netlink_try.py good
# It can fail only where a message takes longer than to copy it.
if [ -e /sys/kernel/debug/kmemleak ]; then
	relay python3 tools/netlink_try.py shares
else
	ktap_skip "other tasks run between the messages of one send" "needs a debug kernel, on which messages take long"
fi
relay as_nobody python3 tools/netlink_try.py privileges "without privilege" EPERM
if as_root_elsewhere true 2>/dev/null; then
	relay as_root_elsewhere python3 tools/netlink_try.py privileges "root of another user namespace" EPERM
	check "root of the owning user namespace may change the configuration" owner_may
	check "root of the owning user namespace may begin no heartbeats" owner_may_not
else
	ktap_skip "root of another user namespace" "no user namespaces"
fi
check "the module unloads" module_unload
ip link del net0
ktap_exit
