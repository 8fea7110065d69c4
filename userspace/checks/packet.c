// SPDX-License-Identifier: GPL-2.0
/* Bytes of questions and answers: ICMP echoes, and DNS. What servers send is read here, so nothing of it is believed. */
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "checks/packet.h"
#include "haagentd/bytes.h"
#include "lib/text.h"

#define DNS_HEAD	12
#define DNS_LABEL	63
#define DNS_NAME	255	/* longest name in a message, bytes */
#define DNS_ANSWER	0x8000	/* flags: an answer, */
#define DNS_CUT		0x0200	/* cut off, */
#define DNS_WISH	0x0100	/* recursion wished for, */
#define DNS_CODE	0x000f	/* and the code of an error */
#define DNS_IN		1

static const struct {
	const char *word;
	uint16_t type;
} types[] = {
	{ "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 }, { "PTR", 12 },
	{ "MX", 15 }, { "TXT", 16 }, { "AAAA", 28 }, { "SRV", 33 },
};

/**
 * dns_type - find the type of a record
 * @word:	its word, as "AAAA"
 *
 * Return: the type, or 0
 */
uint16_t dns_type(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcasecmp(types[i].word, word))
			return types[i].type;
	return 0;
}

/**
 * dns_query - write a query
 * @query:	receives the query
 * @name:	the name that is asked for; "." is the root
 * @type:	type of the record
 * @id:		id of the query
 *
 * Return: size of the query; 0 if @name is no name
 */
size_t dns_query(uint8_t query[DNS_QUERY], const char *name, uint16_t type, uint16_t id)
{
	size_t at = DNS_HEAD;

	memset(query, 0, DNS_HEAD);
	bytes_put(query, id, 2);
	bytes_put(query + 2, DNS_WISH, 2);
	bytes_put(query + 4, 1, 2);
	if (!strcmp(name, "."))
		name++;
	else if (!name[0])
		return 0;
	while (*name) {
		size_t length = strcspn(name, ".");

		/* The last byte of a name is the root. */
		if (!length || length > DNS_LABEL || at - DNS_HEAD + 1 + length + 1 > DNS_NAME)
			return 0;
		query[at++] = (uint8_t)length;
		memcpy(query + at, name, length);
		at += length;
		name += length + (name[length] == '.');
	}
	query[at++] = 0;
	bytes_put(query + at, type, 2);
	bytes_put(query + at + 2, DNS_IN, 2);
	return at + 4;
}

/**
 * dns_judge - judge an answer
 * @answer:	the answer
 * @size:	its size, bytes
 * @query:	the query
 * @query_size:	its size, bytes
 * @why:	receives the reason
 *
 * An answer that is cut off for its length is good: the server has answered.
 *
 * Return: the verdict
 */
enum dns_verdict dns_judge(const uint8_t *answer, size_t size, const uint8_t *query, size_t query_size,
			   char why[DNS_WHY])
{
	static const char *const codes[] = {
		"no error", "the query is malformed", "the server failed", "there is no such name",
		"not implemented", "refused",
	};
	unsigned int flags, code, n;
	size_t i;

	if (size < DNS_HEAD || bytes_get(answer, 2) != bytes_get(query, 2) || !(bytes_get(answer + 2, 2) & DNS_ANSWER))
		return DNS_FOREIGN;
	flags = bytes_get(answer + 2, 2);
	code = flags & DNS_CODE;
	/* Servers that refuse may leave the question out. Some change the case of a name. */
	if (bytes_get(answer + 4, 2)) {
		if (size < query_size)
			return DNS_FOREIGN;
		for (i = DNS_HEAD; i < query_size; i++)
			if ((answer[i] ^ query[i]) & ~0x20)
				return DNS_FOREIGN;
	}
	n = bytes_get(answer + 6, 2);
	if (code && code < sizeof(codes) / sizeof(codes[0]))
		snprintf(why, DNS_WHY, "%s (code %u)", codes[code], code);
	else if (code)
		snprintf(why, DNS_WHY, "code %u", code);
	else if (!n && !(flags & DNS_CUT))
		snprintf(why, DNS_WHY, "the answer has no record");
	else
		snprintf(why, DNS_WHY, "%u record%s", n, hasw_s(n));
	return code || (!n && !(flags & DNS_CUT)) ? DNS_BAD : DNS_GOOD;
}

/**
 * checksum_add - add bytes to a checksum of the Internet (RFC 1071)
 * @total:	the sum so far; 0 at first
 * @at:		the bytes, which begin at an even place of what is covered
 * @size:	number of bytes
 *
 * Return: the sum, for checksum_fold()
 */
uint32_t checksum_add(uint32_t total, const uint8_t *at, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		total += (uint32_t)bytes_get(at + i, 2);
	return size % 2 ? total + ((uint32_t)at[size - 1] << 8) : total;
}

/**
 * checksum_fold - make the checksum
 * @total:	the sum
 *
 * Return: the checksum
 */
uint16_t checksum_fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

/**
 * echo_write - write an echo request
 * @echo:	receives the request
 * @family:	AF_INET or AF_INET6
 * @index:	comes back with the answer
 * @token:	comes back with the answer
 */
void echo_write(uint8_t echo[ECHO_SIZE], int family, uint32_t index, uint64_t token)
{
	memset(echo, 0, ECHO_SIZE);
	echo[0] = family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	bytes_put(echo + 4, (unsigned int)token & 0xffff, 2);
	memcpy(echo + 8, &token, sizeof(token));
	memcpy(echo + 16, &index, sizeof(index));
	/* For IPv6 the kernel computes the checksum. */
	if (family == AF_INET)
		bytes_put(echo + 2, checksum_fold(checksum_add(0, echo, ECHO_SIZE)), 2);
}

/**
 * echo_message - read an echo reply without its IP header
 * @at:		the message
 * @size:	its size, bytes
 * @family:	AF_INET or AF_INET6
 * @index:	receives what the request had
 * @token:	receives what the request had
 *
 * Return: whether it is an echo reply of the right size
 */
bool echo_message(const uint8_t *at, size_t size, int family, uint32_t *index, uint64_t *token)
{
	if (size != ECHO_SIZE || at[0] != (family == AF_INET6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
		return false;
	memcpy(token, at + 8, sizeof(*token));
	memcpy(index, at + 16, sizeof(*index));
	return true;
}

/**
 * echo_read - read an echo reply from a raw socket
 * @at:		what the socket gave; for AF_INET it begins with the IP header
 * @size:	its size, bytes
 * @family:	AF_INET or AF_INET6
 * @index:	receives what the request had
 * @token:	receives what the request had
 *
 * Return: whether it is an echo reply of the right size
 */
bool echo_read(const uint8_t *at, size_t size, int family, uint32_t *index, uint64_t *token)
{
	size_t head = 0;

	if (family == AF_INET) {
		head = size ? (size_t)(at[0] & 15) * 4 : 0;
		if (head < 20 || size < head)
			return false;
	}
	return echo_message(at + head, size - head, family, index, token);
}
