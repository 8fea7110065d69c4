// SPDX-License-Identifier: GPL-2.0
/*
 * Machines that become nodes: an invitation is made, and the machine that comes with it gets the keys and the
 * configuration, after one that has it as a node was committed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <libconfig.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/agents_text.h"

#include "haagentd/clock.h"
#include "config_agents.h"
#include "keeper_task.h"
#include "haagentd/log.h"
#include "haagentd/peer/path.h"

#define WITHIN_MIN	60		/* an invitation is valid for so long at least, s */
#define WITHIN_MAX	(7 * 24 * 3600)	/* and at most */
#define SEND_TIME	(60 * CLOCK_SECOND)
#define LINES		512		/* longest lines that add a node, bytes */
#define FILE_MAX	(256u << 10)	/* longest file of an agent that is sent, bytes */

static int no(char *why, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int no(char *why, size_t room, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, room, format, args);
	va_end(args);
	return -EINVAL;
}

static int address_parse(const char *text, struct sockaddr_storage *to)
{
	struct hasw_addr addr;

	if (hasw_addr_parse(&addr, text) || hasw_addr_is_link_local(&addr))
		return -EINVAL;
	hasw_addr_to_sock(&addr, 0, to);
	return 0;
}

static void address_text(const struct sockaddr_storage *at, char text[HASW_ADDR_TEXT])
{
	struct hasw_addr addr;

	hasw_addr_from_sock(&addr, (const struct sockaddr *)at);
	hasw_addr_format(&addr, text);
}

static bool has_address(const struct keeper_peer *peer, const struct sockaddr_storage *at)
{
	unsigned int p;

	for (p = 0; p < PEER_PATHS; p++)
		if (path_from(at, &peer->at[p]))
			return true;
	return false;
}

/*
 * Finds out whether a node is in the configuration already. Return: 1 if it is, 0 if it can be added, or a negative
 * errno if it is neither.
 */
static int is_known(const struct keeper_view *v, const struct invitation *inv, char *why, size_t room)
{
	char text[HASW_ADDR_TEXT];
	unsigned int i, p, stay = 1;

	address_text(&inv->addr, text);
	if (!strcmp(v->self, inv->node))
		return no(why, room, "%s is this node", inv->node);
	for (p = 0; p < PEER_PATHS; p++)
		if (path_from(&inv->addr, &v->local[p]))
			return no(why, room, "%s is an address of this node, %s", text, v->self);
	for (i = 0; i < v->n_peers; i++) {
		const struct keeper_peer *peer = &v->peers[i];
		bool name = !strcmp(peer->name, inv->node), at = has_address(peer, &inv->addr);

		/* It may come back while the voters still change their set. */
		if (name && peer->leaving)
			continue;
		stay += !peer->leaving;
		if (at && !name)
			return no(why, room, "%s is the address of node %s", text, peer->name);
		if (name && !at)
			return no(why, room, "node %s is there already, at another address than %s", inv->node, text);
		if (name && peer->heard)
			return no(why, room, "node %s is there already, and its agent is heard", inv->node);
		if (name)
			return 1;
	}
	if (v->corosync)
		return no(why, room, "%s has the nodes come from corosync, so none can come by an invitation: write %s into the nodelist in corosync.conf on all nodes",
			  v->file, inv->node);
	if (v->pair[0] && stay >= 2)
		return no(why, room, "%s has \"%s\", which is for two nodes alone, and %s would be one more: take \"%s\" out on both, say 'systemctl reload haagentd' there, and then invite it",
			  v->file, v->pair, inv->node, v->pair);
	if (v->listed && v->local[0].ss_family != inv->addr.ss_family)
		return no(why, room, "%s is of another family than the addresses by which the agents reach each other", text);
	if (v->n_peers + 1 >= KEEPER_NODES)
		return no(why, room, "the cluster has %u nodes already, which are the most", KEEPER_NODES);
	return 0;
}

/* Finds this node's address on the first path of a family. */
static const struct sockaddr_storage *own_address(const struct keeper_view *v, sa_family_t family)
{
	unsigned int p;

	for (p = 0; p < PEER_PATHS; p++)
		if (v->local[p].ss_family == family)
			return &v->local[p];
	return NULL;
}

