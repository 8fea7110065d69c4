/* SPDX-License-Identifier: GPL-2.0 */
/* Invitations: one machine may become one node, once, within a time. The token is what an operator carries there. */
#ifndef HAAGENTD_INVITATION_H
#define HAAGENTD_INVITATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "haagentd/peer/key.h"
#include "haagentd/peer/wire.h"

#define INVITATION_SECRET	16
#define INVITATION_TOKEN	256	/* size of a token with its NUL */
#define INVITATION_MOST		64	/* open ones that a node keeps */
#define INVITATION_KEPT		(24 * 3600)	/* how long one that is over is kept, to name the reason, s */

/**
 * struct invitation - an invitation
 * @node:	the node that the machine becomes
 * @from:	the node that has made the invitation
 * @until:	when it expires, by the clock of @from, seconds since 1970
 * @at:		address and port of @from; every other byte is zero
 * @addr:	address of the machine, from which it connects; port 0, every other byte is zero
 * @secret:	random bytes that both nodes know, and nobody else
 */
struct invitation {
	char node[WIRE_NAME];
	char from[WIRE_NAME];
	uint64_t until;
	struct sockaddr_storage at;
	struct sockaddr_storage addr;
	uint8_t secret[INVITATION_SECRET];
};

/**
 * enum invitation_state - what has become of an invitation
 * @INVITATION_NONE: this node does not know it
 * @INVITATION_OPEN: the machine may come
 * @INVITATION_OVER: it was used, or a newer one for that node has replaced it
 * @INVITATION_EXPIRED: its time is over
 */
enum invitation_state {
	INVITATION_NONE,
	INVITATION_OPEN,
	INVITATION_OVER,
	INVITATION_EXPIRED,
};

void invitation_token(const struct invitation *inv, char token[INVITATION_TOKEN]);
const char *invitation_parse(const char *token, struct invitation *inv);
void invitation_key(const struct invitation *inv, struct key *key);

int invitation_put(const char *folder, const struct invitation *inv, uint64_t now, char *why, size_t room);
enum invitation_state invitation_find(const char *folder, uint32_t id, uint64_t now, struct invitation *inv);
bool invitation_expects(const char *folder, const struct sockaddr_storage *from);
int invitation_take(const char *folder, uint32_t id);
void invitation_give_back(const char *folder, uint32_t id);

#endif
