// SPDX-License-Identifier: GPL-2.0
/* Fuzzing what nodes and files say of the cluster's configuration: what is understood is written as it was read. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/keeper/config_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void word(const uint8_t *data, size_t size)
{
	uint8_t bytes[CONFIG_WORD];
	struct config_word got, back;

	if (!config_word_get(data, size, &got))
		return;
	if (config_word_put(&got, bytes, sizeof(bytes)) != CONFIG_WORD || memcmp(bytes, data, 65) ||
	    !config_word_get(bytes, sizeof(bytes), &back) || memcmp(&got, &back, sizeof(got)))
		abort();
}

static void hello(const uint8_t *data, size_t size)
{
	uint8_t bytes[CONFIG_HELLO];
	struct config_hello got;

	if (size < CONFIG_HELLO || !config_hello_get(data, &got))
		return;
	config_hello_put(&got, bytes);
	if (memcmp(bytes, data, sizeof(bytes)) || !wire_name_valid(got.from) || !wire_name_valid(got.to))
		abort();
}

static void ask(const uint8_t *data, size_t size)
{
	uint8_t bytes[CONFIG_ASK];
	struct config_ask got;

	if (!config_ask_get(data, size, &got))
		return;
	config_ask_put(&got, bytes);
	if (bytes[0] != data[0] || memcmp(bytes + 8, data + 8, sizeof(bytes) - 8) ||
	    got.about.size > GENERATION_TEXT_MAX)
		abort();
}

/* A file as it is, and one whose last line fits the rest of it. */
static void file(const uint8_t *data, size_t size)
{
	struct generation g = { .number = 1, .time = 2, .node = "a", .label = "b", .size = size }, got;
	char *whole = malloc(size + 256), last[256];
	size_t length;

	if (!whole)
		abort();
	memcpy(whole, data, size);
	if (generation_parse(whole, size, &got) &&
	    (got.size >= size || generation_hash(whole, got.size) != got.hash ||
	     generation_trailer(&got, last, sizeof(last)) != size - got.size ||
	     memcmp(last, whole + got.size, size - got.size)))
		abort();
	g.hash = generation_hash(data, size);
	length = generation_trailer(&g, whole + size, 256);
	if (generation_parse(whole, size + length, &got) != !generation_text_fault((const char *)data, size) ||
	    (!generation_text_fault((const char *)data, size) && memcmp(&g, &got, sizeof(g))))
		abort();
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int begun;

	if (!begun && sodium_init() < 0)
		abort();
	begun = 1;
	word(data, size);
	hello(data, size);
	ask(data, size);
	file(data, size);
	return 0;
}
