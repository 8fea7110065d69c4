/* SPDX-License-Identifier: GPL-2.0 */
/* Durations of a service's switches, up to the first packet to the new node. A
 * switch is a change of a node's state or a member's health that may move the
 * service to another node.
 */
#ifndef HASW_TIMES_H
#define HASW_TIMES_H

#include "service.h"

/**
 * struct hasw_times - histograms of a service's switch times
 * @decision_publish: times from decision to publish
 * @publish_first: times from publish to the first packet
 * @decision_first: times from decision to the first packet
 *
 * The buckets are those of struct hasw_histogram. All fields are under
 * hasw_net.state_lock.
 */
struct hasw_times {
	u32 decision_publish[HASW_BUCKETS];
	u32 publish_first[HASW_BUCKETS];
	u32 decision_first[HASW_BUCKETS];
};

/* Returns whether a service's previous packet was sent to a node other than
 * @node. If so, the caller calls hasw_times_first(), which stores @node.
 */
static __always_inline bool
hasw_times_is_first(const struct hasw_service *service,
		    const struct hasw_node *node)
{
	return READ_ONCE(service->last) != node;
}

int hasw_times_cache_create(void);
void hasw_times_cache_destroy(void);
void hasw_times_init(struct hasw_net *hn);
void hasw_times_exit(struct hasw_net *hn);
void hasw_times_first(struct hasw_net *hn, struct hasw_service *service,
		      const struct hasw_node *node);
void hasw_times_skip(struct hasw_net *hn, struct hasw_service *service,
		     struct hasw_member *away, const struct hasw_node *node);
void hasw_times_forget(struct hasw_net *hn, struct hasw_service *service);
void hasw_times_read(struct hasw_net *hn, const struct hasw_service *service,
		     struct hasw_histogram *sum);
void hasw_times_inherit(struct hasw_service *to, struct hasw_service *from);

#endif
