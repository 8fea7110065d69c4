// SPDX-License-Identifier: GPL-2.0
/* Encoding and decoding of heartbeat packets. */
#include <string.h>

#include "haagentd/bytes.h"
#include "wire.h"

static const uint8_t wire_magic[4] = { 'H', 'a', 'S', 'w' };

/* Header offsets. */
#define AT_MAGIC	0
#define AT_VERSION	4
#define AT_TYPE		5
#define AT_LENGTH	6
#define AT_KEY_ID	8
#define AT_COUNTER	12
#define AT_SESSION	20
#define AT_TO_SESSION	36
#define AT_FROM		52
#define AT_TO		84
#define AT_SALT		116

/* Body offsets. The last three bytes are reserved and sent as zero. */
#define AT_FLAGS	0
#define AT_SIZE		2
#define AT_HEARTBEAT	4
#define AT_ECHO_AGE	8
#define AT_ECHO_COUNTER	12
#define AT_AGE		20
#define AT_TOKEN	28
#define AT_CAPABILITIES	44
#define AT_NEWEST_KEY	48
#define AT_SHARE	52
#define AT_REACHED	53

static int name_char(char c, int first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return 1;
	return !first && (c == '.' || c == '-' || c == '_');
}

/**
 * wire_name_valid - return whether a node name is valid
 * @name:	the name, NUL-terminated
 *
 * The module has the same rule: 1 to 31 letters, digits, dots, dashes and underscores,
 * beginning with a letter or digit.
 *
 * Return: 1 or 0
 */
int wire_name_valid(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (i >= WIRE_NAME - 1 || !name_char(name[i], !i))
			return 0;
	return i > 0;
}

static void name_put(uint8_t *at, const char *name)
{
	memset(at, 0, WIRE_NAME);
	memcpy(at, name, strnlen(name, WIRE_NAME - 1));
}

/* A name has only one valid encoding: all bytes after its NUL must be zero. */
static int name_get(const uint8_t *at, char *name)
{
	size_t length = strnlen((const char *)at, WIRE_NAME);
	static const uint8_t zeros[WIRE_NAME];

	if (length == WIRE_NAME || memcmp(at + length, zeros, WIRE_NAME - length))
		return 0;
	memcpy(name, at, WIRE_NAME);
	return wire_name_valid(name);
}

/**
 * wire_header_encode - encode the header of a packet
 * @h:		the header; its names must be valid
 * @length:	length of the whole packet including the tag, bytes
 * @out:	filled with WIRE_HEADER bytes
 */
void wire_header_encode(const struct wire_header *h, uint16_t length,
			uint8_t out[WIRE_HEADER])
{
	memcpy(out + AT_MAGIC, wire_magic, sizeof(wire_magic));
	bytes_put(out + AT_VERSION, WIRE_VERSION, 1);
	bytes_put(out + AT_TYPE, h->type, 1);
	bytes_put(out + AT_LENGTH, length, 2);
	bytes_put(out + AT_KEY_ID, h->key_id, 4);
	bytes_put(out + AT_COUNTER, h->counter, 8);
	memcpy(out + AT_SESSION, h->session, WIRE_SESSION);
	memcpy(out + AT_TO_SESSION, h->to_session, WIRE_SESSION);
	name_put(out + AT_FROM, h->from);
	name_put(out + AT_TO, h->to);
	memcpy(out + AT_SALT, h->salt, WIRE_SALT);
}

/**
 * wire_header_decode - decode the header of a packet
 * @packet:	the packet
 * @length:	length of the packet, bytes
 * @h:		filled on success
 *
 * The header is not authenticated until session_open() has checked the tag.
 *
 * Return: WIRE_OK, or the first error
 */
enum wire_error wire_header_decode(const uint8_t *packet, size_t length,
				   struct wire_header *h)
{
	/*
	 * The magic is checked before the full length, so that the log distinguishes a packet of another program
	 * from a truncated packet of haagentd.
	 */
	if (length < sizeof(wire_magic))
		return WIRE_BAD_LENGTH;
	if (memcmp(packet + AT_MAGIC, wire_magic, sizeof(wire_magic)))
		return WIRE_BAD_MAGIC;
	if (length > AT_VERSION && packet[AT_VERSION] != WIRE_VERSION)
		return WIRE_BAD_VERSION;
	if (length < WIRE_PACKET_LEAST || length > WIRE_PACKET_MAX ||
	    bytes_get(packet + AT_LENGTH, 2) != length)
		return WIRE_BAD_LENGTH;

