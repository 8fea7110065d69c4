/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices: ifindex lookups and rtnetlink notifications of changes. */
#ifndef HAAGENTD_LINK_WATCH_H
#define HAAGENTD_LINK_WATCH_H

#include <stdbool.h>

struct mnl_socket;
struct sockaddr_storage;

/**
 * struct link_watch - a subscription to rtnetlink notifications of the kernel
 * @nl:	the rtnetlink socket; NULL when it is not open
 */
struct link_watch {
	struct mnl_socket *nl;
};

int link_watch_open(struct link_watch *w, unsigned int groups);
void link_watch_close(struct link_watch *w);
int link_watch_fd(const struct link_watch *w);
bool link_watch_take(struct link_watch *w);
unsigned int link_index(const char *name);
bool link_carries(const struct sockaddr_storage *at);

#endif
