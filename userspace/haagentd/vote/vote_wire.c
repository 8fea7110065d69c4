// SPDX-License-Identifier: GPL-2.0
/* Votes on the wire: conversion of voting messages, messages about planned moves, and repeated claims, to bytes and back. */
#include <string.h>

#include "haagentd/bytes.h"
#include "vote_wire.h"

#define FLAG_CUT	0x01
#define FLAG_PANIC	0x02

/* Offsets, see vote_wire.h. */
#define AT_LENGTH	0
#define AT_TYPE		1
#define AT_ANSWER	2
#define AT_FLAGS	3
#define AT_LIFE		4
#define AT_NODE		6
#define AT_LEASE	8
#define AT_GENERATION	12
#define AT_SEQUENCE	16
#define AT_EPOCH	24
#define AT_LENGTH_NS	32
#define AT_EPOCH_MAX	40
#define AT_REMAINING	48
#define AT_VOTERS	56
#define AT_CONF		64
#define AT_MAP		88
#define AT_BALLOT	96
#define AT_ACKED	104

/* Offsets in a message about a planned move, see vote_wire.h. */
#define AT_WORD_NODE	2
#define AT_WORD_ANSWER	3
#define AT_WORD_LEASE	4
#define AT_WORD_EPOCH	8

/* Offsets in a repeated claim, see vote_wire.h. */
#define AT_REPEAT_HOLDER	1
#define AT_REPEAT_ZERO		2
#define AT_REPEAT_LEASE		4
#define AT_REPEAT_EPOCH		8
#define AT_REPEAT_REMAINING	16

/* Return: shortest length of a message with this type and answer; 0 if the type or the answer is unknown. */
static size_t size_of(uint8_t type, uint8_t answer)
{
	if (answer > HASW_VOTE_BEGUN)
		return 0;
	switch (type) {
	case HASW_VOTE_READ:
	case HASW_VOTE_GRANT:
	case HASW_VOTE_RELEASE:
		return answer == HASW_VOTE_ASK ? VOTE_WIRE_ASK : VOTE_WIRE_REPLY;
	/* Nobody answers it. */
	case HASW_VOTE_RESIGNED:
		return answer == HASW_VOTE_ASK ? VOTE_WIRE_ASK : 0;
	case HASW_VOTE_CONF_READ:
	case HASW_VOTE_CONF_WRITE:
	case HASW_VOTE_SET:
	case HASW_VOTE_RECOVER:
	case HASW_VOTE_COMMITTED:
		return VOTE_WIRE_CONF;
	default:
		return 0;
	}
}

/**
 * vote_wire_put - convert a message to bytes
 * @m:		the message, of a known type
 * @to:		buffer to write to
 * @room:	size of @to in bytes
 *
 * Return: number of bytes written; 0 when there is not enough room
 */
size_t vote_wire_put(const struct hasw_vote_msg *m, uint8_t *to, size_t room)
{
	size_t size = size_of(m->type, m->answer), all;

	if (size == VOTE_WIRE_CONF)
		size = VOTE_WIRE_SET;
	all = size + VOTE_WIRE_LATER;
	if (!size || all > room)
		return 0;
	memset(to, 0, size);
	memset(to + size, 0xff, VOTE_WIRE_LATER);
	bytes_put(to + AT_LENGTH, all, 1);
	bytes_put(to + AT_TYPE, m->type, 1);
	bytes_put(to + AT_ANSWER, m->answer, 1);
	bytes_put(to + AT_FLAGS, (m->cut ? FLAG_CUT : 0) | (m->panic ? FLAG_PANIC : 0), 1);
	bytes_put(to + AT_LIFE, m->life, 2);
	bytes_put(to + AT_NODE, m->node, 1);
	bytes_put(to + AT_LEASE, m->lease, 4);
	bytes_put(to + AT_GENERATION, m->generation, 4);
	bytes_put(to + AT_SEQUENCE, m->sequence, 8);
	bytes_put(to + AT_EPOCH, m->epoch, 8);
	bytes_put(to + AT_LENGTH_NS, m->length, 8);
	if (size < VOTE_WIRE_REPLY)
		return all;
	bytes_put(to + AT_EPOCH_MAX, m->epoch_max, 8);
	bytes_put(to + AT_REMAINING, m->remaining, 8);
	if (size < VOTE_WIRE_CONF)
		return all;
	bytes_put(to + AT_VOTERS, m->voters, 4);
	bytes_put(to + AT_CONF, m->conf.epoch, 8);
	bytes_put(to + AT_CONF + 8, m->conf.generation, 8);
	bytes_put(to + AT_CONF + 16, m->conf.blob, 8);
	bytes_put(to + AT_MAP, m->map, 8);
	bytes_put(to + AT_BALLOT, m->ballot, 8);
	bytes_put(to + AT_ACKED, m->acked, 8);
	return all;
}

