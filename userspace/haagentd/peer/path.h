/* SPDX-License-Identifier: GPL-2.0 */
/* A path: the UDP socket for heartbeats on one network. */
#ifndef HAAGENTD_PATH_H
#define HAAGENTD_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "haagentd/conf/conf.h"
#include "wire.h"

/**
 * struct path - a network that carries heartbeats
 * @conf:	the path's configuration
 * @fd:		the socket; -1 when this node has no address on the path, or the device
 *		is missing or unusable
 * @index:	ifindex of the device that the socket is bound to; 0: any device
 * @looked:	when path_stale() last compared @index with the device's ifindex, ns
 * @trouble:	errno of the last attempt to open the socket, ENODEV if the device was
 *		missing; 0 if that attempt did not fail
 */
struct path {
	struct conf_path conf;
	int fd;
	unsigned int index;
	uint64_t looked;
	int trouble;
};

/**
 * struct path_trouble - the last logged result of sending to a peer on a path
 * @err:	errno of the last logged sendto(); 0 if it succeeded
 * @told:	when @err was logged, ns; 0 for never
 */
struct path_trouble {
	int err;
	uint64_t told;
};

#define PATH_BATCH	4	/* packets that path_receive() receives at most */

/**
 * struct path_packet - a packet received from a path
 * @from:	the sender's address
 * @length:	the packet's full length, bytes; if it exceeds WIRE_PACKET_MAX, @data is truncated
 * @data:	the packet
 */
struct path_packet {
	struct sockaddr_storage from;
	size_t length;
	uint8_t data[WIRE_PACKET_MAX + 1];
};

/**
 * struct path_batch - packets received by one system call
 * @packets:	the packets
 */
struct path_batch {
	struct path_packet packets[PATH_BATCH];
};

#define PATH_ADDRESS	80	/* size of the text of an address and port */

int path_open(struct path *path, const struct conf_path *conf, char *why,
	      size_t size);
void path_close(struct path *path);
bool path_same(const struct path *path, const struct conf_path *conf);
unsigned int path_receive(struct path *path, struct path_batch *batch);
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
