/* SPDX-License-Identifier: GPL-2.0 */
/* Pulses: the heartbeat sessions between modules, which the agents configure. */
#ifndef HAAGENTD_PULSES_H
#define HAAGENTD_PULSES_H

#include "haagentd/peer/cluster.h"
#include "haagentd/conf/conf.h"
#include "module.h"

/**
 * struct pulses_peer - the state of the pulse session with one peer
 * @done:	the module has the session with the configured settings, and with keys
 *		made from @key
 * @key:	id of the shared key from which the session's keys were made, or 0
 * @multiplier:	multiplier that the module uses for the session
 * @told:	the current failure of this session was logged
 */
struct pulses_peer {
	bool done;
	uint32_t key;
	unsigned int multiplier;
	bool told;
};

/**
 * struct pulses - the pulse sessions with all peers
 * @opened:	value of module.opened for which @peer is valid
 * @look:	all sessions must be checked again, because the module can have lost some
 *		of them
 * @again:	when to retry failed sessions and check one more session, ns
 * @turn:	round-robin position: selects the peer whose session is checked at @again
 * @peer:	the sessions, by the index of the peer in the cluster
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
