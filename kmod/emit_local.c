// SPDX-License-Identifier: GPL-2.0
/* Via local: this node's own stack serves the packet. */
#include <linux/netfilter.h>

#include "emit.h"

/**
 * hasw_emit_local() - leaves the packet to the stack
 * @p: the packet
 *
 * The vip is an address of this node, on a device of kind haswitch, so the
 * stack delivers it.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT.
 */
unsigned int hasw_emit_local(const struct hasw_packet *p)
{
	hasw_stat_inc(p->hn, HASW_STAT_LOCAL);
	return NF_ACCEPT;
}
