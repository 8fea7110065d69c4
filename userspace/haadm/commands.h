/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the commands offer each other. */

#ifndef HAADM_COMMANDS_H
#define HAADM_COMMANDS_H

#include "haadm/parse/grammar.h"
#include "lib/model.h"

extern const struct object object_node, object_vip, object_service, object_member, object_lease,
	object_flow, object_beat, object_failover, object_failback, object_explain, object_pulse, object_event, object_stats,
	object_status, object_agent, object_monitor,
	object_save, object_restore;

/* change.c: add, set, del and the like, one message each. */
enum status change_run(struct haadm *haadm, const struct request *req);
int change_send(struct hasw_sock *sock, const struct request *req, unsigned int cmd,
		struct hasw_error *err);
/* replace.c: makes the object what the command says, be it there or not. */
enum status replace_run(struct haadm *haadm, const struct request *req);

/* show.c: one object, or a list of them. */
enum status show_run(struct haadm *haadm, const struct request *req, const struct field *fields,
		     size_t n, bool (*wanted)(const struct hasw_record *rec, const struct request *req));
/* The same; in text, AFTER prints what belongs to each object on further lines. */
enum status show_run_after(struct haadm *haadm, const struct request *req, const struct field *fields,
			   size_t n, void (*after)(struct out *out, const struct hasw_record *rec));
/* The same; text is a table, whose columns are the fields that are shown always. */
enum status show_run_table(struct haadm *haadm, const struct request *req, const struct field *fields, size_t n);
/* Ends a command that read something: complains of what went wrong. */
enum status read_end(struct haadm *haadm, int ret, const struct hasw_error *err);

/* cmd/event.c: prints an event as a list element, or (monitor) as a line of its own. */
void event_print(struct out *out, const struct hasw_record *rec, bool line);

/* apply.c: does to a model what an add or set request does to the module. */
int apply_request(struct hasw_model *model, const struct request *req, unsigned int cmd,
		  struct hasw_error *err);

/* cmd/save.c: prints a configuration as the commands that make it, with the word `self` if SELF; 0 or -ENOMEM. */
int save_print(FILE *to, const struct hasw_model *model, bool self);

/* run.c: understands and runs one command; a file of them. */
enum status run_command(struct haadm *haadm, int n_words, char *const *words);
enum status run_batch(struct haadm *haadm, const char *path);

#endif
