/* SPDX-License-Identifier: GPL-2.0 */
/* Names, numbers and times as text: parsing, checking and formatting. */

#ifndef HASW_TEXT_H
#define HASW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASW_TIME_TEXT 32

/* Returns whether two words are the same. Most words of a list differ in the first byte, which saves a call of strcmp(). */
static inline bool hasw_same(const char *a, const char *b)
{
	return *a == *b && !strcmp(a, b);
}

/* Returns the word that goes with a number: ONE with 1, MANY with all others. */
static inline const char *hasw_plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* Returns the ending of a noun that takes an s: "%u node%s", n, hasw_s(n). In "1 of 3 nodes" it goes with the 3. */
static inline const char *hasw_s(uint64_t n)
{
	return hasw_plural(n, "", "s");
}

/* Parsers and checks return NULL on success, or the error as a phrase to print after the string. */
const char *hasw_number_parse(uint64_t *number, const char *text, uint64_t max);

/*
 * Writes a decimal number and a NUL, 20 digits at most, and returns the end of the text. It takes a tenth of the time of
 * snprintf(), which matters where the configuration of very many vips is printed.
 */
char *hasw_put_number(char *to, uint64_t number);

/* Parses a TIME: a whole number with one of the units us, ms, s, m, h. */
const char *hasw_time_parse(uint64_t *ns, const char *text);
/* Formats a TIME in the largest unit that gives a whole number: 1h, 1500ms. Fractions of 1us are dropped. */
const char *hasw_time_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/*
 * `failback` says when a node that returned serves again: at once (`auto`, 0), after a TIME, or only when an operator
 * asks for it (`manual`, UINT64_MAX).
 */
#define HASW_FAILBACK_MANUAL	UINT64_MAX
#define HASW_FAILBACK_DEFAULT	10000000000ULL
const char *hasw_failback_parse(uint64_t *ns, const char *text);
const char *hasw_failback_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/* `mark` is a mask of the packet mark: adjacent bits, as a hexadecimal (0xff00) or decimal number; or `off`, which is 0. */
const char *hasw_mark_parse(uint64_t *mark, const char *text);

/* The first function checks the name of a node, zone or lease, and the second one the name of a network device. */
const char *hasw_name_check(const char *text);
const char *hasw_dev_check(const char *text);

/* Formats a duration, rounded to a readable unit, such as 12.3us or 4m07s. */
const char *hasw_span_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/* Returns the time since boot, CLOCK_BOOTTIME, ns: the module's stamps are of this clock. */
uint64_t hasw_boottime(void);

/* The first function formats a CLOCK_BOOTTIME stamp as seconds.nanoseconds, and the second one as local wall time. */
const char *hasw_stamp_format(uint64_t ns, char buf[HASW_TIME_TEXT]);
const char *hasw_wall_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/*
 * Returns the edit distance of two words: the number of insertions, deletions, substitutions and swaps of neighbouring
 * letters.
 */
unsigned int hasw_distance(const char *a, const char *b);

#endif
