#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of four kernels does for host/as_written.sh: three are nodes, begun as the units begin them; the client
# judges. web2 has no haagentd.conf, which a node may do without.
#
#   as_written.sh NAME ADDRESS      the last number of its address
# shellcheck disable=SC2119 # module_load takes no words here

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/two_kernels.sh
. ./lib/two_kernels.sh

name=$1 vip=10.0.0.100

# The host has the disk of a node, which outlives its power.
node() {
	hostname "$name" && two_join "$1" && mkdir -p /etc/haswitch /run/www &&
		{ cp -a "$HASW_OUT/../$name.disk" "$HASW_OUT/disk" 2>/dev/null || mkdir "$HASW_OUT/disk"; } &&
		install -m 644 "$HASW_OUT/../etc/"*.conf /etc/haswitch &&
		install -m 600 "$HASW_OUT/../etc/haagentd.key" /etc/haswitch &&
		{ [ "$name" != web2 ] || rm /etc/haswitch/haagentd.conf; } &&
		rm -rf /var/lib/haswitch && ln -s "$HASW_OUT/disk" /var/lib/haswitch && module_load || return 1
	if [ "$name" != lb ]; then
		echo "$name" >/run/www/index.html
		python3 -m http.server -d /run/www 80 >/dev/null 2>&1 &
	fi
	haadm restore /etc/haswitch/haswitch.conf || return 1
	haagentd >>"$HASW_OUT/agent.log" 2>&1 &
	until [ -e "$HASW_OUT/../client/end" ]; do
		haadm status >/run/www/new 2>&1
		mv /run/www/new /run/www/status
		nap 0.5
	done
}

get() { curl -s -m "${1:-1}" "http://$vip/"; }
served() { get >/dev/null; }
served_by() { [ "$(get)" = "$1" ]; }
# What web2 says, which is on all the time.
status() { curl -s -m 1 http://10.0.0.12/status; }
held_by() { status | grep "^  $vip held by $1\b"; }
heard() { status | grep -qE "^  $1 +(up|held) for "; }
# Only an agent that runs and votes tells who would follow.
votes() { status | grep -E "^  web +held by lb under .*, successor web[12]$"; }
off() { rm -f "$HASW_OUT/$1."*; : >"$HASW_OUT/$1.off"; wait_for 10 [ -e "$HASW_OUT/$1.dead" ]; }
on() { : >"$HASW_OUT/$1.on"; }
asks() {
	until [ -e "$HASW_OUT/stop" ]; do get 5 || echo "$EPOCHREALTIME: curl ends with $?"; done >"$HASW_OUT/answers"
}
all_answered() {
	grep -c web "$HASW_OUT/answers" && ! grep -v web "$HASW_OUT/answers"
}

if [ "$name" != client ]; then
	node "$2"
	exit 1
fi
ktap_header
check "setup: a client's network" two_join "$2"
check "web1 serves clients of the page's cluster" wait_for 90 served_by web1
check "lb holds the vip as the preferred node" wait_for 60 held_by lb
check "without haagentd.conf the agent of web2 votes" wait_for 10 votes
status | sed 's/^/# /'
off lb
check "clients are served after lb lost its power" wait_for 10 served
lost=$(stat -c %.Z "$HASW_OUT/lb.dead" | awk '{ printf "%.0f", $1 * 1e9 }')
echo "# served again $((($(date +%s%N) - lost) / 1000000)) ms after the power loss, connection and all"
check "another node holds the vip after lb lost its power" wait_for 10 held_by 'web[12]'
on lb
# Three kernels share two CPUs while a fourth one boots, and miss heartbeats. What counts is how the lease returns.
check "lb is heard when it is back" wait_for 60 heard lb
asks &
check "lb holds the vip when it is back" wait_for 100 held_by lb
: >"$HASW_OUT/stop"
wait $!
check "no request was lost while lb came back" all_answered
off web1
check "web2 serves after web1 lost its power" wait_for 20 served_by web2
: >"$HASW_OUT/end"
ktap_exit
