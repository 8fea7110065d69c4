/* SPDX-License-Identifier: GPL-2.0 */
/* Two clusters of one node each, on loopback, under a clock that the test turns. */
#ifndef AGENT_PAIR_H
#define AGENT_PAIR_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sodium.h>

#include "haagentd/module/beat.h"
#include "haagentd/peer/cluster.h"

#define MS	UINT64_C(1000000)
#define S	(1000 * MS)

/* What one side was told. */
struct told {
	unsigned int changes;
	enum peer_state state;
	unsigned int refusals;
	unsigned int said;
	uint16_t said_type;
	size_t said_size;
	uint8_t said_data[WIRE_PACKET_MAX];
	bool failure;
	char refused[REFUSED_TEXT];
};

static struct conf_node nodes[3];
static struct conf conf_a, conf_b;
static struct cluster a, b;
static struct told told_a, told_b;
static uint64_t now;

static void peer_changed(void *arg, struct cluster_peer *peer,
			 enum peer_state before, uint64_t when)
{
	struct told *t = arg;

	assert_int_not_equal(peer->peer.state, before);
	assert_true(when == now);
	t->changes++;
	t->state = peer->peer.state;
}

static void path_changed(void *arg, struct cluster_peer *peer,
			 const struct path *path, enum peer_way way)
{
	(void)arg;
	(void)peer;
	(void)path;
	(void)way;
}

static void refused(void *arg, struct cluster_peer *peer, const char *address,
		    const char *text, bool failure)
{
	struct told *t = arg;

	(void)peer;
	(void)address;
	t->refusals++;
	t->failure = failure;
	snprintf(t->refused, sizeof(t->refused), "%s", text);
}

static void said(void *arg, struct cluster_peer *peer,
		 const struct wire_record *record, uint64_t when)
{
	struct told *t = arg;

	(void)peer;
	assert_true(when == now);
	t->said++;
	t->said_type = record->type;
	t->said_size = record->size;
	memcpy(t->said_data, record->data, record->size);
}

static const struct cluster_ops ops = {
	.said = said,
	.peer_changed = peer_changed,
	.path_changed = path_changed,
	.refused = refused,
};

/* Nodes a and b, each with two paths; the port is this test's own. */
static void address(struct sockaddr_storage *at, uint32_t ip)
{
	struct sockaddr_in *in = (struct sockaddr_in *)at;

	memset(at, 0, sizeof(*at));
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)(20000 + getpid() % 20000));
	in->sin_addr.s_addr = htonl(ip);
}

static void conf_make(struct conf *c, unsigned int self)
{
	unsigned int p;

	c->nodes = nodes;
	c->n_nodes = 2;
	c->self = self;
	c->n_paths = 2;
	strcpy(c->paths[0].name, "front");
	strcpy(c->paths[1].name, "back");
	for (p = 0; p < 2; p++)
		c->paths[p].local = nodes[self].at[p];
	c->heartbeat = 10 * MS;
	c->suspect = 30 * MS;
	c->time = 30 * MS;
}

static void begin(struct cluster *c, const struct conf *conf, struct told *t)
{
	char why[256];

	memset(t, 0, sizeof(*t));
	if (cluster_open(c, conf, now, &ops, t, why, sizeof(why)))
		fail_msg("%s", why);
}

/* Packets on loopback are there as soon as they were sent. */
static void exchange(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		cluster_drain(&a, now);
		cluster_drain(&b, now);
	}
}

static void beats(int n)
{
	while (n--) {
		now += 10 * MS;
		cluster_send(&a, 0, now);
		cluster_send(&b, 0, now);
		exchange();
		cluster_judge(&a, now);
		cluster_judge(&b, now);
	}
}

static void quiet_beats(struct cluster *c, int n)
{
	while (n--) {
		now += 10 * MS;
		cluster_send(c, 0, now);
		cluster_drain(c, now);
		cluster_judge(c, now);
	}
}

static void met(void)
{
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	beats(3);
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_int_equal(told_b.state, PEER_HEARD);
	assert_int_equal(a.peers[0].peer.paths[0].way, PEER_WAY_GOOD);
	assert_int_equal(a.peers[0].peer.paths[1].way, PEER_WAY_GOOD);
	assert_int_equal(told_a.refusals + told_b.refusals, 0);
}

static void part(void)
{
	cluster_close(&a);
	cluster_close(&b);
}

static int setup(void **state)
{
	uint8_t bytes[KEY_BYTES];
	unsigned int i;

	(void)state;
	if (sodium_init() < 0)
		return -1;
	randombytes_buf(bytes, sizeof(bytes));
	key_from_bytes(&conf_a.keys.key[0], bytes);
	conf_a.keys.n = 1;
	conf_b.keys = conf_a.keys;
	for (i = 0; i < 2; i++) {
		nodes[i].name[0] = (char)('a' + i);
		address(&nodes[i].at[0], 0x7f000001 + i);
		address(&nodes[i].at[1], 0x7f000101 + i);
	}
	conf_make(&conf_a, 0);
	conf_make(&conf_b, 1);
	now = 1000 * S;
	return 0;
}

/* The agent of b is restarted, and both hear each other again. */
static inline void new_session_of_b(void)
{
	cluster_close(&b);
	quiet_beats(&a, 10);
	begin(&b, &conf_b, &told_b);
	beats(3);
	assert_int_equal(told_b.state, PEER_HEARD);
}

#endif
