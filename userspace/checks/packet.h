/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of questions and answers: ICMP echoes, and DNS. */
#ifndef CHECKS_PACKET_H
#define CHECKS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_QUERY	300	/* room for the longest query, bytes */
#define DNS_WHY		64	/* room for the reason of dns_judge() */
#define ECHO_SIZE	24	/* size of an echo request, bytes */

enum dns_verdict {
	DNS_FOREIGN,		/* not an answer to this query */
	DNS_GOOD,
	DNS_BAD,
};

uint16_t dns_type(const char *word);
size_t dns_query(uint8_t query[DNS_QUERY], const char *name, uint16_t type, uint16_t id);
enum dns_verdict dns_judge(const uint8_t *answer, size_t size, const uint8_t *query, size_t query_size,
			   char why[DNS_WHY]);
uint32_t checksum_add(uint32_t total, const uint8_t *at, size_t size);
uint16_t checksum_fold(uint32_t total);
void echo_write(uint8_t echo[ECHO_SIZE], int family, uint32_t index, uint64_t token);
bool echo_message(const uint8_t *at, size_t size, int family, uint32_t *index, uint64_t *token);
bool echo_read(const uint8_t *at, size_t size, int family, uint32_t *index, uint64_t *token);

#endif
