/* SPDX-License-Identifier: GPL-2.0 */
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#ifndef _HASW_STAT_GEN_H
#define _HASW_STAT_GEN_H

/* The names of the counters, in the order of the attribute set "stats", as
 * `haadm -j stats show` has them.
 */
#define HASW_STAT_NAMES \
	"seen", \
	"redirected", \
	"local", \
	"passed", \
	"drop_not_holder", \
	"drop_no_member", \
	"drop_unresolved", \
	"drop_ttl", \
	"drop_mtu", \
	"drop_malformed", \
	"drop_memory", \
	"drop_output", \
	"arp_answered", \
	"arp_dropped", \
	"arp_rewritten", \
	"nd_answered", \
	"nd_dropped", \
	"nd_rewritten", \
	"announced", \
	"switches", \
	"beats", \
	"stray_sent", \
	"stray_received", \
	"stray_refused", \
	"repeated", \
	"conflicts", \
	"conflicts_capped", \
	"pulse_unknown", \
	"pulse_malformed", \
	"stray_kept", \
	"stray_given_up", \
	"fast", \
	"rejected", \
	"flow_made", \
	"flow_moved", \
	"flow_refused", \
	"tunnel_sent", \
	"tunnel_received", \
	"tunnel_refused", \
	"nat_answered", \
	"flow_reset", \
	"drop_source", \
	"drop_flow_full", \
	"drop_flow_ports", \
	"drop_flow_alike", \
	"flow_evicted", \
	"flow_evicted_assured", \
	"stray_returned"

#endif /* _HASW_STAT_GEN_H */
