/* SPDX-License-Identifier: GPL-2.0 */
/* Names, numbers and times as people write them, and the word they meant. */

#ifndef HASW_TEXT_H
#define HASW_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define HASW_TIME_TEXT 32

/* As in addr.h: NULL, or what is wrong with the text. */
const char *hasw_number_parse(uint64_t *number, const char *text, uint64_t max);

/* TIME: a whole number and one of us, ms, s, m, h. */
const char *hasw_time_parse(uint64_t *ns, const char *text);
/* The same back, in the largest unit that is exact: 1h, 1500ms. What is below 1us is cut. */
const char *hasw_time_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/* When a node that returned serves again: auto (0), manual (UINT64_MAX), or a TIME in between. */
#define HASW_FAILBACK_MANUAL	UINT64_MAX
#define HASW_FAILBACK_DEFAULT	10000000000ULL
const char *hasw_failback_parse(uint64_t *ns, const char *text);
const char *hasw_failback_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/* Name of a node or zone; name of a network device. */
const char *hasw_name_check(const char *text);
const char *hasw_dev_check(const char *text);

/* A span of time with a unit that suits it, such as 12.3us or 4m07s. */
const char *hasw_span_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/* A CLOCK_BOOTTIME stamp as seconds.nanoseconds; as wall time of this machine. */
const char *hasw_stamp_format(uint64_t ns, char buf[HASW_TIME_TEXT]);
const char *hasw_wall_format(uint64_t ns, char buf[HASW_TIME_TEXT]);

/* How many letters must be put in, taken out, changed or swapped to make b of a. */
unsigned int hasw_distance(const char *a, const char *b);

#endif
