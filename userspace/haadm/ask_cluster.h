/* SPDX-License-Identifier: GPL-2.0 */
/* The client of the agent for the configuration that all nodes of the cluster have: requests, texts, and their comparison. */

#ifndef HAADM_ASK_CLUSTER_H
#define HAADM_ASK_CLUSTER_H

#include <jansson.h>
#include <linux/haswitch.h>

#include "haadm/haadm.h"
#include "lib/model.h"

/* A text in memory, from malloc(), with a NUL behind it. */
struct cluster_text {
	char *at;
	size_t size;
};

#define CLUSTER_PATIENCE_MS	180000	/* a commit has haadm check the text on each node */

/*
 * Asks the agent, and waits for the answer for PATIENCE ms. WORDS: see lib/ask.h. SEND: text that follows the words, or
 * NULL. GOT: filled with the text of the answer, unless it is NULL. Returns the answer, or NULL and a report in ERR; NODE
 * is then the node that has refused, if one has, and else empty. NODE can be NULL.
 */
json_t *cluster_ask_within(int patience, const char *words, const struct cluster_text *send, struct cluster_text *got,
			   char node[HASWITCH_NAME_MAX + 1], struct hasw_error *err);

/* The same, with the time that the slowest request may take. */
static inline json_t *cluster_ask(const char *words, const struct cluster_text *send, struct cluster_text *got,
				  char node[HASWITCH_NAME_MAX + 1], struct hasw_error *err)
{
	return cluster_ask_within(CLUSTER_PATIENCE_MS, words, send, got, node, err);
}

/* Reads a file, or standard input if PATH is "-". Reports errors. A last line without end gets one. */
enum status cluster_read(struct haadm *haadm, const char *path, struct cluster_text *text);

/* Makes the text that haadm save prints of the module's configuration, without the word `self`. Reports errors. */
enum status cluster_running(struct haadm *haadm, struct cluster_text *text);

/*
 * Returns the first node that is heard and whose configuration was changed by hand, as the answer to "show" has it; NULL for
 * none. BUT: a node that does not count, or NULL.
 */
const char *cluster_changed(const json_t *shown, const char *but);

/*
 * Gives the nodes of MODEL the states that they have in FROM: nobody wants a drain to end because something else is
 * committed.
 */
void cluster_states(struct hasw_model *model, const struct hasw_model *from);

/* Makes the text that haadm save prints of a model, without the word `self`. Reports errors. */
enum status cluster_print(struct haadm *haadm, const struct hasw_model *model, struct cluster_text *text);

/* Checks a text and reads it into MODEL, which the caller frees, unless there are errors. NAME and errors as below. */
enum status cluster_model(struct haadm *haadm, const struct cluster_text *from, const char *name, struct hasw_model *model);

/* Turns a text into the form that haadm save prints. NAME: what errors call it. Reports errors. */
enum status cluster_plain(struct haadm *haadm, const struct cluster_text *from, const char *name, struct cluster_text *text);

/* How two texts differ: the lines that only one of them has are printed, or put into lists for JSON output. */
struct cluster_diff {
	json_t *gone, *new;		/* NULL: the lines are printed */
	const char *before, *after;	/* which texts these are, printed before the first line */
	bool any;			/* there was a line */
};

/*
 * Compares two texts: "- " stands before a line that only BEFORE has, "+ " before one that only AFTER has. Both texts are
 * useless afterwards.
 */
enum status cluster_print_diff(struct haadm *haadm, const struct cluster_text *before, const struct cluster_text *after,
			       struct cluster_diff *diff);

/* Returns whether two texts have the same lines, in whatever order. Both texts are useless afterwards. */
bool cluster_same(const struct cluster_text *one, const struct cluster_text *other);

/**
 * struct cluster_change - a text that is to be committed
 * @text:	the text
 * @name:	what errors call it
 * @label:	label of the snapshot, or NULL
 * @whole:	the text has all. Else one without settings of all agents keeps the committed ones
 * @agents:	file from which its settings of all agents come, for errors; NULL: from no file of their own
 */
struct cluster_change {
	struct cluster_text text;
	const char *name;
	const char *label;
	bool whole;
	const char *agents;
};

/* Commits a text on all nodes, and waits until those that are heard have it in force. */
enum status cluster_commit(struct haadm *haadm, const struct cluster_change *change);

/* The same, but fails if generation BASE is not the committed one any more. The text has no word `self`. */
enum status cluster_commit_after(struct haadm *haadm, json_int_t base, const struct cluster_change *change);

/*
 * Puts settings of all agents into a text, in place of those that it has. AGENTS: NULL for none. Reports errors. The text is
 * replaced.
 */
enum status cluster_agents_set(struct haadm *haadm, struct cluster_text *text, const struct cluster_text *agents);

/*
 * Compares the settings of all agents in two texts, without the lines with which both begin and end: they have an order.
 * Reports errors.
 */
enum status cluster_agents_diff(struct haadm *haadm, const struct cluster_text *before, const struct cluster_text *after,
				struct cluster_diff *diff);

#endif
