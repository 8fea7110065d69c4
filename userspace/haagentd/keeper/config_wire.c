// SPDX-License-Identifier: GPL-2.0
/* The cluster's configuration on the wire: conversion to bytes and back. */
#include <string.h>

#include "haagentd/bytes.h"
#include "config_wire.h"

/* Offsets in a record of heartbeats, see config_wire.h. */
#define AT_STORED	0
#define AT_COMMITTED	24
#define AT_APPLIED	48
#define AT_STATE	64

/* Offsets in the first packet of a stream. */
#define AT_VERSION	4
#define AT_KEY_ID	8
#define AT_FROM		12
#define AT_TO		44
#define AT_NONCE	76

/* Offsets in a request or reply. */
#define AT_KIND		0
#define AT_NUMBER	8
#define AT_HASH		16
#define AT_TIME		24
#define AT_SIZE		32
#define AT_NODE		40
#define AT_LABEL	72

#define VERSION		1

static const uint8_t magic[4] = { 'H', 'a', 'S', 'c' };

static void conf_put(const struct hasw_vote_conf *conf, uint8_t *to)
{
	bytes_put(to, conf->epoch, 8);
	bytes_put(to + 8, conf->generation, 8);
	bytes_put(to + 16, conf->blob, 8);
}

static void conf_get(const uint8_t *from, struct hasw_vote_conf *conf)
{
	conf->epoch = bytes_get(from, 8);
	conf->generation = bytes_get(from + 8, 8);
	conf->blob = bytes_get(from + 16, 8);
}

/**
 * config_word_put - convert what a node says of the configuration to bytes
 * @word:	what it says
 * @to:		buffer to write to
 * @room:	size of @to in bytes
 *
 * Return: number of bytes written; 0 when there is not enough room
 */
size_t config_word_put(const struct config_word *word, uint8_t *to, size_t room)
{
	if (room < CONFIG_WORD)
		return 0;
	memset(to, 0, CONFIG_WORD);
	conf_put(&word->stored, to + AT_STORED);
	conf_put(&word->committed, to + AT_COMMITTED);
	bytes_put(to + AT_APPLIED, word->applied.generation, 8);
	bytes_put(to + AT_APPLIED + 8, word->applied.blob, 8);
	bytes_put(to + AT_STATE, word->state, 1);
	return CONFIG_WORD;
}

/**
 * config_word_get - convert bytes to what a node says of the configuration
 * @from:	buffer to read from
 * @size:	its size in bytes; what a later release has appended is ignored
 * @word:	filled
 *
 * Return: whether the bytes are valid
 */
bool config_word_get(const uint8_t *from, size_t size, struct config_word *word)
{
	memset(word, 0, sizeof(*word));
	if (size < CONFIG_WORD)
		return false;
	conf_get(from + AT_STORED, &word->stored);
	conf_get(from + AT_COMMITTED, &word->committed);
	word->applied.generation = bytes_get(from + AT_APPLIED, 8);
	word->applied.blob = bytes_get(from + AT_APPLIED + 8, 8);
	word->state = from[AT_STATE];
	return hasw_vote_sound(word->stored.epoch) && hasw_vote_sound(word->committed.epoch) &&
	       word->state < CONFIG_STATES;
}

/**
 * config_state_word - return the name of an enum config_state
 * @state:	the state, which is valid
 *
 * Return: one word, as JSON has it
 */
const char *config_state_word(uint8_t state)
{
	static const char *const words[CONFIG_STATES] = {
		[CONFIG_NONE] = "none", [CONFIG_RUNS] = "runs", [CONFIG_REFUSED] = "refused", [CONFIG_CHANGED] = "changed",
	};

	return words[state];
}

/* Bytes after the NUL of a text must be zero, so each text has one encoding only. */
static bool text_get(const uint8_t *at, size_t room, char *text)
{
	size_t length = strnlen((const char *)at, room), i;

	if (length == room)
		return false;
	for (i = length; i < room; i++)
		if (at[i])
			return false;
	memcpy(text, at, room);
	return true;
}

