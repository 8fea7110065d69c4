/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people that is appended to a buffer part by part. */
#ifndef HAAGENTD_WORDS_H
#define HAAGENTD_WORDS_H

#include <stddef.h>

void words_add(char *words, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
