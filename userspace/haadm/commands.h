/* SPDX-License-Identifier: GPL-2.0 */
/* The functions and objects that the source files of the commands share with each other. */

#ifndef HAADM_COMMANDS_H
#define HAADM_COMMANDS_H

#include "haadm/parse/grammar.h"
#include "lib/model.h"

extern const struct object object_node, object_zone, object_vip, object_service, object_member, object_lease,
	object_flow, object_beat, object_failover, object_failback, object_explain, object_pulse, object_event, object_stats,
	object_status, object_check, object_top, object_doctor, object_agent, object_cluster, object_snapshot,
	object_monitor, object_journal, object_availability, object_save, object_restore, object_schema;

extern const struct shape shape_node, shape_vip, shape_service, shape_member, shape_lease, shape_pulse, shape_flow,
	shape_limits, shape_event, shape_stats, shape_times, shape_explain;

/* change.c: runs a verb that sends one message, such as add, set or del. */
enum status change_run(struct haadm *haadm, const struct request *req);
int change_send(struct haadm *haadm, struct hasw_sock *sock, const struct request *req, unsigned int cmd,
		struct hasw_error *err);
/* change_all.c: runs a `node set` or `zone set` on all nodes of the cluster. Complains about other commands. */
enum status change_all(struct haadm *haadm, const struct request *req);
/*
 * cmd/member.c: returns whether the member that a record describes is the one at PORT. 0 and the service's port stand
 * for a member without a port of its own.
 */
bool member_is_at(const struct hasw_record *rec, uint64_t port);

/*
 * cmd/member.c: returns whether the request means the member that a record of a dump describes. If the request names a
 * whole vip as the service, the dump also has the members of the vip's other services, which are not meant.
 */
bool member_wanted(const struct hasw_record *rec, const struct request *req);

/*
 * cmd/member.c: warns of a member that has just been added or changed to via nat, if the service's protocol has related
 * flows, which nat does not carry. Does nothing for any other request.
 */
void member_warn(struct haadm *haadm, const struct request *req);
/* replace.c: adds the object, or sets an existing one to exactly the settings of the command. */
enum status replace_run(struct haadm *haadm, const struct request *req);

/*
 * cmd/failover.c: releases a lease for which the command names no successor. If this machine holds it, and its agent
 * votes, the agents move it to the node whose turn it is; waits up to 3 s for that. Otherwise the module releases it,
 * which a line on standard error tells. Returns the status of the command.
 */
enum status failover_release(struct haadm *haadm, const struct request *req);

/* show.c: prints one object, or a list of objects. */
enum status show_run(struct haadm *haadm, const struct request *req, const struct field *fields,
		     size_t n, bool (*wanted)(const struct hasw_record *rec, const struct request *req));
/* Like show_run(). In text output, also calls AFTER for each object, to print further lines. */
enum status show_run_after(struct haadm *haadm, const struct request *req, const struct field *fields,
			   size_t n, void (*after)(struct out *out, const struct hasw_record *rec));
/* Like show_run(), but text output is a table, whose columns are the WHEN_ALWAYS and WHEN_TEXT fields. */
enum status show_run_table(struct haadm *haadm, const struct request *req, const struct field *fields, size_t n);
/* Reports the error, if any, of a read from the module that returned RET. Returns the status of the command. */
enum status read_end(struct haadm *haadm, int ret, const struct hasw_error *err);

/* cmd/event.c: prints an event. If LINE is true, JSON output is a line of its own, instead of an element of a list. */
void event_print(struct out *out, const struct hasw_record *rec, bool line);

struct journal_skipped;
/* cmd/journal.c: says what of the journals was passed over. */
void journal_complain(const struct haadm *haadm, const struct journal_skipped *skipped);

/* apply.c: applies an add or set request to a model, as the module would apply it to its configuration. */
int apply_request(struct hasw_model *model, const struct request *req, unsigned int cmd,
		  struct hasw_error *err);

/*
 * cmd/save.c: returns whether haadm knows the names of all enum values in the model. If not, save_print() cannot print
 * the model.
 */
bool save_knows(const struct hasw_model *model);

/*
 * cmd/save.c: prints a model as add and set commands. If SELF is true, the command that adds this machine's node gets
 * the word `self`. Returns 0 or -ENOMEM.
 */
int save_print(FILE *to, const struct hasw_model *model, bool self);

/*
 * cmd/restore.c: reads and checks the file PATH, which errors call NAME, without a request to the module. The caller frees
 * MODEL with hasw_model_free(), unless the returned status is an error, which was reported.
 */
enum status restore_model(struct haadm *haadm, const char *path, const char *name, struct hasw_model *model);

struct overview;

/* Earlier readings of a process that reads now and then. All are NULL at first. */
struct status_past {
	struct overview *base;	/* what rates are measured from while the last one is young */
	struct overview *last;
};

/*
 * cmd/status.c: returns what `haadm -j status` prints, with rates since an earlier reading, if there was one. On failure
 * returns NULL and fills ERR. *AGENT receives the answer of the agent, or NULL, in both cases.
 */
json_t *status_json(struct hasw_sock *sock, struct status_past *past, json_t **agent, struct hasw_error *err);

/* cmd/schema.c: returns what `haadm -j schema` prints. */
json_t *schema_json(void);

/* run.c: parses and runs one command, or a batch file of commands. */
enum status run_command(struct haadm *haadm, int n_words, char *const *words);
enum status run_batch(struct haadm *haadm, const char *path);

#endif
