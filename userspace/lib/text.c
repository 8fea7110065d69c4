// SPDX-License-Identifier: GPL-2.0
/* Names, numbers and times as text: parsing, checking and formatting. */

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/haswitch.h>

#include "text.h"

#define NS_PER_S	UINT64_C(1000000000)
#define DISTANCE_LEN	32	/* longer words are truncated, because no keyword is that long */

const char *hasw_number_parse(uint64_t *number, const char *text, uint64_t max)
{
	uint64_t value = 0;

	if (!*text)
		return "is not a number";
	for (; *text; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9')
			return "is not a number";
		if (value > (max - digit) / 10 || digit > max)
			return "is too large a number";
		value = value * 10 + digit;
	}
	*number = value;
	return NULL;
}

const char *hasw_mark_parse(uint64_t *mark, const char *text)
{
	uint64_t low;
	char *end;

	*mark = 0;
	if (!strcmp(text, "off"))
		return NULL;
	if (!strncmp(text, "0x", 2) && isxdigit((unsigned char)text[2]) && strlen(text) <= 10) {
		*mark = strtoull(text, &end, 16);
		if (*end)
			return "is neither a mask, such as 0xff00, nor off";
	} else if (hasw_number_parse(mark, text, UINT32_MAX)) {
		return "is neither a mask of 32 bits, such as 0xff00, nor off";
	}
	low = *mark & -*mark;
	if ((*mark + low) & *mark)
		return "has bits that are not adjacent; a mask such as 0xff00 is right";
	return NULL;
}

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "us", 1000 }, { "ms", 1000000 }, { "s", NS_PER_S },
	{ "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

const char *hasw_time_parse(uint64_t *ns, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	char number[24];

	if (!digits || digits >= sizeof(number))
		return "is not a time such as 500ms; units are us, ms, s, m and h";
	memcpy(number, text, digits);
	number[digits] = '\0';
	for (size_t i = 0; i < N_UNITS; i++) {
		if (strcmp(units[i].name, text + digits))
			continue;
		if (hasw_number_parse(ns, number, UINT64_MAX / units[i].ns))
			return "is too long a time";
		*ns *= units[i].ns;
		return NULL;
	}
	return "is not a time with a unit; units are us, ms, s, m and h";
}

const char *hasw_failback_parse(uint64_t *ns, const char *text)
{
	*ns = 0;
	if (!strcmp(text, "auto"))
		return NULL;
	if (!strcmp(text, "manual")) {
		*ns = HASW_FAILBACK_MANUAL;
		return NULL;
	}
	if (hasw_time_parse(ns, text) || *ns > HASWITCH_FAILBACK_MAX)
		return "is neither auto nor manual nor a time up to 24h, such as 10s";
	return NULL;
}

const char *hasw_failback_format(uint64_t ns, char buf[HASW_TIME_TEXT])
{
	if (ns && ns != HASW_FAILBACK_MANUAL)
		return hasw_time_format(ns, buf);
	return strcpy(buf, ns ? "manual" : "auto");
}

char *hasw_put_number(char *to, uint64_t number)
{
	char digits[3 * sizeof(number)];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (n)
		*to++ = digits[--n];
	*to = '\0';
	return to;
}

const char *hasw_time_format(uint64_t ns, char buf[HASW_TIME_TEXT])
{
	size_t i = N_UNITS - 1;

	while (i && (!ns || ns % units[i].ns))
		i--;
	strcpy(hasw_put_number(buf, ns / units[i].ns), units[i].name);
	return buf;
}

const char *hasw_name_check(const char *text)
{
	size_t len = 0;

	if (!isascii((unsigned char)*text) || !isalnum((unsigned char)*text))
		return "is not a name; a name begins with a letter or digit";
	for (; text[len]; len++) {
		unsigned char c = (unsigned char)text[len];

		if (!isascii(c) || (!isalnum(c) && !strchr(".-_", c)))
			return "is not a name; a name has letters, digits, dots, dashes and underscores";
	}
	return len > HASWITCH_NAME_MAX ? "is longer than the 31 letters that a name can have" : NULL;
}

/* Bytes above ASCII are none: for the kernel, the name of a device need not be UTF-8. */
static bool has_control(const char *text)
{
	while (*text && (unsigned char)*text >= ' ' && *text != 0x7f)
		text++;
	return *text;
}

const char *hasw_dev_check(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 15)
		return "is not the name of a device; such a name has 1 to 15 letters";
	if (!strcmp(text, ".") || !strcmp(text, "..") || strpbrk(text, "/:") || has_control(text))
		return "is not the name of a device";
	return NULL;
}

const char *hasw_span_format(uint64_t ns, char buf[HASW_TIME_TEXT])
{
	uint64_t s = ns / NS_PER_S;

	if (ns < 1000)
		snprintf(buf, HASW_TIME_TEXT, "%" PRIu64 "ns", ns);
	else if (ns < 1000000)
		snprintf(buf, HASW_TIME_TEXT, "%.1fus", (double)ns / 1e3);
	else if (ns < NS_PER_S)
		snprintf(buf, HASW_TIME_TEXT, "%.1fms", (double)ns / 1e6);
	else if (s < 60)
		snprintf(buf, HASW_TIME_TEXT, "%.1fs", (double)ns / 1e9);
	else if (s < 3600)
		snprintf(buf, HASW_TIME_TEXT, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
	else
		snprintf(buf, HASW_TIME_TEXT, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
	return buf;
}

const char *hasw_stamp_format(uint64_t ns, char buf[HASW_TIME_TEXT])
{
	snprintf(buf, HASW_TIME_TEXT, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S, ns % NS_PER_S);
	return buf;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * (int64_t)NS_PER_S + ts.tv_nsec;
}

uint64_t hasw_boottime(void)
{
	return (uint64_t)clock_ns(CLOCK_BOOTTIME);
}

const char *hasw_wall_format(uint64_t ns, char buf[HASW_TIME_TEXT])
{
	/* The arithmetic is unsigned, so that an invalid stamp gives a wrong time instead of a signed overflow. */
	uint64_t boot = (uint64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME));
	uint64_t wall = (boot + ns) & INT64_MAX;
	time_t seconds = (time_t)(wall / NS_PER_S);
	struct tm tm;
	size_t len;

	localtime_r(&seconds, &tm);
	len = strftime(buf, HASW_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, HASW_TIME_TEXT - len, ".%06" PRIu64, wall % NS_PER_S / 1000);
	return buf;
}

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

unsigned int hasw_distance(const char *a, const char *b)
{
	unsigned int rows[3][DISTANCE_LEN + 1];
	size_t a_len = strnlen(a, DISTANCE_LEN), b_len = strnlen(b, DISTANCE_LEN);

	for (unsigned int j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (unsigned int i = 1; i <= a_len; i++) {
		unsigned int *now = rows[i % 3], *before = rows[(i - 1) % 3];
		const unsigned int *earlier = rows[(i + 1) % 3];

		now[0] = i;
		for (unsigned int j = 1; j <= b_len; j++) {
			bool differ = a[i - 1] != b[j - 1];

			now[j] = min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + differ);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    earlier[j - 2] + 1 < now[j])
				now[j] = earlier[j - 2] + 1;
		}
	}
	return rows[a_len % 3][b_len];
}
