/* SPDX-License-Identifier: GPL-2.0 */
/* Source validation: whether a client's address can be the source of a packet
 * that a device has received.
 */
#ifndef HASW_CLIENT_SOURCE_H
#define HASW_CLIENT_SOURCE_H

#include "core/haswitch.h"

struct hasw_config;

bool hasw_client_source_valid(const struct hasw_net *hn,
			      const struct hasw_config *cfg,
			      struct sk_buff *skb);

#endif
