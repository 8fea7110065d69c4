/* SPDX-License-Identifier: GPL-2.0 */
/* What the agent of this machine knows of a node: its agent, the paths to it, and the configuration that it runs. */

#ifndef HAADM_PEERS_H
#define HAADM_PEERS_H

#include <stdbool.h>

#include <jansson.h>

/* Returns the part of ANSWER, the result of ask_agent() or NULL, that is about the peer NODE; or NULL. */
const json_t *peers_find(const json_t *answer, const char *node);

/*
 * Adds to OBJECT what ANSWER, the result of ask_agent() or NULL, says of NODE; SELF: it is this machine. What is not
 * known is left out. The keys are agent_state, release, paths_good, paths_total, config_generation, config_hash,
 * config_state and config_current.
 */
void peers_json(json_t *object, const json_t *answer, const char *node, bool self);

#define PEERS_TEXT	128	/* size of a text of peers_config(), bytes */

/*
 * Writes which generation of the cluster's configuration a node runs, from the keys that peers_json() has added to OBJECT.
 * COMMITTED: the committed generation. Returns BUF; or NULL if that is not known.
 */
const char *peers_config(const json_t *object, json_int_t committed, char buf[PEERS_TEXT]);

/*
 * Returns the releases of the agents that are heard, and of the one that has given ANSWER, by node, if they are not all the
 * same; or NULL. A release is a string, or null: an earlier one that does not tell.
 */
json_t *peers_releases(const json_t *answer);

/* Returns a release as a text, from the value of a key "release". */
const char *peers_release_text(const json_t *release);

/* Writes "1h ahead of" or "2s behind", from the value of a key "clock_ahead". Returns BUF. */
const char *peers_clock_text(const json_t *ahead, char buf[PEERS_TEXT]);

/*
 * Prints what peers_json() has added to OBJECT from ANSWER, with a comma before each part; the release only where those of
 * agents differ.
 */
void peers_text(const json_t *object, const json_t *answer);

/* Returns the generation of the configuration that is committed, as ANSWER says; 0: none, or it is not known. */
json_int_t peers_committed(const json_t *answer);

#endif
