// SPDX-License-Identifier: GPL-2.0
/* The help texts: the BNF of the commands, and the error report of an invalid command. */

#include <stdio.h>
#include <string.h>

#include "grammar.h"

static const char options[] =
	"OPTIONS := { -j | -p | -s | -d | -t | -c | -n NETNS | -b FILE | -V | -h }\n"
	"    -j[son]        prints JSON; -p[retty] with line breaks\n"
	"    -s[tats]       shows counters; -d[etails] shows everything\n"
	"    -t[imestamp]   adds wall time to times; -c[olor] colours states\n"
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

void grammar_help(FILE *to, const struct object *object)
{
	if (object) {
		for (const struct verb *verb = object->verbs; verb->run; verb++)
			verb_help(to, object, verb, verb == object->verbs);
		terms_help(to, object);
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

	if (!object) {
		haadm_complain(haadm, STATUS_USAGE, "%s", complaint->text);
		if (!haadm->file)
			fputs("Try 'haadm help'.\n", stderr);
		return STATUS_USAGE;
	}
	if (!verb) {
		haadm_complain(haadm, STATUS_USAGE, "%s: %s", object->word, complaint->text);
		if (!haadm->file)
			fprintf(stderr, "Try 'haadm %s help'.\n", object->word);
		return STATUS_USAGE;
	}
	haadm_complain(haadm, STATUS_USAGE, "%s%s%s: %s", object->word, verb->word ? " " : "",
		       verb->word ? verb->word : "", complaint->text);
	verb_help(stderr, object, verb, true);
	return STATUS_USAGE;
}
