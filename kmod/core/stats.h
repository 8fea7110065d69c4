/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU counters of a network namespace, and histograms of switch times. */
#ifndef HASW_STATS_H
#define HASW_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include "haswitch.h"

/* Counters, in the order of the attributes of the netlink attribute set
 * "stats". In this set, the attributes of the histograms come directly after
 * the attribute of HASW_STAT_BEATS.
 */
enum hasw_stat {
	HASW_STAT_SEEN,
	HASW_STAT_REDIRECTED,
	HASW_STAT_LOCAL,
	HASW_STAT_PASSED,
	HASW_STAT_DROP_NOT_HOLDER,
	HASW_STAT_DROP_NO_MEMBER,
	HASW_STAT_DROP_UNRESOLVED,
	HASW_STAT_DROP_TTL,
	HASW_STAT_DROP_MTU,
	HASW_STAT_DROP_MALFORMED,
	HASW_STAT_DROP_MEMORY,
	HASW_STAT_DROP_OUTPUT,
	HASW_STAT_ARP_ANSWERED,
	HASW_STAT_ARP_DROPPED,
	HASW_STAT_ARP_REWRITTEN,
	HASW_STAT_ND_ANSWERED,
	HASW_STAT_ND_DROPPED,
	HASW_STAT_ND_REWRITTEN,
	HASW_STAT_ANNOUNCED,
	HASW_STAT_SWITCHES,
	HASW_STAT_BEATS,
	HASW_STAT_STRAY_SENT,
	HASW_STAT_STRAY_RECEIVED,
	HASW_STAT_STRAY_REFUSED,
	HASW_STAT_REPEATED,
	HASW_STAT_CONFLICTS,
	HASW_STAT_CONFLICTS_CAPPED,
	HASW_STAT_PULSE_UNKNOWN,
	HASW_STAT_PULSE_MALFORMED,
	HASW_STAT_STRAY_KEPT,
	HASW_STAT_STRAY_GIVEN_UP,
	HASW_STAT_FAST,
	HASW_STAT_REJECTED,
	HASW_STAT_FLOW_MADE,
	HASW_STAT_FLOW_MOVED,
	HASW_STAT_FLOW_REFUSED,
	HASW_STAT_TUNNEL_SENT,
	HASW_STAT_TUNNEL_RECEIVED,
	HASW_STAT_TUNNEL_REFUSED,
	HASW_STAT_NAT_ANSWERED,
	HASW_STAT_FLOW_RESET,
	HASW_STAT_DROP_SOURCE,
	HASW_STAT_DROP_FLOW_FULL,
	HASW_STAT_DROP_FLOW_PORTS,
	HASW_STAT_DROP_FLOW_ALIKE,
	HASW_STAT_FLOW_EVICTED,
	HASW_STAT_FLOW_EVICTED_ASSURED,
	HASW_STAT_STRAY_RETURNED,
	HASW_STAT_COUNT,
};

/**
 * struct hasw_stats - one CPU's counters
 * @syncp: argument of u64_stats_update_begin(); empty on 64-bit kernels
 * @n: the counters, by enum hasw_stat; written with softirqs off
 */
struct hasw_stats {
	struct u64_stats_sync syncp;
	u64_stats_t n[HASW_STAT_COUNT];
};

/**
 * hasw_stat_inc() - increments a counter
 * @hn: namespace
 * @stat: the counter
 *
 * Context: softirqs off (packet path, or under state_lock).
 */
static inline void hasw_stat_inc(struct hasw_net *hn, enum hasw_stat stat)
{
	struct hasw_stats *s = this_cpu_ptr(hn->stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->n[stat]);
	u64_stats_update_end(&s->syncp);
}

/**
 * struct hasw_traffic - one CPU's counters of the traffic to a member
 * @syncp: argument of u64_stats_update_begin(); empty on 64-bit kernels
 * @packets: packets for which the member was picked, even if sending failed;
 *	written with softirqs off
 * @bytes: bytes of these packets from the IP header on; written with softirqs
 *	off
 */
struct hasw_traffic {
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
};

/**
 * hasw_traffic_add() - counts one packet to a member
 * @traffic: per-CPU counters of the member
 * @bytes: length of the packet from the IP header on
 *
 * Context: softirqs off.
 */
static inline void hasw_traffic_add(struct hasw_traffic __percpu *traffic,
				    unsigned int bytes)
{
	struct hasw_traffic *t = this_cpu_ptr(traffic);

	u64_stats_update_begin(&t->syncp);
	u64_stats_inc(&t->packets);
	u64_stats_add(&t->bytes, bytes);
	u64_stats_update_end(&t->syncp);
}

/* Number of buckets of a histogram. Bucket i counts the times below 1 us << i
 * that are too long for bucket i - 1. The last bucket has no upper bound.
 */
#define HASW_BUCKETS 24

/**
 * struct hasw_histogram - histograms of the switch times of a namespace
 * @decision_publish: times from hasw_switch.decision to hasw_switch.publish;
 *	under hasw_net.state_lock
 * @publish_first: times from hasw_switch.publish to the first packet after the
 *	switch; under hasw_net.state_lock
 * @decision_first: times from hasw_switch.decision to the first packet after
 *	the switch; under hasw_net.state_lock
 */
struct hasw_histogram {
	u64 decision_publish[HASW_BUCKETS];
	u64 publish_first[HASW_BUCKETS];
	u64 decision_first[HASW_BUCKETS];
};

int hasw_stats_init(struct hasw_net *hn);
void hasw_stats_exit(struct hasw_net *hn);
int hasw_stats_proc_init(struct hasw_net *hn);
void hasw_stats_proc_exit(struct hasw_net *hn);
const char *hasw_stat_name(enum hasw_stat stat);
void hasw_stats_sum(struct hasw_net *hn, u64 *sum);
void hasw_traffic_sum(struct hasw_traffic __percpu *traffic, u64 *packets,
		      u64 *bytes);
unsigned int hasw_histogram_bucket(u64 ns);
void hasw_histogram_add(struct hasw_net *hn, u64 *buckets, u64 ns);
u64 hasw_histogram_below(unsigned int bucket);

#endif
