// SPDX-License-Identifier: GPL-2.0
/*
 * The holder of a vip checks its members as often as configured, and sends the results to the other nodes with its
 * heartbeats. These follow it: they check seldom (setting `away`), and their own results change no health. A node that
 * hears no results checks by itself.
 */
#include <errno.h>
#include <linux/haswitch.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/peer/cluster.h"
#include "share.h"
#include "share_wire.h"

#define EVERY	(100 * CLOCK_MS)	/* pause between two records */
#define LOOKS	32			/* most checks that are looked up again at a time */
#define MOST	64			/* most entries of a record */
#define FRESH	(20 * CLOCK_SECOND)	/* age at which the holder's result expires; 4096 of them take 6.4 s */
#define GATHER	CLOCK_SECOND		/* pause until haagentd-checks is told: the results do not come all at once */

/**
 * share_key - compute the key of a check
 * @c:	the check
 *
 * It is equal on all nodes on which the check is the same. How often and how patiently each checks may differ.
 *
 * Return: the key
 */
uint64_t share_key(const struct check *c)
{
	const struct conf_check *conf = &c->conf;
	const uint16_t numbers[] = { conf->at, conf->port, conf->from, conf->to };
	const uint8_t flags[] = { (uint8_t)conf->kind, conf->vip, conf->verify };
	char service[HASW_SVC_TEXT], address[HASW_ADDR_TEXT] = "";
	uint8_t hash[crypto_generichash_BYTES];
	crypto_generichash_state state;
	uint64_t key;
	size_t i;

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	hasw_svc_format(&conf->service, service);
	crypto_generichash_update(&state, (const uint8_t *)service, strlen(service) + 1);
	crypto_generichash_update(&state, (const uint8_t *)conf->node, strlen(conf->node) + 1);
	if (conf->address.family)
		hasw_addr_format(&conf->address, address);
	crypto_generichash_update(&state, (const uint8_t *)address, strlen(address) + 1);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		/* Nodes of both byte orders compute the same. */
		const uint8_t bytes[] = { (uint8_t)(numbers[i] >> 8), (uint8_t)numbers[i] };

		crypto_generichash_update(&state, bytes, sizeof(bytes));
	}
	crypto_generichash_update(&state, flags, sizeof(flags));
	crypto_generichash_update(&state, (const uint8_t *)conf->words, conf->words_size);
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return be64toh(key);
}

/*
 * Looks up whether this node holds the vip of a check; @vip is what the module said last, of address @known. Of a vip
 * that the module does not have, nobody sends results: this node checks as its holder does. Return: false if the module
 * does not answer now.
 */
static bool look_vip(struct check *c, const struct hasw_addr **known, struct module_vip *vip)
{
	struct hasw_error err;
	int ret;

	if (!*known || hasw_addr_compare(*known, &c->conf.service.vip)) {
		*known = &c->conf.service.vip;
		ret = module_vip(c->all->module, *known, vip, &err);
		if (ret == -ETIMEDOUT)
			return false;
		if (ret)
			*vip = (struct module_vip){ .role = HASWITCH_ROLE_HOLDER };
	}
	snprintf(c->lease, sizeof(c->lease), "%s", vip->lease);
	check_hold(c, vip->role == HASWITCH_ROLE_HOLDER);
	return true;
}

/**
 * share_look - look up again which vips this node holds, and which members can be asked through them
 * @all:	the checks
 * @most:	so many stale checks at most; the others wait for the next call
 *
 * Each check costs up to two requests that the loop waits for.
 *
 * Return: whether haagentd-checks has to be told
 */
bool share_look(struct checks *all, unsigned int most)
{
	const struct hasw_addr *known = NULL;
	struct module_node *nodes = NULL;
	struct module_vip vip = { 0 };
	bool asked = false, changed = false, answered = true;
	struct hasw_error err;
	unsigned int i, n = 0;
	int ret;

	for (i = 0; i < all->n; i++)
		all->list[i].stale |= all->look || (all->through && all->list[i].conf.vip);
	all->look = all->through = false;
	for (i = 0; i < all->n && most && answered; i++) {
		struct check *c = &all->list[all->look_next++ % all->n];

		if (!c->stale)
			continue;
		answered = !all->module->open || look_vip(c, &known, &vip);
		if (answered && c->conf.vip && !asked) {
			ret = all->module->open ? module_nodes(all->module, &nodes, &n, &err) : 0;
			answered = !ret;
			if (ret && ret != -ETIMEDOUT && !all->stale)
				log_warning("the nodes' addresses are not known: %s", err.text);
			asked = true;
		}
		if (answered && c->conf.vip)
			answered = through_look(c, nodes, n, &changed);
		c->stale = !answered;
		most--;
	}
	/* With none left, there may still be stale ones. */
	all->stale = all->n && (!most || !answered);
	free(nodes);
	return changed;
}

