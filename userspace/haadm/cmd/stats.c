// SPDX-License-Identifier: GPL-2.0
/* `haadm stats`: the counters of this network namespace, and histograms of how long switches took. */

#include <inttypes.h>
#include <string.h>

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"

static void bucket_print(const struct nlattr *attr)
{
	struct hasw_record bucket;
	char text[HASW_TIME_TEXT];
	uint64_t below;

	if (hasw_record_nest(&bucket, &hasw_set_bucket, attr))
		return;
	below = hasw_number(&bucket, HASWITCH_A_BUCKET_BELOW, 0);
	printf("    below %-10s %" PRIu64 "\n", below ? hasw_span_format(below, text) : "any",
	       hasw_number(&bucket, HASWITCH_A_BUCKET_COUNT, 0));
}

/* Prints the numbers and histograms of a record, one below the other. */
static void fields_print(const struct hasw_record *rec, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct hasw_attr *desc = &rec->set->attrs[fields[i].attr];
		const struct nlattr *attr = NULL;

		if (desc->type != HASW_T_NEST) {
			printf("%-18s %" PRIu64 "\n", desc->name, hasw_number(rec, fields[i].attr, 0));
			continue;
		}
		printf("%s\n", desc->name);
		while ((attr = hasw_next(rec, fields[i].attr, attr)))
			bucket_print(attr);
	}
}

static int print(const struct hasw_record *rec, void *data)
{
	struct haadm *haadm = data;
	struct field fields[HASW_ATTR_SLOTS];
	size_t n = 0;

	/* All attributes of the spec are shown, so that a new counter needs no change here. */
	memset(fields, 0, sizeof(fields));
	for (uint16_t i = 1; i <= rec->set->max; i++) {
		if (rec->set->attrs[i].type != HASW_T_PAD)
			fields[n++].attr = i;
	}
	if (haadm->out.json)
		out_json_line(&haadm->out, out_json(&haadm->out, rec, fields, n));
	else
		fields_print(rec, fields, n);
	return 0;
}

static const struct field times_fields[] = {
	{ NULL, "service", HASWITCH_A_TIMES_ADDR4, FORM_SVC, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_TIMES_MOVES, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_TIMES_DECISION_PUBLISH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_TIMES_PUBLISH_FIRST, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_TIMES_DECISION_FIRST, FORM_ATTR, WHEN_ALWAYS, 0 },
};

static int print_times(const struct hasw_record *rec, void *data)
{
	struct haadm *haadm = data;
	char text[HASW_SVC_TEXT];
	struct hasw_svc svc;

	if (haadm->out.json) {
		out_json_line(&haadm->out, out_json(&haadm->out, rec, times_fields, N_FIELDS(times_fields)));
		return 0;
	}
	if (hasw_get_svc(rec, HASWITCH_A_TIMES_ADDR4, &svc))
		printf("%-18s %s\n", "service", hasw_svc_format(&svc, text));
	fields_print(rec, times_fields + 1, N_FIELDS(times_fields) - 1);
	return 0;
}

static enum status ask(struct haadm *haadm, const struct request *req,
		       int (*print_it)(const struct hasw_record *rec, void *data))
{
	struct hasw_sock *sock = haadm_sock(haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	if (!sock)
		return STATUS_REFUSED;
	request_encode(req, &msg, buf, sizeof(buf), req->verb->cmd, 0);
	return read_end(haadm, hasw_get(sock, &msg, print_it, haadm, &err), &err);
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	return ask(haadm, req, print);
}

static enum status show_times(struct haadm *haadm, const struct request *req)
{
	return ask(haadm, req, print_times);
}

static const struct verb verbs[] = {
	{ "show", NULL, HASWITCH_CMD_STATS_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, show },
	{ "switch", "[ SERVICE ]", HASWITCH_CMD_TIMES_GET, SUBJECT_SVC, true, HASWITCH_A_TIMES_ADDR4,
	  NULL, { 0, 0 }, show_times },
	{ .word = NULL },
};

const struct shape shape_stats = { "stats show", HASWITCH_CMD_STATS_GET, NULL, 0, false, NULL };
const struct shape shape_times = { "stats switch", HASWITCH_CMD_TIMES_GET, times_fields, N_FIELDS(times_fields), false, NULL };
const struct object object_stats = { "stats", "counters and histograms", verbs };
