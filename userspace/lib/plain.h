/* SPDX-License-Identifier: GPL-2.0 */
/* Foreign text made fit for a terminal and a log, which would take its control characters for commands and new lines. */

#ifndef HASW_PLAIN_H
#define HASW_PLAIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Foreign text stays as it came, but for results of checks, until it is shown or sent on as JSON: there each byte of
 * what is not plain becomes \x1b. Nothing else replaces such bytes.
 */

/*
 * Returns the length of the plain character at @text, bytes. 0: its first byte belongs to no such character, because it
 * ends the text, begins a control character, or is no valid UTF-8.
 */
size_t hasw_plain_length(const char *text);

/* Returns whether a text is UTF-8 without control characters; @text may be NULL. */
bool hasw_plain(const char *text);

/*
 * Copies a text, with each byte of what is not plain as \x1b. What has no room is cut off, between characters. Returns
 * the length, bytes; @room is above 0. A text that is plain stays the same.
 */
size_t hasw_plain_put(char *to, size_t room, const char *text);

/* The same for a stream, without a limit. */
void hasw_plain_print(FILE *to, const char *text);

/*
 * Prints a line, and adds the newline. All is written at once, so that no other process comes between, and stderr,
 * which has no buffer, costs one call.
 */
void hasw_plain_line(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hasw_plain_vline(FILE *to, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
