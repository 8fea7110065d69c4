// SPDX-License-Identifier: GPL-2.0
/* Lines of journals: this node's, which others ask for, and those of others, which are copied beside this node's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/journal/journal_copy.h"
#include "keeper_task.h"

#define COPY_TIME	(20 * CLOCK_SECOND)	/* no piece is asked for later: what is missing then is copied the next time */
#define PIECE_TIME	(5 * CLOCK_SECOND)	/* how long a node may take for a piece */

/**
 * keeper_send_journal - send another node lines of this node's journal
 * @view:	what the keeper was told
 * @s:		the stream
 * @ask:	the request
 */
void keeper_send_journal(const struct keeper_view *view, struct stream *s, const struct config_ask *ask)
{
	struct config_ask answer = { .kind = CONFIG_YES };
	struct journal_mark mark = { .offset = ask->about.hash, .begun = ask->about.time };
	char why[KEEPER_WHY], *lines = NULL, *text;
	uint64_t alive;
	size_t size;
	int err;

	/* A number that no file can have is that of no file. */
	if (ask->about.number <= UINT32_MAX)
		mark.file = (uint32_t)ask->about.number;
	if (!view->journal[0]) {
		keeper_refuse(s, "it writes no journal");
		return;
	}
	err = journal_piece(view->journal, view->self, &mark, &lines, &size, &alive);
	text = err ? NULL : malloc(CONFIG_JOURNAL_ALIVE + size);
	if (!text) {
		snprintf(why, sizeof(why), "its journal cannot be read there: %s", strerror(err ? -err : ENOMEM));
		keeper_refuse(s, why);
		free(lines);
		return;
	}
	bytes_put((uint8_t *)text, alive, CONFIG_JOURNAL_ALIVE);
	memcpy(text + CONFIG_JOURNAL_ALIVE, lines, size);
	answer.about.number = mark.file;
	answer.about.hash = mark.offset;
	answer.about.time = mark.begun;
	answer.about.size = CONFIG_JOURNAL_ALIVE + size;
	stream_ask(s, &answer, text);
	free(text);
	free(lines);
}

/**
 * struct copied - what became of the copy of a node's journal
 * @complete:	all that the node had was copied, or its journal itself is here
 * @why:	why not
 */
struct copied {
	bool complete;
	char why[KEEPER_WHY];
};

/* Asks for the next piece, and appends it. Return: 1 if there may be more; 0 if there is none; or a negative errno. */
static int copy_piece(const struct keeper_view *view, const struct keeper_peer *peer, struct journal_copy *c,
		      uint64_t until, uint64_t *alive, struct copied *copied)
{
	struct config_ask ask = { .kind = CONFIG_JOURNAL }, answer;
	uint64_t now = clock_now();
	struct journal_mark from;
	char *text;
	size_t size;
	int err;

	ask.about.number = c->mark.file;
	ask.about.hash = c->mark.offset;
	ask.about.time = c->mark.begun;
	err = keeper_request(view, peer, &ask, NULL, &answer, &text, copied->why, sizeof(copied->why),
			     until < now + PIECE_TIME ? until : now + PIECE_TIME);
	if (err)
		return err;
	size = answer.about.size;
	if (size < CONFIG_JOURNAL_ALIVE || answer.about.number > UINT32_MAX) {
		snprintf(copied->why, sizeof(copied->why), "its answer cannot be understood");
		free(text);
		return -EPROTO;
	}
	*alive = bytes_get((const uint8_t *)text, CONFIG_JOURNAL_ALIVE);
	size -= CONFIG_JOURNAL_ALIVE;
	from = (struct journal_mark){ .file = (uint32_t)answer.about.number, .offset = answer.about.hash,
				      .begun = answer.about.time };
	err = size ? journal_copy_add(c, &from, text + CONFIG_JOURNAL_ALIVE, size, copied->why) : 0;
	free(text);
	return err ? err : size > 0;
}

static void copy_all(const struct keeper_view *view, const struct keeper_peer *peer, uint64_t until,
		     struct copied *copied)
{
	struct journal_copy c;
	uint64_t alive = 0;
	int more = 1;

	if (journal_copy_open(&c, view->journal, peer->name, view->journal_size, view->journal_age, copied->why))
		return;
	while (more > 0 && clock_now() < until)
		more = copy_piece(view, peer, &c, until, &alive, copied);
	copied->complete = !more;
	if (more > 0)
		snprintf(copied->why, sizeof(copied->why), "there was no time to copy all of it: ask again");
	journal_copy_close(&c, more ? 0 : alive);
}

static void copy(const struct keeper_view *view, const struct keeper_peer *peer, uint64_t until, struct copied *copied)
{
	enum journal_own own = journal_copy_own(view->journal, peer->name);

	memset(copied, 0, sizeof(*copied));
	copied->complete = own == JOURNAL_OWN_WRITTEN;
	if (copied->complete)
		return;
	if (!peer->heard)
		snprintf(copied->why, sizeof(copied->why), "it is not heard");
	else if (!peer->journal)
		snprintf(copied->why, sizeof(copied->why), "its agent is of an earlier release, which sends none");
	else if (own == JOURNAL_OWN_LEFT)
		snprintf(copied->why, sizeof(copied->why), "%.256s/%s is there, and no agent here writes it: remove it, and its journal is copied",
			 view->journal, peer->name);
	else
		copy_all(view, peer, until, copied);
}

/**
 * keeper_copy_journals - copy what is new in the journals of other nodes
 * @view:	what the keeper was told
 * @node:	of this one alone; empty: of all
 * @answer:	what became of them
 *
 * The nodes are asked one after the other.
 */
void keeper_copy_journals(const struct keeper_view *view, const char *node, struct json *answer)
{
	uint64_t until = clock_now() + COPY_TIME;
	struct copied copied;
	unsigned int i, k, first;

	if (!view->journal[0]) {
		json_text(answer, "error", "this node's agent writes no journal");
		return;
	}
	json_text(answer, "folder", view->journal);
	json_list(answer, "journals");
	/* Each time another node is the first, so that some which hang do not keep the time from the same ones. */
	first = view->n_peers ? randombytes_uniform(view->n_peers) : 0;
	for (k = 0; k < view->n_peers; k++) {
		i = (first + k) % view->n_peers;
		if (node[0] && strcmp(node, view->peers[i].name))
			continue;
		copy(view, &view->peers[i], until, &copied);
		json_object(answer, NULL);
		json_text(answer, "node", view->peers[i].name);
		json_flag(answer, "complete", copied.complete);
		if (!copied.complete)
			json_text(answer, "reason", copied.why);
		json_object_end(answer);
	}
	json_list_end(answer);
}
