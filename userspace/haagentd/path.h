/* SPDX-License-Identifier: GPL-2.0 */
/* A path: the UDP socket on one of the networks. */
#ifndef HAAGENTD_PATH_H
#define HAAGENTD_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "conf.h"

/**
 * struct path - a network that heartbeats travel on
 * @conf:	what the file says of it
 * @fd:		its socket; -1 when this node has no address on it, or its
 *		device is not there or cannot be used yet
 * @index:	of the device that the socket stays on, 0 for any
 * @looked:	when it was looked last whether that is still the device
 * @trouble:	errno that opening it failed with, 0 when it is open; ENODEV
 *		while its device is not there
 */
struct path {
	struct conf_path conf;
	int fd;
	unsigned int index;
	uint64_t looked;
	int trouble;
};

/**
 * struct path_trouble - what was told of sending to one peer on one path
 * @err:	errno that sending failed with, 0 when it works
 * @told:	when that was told; 0 for never
 */
struct path_trouble {
	int err;
	uint64_t told;
};

#define PATH_ADDRESS	80	/* longest text of an address and port */

int path_open(struct path *path, const struct conf_path *conf, char *why,
	      size_t size);
void path_close(struct path *path);
bool path_same(const struct path *path, const struct conf_path *conf);
ssize_t path_receive(struct path *path, uint8_t *packet, size_t size,
		     struct sockaddr_storage *from);
void path_send(struct path *path, const struct sockaddr_storage *to,
	       const uint8_t *packet, size_t length,
	       struct path_trouble *trouble, uint64_t now);
bool path_stale(struct path *path, bool changed, uint64_t now);
void path_reopen(struct path *path);
bool path_from(const struct sockaddr_storage *from,
	       const struct sockaddr_storage *at);
const char *path_address(const struct sockaddr_storage *at,
			 char buf[PATH_ADDRESS]);

#endif