static void text_put(const char *text, size_t room, uint8_t *to)
{
	memset(to, 0, room);
	memcpy(to, text, strnlen(text, room - 1));
}

/**
 * config_hello_put - convert the first packet of a stream to bytes
 * @hello:	the packet
 * @to:		filled
 */
void config_hello_put(const struct config_hello *hello, uint8_t to[CONFIG_HELLO])
{
	memset(to, 0, CONFIG_HELLO);
	memcpy(to, magic, sizeof(magic));
	bytes_put(to + AT_VERSION, VERSION, 1);
	bytes_put(to + AT_KEY_ID, hello->key_id, 4);
	text_put(hello->from, WIRE_NAME, to + AT_FROM);
	text_put(hello->to, WIRE_NAME, to + AT_TO);
	memcpy(to + AT_NONCE, hello->nonce, CONFIG_NONCE);
}

/**
 * config_hello_get - convert bytes to the first packet of a stream
 * @from:	the bytes
 * @hello:	filled
 *
 * Return: whether the bytes are valid
 */
bool config_hello_get(const uint8_t from[CONFIG_HELLO], struct config_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	if (memcmp(from, magic, sizeof(magic)) || from[AT_VERSION] != VERSION || bytes_get(from + AT_VERSION + 1, 3))
		return false;
	hello->key_id = (uint32_t)bytes_get(from + AT_KEY_ID, 4);
	memcpy(hello->nonce, from + AT_NONCE, CONFIG_NONCE);
	return text_get(from + AT_FROM, WIRE_NAME, hello->from) && wire_name_valid(hello->from) &&
	       text_get(from + AT_TO, WIRE_NAME, hello->to) && wire_name_valid(hello->to);
}

/**
 * config_ask_put - convert a request or reply to bytes
 * @ask:	the request or reply
 * @to:		filled
 */
void config_ask_put(const struct config_ask *ask, uint8_t to[CONFIG_ASK])
{
	memset(to, 0, CONFIG_ASK);
	bytes_put(to + AT_KIND, ask->kind, 1);
	bytes_put(to + AT_NUMBER, ask->about.number, 8);
	bytes_put(to + AT_HASH, ask->about.hash, 8);
	bytes_put(to + AT_TIME, ask->about.time, 8);
	bytes_put(to + AT_SIZE, ask->about.size, 8);
	text_put(ask->about.node, sizeof(ask->about.node), to + AT_NODE);
	text_put(ask->about.label, sizeof(ask->about.label), to + AT_LABEL);
}

/**
 * config_ask_get - convert bytes to a request or reply
 * @from:	the bytes
 * @size:	their number; what a later release has appended is ignored
 * @ask:	filled
 *
 * Return: whether the bytes are valid
 */
bool config_ask_get(const uint8_t *from, size_t size, struct config_ask *ask)
{
	uint64_t length;

	memset(ask, 0, sizeof(*ask));
	if (size < CONFIG_ASK || !from[AT_KIND] || from[AT_KIND] >= CONFIG_ASKS)
		return false;
	length = bytes_get(from + AT_SIZE, 8);
	if (length > GENERATION_TEXT_MAX)
		return false;
	ask->kind = from[AT_KIND];
	ask->about.number = bytes_get(from + AT_NUMBER, 8);
	ask->about.hash = bytes_get(from + AT_HASH, 8);
	ask->about.time = bytes_get(from + AT_TIME, 8);
	ask->about.size = (size_t)length;
	return text_get(from + AT_NODE, sizeof(ask->about.node), ask->about.node) &&
	       (!ask->about.node[0] || wire_name_valid(ask->about.node)) &&
	       text_get(from + AT_LABEL, sizeof(ask->about.label), ask->about.label) &&
	       generation_label_valid(ask->about.label);
}