	memset(h, 0, sizeof(*h));
	h->type = packet[AT_TYPE];
	h->key_id = (uint32_t)bytes_get(packet + AT_KEY_ID, 4);
	h->counter = bytes_get(packet + AT_COUNTER, 8);
	memcpy(h->session, packet + AT_SESSION, WIRE_SESSION);
	memcpy(h->to_session, packet + AT_TO_SESSION, WIRE_SESSION);
	memcpy(h->salt, packet + AT_SALT, WIRE_SALT);
	if (!name_get(packet + AT_FROM, h->from) ||
	    !name_get(packet + AT_TO, h->to))
		return WIRE_BAD_NAME;
	return WIRE_OK;
}

/**
 * wire_body_encode - encode the body of a packet, before it is encrypted
 * @b:		the body
 * @out:	filled with WIRE_BODY bytes
 */
void wire_body_encode(const struct wire_body *b, uint8_t out[WIRE_BODY])
{
	memset(out, 0, WIRE_BODY);
	bytes_put(out + AT_FLAGS, b->flags, 2);
	bytes_put(out + AT_SIZE, WIRE_BODY, 2);
	bytes_put(out + AT_HEARTBEAT, b->heartbeat_us, 4);
	bytes_put(out + AT_ECHO_AGE, b->echo_age_us, 4);
	bytes_put(out + AT_ECHO_COUNTER, b->echo_counter, 8);
	bytes_put(out + AT_AGE, b->age_ms, 8);
	memcpy(out + AT_TOKEN, b->token, WIRE_TOKEN);
	bytes_put(out + AT_CAPABILITIES, b->capabilities, 4);
	bytes_put(out + AT_NEWEST_KEY, b->newest_key, 4);
	bytes_put(out + AT_SHARE, b->share, 1);
	bytes_put(out + AT_REACHED, b->reached, 1);
}

/**
 * wire_body_decode - decode the body of a packet, after it was decrypted
 * @body:	the decrypted part of the packet
 * @length:	length of @body including the records, bytes
 * @b:		filled on success
 *
 * Return: WIRE_OK or WIRE_BAD_LENGTH
 */
enum wire_error wire_body_decode(const uint8_t *body, size_t length,
				 struct wire_body *b)
{
	if (length < WIRE_BODY_LEAST ||
	    wire_body_size(body) < WIRE_BODY_LEAST ||
	    wire_body_size(body) > length)
		return WIRE_BAD_LENGTH;
	memset(b, 0, sizeof(*b));
	b->flags = (uint16_t)bytes_get(body + AT_FLAGS, 2);
	b->heartbeat_us = (uint32_t)bytes_get(body + AT_HEARTBEAT, 4);
	b->echo_age_us = (uint32_t)bytes_get(body + AT_ECHO_AGE, 4);
	b->echo_counter = bytes_get(body + AT_ECHO_COUNTER, 8);
	b->age_ms = bytes_get(body + AT_AGE, 8);
	memcpy(b->token, body + AT_TOKEN, WIRE_TOKEN);
	b->capabilities = (uint32_t)bytes_get(body + AT_CAPABILITIES, 4);
	b->newest_key = (uint32_t)bytes_get(body + AT_NEWEST_KEY, 4);
	b->share = body[AT_SHARE] <= 100 ? body[AT_SHARE] : 0;
	b->reached = body[AT_REACHED];
	return WIRE_OK;
}

/**
 * wire_body_size - return the length of a body, after which the records begin
 * @body:	the decrypted part of the packet, at least WIRE_BODY_LEAST bytes
 *
 * Return: length of the sender's body, bytes
 */
size_t wire_body_size(const uint8_t *body)
{
	return (size_t)bytes_get(body + AT_SIZE, 2);
}

#define RECORD_HEAD	4	/* type and size */

/**
 * wire_record_put - encode a record
 * @r:		the record
 * @to:		buffer
 * @room:	size of @to, bytes
 *
 * Return: number of bytes written; 0 when @to is too small
 */
size_t wire_record_put(const struct wire_record *r, uint8_t *to, size_t room)
{
	if (r->size > UINT16_MAX || RECORD_HEAD + r->size > room)
		return 0;
	bytes_put(to, r->type, 2);
	bytes_put(to + 2, r->size, 2);
	memcpy(to + RECORD_HEAD, r->data, r->size);
	return RECORD_HEAD + r->size;
}

/**
 * wire_record_get - decode a record
 * @from:	the encoded record
 * @length:	number of bytes in @from
 * @r:		filled; its data points into @from
 *
 * Return: number of bytes used; 0 when @from has no complete record
 */
size_t wire_record_get(const uint8_t *from, size_t length, struct wire_record *r)
{
	if (length < RECORD_HEAD)
		return 0;
	r->type = (uint16_t)bytes_get(from, 2);
	r->size = (size_t)bytes_get(from + 2, 2);
	r->data = from + RECORD_HEAD;
	return r->size > length - RECORD_HEAD ? 0 : RECORD_HEAD + r->size;
}