/**
 * keeper_invite - make an invitation
 * @view:	what the keeper was told
 * @node:	name of the new node
 * @addr:	its address
 * @seconds:	how long the invitation is valid
 * @inv:	filled
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int keeper_invite(const struct keeper_view *view, const char *node, const char *addr, uint64_t seconds,
		  struct invitation *inv, char *why, size_t room)
{
	uint64_t now = (uint64_t)time(NULL);
	const struct sockaddr_storage *at;
	int err;

	memset(inv, 0, sizeof(*inv));
	if (!wire_name_valid(node))
		return no(why, room, "\"%s\" cannot be the name of a node", node);
	if (address_parse(addr, &inv->addr))
		return no(why, room, "\"%s\" is no address by which this node can reach another one", addr);
	if (seconds < WITHIN_MIN || seconds > WITHIN_MAX)
		return no(why, room, "an invitation is valid for 1 minute to 7 days");
	if (view->witness)
		return no(why, room, "a witness has no configuration to give away: invite on a node");
	at = own_address(view, inv->addr.ss_family);
	if (!at)
		return no(why, room, "this node has no address of the family of %s", addr);
	memcpy(inv->node, node, strlen(node));
	memcpy(inv->from, view->self, sizeof(inv->from));
	inv->until = now + seconds;
	inv->at = *at;
	randombytes_buf(inv->secret, sizeof(inv->secret));
	err = is_known(view, inv, why, room);
	return err < 0 ? err : invitation_put(view->folder, inv, now, why, room);
}

/**
 * keeper_old_address - find out whether a node that leaves is invited anew at another address
 * @view:	what the keeper was told
 * @inv:	the invitation
 * @text:	filled with the old address
 *
 * The voters have the old machine in their set until that is changed. It has the key, and would be heard as that node.
 *
 * Return: yes or no
 */
bool keeper_old_address(const struct keeper_view *view, const struct invitation *inv, char text[HASW_ADDR_TEXT])
{
	const struct keeper_peer *peer = view->peers;
	unsigned int i, p;

	for (i = 0; i < view->n_peers; i++, peer++) {
		if (!peer->leaving || strcmp(peer->name, inv->node) || has_address(peer, &inv->addr))
			continue;
		for (p = 0; p < PEER_PATHS; p++)
			if (peer->at[p].ss_family) {
				address_text(&peer->at[p], text);
				return true;
			}
	}
	return false;
}

/* A change by hand on one node would be lost by a commit, without a word. Return: 0 or a negative errno. */
static int unchanged(const struct keeper_view *v, char *why, size_t room)
{
	const char *node = v->said.state == CONFIG_CHANGED ? v->self : NULL;
	unsigned int i;

	for (i = 0; i < v->n_peers && !node; i++)
		if (v->peers[i].heard && v->peers[i].said.state == CONFIG_CHANGED)
			node = v->peers[i].name;
	return node ? no(why, room, "the configuration was changed by hand on %s: first say 'haadm cluster adopt' there, or 'haadm snapshot rollback'",
			 node) : 0;
}

/* Gets the configuration of the cluster: what is committed, or what this node runs if nothing is. */
static int present(const struct keeper_view *v, struct generation *g, char **text, char *why, size_t room)
{
	const struct hasw_vote_conf *committed = &v->committed;
	int err;

	memset(g, 0, sizeof(*g));
	g->number = committed->generation;
	g->hash = committed->blob;
	if (committed->generation)
		return keeper_text(v, g, text, why, room);
	err = keeper_running(false, text, &g->size, why, room);
	return err;
}

/* Returns whether the text, as haadm prints it, adds the node at another address than that of its invitation. */
static bool elsewhere(const struct invitation *inv, const char *text, size_t size)
{
	char addr[HASW_ADDR_TEXT], line[LINES];
	const char *at = text;
	size_t length;

	address_text(&inv->addr, addr);
	length = (size_t)sprintf(line, "node add %s addr %s", inv->node, addr);
	if (!agents_text_adds(text, size, inv->node, strlen(inv->node)))
		return false;
	while ((at = memmem(at, size - (size_t)(at - text), line, length))) {
		at += length;
		if (at == text + size || *at == ' ' || *at == '\n')
			return false;
	}
	return true;
}

/*
 * Appends the line that adds the node, and, where the agents have a list of nodes, its entry beside that list. The line can
 * be there, of an operator who has committed it before. Return: bytes that were appended
 */