/**
 * share_lease - handle that this node holds a lease, or another node does
 * @all:	the checks
 * @lease:	name of the lease
 * @held:	this node holds it
 *
 * A node that becomes the holder begins with its checks at once.
 */
void share_lease(struct checks *all, const char *lease, bool held)
{
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];

		if (strcmp(c->lease, lease))
			continue;
		check_hold(c, held);
		c->stale |= c->conf.vip;
		all->stale |= c->stale;
	}
	/* The next tick makes all of that known to haagentd-checks. */
	all->share_at = 0;
}

/*
 * Sends a record to all nodes that have a module: first what is new, then all else in turn. If there is more that is
 * new than room, the next record goes on where this one ends.
 */
static void tell_peers(struct checks *all, struct cluster *cluster, uint64_t now)
{
	uint8_t data[SHARE_HEAD + MOST * SHARE_ENTRY], out[sizeof(data) + 4];
	struct wire_record record = { .type = WIRE_RECORD_HEALTH, .data = data };
	size_t size = share_begin(data);
	unsigned int i, n = 0, most, pass, from = all->urgent_next;

	/* In turn within a second, if there is room. */
	most = all->n / 10 + 1;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < all->n && n < MOST && (!pass || i < most); i++) {
			struct check *c = &all->list[(pass ? all->share_next++ : from + i) % all->n];
			struct share_entry entry = {
				.key = c->key, .health = c->judge.health, .share = c->share,
			};

			if (!c->holder || entry.health == JUDGE_UNKNOWN || (!pass && !c->urgent))
				continue;
			if (!pass) {
				c->urgent--;
				all->urgent_next = (from + i + 1) % all->n;
			}
			size += share_put(data + size, &entry);
			n++;
		}
	record.size = size;
	size = n ? wire_record_put(&record, out, sizeof(out)) : 0;
	for (i = 0; size && i < cluster->n_peers; i++)
		if (cluster_serves(&cluster->peers[i]))
			cluster_send_records(cluster, &cluster->peers[i], out, size, now);
}

/**
 * share_tick - send results that are due, and check more or less often
 * @all:	the checks
 * @cluster:	the peers
 * @now:	current time, ns
 */
void share_tick(struct checks *all, struct cluster *cluster, uint64_t now)
{
	unsigned int i;

	if (!all->n || now < all->share_at)
		return;
	all->share_at = now + EVERY;
	if (all->aim)
		checks_aim(all);
	if ((all->look || all->through || all->stale) && share_look(all, LOOKS) && !all->retell_at)
		all->retell_at = all->stale ? now + GATHER : now;
	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];
		bool follows = !c->holder && c->heard && now - c->heard < FRESH;

		if (follows == c->follows)
			continue;
		check_follow(c, follows);
		if (check_remote(c) && !all->retell_at)
			all->retell_at = now + GATHER;
	}
	if (all->retell_at && now >= all->retell_at)
		checks_tell(all);
	tell_peers(all, cluster, now);
}

static int by_key(const void *a, const void *b)
{
	const struct check *one = *(struct check *const *)a, *other = *(struct check *const *)b;

	return one->key < other->key ? -1 : one->key > other->key;
}

/**
 * share_sort - sort the checks by their keys, by which other nodes name them
 * @all:	the checks
 *
 * Return: 0 or -ENOMEM
 */
int share_sort(struct checks *all)
{
	unsigned int i;

	all->by_key = calloc(all->n, sizeof(struct check *));
	if (!all->by_key)
		return -ENOMEM;
	for (i = 0; i < all->n; i++)
		all->by_key[i] = &all->list[i];
	qsort(all->by_key, all->n, sizeof(struct check *), by_key);
	return 0;
}

static struct check *find(const struct checks *all, uint64_t key)
{
	const struct check wanted = { .key = key }, *at = &wanted;
	struct check **found = bsearch(&at, all->by_key, all->n, sizeof(struct check *), by_key);

	return found ? *found : NULL;
}

/**
 * share_take - take results from a peer
 * @all:	the checks
 * @from:	name of the peer
 * @record:	a record of a heartbeat, of any type
 * @now:	current time, ns
 *
 * Only the holder of a vip sends them, at most MOST in a record. A node that holds it itself, or follows nobody, leaves
 * them alone.
 */
void share_take(struct checks *all, const char *from, const struct wire_record *record, uint64_t now)
{
	struct share_entry entry;
	struct check *c;
	unsigned int left = MOST;
	size_t at = 0;

	if (record->type != WIRE_RECORD_HEALTH || !all->n)
		return;
	while (left-- && share_get(record->data, record->size, &at, &entry)) {
		c = find(all, entry.key);
		if (!c || c->holder || c->conf.away <= 1)
			continue;
		c->heard = now;
		snprintf(c->from, sizeof(c->from), "%s", from);
		check_heard(c, entry.health, entry.share);
	}
}
