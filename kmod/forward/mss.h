/* SPDX-License-Identifier: GPL-2.0 */
/* The maximum segment size (MSS) that a member offers to clients whose packets
 * the holder sends to it in a tunnel.
 */
#ifndef HASW_MSS_H
#define HASW_MSS_H

#include <linux/tcp.h>

#include "xmit.h"

bool hasw_mss_clamp(const struct hasw_packet *p, const struct hasw_vip *vip,
		    const struct tcphdr *tcp, u32 off);

#endif
