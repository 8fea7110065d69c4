# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A holder whose services reach a member by all vias, in both families, on the cluster of cluster.sh.
#
# Sourced after cluster.sh.
# shellcheck disable=SC2034,SC2086 # the variables are for the scripts; the words here have no spaces

# The port says by what a member is reached: m1, or, by nat, m2, who knows nothing of the vip.
vias=(53:direct 54:tunnel 55:gue 56:nat)

# family 4|6: the addresses that the rest speaks of.
family() {
	v=IPv$1 vip=10.0.0.100 m2=10.0.0.12 client=10.0.0.1 entry=10.0.0.2 at=10.0.0.100
	[ "$1" = 4 ] || { vip=2001:db8::100 m2=2001:db8::12 client=2001:db8::1 entry=2001:db8::2 at="[2001:db8::100]"; }
}

# vias_configure PROTO...: the vip of the family, and a service for each via and protocol.
vias_configure() {
	local via service name proto
	cluster_all "vip add $vip holder entry" || return 1
	for via in "${vias[@]}"; do
		for proto; do
			service=$at:${via%:*}/$proto name=m1
			[ ${via#*:} != nat ] || name=m2
			cluster_all "service add $service" && entry member add $service node $name via ${via#*:} ||
				return 1
			[ $name = m2 ] || haadm -n m1 member add $service node m1 || return 1
		done
	done
	ip -n m2 route add $client via $entry
}

# astray COMMAND...: while the client sends to a node that does not hold the vip, and which has to pass it on.
astray() {
	local code=0 before
	before=$(strayed) && ip -n client route replace $vip via ${entry%2}20 || return 1
	"$@" || code=1
	ip -n client route del $vip && [ "$(strayed)" -gt "$before" ] && return $code
}
strayed() { haadm -n other -j stats show | jq .stray_sent; }
