/* SPDX-License-Identifier: GPL-2.0 */
/* What haadm asks of rtnetlink: the device ha0, its addresses and local routes. */

#ifndef HAADM_RTNL_H
#define HAADM_RTNL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/sock.h"

#define HA_DEV		"ha0"
#define HA_LABEL	"ha0:vip"
#define HA_PROTO	72	/* "haswitch" in rt_protos.d and rt_addrprotos.d */

struct mnl_socket;

#define RTNL_MOST 100	/* requests in a batch: were all refused, the answers would fit into the socket */

struct rtnl {
	struct mnl_socket *nl;
	uint32_t seq;
	int dev;		/* index of ha0; 0: it is not there */
	char *batch;		/* requests that wait to be sent */
	size_t batch_len;
	unsigned int n;		/* how many they are; the first is number first_seq */
	uint32_t first_seq;
	struct {
		struct hasw_addr addr;
		bool *added;	/* tell it here, or NULL */
		bool refused;
	} waiting[RTNL_MOST];
	unsigned int refused;	/* so many were since the last flush */
	struct hasw_error first;	/* and why the first of them was */
	bool torn;		/* the addresses changed while they were listed */
	unsigned int again;	/* how often rtnl_again() said so */
};

/* How a vip is made local. */
enum local_form {
	LOCAL_ADDRESS,
	LOCAL_ROUTE,		/* for very many */
};

/* Opens the socket and looks for ha0. */
int rtnl_open(struct rtnl *rtnl, struct hasw_error *err);
void rtnl_close(struct rtnl *rtnl);

/* Makes ha0 if it is not there, and sets it up. */
int rtnl_make_dev(struct rtnl *rtnl, struct hasw_error *err);

/*
 * Put a request into the batch, which is sent when it is full. What is there
 * already, or is not there when it should go, is no error. After the flush
 * ADDED tells whether this request put it there.
 */
void rtnl_add(struct rtnl *rtnl, enum local_form form, const struct hasw_addr *addr, bool *added);
void rtnl_del(struct rtnl *rtnl, enum local_form form, const struct hasw_addr *addr);

/* Sends what waits; the error of the first request that was refused since the last flush. */
int rtnl_flush(struct rtnl *rtnl, struct hasw_error *err);

typedef int (*local_fn_t)(enum local_form form, const struct hasw_addr *addr, void *data);

/*
 * Calls FN with each address and local route that haswitch has set on ha0. A
 * negative errno of it is returned; 1 ends the list, and leaves the socket good
 * for nothing but being closed.
 */
int rtnl_list(struct rtnl *rtnl, local_fn_t fn, void *data, struct hasw_error *err);

/* The same for those of one form and family. Even to begin a list of very many routes takes the kernel long. */
int rtnl_list_form(struct rtnl *rtnl, enum local_form form, uint8_t family, local_fn_t fn, void *data,
		   struct hasw_error *err);

/* Calls FN with each address of the network namespace, on whatever device, until it returns not 0. */
int rtnl_addrs(struct rtnl *rtnl, int (*fn)(const struct hasw_addr *addr, void *data), void *data,
	       struct hasw_error *err);

/*
 * Shall rtnl_addrs() be called again, since addresses came and went meanwhile, so that it may have missed one? Where they
 * never stand still, not for ever. The kernel does not tell it of lists of one device.
 */
bool rtnl_again(struct rtnl *rtnl);

/* Does the kernel deliver packets to the address on this machine? Negative: errno. */
int rtnl_is_local(struct rtnl *rtnl, const struct hasw_addr *addr, struct hasw_error *err);

#endif
