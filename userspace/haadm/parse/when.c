// SPDX-License-Identifier: GPL-2.0
/* A place in time, as people write it, and the words that select a part of the journals. */

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/journal.h"
#include "lib/text.h"
#include "when.h"

#define DAY (86400 * JOURNAL_SECOND)

uint64_t when_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * JOURNAL_SECOND + (uint64_t)ts.tv_nsec;
}

const char *when_format(uint64_t wall, char buf[WHEN_TEXT])
{
	time_t seconds = (time_t)(wall / JOURNAL_SECOND);
	struct tm tm;
	size_t len;

	localtime_r(&seconds, &tm);
	len = strftime(buf, WHEN_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, WHEN_TEXT - len, ".%06" PRIu64, wall % JOURNAL_SECOND / 1000);
	return buf;
}

/* Parses a number of days or weeks. Returns false if TEXT is none. */
static bool parse_days(uint64_t *ns, const char *text)
{
	char *end;
	unsigned long n;

	if (!isdigit((unsigned char)*text))
		return false;
	n = strtoul(text, &end, 10);
	if (n > 36500 || (strcmp(end, "d") && strcmp(end, "w")))
		return false;
	*ns = n * DAY * (*end == 'w' ? 7 : 1);
	return true;
}

static bool parse_date(uint64_t *wall, const char *text)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, formats[i], &tm);
		time_t seconds;

		if (!end || *end)
			continue;
		seconds = mktime(&tm);
		/* Times in ns, of which there are none after 2262. */
		if (seconds < 0 || seconds > (time_t)(INT64_MAX / JOURNAL_SECOND))
			return false;
		*wall = (uint64_t)seconds * JOURNAL_SECOND;
		return true;
	}
	return false;
}

const char *when_parse(uint64_t *wall, const char *text, uint64_t now)
{
	uint64_t ns;

	if (*text == '@') {
		if (hasw_number_parse(&ns, text + 1, INT64_MAX / JOURNAL_SECOND))
			return "is no number of seconds since 1970";
		*wall = ns * JOURNAL_SECOND;
		return NULL;
	}
	if (parse_days(&ns, text) || !hasw_time_parse(&ns, text)) {
		*wall = ns < now ? now - ns : 0;
		return NULL;
	}
	if (parse_date(wall, text))
		return NULL;
	return "is no time; good ones are 30m (ago), 12h, 30d, 2w, 2026-11-28, 2026-11-28T14:30 and @SECONDS";
}

void when_init(struct when *when)
{
	uint64_t now = when_now();

	*when = (struct when){ .now = now, .until = now, .folder = JOURNAL_FOLDER };
}

enum status when_words(const struct haadm *haadm, const char *command, struct when *when, unsigned int *at,
		       unsigned int n_words, char *const *words)
{
	for (; *at < n_words; *at += 2) {
		const char *word = words[*at], *key = strncmp(word, "--", 2) ? word : word + 2, *wrong = NULL, *value;

		if (strcmp(key, "since") && strcmp(key, "until") && strcmp(key, "by") && strcmp(key, "in"))
			break;
		if (*at + 1 == n_words)
			return haadm_complain(haadm, STATUS_USAGE, "%s: \"%s\" needs %s behind it", command, word,
					      *key == 'b' ? "NODE" : *key == 'i' ? "FOLDER" : "a time");
		value = words[*at + 1];
		if (*key == 's')
			wrong = when_parse(&when->since, value, when->now);
		else if (*key == 'u')
			wrong = when_parse(&when->until, value, when->now);
		else if (*key == 'b')
			wrong = hasw_name_check(when->by = value);
		if (*key == 'i') {
			when->folder = value;
			when->told = true;
		}
		if (wrong)
			return haadm_complain(haadm, STATUS_USAGE, "%s: \"%s\" %s", command, value, wrong);
	}
	if (when->since >= when->until)
		return haadm_complain(haadm, STATUS_USAGE, "%s: there is no time between \"since\" and \"until\"", command);
	return STATUS_OK;
}