static size_t append_node(const struct keeper_view *v, const struct invitation *inv, char *text, size_t size)
{
	bool several = v->path[0];
	char addr[HASW_ADDR_TEXT], *to = text + size;

	address_text(&inv->addr, addr);
	if (!agents_text_adds(text, size, inv->node, strlen(inv->node)))
		to += sprintf(to, "node add %s addr %s\n", inv->node, addr);
	if (v->listed)
		to += sprintf(to, AGENTS_TEXT_NODE " { name = \"%s\"; %s%s = \"%s\";%s }\n", inv->node,
			      several ? "addresses = { " : "", several ? v->path : "address", addr, several ? " };" : "");
	return (size_t)(to - (text + size));
}

/* Commits the configuration with the new node in it; @g and @text become those of the new one. */
static int add_node(const struct keeper_view *v, const struct invitation *inv, int agent, int client,
		    struct generation *g, char **text, char *why, size_t room)
{
	char node[WIRE_NAME], said[KEEPER_WHY], *longer;
	int err;

	if (elsewhere(inv, *text, g->size))
		return no(why, room, "the configuration adds node %s at another address: invite it with that one", inv->node);
	longer = realloc(*text, g->size + LINES);
	if (!longer)
		return no(why, room, "out of memory");
	*text = longer;
	g->size += append_node(v, inv, longer, g->size);
	g->number = v->committed.generation + 1;
	g->hash = generation_hash(longer, g->size);
	g->time = (uint64_t)time(NULL);
	g->label[0] = '\0';
	memcpy(g->node, v->self, sizeof(g->node));
	err = config_agents_keep(v, g, text, false, why, room);
	if (err)
		return err;
	err = keeper_commit(v, agent, client, POLLRDHUP, g, *text, node, said, sizeof(said));
	if (err && node[0])
		snprintf(why, room, "node %s refuses the configuration that has %s: %.300s", node, inv->node, said);
	else if (err)
		snprintf(why, room, "%s", said);
	return err;
}

/* Returns a setting of the agents' own file that is not for the new node, or NULL. */
static const char *own_setting(const config_t *config)
{
	static const char *const settings[] = {
		"node", "key", "configurations", "http", "leases.voter", "journal.folder",
	};
	unsigned int i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (config_lookup(config, settings[i]))
			return settings[i];
	return NULL;
}

/*
 * Reads the agents' own file, of which a machine that joins gets a copy. TEXT has room for FILE_MAX bytes. Return: NULL, also
 * without a file; or what is in the way
 */
static const char *read_file(const struct keeper_view *v, char *text, size_t *size)
{
	const char *setting = NULL;
	config_t config;
	FILE *file = fopen(v->file, "re");

	*size = 0;
	if (file) {
		*size = fread(text, 1, FILE_MAX, file);
		fclose(file);
	}
	config_init(&config);
	if (*size == FILE_MAX || memchr(text, '\0', *size)) {
		setting = "what is no text, or too long";
	} else if (*size) {
		text[*size] = '\0';
		setting = config_read_string(&config, text) == CONFIG_TRUE ? own_setting(&config) : "an error";
	}
	config_destroy(&config);
	return setting;
}

/**
 * keeper_own_setting - find out whether the agents' own file is not for a machine that joins
 * @view:	what the keeper was told
 *
 * Return: a setting of it that is for this node alone, or other words for what is in the way; NULL: a copy can be sent
 */
const char *keeper_own_setting(const struct keeper_view *view)
{
	/* The agent, of which this process is a copy, keeps what is static in memory. */
	char text[FILE_MAX];
	size_t size;

	return read_file(view, text, &size);
}

/* Without the list the machine would not know the witness, nor the other networks. Return: 0 or a negative errno */
static int has_list(const struct keeper_view *v, const struct invitation *inv, uint64_t file, char *why, size_t room)
{
	bool listed = v->listed && !v->corosync;
	const char *setting = listed && file == CONFIG_JOIN_BARE ? keeper_own_setting(v) : NULL;

	if (setting)
		return no(why, room, "%.255s of %s lists the nodes, but is not for %s, as it has settings for one node (%s): first write one with that list there",
			  v->file, v->self, inv->node, setting);
	if (listed && file == CONFIG_JOIN_FILE)
		return no(why, room, "%s has a haagentd.conf without the list \"nodes\", which that of %s has: move it away there, or write the list into it",
			  inv->node, v->self);
	return 0;
}

