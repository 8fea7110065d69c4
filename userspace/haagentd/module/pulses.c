// SPDX-License-Identifier: GPL-2.0
/*
 * Pulses: the agents configure heartbeat sessions between their modules.
 *
 * The two agents of a pair of nodes derive the same session without an exchange of
 * messages: its id from the names of the two nodes, and its keys from the two names and the
 * shared key. A session therefore outlives the agents, and a restarted agent recognizes it.
 * An agent creates a session only after the peer's first heartbeat: the silence of a peer
 * that was never heard is no sign of a failure.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/peer/link_watch.h"
#include "haagentd/log.h"
#include "module_pulse.h"
#include "pulses.h"

#define AGAIN	CLOCK_SECOND	/* pause between two checks of the sessions */

static void digest(const uint8_t *secret, const char *label, const char *a,
		   const char *b, uint8_t *out, size_t size)
{
	char names[2][WIRE_NAME] = { "", "" };
	crypto_generichash_state state;
	char purpose[16] = "";

	memcpy(purpose, label, strlen(label));
	memcpy(names[0], a, strlen(a));
	memcpy(names[1], b, strlen(b));
	crypto_generichash_init(&state, secret, secret ? KEY_BYTES : 0, size);
	crypto_generichash_update(&state, (const uint8_t *)purpose, sizeof(purpose));
	crypto_generichash_update(&state, (const uint8_t *)names, sizeof(names));
	crypto_generichash_final(&state, out, size);
	sodium_memzero(&state, sizeof(state));
}

/**
 * pulses_id - return the id of the pulse session between two nodes
 * @a:	name of one node
 * @b:	name of the other node
 *
 * Return: the id, from 1 on; the order of the names does not matter
 */
uint32_t pulses_id(const char *a, const char *b)
{
	bool swap = strcmp(a, b) > 0;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint32_t id;

	digest(NULL, "haswitch session", swap ? b : a, swap ? a : b, hash,
	       sizeof(hash));
	id = (uint32_t)(hash[0] & 0x7f) << 24 | (uint32_t)hash[1] << 16 |
	     (uint32_t)hash[2] << 8 | hash[3];
	return id ? id : 1;
}

/**
 * pulses_key - derive the key of the pulses from one node to another
 * @key:	shared key of the cluster, from which @out is derived
 * @from:	name of the sending node
 * @to:		name of the receiving node
 * @out:	filled with the key
 */
void pulses_key(const struct key *key, const char *from, const char *to,
		uint8_t out[16])
{
	digest(key->bytes, "haswitch pulse", from, to, out, PULSE_KEY);
}

/*
 * Returns a session's multiplier. Lateness of an agent raises the multiplier, because a machine that stalls its agent
 * also stalls its module. With a smaller multiplier, the peer would take the stalled machine for lost.
 */
static unsigned int multiplier(const struct conf *conf, const struct cluster *c,
			       const struct cluster_peer *peer)
{
	uint64_t n = (cluster_late(c, peer) + conf->pulse_interval - 1) /
		     conf->pulse_interval;

	if (!conf->pulse_adapts || n <= conf->pulse_multiplier)
		return conf->pulse_multiplier;
	return n < CONF_PULSES_MAX ? (unsigned int)n : CONF_PULSES_MAX;
}

static void wanted(struct module_pulse *pulse, const struct conf *conf,
		   const struct conf_node *peer, const struct key *key)
{
	const char *self = conf->nodes[conf->self].name;
	unsigned int i;

	memset(pulse, 0, sizeof(*pulse));
	pulse->node = peer->name;
	pulse->id = pulses_id(self, peer->name);
	pulse->interval = conf->pulse_interval;
	pulse->key_id = key_mark(key);
	pulses_key(key, self, peer->name, pulse->tx);
	pulses_key(key, peer->name, self, pulse->rx);
	for (i = 0; i < conf->n_paths && pulse->n_paths < HASWITCH_PULSE_PATHS_MAX; i++) {
		struct pulse_path *path = &pulse->paths[pulse->n_paths];

		memcpy(path->device, conf->paths[i].device, sizeof(path->device));
		if (hasw_addr_from_sock(&path->local, (const struct sockaddr *)&conf->paths[i].local) &&
		    hasw_addr_from_sock(&path->remote, (const struct sockaddr *)&peer->at[i]))
			pulse->n_paths++;
	}
}

static bool same_paths(const struct module_pulse *a, const struct module_pulse *b)
{
	unsigned int i;

	for (i = 0; i < a->n_paths && i < b->n_paths; i++)
		if (hasw_addr_compare(&a->paths[i].local, &b->paths[i].local) ||
		    hasw_addr_compare(&a->paths[i].remote, &b->paths[i].remote) ||
		    strcmp(a->paths[i].device, b->paths[i].device))
			return false;
	return a->n_paths == b->n_paths;
}

