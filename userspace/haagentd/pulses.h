/* SPDX-License-Identifier: GPL-2.0 */
/* Pulses: the heartbeat sessions that the agents have their modules keep with each other. */
#ifndef HAAGENTD_PULSES_H
#define HAAGENTD_PULSES_H

#include "cluster.h"
#include "conf.h"
#include "module.h"

/**
 * struct pulses_peer - the session with one peer
 * @done:	the module has it as it is to be, under the key of this number
 * @key:	number of the shared key that it has, or 0
 * @multiplier:	after so many heartbeats that did not come the peer is lost there
 * @told:	what went wrong with it was told
 */
struct pulses_peer {
	bool done;
	uint32_t key;
	unsigned int multiplier;
	bool told;
};

/**
 * struct pulses - the sessions with all peers
 * @opened:	which opening of the module they belong to
 * @look:	the module may have lost some
 * @again:	when to try again what went wrong
 * @turn:	whose session is looked at then, though nothing went wrong
 * @peer:	by the index of the peer in the cluster
 */
struct pulses {
	unsigned int opened;
	bool look;
	uint64_t again;
	unsigned int turn;
	struct pulses_peer peer[CONF_NODES];
};

void pulses_tick(struct pulses *p, struct module *m, const struct cluster *c,
		 const struct conf *conf, uint64_t now);
uint32_t pulses_id(const char *a, const char *b);
void pulses_key(const struct key *key, const char *from, const char *to,
		uint8_t out[16]);

#endif
