# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The peers whose cost is measured: how each is set up, and what it counts itself, by which its way is proved.
#
# Sourced by cost.sh, which has set $case, $vip, $port, $vips.

ruleset() { nft -f - || die "nft refuses the rules"; }

# shellcheck disable=SC2034,SC2154 # for cost.sh, of cost.sh
peer_setup() {
	case $case in
	ip-forward) forward_on && ip route add "$vip" via 10.8.0.2 ;;
	nft-miss)
		forward_on && ip route add "$vip" via 10.8.0.2 || return 1
		ruleset <<-RULES
			table netdev t {
				chain c {
					type filter hook ingress device in0 priority 0
					ip daddr 10.1.0.1 drop
				}
			}
		RULES
		;;
	nexthop-resilient)
		sysctl -qw net.ipv4.ip_forward=1 net.ipv4.nexthop_compat_mode=0
		ip nexthop add id 1 via 10.8.0.2 dev out0 && ip nexthop add id 2 via 10.8.0.3 dev out0 &&
			ip nexthop add id 9 group 1/2 type resilient buckets 32 &&
			ip route add "$vip" nhid 9
		;;
	nft-ingress-map-fwd)
		# "fwd ip to" looks up the neighbour and takes one from the TTL.
		ruleset <<-RULES
			table netdev t {
				map nodes {
					type ipv4_addr : ipv4_addr
					elements = { $vip : 10.8.0.2 }
				}
				chain c {
					type filter hook ingress device in0 priority 0
					counter fwd ip to ip daddr map @nodes device "out0"
				}
			}
		RULES
		;;
	tc-flower)
		# One pedit is cheaper than it and skbmod. The header's checksum has to be mended by an action of its
		# own.
		tc qdisc add dev in0 clsact &&
			tc filter add dev in0 ingress protocol ip flower dst_ip "$vip" ip_proto udp dst_port "$port" \
				action pedit ex munge eth dst set 02:00:00:00:08:02 munge eth \
				src set "$(cat /sys/class/net/out0/address)" \
				munge ip ttl add 0xff pipe action csum ip4h pipe action mirred egress redirect dev out0
		;;
	ipvs-dr | ipvs-direct-new) ipvs -g ;;
	ipvs-tunnel)
		left="dst_ip 10.8.0.2 ip_proto 4"
		ipvs -i
		;;
	ipvs-nat)
		left="dst_ip 10.8.0.2 ip_proto udp dst_port $port"
		forward_on && ipvs -m
		;;
	ipvs-vips-*) ipvs -g ;;
	ipvs-flows-*) ipvs -g && ipvsadm --set 0 0 86400 ;;
	nft-dnat-ct | nft-dnat | nft-flowtable | nft-dnat-new)
		# Connections that are known pass no rule of a chain for nat.
		left="dst_ip 10.8.0.2 ip_proto udp dst_port $port" each=0
		forward_on
		[ "$case" != nft-dnat-new ] || each=1
		ruleset <<-RULES
			table ip t {
				map nodes {
					type ipv4_addr : ipv4_addr
					elements = { $vip : 10.8.0.2 }
				}
				chain c {
					type nat hook prerouting priority dstnat
					udp dport $port counter dnat to ip daddr map @nodes
				}
			}
		RULES
		# As many as come fit, in chains that are short, and stay: an idle guest's clock leaps to its next
		# timer.
		sysctl -qw net.netfilter.nf_conntrack_max=1048576 net.netfilter.nf_conntrack_buckets=262144 \
			net.netfilter.nf_conntrack_udp_timeout=3600 \
			net.netfilter.nf_conntrack_udp_timeout_stream=3600 || return 1
		[ "$case" = nft-flowtable ] || return 0
		sysctl -qw net.netfilter.nf_flowtable_udp_timeout=3600
		ruleset <<-RULES
			table ip t {
				flowtable f {
					hook ingress priority 0
					devices = { in0, out0 }
				}
				chain slow {
					type filter hook forward priority 0
					counter ip protocol udp ct state established flow add @f
				}
			}
		RULES
		;;
	*) die "no case $case" ;;
	esac
}

# ipvs FORWARDING: $vips services, with a server each. Without its entries in conntrack, as it is by default.
# shellcheck disable=SC2154 # of cost.sh
ipvs() {
	modprobe ip_vs conn_tab_bits=20 && modprobe ip_vs_rr || return 1
	sysctl -qw net.ipv4.vs.conntrack=0
	# Of many services the rates are worked out all the time, by threads that would be counted.
	[ "$vips" = 1 ] || sysctl -qw net.ipv4.vs.run_estimation=0
	configuration "$vips" >/run/vips
	# One route to all of them would be shorter, and each packet dearer by 500 instructions.
	awk '/^vip/ { print "addr add " $3 "/32 dev lo" }' /run/vips | ip -batch - || return 1
	awk -v how="$1" '/^service/ {
		print "-A -u " $3 " -s rr"
		print "-a -u " $3 " -r 10.8.0.2 " how
	}' /run/vips | sed 's,/udp,,' | ipvsadm -R
}

# peer_counted: for the case, what its peer has counted so far; nothing where it does not count.
peer_counted() {
	case $case in
	ipvs-direct-new) ipvs_stats 2 ;;
	ipvs-*) ipvs_stats 3 4 ;;
	nft-ingress-map-fwd) nft_counter netdev c ;;
	nft-dnat*) nft_counter ip c ;;
	nft-flowtable) nft_counter ip slow ;;
	tc-flower) tc -s filter show dev in0 ingress | sed -n 's/.* \([0-9]*\) pkt .*/\1/p' | head -n 1 ;;
	esac
}

# ipvs_stats FIELD...: 2 new connections, 3 packets in, 4 packets out: those of the only CPU, which are never late.
ipvs_stats() {
	local field sum=0 words
	read -r -a words < <(awk '$1 == "0" && NF > 3' /proc/net/ip_vs_stats_percpu)
	for field; do sum=$((sum + 16#${words[field - 1]})); done
	echo $sum
}

nft_counter() { nft list chain "$1" t "$2" | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }
