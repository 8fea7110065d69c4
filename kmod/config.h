/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of the configuration: each complete or not at all, restores in one store. */
#ifndef HASW_CONFIG_H
#define HASW_CONFIG_H

#include "service.h"

struct netlink_ext_ack;

int hasw_config_register(void);
void hasw_config_unregister(void);
int hasw_config_init(struct hasw_net *hn);
void hasw_config_close(struct hasw_net *hn);
void hasw_config_exit(struct hasw_net *hn);
struct hasw_config *hasw_config_for(struct hasw_net *hn, u32 portid);
int hasw_config_prepare(struct hasw_net *hn, const struct hasw_config *cfg,
			bool vip, bool port);
int hasw_config_link(struct hasw_net *hn, bool came);
void hasw_config_settle(struct hasw_net *hn);
void hasw_config_changed(struct hasw_net *hn, struct hasw_config *cfg,
			 struct hasw_event *ev);
bool hasw_config_is_member(const struct hasw_config *cfg,
			   const struct hasw_vip *vip);
void hasw_config_role(struct hasw_net *hn, const struct hasw_config *cfg,
		      struct hasw_vip *vip);
int hasw_config_begin(struct hasw_net *hn, u32 portid,
		      struct netlink_ext_ack *extack);
int hasw_config_commit(struct hasw_net *hn, u32 portid,
		       struct netlink_ext_ack *extack);
int hasw_config_abort(struct hasw_net *hn, u32 portid,
		      struct netlink_ext_ack *extack);
void hasw_config_release(struct hasw_net *hn, u32 portid);

#endif
