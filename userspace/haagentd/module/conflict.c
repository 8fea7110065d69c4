// SPDX-License-Identifier: GPL-2.0
/* Vip conflicts, in which another host uses a vip of this node: deciding when to log each one. */
#include <stdio.h>
#include <string.h>

#include "conflict.h"

/**
 * conflict_ratelimit - decide whether the caller must log a conflict, and if so, record the time
 * @c:		the conflicts that were logged
 * @vip:	the vip
 * @lladdr:	MAC address of the host that also uses the vip
 * @now:	the time, ns
 *
 * The module reports a lasting conflict once per second and vip, which is too often
 * for the log.
 *
 * Return: yes if the caller must log the conflict; no if it was logged within the last
 * CONFLICT_AGAIN
 */
bool conflict_ratelimit(struct conflicts *c, const struct hasw_addr *vip,
			const uint8_t lladdr[6], uint64_t now)
{
	struct conflict *one = NULL, *oldest = &c->list[0];
	unsigned int i;

	for (i = 0; i < c->n && !one; i++) {
		struct conflict *at = &c->list[i];

		if (!hasw_addr_compare(&at->vip, vip) &&
		    !memcmp(at->lladdr, lladdr, sizeof(at->lladdr)))
			one = at;
		else if (at->told < oldest->told)
			oldest = at;
	}
	if (one && now - one->told < CONFLICT_AGAIN)
		return false;
	if (!one)
		one = c->n < CONFLICTS ? &c->list[c->n++] : oldest;
	one->vip = *vip;
	memcpy(one->lladdr, lladdr, sizeof(one->lladdr));
	one->told = now;
	return true;
}

/**
 * conflict_who - format the host that also uses a vip
 * @node:	name of the node, or NULL if the host is no node
 * @lladdr:	MAC address of the host
 * @buf:	filled with the text
 * @size:	size of @buf, bytes
 *
 * Return: @buf
 */
const char *conflict_who(const char *node, const uint8_t lladdr[6], char *buf,
			 size_t size)
{
	snprintf(buf, size, node ? "%s (%02x:%02x:%02x:%02x:%02x:%02x)" :
		 "%s%02x:%02x:%02x:%02x:%02x:%02x", node ? node : "", lladdr[0],
		 lladdr[1], lladdr[2], lladdr[3], lladdr[4], lladdr[5]);
	return buf;
}
