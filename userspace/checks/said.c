// SPDX-License-Identifier: GPL-2.0
/*
 * What a server says of itself for a check: the line of an agent as HAProxy asks one (its setting agent-check), or the
 * performance data of a plugin of Nagios. Both come from other machines. What is no share is told, and never taken.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "checks/said.h"

#define BLANKS	" \t,"
#define APART	" \t\r\n|"	/* between two values of performance data; more of it can follow after a second bar */
#define SHOWN	40	/* so much of a strange word is shown */

/* What the words of an agent say. All that take no new flows are bad. */
static const struct {
	const char *word;
	enum plan_outcome outcome;
} words[] = {
	{ "up", PLAN_GOOD }, { "ready", PLAN_GOOD },
	{ "down", PLAN_BAD }, { "fail", PLAN_BAD }, { "stopped", PLAN_BAD }, { "drain", PLAN_BAD }, { "maint", PLAN_BAD },
};

/* Reads "75%" or "12.5%", rounded to a whole percent; what is more than nothing is 1 at least. Return: -1: it is none */
static int percent(const char *at, size_t size)
{
	bool part = false, above = false;
	size_t i, digits = 0;
	int value = 0;

	if (size < 2 || at[size - 1] != '%')
		return -1;
	for (i = 0; i + 1 < size && at[i] >= '0' && at[i] <= '9'; i++, digits++)
		if (value <= 100)
			value = value * 10 + (at[i] - '0');
	if (!digits)
		return -1;
	if (at[i] == '.') {
		if (at[i + 1] == '%')
			return -1;
		above = at[++i] >= '5';
		for (; i + 1 < size && at[i] >= '0' && at[i] <= '9'; i++)
			part |= at[i] != '0';
	}
	if (i + 1 < size || value > 100 || (value == 100 && part))
		return -1;
	return value + above + (!value && !above && part);
}

/* Takes a share. One of 0% takes no new flows. */
static void take(struct said *said, const char *at, size_t size)
{
	int value = percent(at, size);

	if (value < 0) {
		said->share = PLAN_SHARE_WRONG;
		snprintf(said->why, sizeof(said->why), "its share is \"%.*s\"; it must be 0%% to 100%%",
			 (int)(size < SHOWN ? size : SHOWN), at);
		return;
	}
	said->share = (uint8_t)value;
	if (value)
		return;
	said->outcome = PLAN_BAD;
	snprintf(said->why, sizeof(said->why), "its share is 0%%");
}

/* Appends to the reason what was said as a whole. */
static void add_text(struct said *said, const char *text)
{
	size_t at = strlen(said->why);

	if (text[0])
		snprintf(said->why + at, sizeof(said->why) - at, ": %s", text);
}

/**
 * said_line - read the line of an agent
 * @line:	the line, without its end
 * @said:	receives what it says
 *
 * Its words stand in any order, and none of them is remembered: a line that says nothing bad is good. Words that are
 * not known, and "maxconn:" of HAProxy, change nothing. A line without any word that is known says nothing of the member.
 */
void said_line(const char *line, struct said *said)
{
	enum plan_outcome outcome = PLAN_UNSURE;
	const char *at, *end = line + strcspn(line, "#");
	char shown[SAID_WHY];
	size_t size, i;

	*said = (struct said){ .outcome = PLAN_UNSURE };
	snprintf(shown, sizeof(shown), "%s", line);
	for (at = line + strspn(line, BLANKS); at < end; at += size + strspn(at + size, BLANKS)) {
		size = strcspn(at, BLANKS "#");
		if (at[size - 1] == '%') {
			take(said, at, size);
			if (outcome == PLAN_UNSURE)
				outcome = PLAN_GOOD;
			continue;
		}
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (size == strlen(words[i].word) && !strncasecmp(at, words[i].word, size) && outcome != PLAN_BAD)
				outcome = words[i].outcome;
	}
	if (said->outcome != PLAN_BAD)
		said->outcome = outcome;
	if (said->outcome == PLAN_UNSURE)
		snprintf(said->why, sizeof(said->why), "\"%.*s\" is no line of an agent, as \"up 75%%\"", SHOWN, shown);
	else if (said->share == PLAN_SHARE_WRONG)
		/* The word beside it counts, so it is shown, too. */
		add_text(said, shown);
	else
		memcpy(said->why, shown, sizeof(said->why));
}

/* Finds the value of a label in performance data, whose label can be quoted. Return: the value, or NULL */
static const char *value_of(const char *at, const char *label)
{
	size_t length = strlen(label);

	while (*at) {
		bool quoted = *at == '\'';
		const char *name = at + quoted, *end = name + strcspn(name, quoted ? "'" : "=" APART);

		at = end + (quoted && *end);
		if (*at == '=' && (size_t)(end - name) == length && !memcmp(name, label, length))
			return at + 1;
		at += strcspn(at, APART);
		at += strspn(at, APART);
	}
	return NULL;
}

/**
 * said_data - read the share from the performance data of a plugin
 * @text:	what it has written
 * @label:	label of the share
 * @said:	@outcome and @why are set; the outcome is changed by a share of 0%, and the reason by what is none
 */
void said_data(const char *text, const char *label, struct said *said)
{
	const char *data = strchr(text, '|'), *value;
	char first[SAID_WHY];

	said->share = 0;
	value = data ? value_of(data + 1 + strspn(data + 1, APART), label) : NULL;
	if (value) {
		take(said, value, strcspn(value, ";" APART));
	} else {
		said->share = PLAN_SHARE_WRONG;
		snprintf(said->why, sizeof(said->why), "its performance data has no \"%.*s\"", SHOWN, label);
	}
	/* The reason does not hide the plugin's own one. */
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, "\r\n|"), text);
	if (said->why[0])
		add_text(said, first);
}
