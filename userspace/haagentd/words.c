// SPDX-License-Identifier: GPL-2.0
/* Text for people that is appended to a buffer part by part. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

/**
 * words_add - append to a text
 * @words:	the text, which can be empty
 * @size:	size of @words, bytes; text that does not fit is truncated
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
