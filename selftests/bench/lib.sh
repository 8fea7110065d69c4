# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the guest scripts of the benchmarks share: the network that they measure in, pktgen, results.
#
# Sourced. A packet is received on in0, as if from a client, and leaves through out0 to node a or b.

# shellcheck disable=SC2034 # for those who source this
client=10.9.0.9 vip=10.0.0.100 port=80
mac_in=02:00:00:00:09:01 mac_client=02:00:00:00:09:09

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

# net_in_out [TYPE...]: the client's side in0 (a veth, if nothing else is said); out0, and behind it nodes a and b.
net_in_out() {
	[ $# -gt 0 ] || set -- veth peer name in1
	net_device in0 10.9.0.1/24 "$@" || return 1
	if [ "$1" = veth ]; then ip link set in1 addrgenmode none && ip link set in1 up || return 1; fi
	ip link set in0 address $mac_in
	net_device out0 10.8.0.1/16 dummy || return 1
	net_node in0 "$client" $mac_client
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

# pktgen_clear CPU...: their threads have no device any more. They remove them some time after they were told; one that
# has none would remove the one that is given to it meanwhile.
pktgen_clear() {
	local cpu tries
	compgen -G "/proc/net/pktgen/*[0-9]" | grep -qv kpktgend_ || return 0
	for cpu; do pktgen_set "kpktgend_$cpu" rem_device_all; done
	for tries in {1..100}; do
		compgen -G "/proc/net/pktgen/*[0-9]" | grep -qv kpktgend_ || return 0
		sleep 0.05
	done
	die "pktgen keeps a device, $tries times"
}

pktgen_load() { [ -d /proc/net/pktgen ] || modprobe pktgen || die "no pktgen"; }

# pktgen_flow CPU DEV MAC SRC-MAC SRC SRC-PORT DST DST-PORT: one flow of 60-byte UDP packets, for MAC, that DEV
# receives, sent by CPU's thread, which sends nothing else.
pktgen_flow() {
	pktgen_load
	pktgen_dev=$2
	pktgen_clear "$1"
	pktgen_add "$@"
}

# pktgen_add CPU DEV...: the same beside what the thread sends already.
pktgen_add() {
	pktgen_set "kpktgend_$1" "add_device $2"
	pktgen_set "$2" "pkt_size 60" "clone_skb 0" "burst 1" "delay 0" "xmit_mode netif_receive" "flag !SHARED" \
		"dst_mac $3" "src_mac $4" "src_min $5" "src_max $5" "udp_src_min $6" "udp_src_max $6" \
		"dst_min $7" "dst_max $7" "udp_dst_min $8" "udp_dst_max $8"
}

# pktgen_ready DST-IP CPU: the client's flow into in0.
pktgen_ready() { pktgen_flow "$2" in0 $mac_in $mac_client $client 4000 "$1" $port; }

# pktgen_back SRC-IP CPU: what answers it, into out0.
pktgen_back() { pktgen_flow "$2" out0 "$(cat /sys/class/net/out0/address)" 02:00:00:00:08:02 "$1" $port $client 4000; }

# pktgen_send COUNT: sends them and returns when the last has gone its way.
pktgen_send() {
	pktgen_set "$pktgen_dev" "count $1"
	pktgen_set pgctrl start
	grep -q "^Result: OK" "/proc/net/pktgen/$pktgen_dev" ||
		die "pktgen: $(tail -n 2 "/proc/net/pktgen/$pktgen_dev")"
}

# pktgen_took DEV: microseconds that its last packets took.
pktgen_took() { sed -n 's/^Result: OK: \([0-9]*\).*/\1/p' "/proc/net/pktgen/$1"; }

# forward_on: the machine is a router.
forward_on() { sysctl -qw net.ipv4.ip_forward=1; }

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

# memory: KiB that the kernel's allocators hold, and KiB free.
memory() {
	awk '/^(Slab|Percpu|VmallocUsed):/ { held += $2 } /^MemFree:/ { free = $2 } END { print held, free }' \
		/proc/meminfo
}

# memory_settled: the memory once it stands still: what RCU frees, and a worker after it, comes late. A script that
# looks moves it a little.
memory_settled() {
	local last=0 now tries
	for tries in {1..60}; do
		sleep 0.5
		now=$(memory)
		[ $((${now% *} - last)) -gt 64 ] || [ $((last - ${now% *})) -gt 64 ] || break
		last=${now% *}
	done
	[ "$tries" -lt 60 ] || die "the memory never stood still"
	echo "$now"
}

# vip_of I: the vip of that number. Those after the first follow upon each other, from 10.100.0.1.
vip_of() {
	if [ "$1" = 0 ]; then echo "$vip"; else echo "10.$((100 + $1 / 65536)).$(($1 / 256 % 256)).$(($1 % 256))"; fi
}

# members N: this machine and n1 to nN as nodes, and one vip whose flows are spread over n1 to nN, as `haadm restore`
# reads it.
members() {
	awk -v n="$1" -v vip="$vip" -v port="$port" 'BEGIN {
		print "node add self addr 10.8.0.1 self"
		for (i = 0; i < n; i++)
			printf "node add n%d addr 10.8.%d.%d\n", i + 1, 1 + i / 200, 2 + i % 200
		print "vip add " vip " everywhere"
		print "service add " vip ":" port "/udp sched maglev failback auto"
		for (i = 0; i < n; i++)
			print "member add " vip ":" port "/udp node n" i + 1
	}'
}

# members_seen FILE: the nodes that members put there never have to be asked for. Of 200 in a row no two have the same
# MAC.
members_seen() {
	awk '/^node add n/ {
		split($5, a, ".")
		printf "neigh replace %s lladdr 02:00:00:00:08:%02x dev out0 nud permanent\n", $5, a[4]
	}' "$1" | ip -batch -
}

# configuration N [WORDS]: this machine, a and b as nodes, and N vips, each with these words, a service, and a and b as
# its members, as `haadm restore` reads it. The first vip is $vip. Where no word says whose they are, this machine
# answers, as each would.
configuration() {
	awk -v n="$1" -v words="${2:-}" -v vip="$vip" -v port="$port" 'BEGIN {
		print "node add self addr 10.8.0.1 self"
		print "node add a addr 10.8.0.2"
		print "node add b addr 10.8.0.3"
		for (i = 0; i < n; i++) {
			addr = i ? sprintf("10.%d.%d.%d", 100 + int(i / 65536), int(i / 256) % 256, i % 256) : vip
			service = addr ":" port "/udp"
			print "vip add " addr (words ~ /holder|lease/ ? " " : " everywhere ") words
			print "service add " service " failback auto"
			print "member add " service " node a priority 1"
			print "member add " service " node b priority 2"
		}
	}'
}
