// SPDX-License-Identifier: GPL-2.0
/* The commands that the documentation shows are haadm's: in blocks of its pages, in backquotes, in man pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>
#include <glob.h>
#include <stdio.h>

#include "haadm/commands.h"

#define MOST_WORDS 64
#define MOST_TEXT 1024

static unsigned int wrong, seen;

static void tell(const char *path, unsigned int line, const char *text, const char *why)
{
	const char *top = getenv("HASWITCH_TOP");
	size_t skip = top && !strncmp(path, top, strlen(top)) ? strlen(top) + 1 : 0;

	print_error("%s:%u: \"%s\": %s\n", path + skip, line, text, why);
	wrong++;
}

/* What a shell would take for the end of a command, or of its words. */
static bool ends(const char *word)
{
	static const char *const ending[] = { "|", "||", "&&", ";", "&", ">", "<", "2>&1" };

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		if (!strcmp(word, ending[i]))
			return true;
	}
	return *word == '#' || *word == '>' || *word == '<';
}

/* Takes a line apart, up to its end, without the options. Returns the number of words. */
static int split(char *text, char **words)
{
	bool options = true;
	char *save, *word;
	int n = 0;

	for (word = strtok_r(text, " \t\r\n", &save); word && !ends(word) && n < MOST_WORDS;
	     word = strtok_r(NULL, " \t\r\n", &save)) {
		size_t len = strlen(word);
		bool last = len > 1 && word[len - 1] == ';';

		if (last)
			word[len - 1] = '\0';
		if (options && word[0] == '-' && word[1]) {
			if (!strcmp(word, "-n") || !strcmp(word, "-b"))
				strtok_r(NULL, " \t\r\n", &save);
			continue;
		}
		options = false;
		words[n++] = word;
		if (last)
			break;
	}
	return n;
}

static bool is_help(int n, char *const *words)
{
	return !strcmp(words[0], "help") || (n == 2 && !strcmp(words[1], "help"));
}

/* A whole command, without "haadm". Of a file of configuration each is an add or set. */
static void command(const char *path, unsigned int line, const char *text, bool config)
{
	struct complaint complaint;
	char buf[MOST_TEXT];
	char *words[MOST_WORDS];
	struct request req;
	int n;

	snprintf(buf, sizeof(buf), "%s", text);
	n = split(buf, words);
	if (!n)
		return;
	seen++;
	if (!config && is_help(n, words))
		return;
	/* A key is read from its file as it is parsed: none is there. */
	if (request_parse(&req, n, words, &complaint)) {
		if (!strstr(complaint.text, ".key"))
			tell(path, line, text, complaint.text);
	} else if (config && (!req.verb->word || (strcmp(req.verb->word, "add") && strcmp(req.verb->word, "set")))) {
		tell(path, line, text, "no add or set");
	} else if (req.verb->cmd == HASWITCH_CMD_VIP_ADD && !request_has(&req, HASWITCH_A_VIP_HOLDER) &&
		   !request_has(&req, HASWITCH_A_VIP_LEASE) && !request_has(&req, HASWITCH_A_VIP_EVERYWHERE)) {
		tell(path, line, text, "each node that does this answers for the vip: name a holder or a lease, or say "
				       "everywhere");
	}
}

static bool is_word(const char *word)
{
	for (; *word; word++) {
		if (!islower(*word) && *word != '-')
			return false;
	}
	return true;
}

/* What is quoted may have gaps: its object and its verb are there all the same. */
static void quoted(const char *path, unsigned int line, const char *text)
{
	const struct object *object;
	char buf[MOST_TEXT];
	char *words[MOST_WORDS];
	int n;

	snprintf(buf, sizeof(buf), "%s", text);
	n = split(buf, words);
	if (!n || !is_word(words[0]) || is_help(n, words))
		return;
	seen++;
	object = grammar_object(words[0]);
	if (!object) {
		tell(path, line, text, "no such object");
		return;
	}
	if (n < 2 || !is_word(words[1]))
		return;
	for (const struct verb *verb = object->verbs; verb->run; verb++) {
		if (!verb->word || !strcmp(verb->word, words[1]))
			return;
	}
	tell(path, line, text, "no such verb");
}

/* Each `haadm ...` of a line; CLOSE ends one. */
static void quotes(const char *path, unsigned int line, const char *text, const char *begin, char close)
{
	char buf[MOST_TEXT];
	const char *at = text;

	while ((at = strstr(at, begin))) {
		const char *end;

		at += strlen(begin);
		end = strchr(at, close);
		if (!end)
			end = at + strlen(at);
		snprintf(buf, sizeof(buf), "%.*s", (int)(end - at), at);
		quoted(path, line, buf);
		at = end;
	}
}

static void page(const char *path, FILE *file)
{
	enum { TEXT, COMMANDS, CONFIG, OTHER } in = TEXT;
	char text[MOST_TEXT];
	unsigned int line = 0;

	while (fgets(text, sizeof(text), file)) {
		const char *at = text + strspn(text, " \t");

		line++;
		text[strcspn(text, "\n")] = '\0';
		if (!strncmp(at, "```", 3)) {
			if (in != TEXT)
				in = TEXT;
			else if (!strncmp(at + 3, "sh ", 3))
				in = COMMANDS;
			else
				in = strcmp(at + 3, "haswitch.conf") ? OTHER : CONFIG;
		} else if (in == COMMANDS && !strncmp(at, "haadm ", 6)) {
			command(path, line, at + 6, false);
		} else if (in == CONFIG) {
			command(path, line, at, true);
		} else if (in == TEXT) {
			quotes(path, line, text, "`haadm ", '`');
		}
	}
}

/* A minus sign of a man page is written with a backslash. */
static void unescape(char *text)
{
	for (char *at = strstr(text, "\\-"); at; at = strstr(at, "\\-"))
		memmove(at, at + 1, strlen(at));
}

static void manual(const char *path, FILE *file)
{
	char text[MOST_TEXT];
	unsigned int line = 0;
	bool example = false;

	while (fgets(text, sizeof(text), file)) {
		line++;
		text[strcspn(text, "\n")] = '\0';
		if (!strcmp(text, ".EX")) {
			example = true;
		} else if (!strcmp(text, ".EE")) {
			example = false;
		} else if (example && !strncmp(text, "haadm ", 6)) {
			unescape(text);
			command(path, line, text + 6, false);
		} else if (!example) {
			quotes(path, line, text, "\"haadm ", '"');
		}
	}
}

static void all(const char *pattern, void (*read)(const char *path, FILE *file))
{
	const char *top = getenv("HASWITCH_TOP");
	char path[512];
	glob_t found;

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", pattern);
	if (glob(path, 0, NULL, &found))
		fail_msg("no %s", path);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *file = fopen(found.gl_pathv[i], "r");

		assert_non_null(file);
		read(found.gl_pathv[i], file);
		fclose(file);
	}
	globfree(&found);
}

static void pages(void **state)
{
	(void)state;
	wrong = 0;
	seen = 0;
	all("*.md", page);
	all("doc/*.md", page);
	all("doc/howto/*.md", page);
	assert_true(seen > 30);
	assert_int_equal(wrong, 0);
}

static void manuals(void **state)
{
	(void)state;
	wrong = 0;
	seen = 0;
	all("userspace/man/*.[578]", manual);
	assert_true(seen > 8);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(manuals),
	};

	return cmocka_run_group_tests_name("docs", tests, NULL, NULL);
}