/**
 * vote_wire_get - convert bytes to a message
 * @from:	buffer to read from
 * @length:	size of @from in bytes
 * @m:		filled; its type is HASW_VOTE_TYPES when the caller must skip the
 *		message
 *
 * Fields that the bytes do not contain are set to zero. The sender and the holder are never
 * in the bytes, so they are set to zero, too.
 *
 * Return: number of bytes that the message took; 0 when no valid message follows
 */
size_t vote_wire_get(const uint8_t *from, size_t length,
		     struct hasw_vote_msg *m)
{
	size_t size = length ? from[AT_LENGTH] : 0, known;

	memset(m, 0, sizeof(*m));
	m->type = HASW_VOTE_TYPES;
	if (size <= AT_FLAGS || size > length)
		return 0;
	known = size_of(from[AT_TYPE], from[AT_ANSWER]);
	if (!known)
		return size;
	if (size < known)
		return 0;
	m->type = from[AT_TYPE];
	m->answer = from[AT_ANSWER];
	m->cut = from[AT_FLAGS] & FLAG_CUT;
	m->panic = !!(from[AT_FLAGS] & FLAG_PANIC);
	m->life = (uint16_t)bytes_get(from + AT_LIFE, 2);
	m->node = from[AT_NODE];
	m->lease = (uint32_t)bytes_get(from + AT_LEASE, 4);
	m->generation = (uint32_t)bytes_get(from + AT_GENERATION, 4);
	m->sequence = bytes_get(from + AT_SEQUENCE, 8);
	m->epoch = bytes_get(from + AT_EPOCH, 8);
	m->length = bytes_get(from + AT_LENGTH_NS, 8);
	if (known < VOTE_WIRE_REPLY)
		return size;
	m->epoch_max = bytes_get(from + AT_EPOCH_MAX, 8);
	m->remaining = bytes_get(from + AT_REMAINING, 8);
	if (known < VOTE_WIRE_CONF)
		return size;
	m->voters = (uint32_t)bytes_get(from + AT_VOTERS, 4);
	m->conf.epoch = bytes_get(from + AT_CONF, 8);
	m->conf.generation = bytes_get(from + AT_CONF + 8, 8);
	m->conf.blob = bytes_get(from + AT_CONF + 16, 8);
	if (size < VOTE_WIRE_SET)
		return size;
	m->map = bytes_get(from + AT_MAP, 8);
	m->ballot = bytes_get(from + AT_BALLOT, 8);
	m->acked = bytes_get(from + AT_ACKED, 8);
	return size;
}

/**
 * vote_word_put - convert a message about a planned move to bytes
 * @word:	the message, of a known kind
 * @to:		buffer to write to
 * @room:	size of @to in bytes
 *
 * Return: number of bytes written; 0 when there is not enough room
 */