/* Replaces a session whose paths are not those of @want, because a session's paths cannot be changed. If a device of
 * the paths in @want is missing, the old session is kept: without any session, the peer would take this node for
 * lost.
 */
static int replace(struct module *m, const struct module_pulse *want, struct hasw_error *err)
{
	unsigned int i;
	int ret;

	for (i = 0; i < want->n_paths; i++)
		if (want->paths[i].device[0] && !link_index(want->paths[i].device))
			return hasw_fail(err, ENODEV, "there is no device %s, so it goes by the paths of before",
					 want->paths[i].device);
	ret = module_pulse_end(m, want->node, err);
	return ret ? ret : module_pulse_begin(m, want, err);
}

/* Creates the session @want in the module, or changes what differs from @want. Return: 0 or a negative errno. */
static int keep(struct module *m, const struct module_pulse *want,
		struct hasw_error *err)
{
	struct module_pulse found;
	int ret = module_pulse_get(m, want->node, &found, err);

	if (ret == -ENOENT)
		return module_pulse_begin(m, want, err);
	if (ret)
		return ret;
	if (found.id != want->id)
		return hasw_fail(err, EEXIST, "it has session %u with that node, which somebody began by hand; 'haadm pulse del %s' lets the agent begin its own",
				 found.id, want->node);
	if (!same_paths(&found, want))
		return replace(m, want, err);
	if (found.interval != want->interval || found.multiplier != want->multiplier)
		ret = module_pulse_pace(m, want, err);
	if (!ret && found.key_id != want->key_id && found.key_next != want->key_id)
		ret = module_pulse_key(m, want, err);
	return ret;
}

/* Sets @soon if the module does not answer now. */
static void tick_peer(struct pulses_peer *p, struct module *m,
		      const struct cluster *c, const struct cluster_peer *peer,
		      const struct conf *conf, bool *soon)
{
	const struct key *key = session_shared_key(&c->self, &peer->session);
	struct module_pulse want;
	struct hasw_error err;
	bool trouble;
	int ret;

	/* A witness has no module that could send or receive pulses. */
	if (!cluster_serves(peer) || !peer_named(&peer->peer) || !peer->session.known ||
	    (p->done && p->key == key->id))
		return;
	wanted(&want, conf, &peer->conf, key);
	want.multiplier = multiplier(conf, c, peer);
	if (!want.n_paths)
		return;
	ret = keep(m, &want, &err);
	sodium_memzero(want.tx, sizeof(want.tx));
	sodium_memzero(want.rx, sizeof(want.rx));
	p->done = !ret;
	if (ret == -ETIMEDOUT)
		*soon = true;
	if (p->done) {
		p->key = key->id;
		p->multiplier = want.multiplier;
	}
	/*
	 * Three errors are not logged here. -ENOENT means that the module lacks the peer's
	 * node, and beat.c logs the missing node, as it logs -ETIMEDOUT. -EBUSY means that a
	 * change of keys is in progress, and such a change ends soon.
	 */
	trouble = ret && ret != -ENOENT && ret != -EBUSY && ret != -ETIMEDOUT;
	if (trouble && !p->told)
		log_warning("the module's heartbeats with %s are not as they should be: %s",
			    want.node, err.text);
	p->told = trouble;
}

/**
 * pulses_tick - make the module keep a pulse session with each peer that is no witness and
 * that this node reports as alive
 * @p:		the sessions
 * @m:		the module
 * @c:		the cluster
 * @conf:	the configuration
 * @now:	the time
 */
void pulses_tick(struct pulses *p, struct module *m, const struct cluster *c,
		 const struct conf *conf, uint64_t now)
{
	bool again = now >= p->again, soon = false;
	unsigned int i;

	if (!conf->pulse || !m->open)
		return;
	if (p->look || p->opened != m->opened) {
		for (i = 0; i < CONF_NODES; i++)
			p->peer[i] = (struct pulses_peer){ .told = p->peer[i].told };
		p->opened = m->opened;
		p->look = false;
		again = true;
	}
	for (i = 0; i < c->n_peers; i++) {
		if (!p->peer[i].done ||
		    p->peer[i].multiplier == multiplier(conf, c, &c->peers[i]))
			continue;
		p->peer[i].done = false;
		again = true;
	}
	if (!again)
		return;
	p->again = now + AGAIN;
	/*
	 * After an administrator has deleted a session, the peer takes this node for lost, and no event reports the
	 * deletion. So in each interval AGAIN, one session is checked in turn, and created again if it is missing.
	 */
	if (c->n_peers)
		p->peer[p->turn++ % c->n_peers].done = false;
	for (i = 0; i < c->n_peers; i++)
		tick_peer(&p->peer[i], m, c, &c->peers[i], conf, &soon);
	if (soon)
		p->again = now;
}
