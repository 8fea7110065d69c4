/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and services: their binary form, parsing and formatting. */

#ifndef HASW_ADDR_H
#define HASW_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* An address of a vip or node. Bytes that the family does not use are zero. */
struct hasw_addr {
	uint8_t family;			/* AF_INET, AF_INET6; 0: none */
	uint8_t bytes[16];		/* network byte order */
};

/* The key of a service. proto 0: the service covers the whole vip; port 0: the service covers every port. */
struct hasw_svc {
	struct hasw_addr vip;
	uint8_t proto;
	uint16_t port;			/* host byte order */
};

/* Buffer sizes of the formatted texts, including the NUL. */
#define HASW_ADDR_TEXT	48
#define HASW_SVC_TEXT	72
#define HASW_MAC_TEXT	18
#define HASW_PORTS_TEXT	12

/*
 * The parsers accept only a string that is valid as a whole. They return NULL on success, or the error as a phrase to
 * print after the string.
 */
const char *hasw_addr_parse(struct hasw_addr *addr, const char *text);
const char *hasw_svc_parse(struct hasw_svc *svc, const char *text);

/*
 * Returns the end of a message that a service or its vip is not there: 2001:db8::1:80/tcp is an IPv6 address without a
 * port, and perhaps its author meant the 80 as one. "" if SVC cannot be meant so.
 */
const char *hasw_svc_hint(const struct hasw_svc *svc);

const char *hasw_mac_parse(uint8_t mac[6], const char *text);

/*
 * Parses further ports of a service: a port ("443"), a range ("8000-8010"), or "none", which is 0. In PORTS, as in
 * netlink messages, the first port is in the upper 16 bits and the last one in the lower 16 bits.
 */
const char *hasw_ports_parse(uint32_t *ports, const char *text);

static inline uint16_t hasw_ports_first(uint32_t ports)
{
	return (uint16_t)(ports >> 16);
}

static inline uint16_t hasw_ports_last(uint32_t ports)
{
	return (uint16_t)ports;
}

/* Returns whether two ranges of ports have a port in common. */
static inline bool hasw_ports_overlap(uint32_t a, uint32_t b)
{
	return hasw_ports_first(a) <= hasw_ports_last(b) && hasw_ports_first(b) <= hasw_ports_last(a);
}

/* Returns PORT as a range of one port. */
static inline uint32_t hasw_ports_single(uint16_t port)
{
	return (uint32_t)port << 16 | port;
}

/* The formatters write into buf and return it. */
const char *hasw_ports_format(uint32_t ports, char buf[HASW_PORTS_TEXT]);
const char *hasw_addr_format(const struct hasw_addr *addr, char buf[HASW_ADDR_TEXT]);
const char *hasw_svc_format(const struct hasw_svc *svc, char buf[HASW_SVC_TEXT]);
const char *hasw_mac_format(const uint8_t mac[6], char buf[HASW_MAC_TEXT]);

/* Parses a protocol: a known name, or a number from 1 to 255. */
const char *hasw_proto_parse(uint8_t *proto, const char *text);

/* Returns the name of a protocol, or its number as text in buf. */
const char *hasw_proto_format(uint8_t proto, char buf[4]);

/* Returns whether the protocol has ports, so that a service of the protocol can have a port. */
bool hasw_proto_has_ports(uint8_t proto);

/* Returns whether an address is a unicast address of a host. The module requires such an address for nodes and vips. */
bool hasw_addr_is_host(const struct hasw_addr *addr);
bool hasw_addr_is_link_local(const struct hasw_addr *addr);

size_t hasw_addr_len(const struct hasw_addr *addr);

/*
 * Makes a socket address. Bytes that the family does not use are zero; without a family, all are. Returns its size in bytes,
 * as bind() and sendto() take it.
 */
socklen_t hasw_addr_to_sock(const struct hasw_addr *addr, uint16_t port, struct sockaddr_storage *to);

/* Takes the address out of a socket address. Returns whether it is of IPv4 or IPv6; if not, ADDR has no family. */
bool hasw_addr_from_sock(struct hasw_addr *addr, const struct sockaddr *from);

/* Compare like memcmp(). IPv4 sorts before IPv6. Within a family the order is by address, protocol and port. */
int hasw_addr_compare(const struct hasw_addr *a, const struct hasw_addr *b);
int hasw_svc_compare(const struct hasw_svc *a, const struct hasw_svc *b);

/* Returns whether the first LEN bits of two addresses are the same. Shorter addresses have no such bits: false. */
bool hasw_addr_within(const struct hasw_addr *a, const struct hasw_addr *b, uint8_t len);

#endif