/* Sends the agents' own file, or why it is not for the new node. */
static void send_file(const struct keeper_view *v, struct stream *s)
{
	struct config_ask answer = { .kind = CONFIG_YES };
	char why[KEEPER_WHY], text[FILE_MAX];
	const char *setting = read_file(v, text, &answer.about.size);

	if (setting) {
		snprintf(why, sizeof(why), "%.255s of %s is not taken over, as it has settings for one node (%s): write what both need into the same file here",
			 v->file, v->self, setting);
		keeper_refuse(s, why);
	} else {
		stream_ask(s, &answer, text);
	}
}

static int send_keys(const struct keeper_view *v, struct stream *s, const uint8_t *sealer)
{
	uint8_t keys[KEY_RING * KEY_BYTES], sealed[sizeof(keys) + crypto_box_SEALBYTES];
	struct config_ask answer = { .kind = CONFIG_YES };
	size_t size = v->keys.n * KEY_BYTES;
	unsigned int i;
	int err;

	for (i = 0; i < v->keys.n; i++)
		memcpy(keys + i * KEY_BYTES, v->keys.key[i].bytes, KEY_BYTES);
	answer.about.size = size + crypto_box_SEALBYTES;
	err = crypto_box_seal(sealed, keys, size, sealer) ? -EINVAL : stream_ask(s, &answer, (const char *)sealed);
	sodium_memzero(keys, sizeof(keys));
	return err;
}

static int over(const struct invitation *inv, enum invitation_state state, char *why, size_t room)
{
	char when[32] = "?";
	time_t at = (time_t)inv->until;
	struct tm tm;

	if (state == INVITATION_OVER)
		return no(why, room, "the invitation of %s was used already, or a newer one has replaced it: have another one made", inv->node);
	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%F %T", &tm);
	return no(why, room, "the invitation of %s has expired at %s, by the clock of %s: have another one made", inv->node, when, inv->from);
}

/**
 * keeper_join - make the machine that has an invitation a node
 * @view:	what the keeper was told
 * @s:		the stream, whose key is that of the invitation
 * @inv:	the invitation
 * @sealer:	the machine's public key
 * @file:	enum config_join, or what a later release says
 * @agent:	socket to the agent; -1 if the machine's address is that of a node that stays
 */
void keeper_join(const struct keeper_view *view, struct stream *s, const struct invitation *inv, const uint8_t *sealer,
		 uint64_t file, int agent)
{
	char why[KEEPER_WHY], *text = NULL;
	enum invitation_state state;
	struct invitation now;
	struct config_ask answer = { .kind = CONFIG_YES };
	struct key key;
	int known, err = 0;

	invitation_key(inv, &key);
	state = invitation_find(view->folder, key.id, (uint64_t)time(NULL), &now);
	/* From here on nobody else can use it. */
	if (state == INVITATION_OPEN && invitation_take(view->folder, key.id))
		state = INVITATION_OVER;
	if (state != INVITATION_OPEN) {
		err = over(inv, state, why, sizeof(why));
		log_warning("configuration: %s", why);
		keeper_refuse(s, why);
		return;
	}
	known = is_known(view, inv, why, sizeof(why));
	err = known < 0 ? known : has_list(view, inv, file, why, sizeof(why));
	if (!err && !known)
		err = unchanged(view, why, sizeof(why));
	if (!err)
		err = known ? present(view, &answer.about, &text, why, sizeof(why)) :
			      keeper_stated(view, &text, &answer.about.size, why, sizeof(why));
	if (!err && !known)
		err = add_node(view, inv, agent, s->fd, &answer.about, &text, why, sizeof(why));
	if (err) {
		invitation_give_back(view->folder, key.id);
		log_warning("configuration: %s could not join: %s", inv->node, why);
		keeper_refuse(s, why);
		free(text);
		return;
	}
	/* The commit can have taken all of the time. */
	s->until = clock_now() + SEND_TIME;
	if (send_keys(view, s, sealer) || stream_ask(s, &answer, text)) {
		log_warning("configuration: %s was admitted, but did not take what it was sent: %s; invite it again", inv->node, s->why);
	} else {
		send_file(view, s);
		log_notice("configuration: %s was admitted by its invitation", inv->node);
	}
	free(text);
}
