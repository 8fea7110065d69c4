/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration of a namespace: a change applies completely or not at all. */
#ifndef HASW_CONFIG_H
#define HASW_CONFIG_H

#include "service/service.h"

/**
 * struct hasw_config_change - what was changed in a configuration
 * @ev: the config event; the caller sets object, action and names, and
 *	hasw_config_apply() sets kind and generation
 * @before: the configuration that a restore has replaced, or NULL
 * @node: node that was added or changed, or NULL
 * @vip: vip whose services or members were changed, or NULL
 * @announce: vip that this node holds and has to announce (gratuitous ARP or
 *	unsolicited NA), or NULL
 * @lost: because of the change, this node no longer holds a vip that still
 *	exists
 */
struct hasw_config_change {
	struct hasw_event *ev;
	const struct hasw_config *before;
	struct hasw_node *node;
	struct hasw_vip *vip;
	const struct hasw_vip *announce;
	bool lost;
};

/**
 * struct hasw_config_cursor - where hasw_restore_prepare() and
 *	hasw_config_complete() continue
 * @judged: hasw_restore_prepare() has decided which members wait
 * @pos4: position in the table of IPv4 vips
 * @pos6: position in the table of IPv6 vips
 */
struct hasw_config_cursor {
	bool judged;
	u32 pos4;
	u32 pos6;
};

int hasw_config_init(struct hasw_net *hn);
void hasw_config_close(struct hasw_net *hn);
void hasw_config_exit(struct hasw_net *hn);
struct hasw_config *hasw_config_for(struct hasw_net *hn, u32 portid);
int hasw_config_mark(struct hasw_net *hn, const struct hasw_config *cfg,
		     u32 mark);
int hasw_config_prepare(struct hasw_net *hn, const struct hasw_config *cfg);
int hasw_config_link(struct hasw_net *hn, bool came);
void hasw_config_sync(struct hasw_net *hn);
void hasw_config_apply(struct hasw_net *hn, struct hasw_config *cfg,
		       const struct hasw_config_change *change);
int hasw_config_check_owners(const struct hasw_config *cfg, u32 nodes,
			     struct netlink_ext_ack *extack);
int hasw_config_complete(struct hasw_config *cfg,
			 struct hasw_config_cursor *at);
bool hasw_config_is_member(const struct hasw_config *cfg,
			   const struct hasw_vip *vip);
struct hasw_config *hasw_config_new(struct hasw_net *hn);
void hasw_config_set_limits(struct hasw_config *cfg,
			    const struct hasw_limits *limits);
void hasw_config_retire(struct hasw_config *cfg);
u32 hasw_config_vips(const struct hasw_config *cfg);
int hasw_config_hook(struct hasw_net *hn);

#endif