size_t vote_word_put(const struct vote_word *word, uint8_t *to, size_t room)
{
	if (room < VOTE_WIRE_WORD)
		return 0;
	bytes_put(to + AT_LENGTH, VOTE_WIRE_WORD, 1);
	bytes_put(to + AT_TYPE, word->kind, 1);
	bytes_put(to + AT_WORD_NODE, word->node, 1);
	bytes_put(to + AT_WORD_ANSWER, word->answer, 1);
	bytes_put(to + AT_WORD_LEASE, word->lease, 4);
	bytes_put(to + AT_WORD_EPOCH, word->epoch, 8);
	return VOTE_WIRE_WORD;
}

/**
 * vote_word_get - convert bytes to a message about a planned move
 * @from:	buffer to read from
 * @length:	size of @from in bytes
 * @word:	filled; its kind is 0 when the caller must skip the message
 *
 * Return: number of bytes that the message took; 0 when no valid message follows
 */
size_t vote_word_get(const uint8_t *from, size_t length, struct vote_word *word)
{
	size_t size = length ? from[AT_LENGTH] : 0;

	memset(word, 0, sizeof(*word));
	if (size <= AT_TYPE || size > length)
		return 0;
	if (!from[AT_TYPE] || from[AT_TYPE] > VOTE_WORD_AWAY)
		return size;
	if (size < VOTE_WIRE_WORD)
		return 0;
	word->kind = from[AT_TYPE];
	word->node = from[AT_WORD_NODE];
	word->answer = from[AT_WORD_ANSWER];
	word->lease = (uint32_t)bytes_get(from + AT_WORD_LEASE, 4);
	word->epoch = bytes_get(from + AT_WORD_EPOCH, 8);
	return size;
}

/**
 * vote_repeat_put - convert a repeated claim to bytes
 * @repeat:	the repeated claim; more than 4294 s of its time are written as 4294 s
 * @to:		buffer to write to
 * @room:	size of @to in bytes
 *
 * Return: number of bytes written; 0 when there is not enough room
 */
size_t vote_repeat_put(const struct vote_repeat *repeat, uint8_t *to, size_t room)
{
	uint64_t us = repeat->remaining / 1000;

	if (room < VOTE_WIRE_REPEAT + VOTE_WIRE_LATER)
		return 0;
	memset(to + VOTE_WIRE_REPEAT, 0xff, VOTE_WIRE_LATER);
	bytes_put(to + AT_LENGTH, VOTE_WIRE_REPEAT + VOTE_WIRE_LATER, 1);
	bytes_put(to + AT_REPEAT_HOLDER, repeat->holder, 1);
	bytes_put(to + AT_REPEAT_ZERO, 0, 2);
	bytes_put(to + AT_REPEAT_LEASE, repeat->lease, 4);
	bytes_put(to + AT_REPEAT_EPOCH, repeat->epoch, 8);
	bytes_put(to + AT_REPEAT_REMAINING, us < UINT32_MAX ? us : UINT32_MAX, 4);
	return VOTE_WIRE_REPEAT + VOTE_WIRE_LATER;
}

/**
 * vote_repeat_get - convert bytes to a repeated claim
 * @from:	buffer to read from
 * @length:	size of @from in bytes
 * @repeat:	filled
 *
 * Return: number of bytes that the repeated claim took; 0 when no valid one follows
 */
size_t vote_repeat_get(const uint8_t *from, size_t length, struct vote_repeat *repeat)
{
	size_t size = length ? from[AT_LENGTH] : 0;

	memset(repeat, 0, sizeof(*repeat));
	if (size < VOTE_WIRE_REPEAT || size > length)
		return 0;
	repeat->holder = from[AT_REPEAT_HOLDER];
	repeat->lease = (uint32_t)bytes_get(from + AT_REPEAT_LEASE, 4);
	repeat->epoch = bytes_get(from + AT_REPEAT_EPOCH, 8);
	repeat->remaining = bytes_get(from + AT_REPEAT_REMAINING, 4) * 1000;
	return size;
}
