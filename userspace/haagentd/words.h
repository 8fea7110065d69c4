/* SPDX-License-Identifier: GPL-2.0 */
/* Words for people that are put together piece by piece. */
#ifndef HAAGENTD_WORDS_H
#define HAAGENTD_WORDS_H

#include <stddef.h>

void words_add(char *words, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
