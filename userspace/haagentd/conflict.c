// SPDX-License-Identifier: GPL-2.0
/* Others who use vips that this node holds: who was told of, and when. */
#include <stdio.h>
#include <string.h>

#include "conflict.h"

/**
 * conflict_tell - is a conflict to be told now?
 * @c:		those that were
 * @vip:	the vip
 * @lladdr:	who uses it, too
 * @now:	the time, ns
 *
 * The module tells of each vip once a second for as long as it lasts. For people
 * that is too often.
 *
 * Return: yes if it was not within CONFLICT_AGAIN; it counts as told then
 */
bool conflict_tell(struct conflicts *c, const struct hasw_addr *vip,
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
 * conflict_who - name who uses a vip, too
 * @node:	name of the node, or NULL
 * @lladdr:	where it is
 * @buf:	filled
 * @size:	of @buf
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
