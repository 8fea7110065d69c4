// SPDX-License-Identifier: GPL-2.0
/* Words for people that are put together piece by piece. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

/**
 * words_add - add to words
 * @words:	what is there already, which may be nothing
 * @size:	of @words; what finds no room is left out
 * @format:	as for printf
 */
void words_add(char *words, size_t size, const char *format, ...)
{
	size_t at = strlen(words);
	va_list args;

	va_start(args, format);
	vsnprintf(words + at, size - at, format, args);
	va_end(args);
}
