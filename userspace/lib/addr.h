/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and services: as numbers, and as people write them. */

#ifndef HASW_ADDR_H
#define HASW_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A virtual or node address. Bytes behind the last one of the family are zero. */
struct hasw_addr {
	uint8_t family;			/* AF_INET, AF_INET6; 0: none */
	uint8_t bytes[16];		/* network byte order */
};

/* What a service is keyed by. proto 0: the whole vip; port 0: every port. */
struct hasw_svc {
	struct hasw_addr vip;
	uint8_t proto;
	uint16_t port;			/* host byte order */
};

/* Longest texts, with the final NUL. */
#define HASW_ADDR_TEXT	48
#define HASW_SVC_TEXT	72
#define HASW_MAC_TEXT	18

/*
 * The parsers take the whole string or nothing. They return NULL, or what is
 * wrong with the text, as a phrase that a sentence can end with.
 */
const char *hasw_addr_parse(struct hasw_addr *addr, const char *text);
const char *hasw_svc_parse(struct hasw_svc *svc, const char *text);
const char *hasw_mac_parse(uint8_t mac[6], const char *text);

/* The formatters return buf. */
const char *hasw_addr_format(const struct hasw_addr *addr, char buf[HASW_ADDR_TEXT]);
const char *hasw_svc_format(const struct hasw_svc *svc, char buf[HASW_SVC_TEXT]);
const char *hasw_mac_format(const uint8_t mac[6], char buf[HASW_MAC_TEXT]);

/* A protocol by its name, or a number from 1 to 255. */
const char *hasw_proto_parse(uint8_t *proto, const char *text);

/* Name of a protocol, or its number as text. */
const char *hasw_proto_format(uint8_t proto, char buf[4]);

/* Does the protocol have ports, so that a service can name one? */
bool hasw_proto_has_ports(uint8_t proto);

/* Can a host have the address, so that the module takes it? */
bool hasw_addr_is_host(const struct hasw_addr *addr);
bool hasw_addr_is_link_local(const struct hasw_addr *addr);

size_t hasw_addr_len(const struct hasw_addr *addr);

/* Order and equality: IPv4 before IPv6, then by number. */
int hasw_addr_compare(const struct hasw_addr *a, const struct hasw_addr *b);
int hasw_svc_compare(const struct hasw_svc *a, const struct hasw_svc *b);

#endif
