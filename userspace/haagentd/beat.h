/* SPDX-License-Identifier: GPL-2.0 */
/* BEATs: what the kernel module is told of who is alive, and when. */
#ifndef HAAGENTD_BEAT_H
#define HAAGENTD_BEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster.h"
#include "module.h"
#include "conf_self.h"

/**
 * struct beat - how far the agent has come with telling the module
 * @listen_until:	until then nobody is judged, unless all were heard
 * @listening:		no BEAT was sent yet
 * @accepted:		the module took at least one
 * @absent:		names that the module does not know at present
 * @n_absent:		how many
 * @ask:		ask the module for its nodes first: they may be others now
 * @ask_at:		when to ask it again in any case that needs it
 * @gone:		the module is not loaded
 * @self:		how the module has this node
 * @trouble:		errno of the last BEAT that failed, 0 when it works
 */
struct beat {
	uint64_t listen_until;
	bool listening;
	bool accepted;
	char absent[CONF_NODES][WIRE_NAME];
	unsigned int n_absent;
	bool ask;
	uint64_t ask_at;
	bool gone;
	enum self self;
	int trouble;
};

void beat_init(struct beat *b, const struct conf *conf, uint64_t now);
/*
 * For so long after it has listened a fresh agent names nodes that the module
 * has as alive but that it has not heard: their agents may be starting again,
 * too. A node that died just then is lost so much later.
 */
#define BEAT_PRESUME	UINT64_C(3000000000)

void beat_presume(const struct beat *b, struct cluster *c,
		  const struct module_node *nodes, unsigned int n);
void beat_reload(struct beat *b);
const char *beat_unfit(const struct beat *b);
bool beat_listening(struct beat *b, const struct cluster *c, uint64_t now);
unsigned int beat_names(const struct beat *b, const struct cluster *c,
			const char *names[CONF_NODES]);
void beat_tick(struct beat *b, struct module *m, const struct cluster *c,
	       const struct conf *conf, uint64_t now);

#endif
