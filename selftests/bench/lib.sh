# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the guest scripts of the benchmarks share: the network that they measure in, pktgen, results.
#
# Sourced. A packet is received on in0, as if from a client, and leaves through out0 to node a or b.

# shellcheck disable=SC2034 # for those who source this
client=10.9.0.9 vip=10.0.0.100 port=80
mac_in=02:00:00:00:09:01

die() { echo "bench: $*" >&2; exit 1; }

# key NAME: the file of a key, made once in the directory $dir of the script.
# shellcheck disable=SC2154
key() {
	[ -e "$dir/$1" ] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$dir/$1")
	echo "$dir/$1"
}

# figure KEY VALUE...: a line that the host reads.
figure() { echo "figure $*"; }

# net_device NAME ADDR/LEN TYPE...: a device without IPv6 chatter, which would spoil the counts.
net_device() {
	local name=$1 addr=$2
	shift 2
	ip link add "$name" type "$@" || return 1
	ip link set "$name" addrgenmode none && ip addr add "$addr" dev "$name" && ip link set "$name" up
}

# net_in_out: the client's side in0; out0, and behind it nodes a and b.
net_in_out() {
	net_device in0 10.9.0.1/24 veth peer name in1 || return 1
	ip link set in1 addrgenmode none && ip link set in1 up && ip link set in0 address $mac_in
	net_device out0 10.8.0.1/24 dummy || return 1
	net_node in0 "$client" 02:00:00:00:09:09
	net_node out0 10.8.0.2 02:00:00:00:08:02
	net_node out0 10.8.0.3 02:00:00:00:08:03
}

# net_node DEV ADDR MAC: a node behind DEV that never has to be asked for.
net_node() { ip neigh replace "$2" lladdr "$3" dev "$1" nud permanent; }

# sent DEV: packets that left through it.
sent() { cat "/sys/class/net/$1/statistics/tx_packets"; }

pktgen_set() {
	local file=$1 line
	shift
	for line; do
		echo "$line" >"/proc/net/pktgen/$file" || die "pktgen refuses '$line'"
	done
}

# pktgen_ready DST-IP CPU: one flow of 60-byte UDP packets into in0, sent by CPU's thread.
pktgen_ready() {
	[ -d /proc/net/pktgen ] || modprobe pktgen || die "no pktgen"
	pktgen_set "kpktgend_$2" rem_device_all "add_device in0"
	pktgen_set in0 "pkt_size 60" "clone_skb 0" "burst 1" "delay 0" "xmit_mode netif_receive" "flag !SHARED" \
		"dst_mac $mac_in" "src_mac 02:00:00:00:09:09" "src_min $client" "src_max $client" "dst $1" \
		"udp_src_min 4000" "udp_src_max 4000" "udp_dst_min $port" "udp_dst_max $port"
}

# pktgen_send COUNT: sends them and returns when the last has gone its way.
pktgen_send() {
	pktgen_set in0 "count $1"
	pktgen_set pgctrl start
	grep -q "^Result: OK" /proc/net/pktgen/in0 || die "pktgen: $(tail -n 2 /proc/net/pktgen/in0)"
}

# pktgen_took: microseconds of the last pktgen_send.
pktgen_took() { sed -n 's/^Result: OK: \([0-9]*\).*/\1/p' /proc/net/pktgen/in0; }

# module_load: haswitch and what it builds on.
module_load() {
	local depends
	IFS=, read -r -a depends < <(modinfo -F depends "$HASW_KO")
	[ ${#depends[@]} -eq 0 ] || modprobe -a "${depends[@]}" || die "no ${depends[*]}"
	insmod "$HASW_KO" || die "haswitch can't be loaded"
}

# haswitch_restore N: loads the module; nodes a and b and N vips are its configuration.
haswitch_restore() {
	[ -e /sys/module/haswitch ] || module_load
	configuration "$1" "${words:-}" >"/run/vips.$$"
	haadm restore "/run/vips.$$" || die "haadm restores nothing"
}

# configuration N [WORDS]: nodes a and b and N vips, each with these words, a service and both nodes as its members, as
# `haadm restore` reads it. The first vip is $vip.
configuration() {
	awk -v n="$1" -v words="${2:-}" -v vip="$vip" -v port="$port" 'BEGIN {
		print "node add a addr 10.8.0.2"
		print "node add b addr 10.8.0.3"
		for (i = 0; i < n; i++) {
			addr = i ? sprintf("10.%d.%d.%d", 100 + int(i / 65536), int(i / 256) % 256, i % 256) : vip
			service = addr ":" port "/udp"
			print "vip add " addr " " words
			print "service add " service " failback auto"
			print "member add " service " node a priority 1"
			print "member add " service " node b priority 2"
		}
	}'
}
