/* SPDX-License-Identifier: GPL-2.0 */
/* The journal: what happened, as lines of JSON, written to the disk by a thread of its own. */
#ifndef HAAGENTD_JOURNAL_H
#define HAAGENTD_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/conf/conf.h"
#include "haagentd/json.h"

struct hasw_record;
struct hasw_vote_conf;
struct journal;
struct module;

/**
 * struct journal_place - where a journal is, and how much is kept
 * @folder:	folder of all journals on this machine; a copy is made
 * @node:	name of this node
 * @most:	bytes that the files may have together
 * @age:	how long files are kept, ns
 */
struct journal_place {
	const char *folder;
	const char *node;
	uint64_t most;
	uint64_t age;
};

struct journal *journal_open(const struct journal_place *place);
void journal_where(const struct journal *j, struct journal_place *place);
void journal_close(struct journal *j, const char *why);
void journal_look_again(struct journal *j);
void journal_look(struct journal *j);
bool journal_looks(struct journal *j, bool able);
void journal_tick(struct journal *j, struct module *m);
struct json *journal_begin(struct journal *j, const char *kind, uint64_t time);
void journal_end(struct journal *j);
void journal_event(struct journal *j, const struct hasw_record *rec);
void journal_heard(struct journal *j, uint64_t event);
void journal_peer(struct journal *j, const char *node, const char *from, const char *to, uint64_t silence);
void journal_path(struct journal *j, const char *node, const char *path, const char *to);
void journal_reload(struct journal *j, const char *file, bool good);
void journal_service(struct journal *j, const char *service, const char *to);
void journal_drained(struct journal *j, const char *node, const char *service);
void journal_committed(struct journal *j, const struct hasw_vote_conf *conf, const char *node, const char *to);
void journal_voters(struct journal *j, uint32_t set, const char *names, uint32_t voters);
void journal_nodes(struct journal *j, const char *kind, uint32_t set, const char *names, uint32_t nodes);
void journal_fence(struct journal *j, const char *node, const char *to, const char *reason);

#endif
