// SPDX-License-Identifier: GPL-2.0
/* haadm stats: the counters of this network namespace. */

#include <inttypes.h>
#include <string.h>

#include "commands.h"
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

static int print(const struct hasw_record *rec, void *data)
{
	struct haadm *haadm = data;
	struct field fields[HASW_ATTR_SLOTS];
	size_t n = 0;

	/* The spec is the description of the fields: all that it names are shown. */
	memset(fields, 0, sizeof(fields));
	for (uint16_t i = 1; i <= rec->set->max; i++) {
		if (rec->set->attrs[i].type != HASW_T_PAD)
			fields[n++].attr = i;
	}
	if (haadm->out.json) {
		out_json_line(&haadm->out, out_json(&haadm->out, rec, fields, n));
		return 0;
	}
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
	return 0;
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	if (!sock)
		return STATUS_REFUSED;
	request_encode(req, &msg, buf, sizeof(buf), HASWITCH_CMD_STATS_GET, 0);
	return read_end(haadm, hasw_get(sock, &msg, print, haadm, &err), &err);
}

static const struct verb verbs[] = {
	{ "show", NULL, HASWITCH_CMD_STATS_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct object object_stats = { "stats", "counters and histograms", verbs };
