#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SCTP, whose checksum is none of the Internet's: real associations by all vias, with a device that makes it and
# without.
#
#   sctp.sh
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/vias.sh
. ./lib/vias.sh

prepare() {
	local number
	need_root
	need haadm jq python3 ethtool
	module_load && cluster_make && cluster_nodes_add || return 1
	for number in 4 6; do family $number && vias_configure sctp || return 1; done
	cluster_ready && wait_for 30 reached
}
reached() { n client ping -q -c 1 -W 1 $entry && n m1 ping -q -c 1 -W 1 $client; }

# serve NAMESPACE ADDRESS PORT: answers one association after the other with what it hears, until it is ended.
serve() {
	ip netns exec $1 python3 -c 'import socket, sys
sock = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_STREAM, 132)
sock.bind((sys.argv[1], int(sys.argv[2])))
sock.listen()
while True:
    peer = sock.accept()[0]
    peer.sendall(peer.recv(4096))
    peer.close()' $2 $3 >/dev/null 2>&1 &
	servers+=($!)
}
servers=()
listening() { [ "$(n $1 cat /proc/net/sctp/eps | grep -c " $2 ")" -ge 1 ]; }

# echoes ADDRESS PORT: one association, in which so much is said and heard that a piece of it needs a packet of its own.
echoes() {
	timeout 20 ip netns exec client python3 -c 'import socket, sys
sock = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_STREAM, 132)
sock.bind((sys.argv[3], 0))
sock.settimeout(10)
sock.connect((sys.argv[1], int(sys.argv[2])))
sock.sendall(b"x" * 900)
sys.exit(0 if sock.recv(4096) == b"x" * 900 else 1)' $1 $2 $client
}

# by_all: by each via; to m1, which has the vip, and by nat to m2.
by_all() {
	local via port server
	for via in "${vias[@]}"; do
		port=${via%:*}
		servers=()
		if [ $port = 56 ]; then server="m2 $m2"; else server="m1 $vip"; fi
		serve $server $port
		wait_for 10 listening ${server% *} $port || { echo "no server for ${via#*:}"; return 1; }
		echoes $vip $port || { echo "via ${via#*:}"; gone; return 1; }
		gone
	done
}
gone() { kill "${servers[@]}" && ! wait "${servers[@]}" 2>/dev/null; }

# stray: one association with m1; from a node that does not hold the vip it takes all the way.
stray() {
	local code=0
	servers=()
	serve m1 $vip 53
	wait_for 10 listening m1 53 && echoes $vip 53 || code=1
	gone
	return $code
}

# sums CLIENT ENTRY: on or off, whether their devices say that they make them. What the client's has left to do is to be
# done when the packet leaves the entry, or the other node, by a device that does not.
sums() {
	n client ethtool -K eth0 tx-checksum-sctp $1 >/dev/null &&
		n entry ethtool -K eth0 tx-checksum-sctp $2 >/dev/null &&
		n other ethtool -K eth0 tx-checksum-sctp $2 >/dev/null
}

modprobe -q sctp || ktap_skip_all "this kernel has no SCTP"
ktap_header
make_ready "setup: a holder, and members by all vias" prepare
for number in 4 6; do
	family $number
	for state in "on off" "on on"; do
		make_ready "$v: setup: tx-checksum-sctp of client and entry is $state" sums $state
		check "$v, tx-checksum-sctp $state: associations by all vias work" by_all
		check "$v, tx-checksum-sctp $state: strays of an association arrive" astray stray
	done
done
ktap_exit
