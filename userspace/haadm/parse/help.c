// SPDX-License-Identifier: GPL-2.0
/* The help texts: the BNF of the commands, and the error report of an invalid command. */

#include <stdio.h>
#include <string.h>

#include "grammar.h"

static const char options[] =
	"OPTIONS := { -j | -p | -s | -d | -t | -c | -all | -n NETNS | -b FILE | -V | -h }\n"
	"    -j[son]        prints JSON; -p[retty] with line breaks\n"
	"    -s[tats]       shows counters; -d[etails] shows everything\n"
	"    -t[imestamp]   adds wall time to times; -c[olor] colours states\n"
	"    -all           has node set or zone set act on all nodes of the cluster\n"
	"    -n[etns] NAME  works in the network namespace NAME\n"
	"    -b[atch] FILE  runs the commands in FILE (-: standard input)\n"
	"    -force         goes on with a batch after an error\n"
	"    -V[ersion]     prints the version; -h[elp] this\n";

static const struct {
	const char *word;
	const char *definition;
} terms[] = {
	{ "SERVICE", "SERVICE := { ADDR | ADDR/PROTO | ADDR:PORT/PROTO | [ADDR6]:PORT/PROTO }\n" },
	{ "SCHED", "SCHED := { active-standby | maglev | rr | wrr | lc | wlc | random }\n" },
	{ "WHEN", "WHEN := { NUMBER{ s | m | h | d | w } | YYYY-MM-DD[THH:MM[:SS]] | @SECONDS }\n" },
	{ "TIME", "TIME := NUMBER{ us | ms | s | m | h }\n" },
};

/* Prints the definitions of the terms that occur in the syntax of the object's verbs. */
static void terms_help(FILE *to, const struct object *object)
{
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		const struct verb *verb = object->verbs;

		while (verb->run && !(verb->syntax && strstr(verb->syntax, terms[i].word)))
			verb++;
		if (verb->run)
			fputs(terms[i].definition, to);
	}
}

static void verb_help(FILE *to, const struct object *object, const struct verb *verb, bool first)
{
	fprintf(to, "%s haadm %s", first ? "Usage:" : "      ", object->word);
	if (verb->word)
		fprintf(to, " %s", verb->word);
	if (verb->syntax)
		fprintf(to, " %s", verb->syntax);
	fputc('\n', to);
}

const char *verb_example(const struct verb *verb)
{
	switch (verb->cmd) {
	case HASWITCH_CMD_PULSE_SET:
		return "web1 id 7 interval 10ms multiplier 4 path 192.168.0.1 192.168.0.11 tx-key gate-web1.key rx-key web1-gate.key";
	case HASWITCH_CMD_LEASE_SET:
		return "web floor 1\n"
		       "web epoch 1 holder gate for 10s";
	}
	return NULL;
}

/* Prints the example of a verb, if it has one. */
static void example_help(FILE *to, const struct object *object, const struct verb *verb)
{
	const char *at = verb_example(verb);

	for (bool first = true; at; first = false) {
		const char *end = strchr(at, '\n');

		fprintf(to, "%s haadm %s %s %.*s\n", first ? "Example:" : "        ", object->word, verb->word,
			end ? (int)(end - at) : (int)strlen(at), at);
		at = end ? end + 1 : NULL;
	}
}

void grammar_help(FILE *to, const struct object *object)
{
	if (object) {
		for (const struct verb *verb = object->verbs; verb->run; verb++)
			verb_help(to, object, verb, verb == object->verbs);
		terms_help(to, object);
		for (const struct verb *verb = object->verbs; verb->run; verb++)
			example_help(to, object, verb);
		return;
	}
	fputs("Usage: haadm [ OPTIONS ] OBJECT { COMMAND | help }\n"
	      "       haadm [ OPTIONS ] [ -force ] -b FILE\n"
	      "where  OBJECT := {", to);
	for (size_t i = 0; objects[i]; i++)
		fprintf(to, "%s %s", i ? " |" : "", objects[i]->word);
	fputs(" }\n", to);
	for (size_t i = 0; objects[i]; i++)
		fprintf(to, "    %-12s   %s\n", objects[i]->word, objects[i]->about);
	fputs(options, to);
}

enum status complaint_show(const struct haadm *haadm, const struct complaint *complaint)
{
	const struct object *object = complaint->object;
	const struct verb *verb = complaint->verb;
	enum status status;

	if (!object) {
		status = haadm_complain(haadm, STATUS_USAGE, "%s", complaint->text);
		if (!haadm->file)
			fputs("Try 'haadm help'.\n", stderr);
		return status;
	}
	if (!verb) {
		status = haadm_complain(haadm, STATUS_USAGE, "%s: %s", object->word, complaint->text);
		if (!haadm->file)
			fprintf(stderr, "Try 'haadm %s help'.\n", object->word);
		return status;
	}
	status = haadm_complain(haadm, STATUS_USAGE, "%s%s%s: %s", object->word, verb->word ? " " : "",
				verb->word ? verb->word : "", complaint->text);
	verb_help(stderr, object, verb, true);
	if (!haadm->file)
		example_help(stderr, object, verb);
	return status;
}

enum status request_incomplete(const struct haadm *haadm, const struct request *req, uint64_t need, const char *why)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	const char *between = "";
	size_t len = 0;
	uint64_t said = 0;

	/* Two keys can have the same attribute; then the first one is named. */
	for (const struct key *key = req->verb->keys; key->word; key++) {
		uint64_t attr = ATTR(key->attr);

		if (!(need & attr & ~req->given & ~said) || len >= sizeof(complaint.text))
			continue;
		said |= attr;
		len += (size_t)snprintf(complaint.text + len, sizeof(complaint.text) - len, "%s\"%s\"", between,
					key->word);
		between = ", ";
	}
	if (len < sizeof(complaint.text))
		snprintf(complaint.text + len, sizeof(complaint.text) - len, " missing: %s", why);
	return complaint_show(haadm, &complaint);
}

void request_example(const struct haadm *haadm, const struct request *req)
{
	if (!haadm->file)
		example_help(stderr, req->object, req->verb);
}
