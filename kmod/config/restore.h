/* SPDX-License-Identifier: GPL-2.0 */
/* A restore builds a second configuration, which packets do not use. When the
 * restore commits, one pointer store replaces the live configuration with the
 * second one.
 */
#ifndef HASW_RESTORE_H
#define HASW_RESTORE_H

#include "config.h"

struct netlink_ext_ack;

int hasw_restore_begin(struct hasw_net *hn, u32 portid,
		       struct netlink_ext_ack *extack);
bool hasw_restore_prepare(struct hasw_net *hn, u32 portid,
			  struct hasw_config_cursor *at);
int hasw_restore_commit(struct hasw_net *hn, u32 portid,
			struct netlink_ext_ack *extack);
int hasw_restore_abort(struct hasw_net *hn, u32 portid,
		       struct netlink_ext_ack *extack);
void hasw_restore_release(struct hasw_net *hn, u32 portid);
bool hasw_restore_by(const struct hasw_net *hn, u32 portid);

#endif
