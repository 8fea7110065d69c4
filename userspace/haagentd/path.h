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
 * @fd:		its socket; -1 when this node has no address on it
 * @trouble:	errno that sending failed with last, 0 when it works
 */
struct path {
	struct conf_path conf;
	int fd;
	int trouble;
};

#define PATH_ADDRESS	80	/* longest text of an address and port */

int path_open(struct path *path, const struct conf_path *conf, char *why,
	      size_t size);
void path_close(struct path *path);
bool path_same(const struct path *path, const struct conf_path *conf);
ssize_t path_receive(struct path *path, uint8_t *packet, size_t size,
		     struct sockaddr_storage *from);
void path_send(struct path *path, const struct sockaddr_storage *to,
	       const uint8_t *packet, size_t length);
const char *path_address(const struct sockaddr_storage *at,
			 char buf[PATH_ADDRESS]);

#endif
