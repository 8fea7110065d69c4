/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BEATs: the messages that report to the kernel module which nodes are alive. The module
 * declares a node lost if BEATs do not report it. So a new agent listens for its peers before
 * it sends its first BEAT.
 */
#ifndef HAAGENTD_BEAT_H
#define HAAGENTD_BEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/peer/cluster.h"
#include "module.h"
#include "haagentd/conf/conf_self.h"

/**
 * struct beat - the state of the BEATs to the module
 * @listen_until:	end of the initial listening, ns; the listening ends earlier if every
 *			peer was heard
 * @listening:		the initial listening has not ended, so no BEAT was sent yet
 * @accepted:		the module accepted at least one BEAT
 * @absent:		names of nodes that the module does not know at present
 * @n_absent:		number of entries in @absent
 * @ask:		the module's nodes must be read before the next BEAT, because they may
 *			have changed
 * @again:		reading the module's nodes has failed, and will be retried
 * @ask_at:		earliest time to reopen the sockets to the module, or to read the
 *			module's nodes again, ns. The nodes are read again while @again is true,
 *			@n_absent is not 0, @self is not SELF_RIGHT, or BEATs fail, except with
 *			ENOENT
 * @gone:		the module is not loaded
 * @self:		how the module's configuration describes this node
 * @trouble:		errno of the last BEAT or module_open() that was answered; 0 if it succeeded
 * @unanswered:		since when the module has answered no BEAT, ns; 0: it answers
 * @told:		that was logged
 */
struct beat {
	uint64_t listen_until;
	bool listening;
	bool accepted;
	char absent[CONF_NODES][WIRE_NAME];
	unsigned int n_absent;
	bool ask;
	bool again;
	uint64_t ask_at;
	bool gone;
	enum self self;
	int trouble;
	uint64_t unanswered;
	bool told;
};

void beat_init(struct beat *b, const struct conf *conf, uint64_t now);
/*
 * A new agent might not hear a node that is alive in the module, because the node's agent is
 * also restarting. So the new agent reports the node as alive until BEAT_PRESUME (ns) after
 * beat.listen_until. If the node has died, its loss is not detected before that time.
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
