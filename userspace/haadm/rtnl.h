/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rtnetlink requests of haadm. They manage device ha0 and its addresses and local routes, which make the kernel
 * deliver packets for vips on this machine.
 */

#ifndef HAADM_RTNL_H
#define HAADM_RTNL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/sock.h"

#define HA_DEV		"ha0"
#define HA_ALIAS	"haswitch vips"	/* what tools show of ha0, as they show "haswitch lease LEASE" of other devices */
#define HA_LABEL	"ha0:vip"
#define HA_PROTO	72	/* protocol of haswitch's routes and addresses, as in rt_protos.d and rt_addrprotos.d */

struct mnl_socket;
struct nlmsghdr;

#define RTNL_MOST 100	/* maximum number of requests in a batch; the receive buffer holds an error reply to each */

struct rtnl {
	struct mnl_socket *nl;
	uint32_t seq;
	int dev;		/* ifindex of ha0; 0: ha0 does not exist */
	char *batch;		/* requests that are not sent yet */
	size_t batch_len;
	unsigned int n;		/* number of requests in the batch */
	uint32_t first_seq;	/* sequence number of the first request in the batch */
	struct {
		struct hasw_addr addr;
		bool *added;	/* if not NULL, receives whether the request added the address */
		bool refused;	/* the kernel returned an error */
	} waiting[RTNL_MOST];
	unsigned int refused;	/* number of requests that failed since the last flush */
	struct hasw_error first;	/* error of the first request that failed */
	bool torn;		/* a dump was inconsistent (NLM_F_DUMP_INTR) */
	unsigned int again;	/* number of times that rtnl_again() returned true */
	struct hasw_addr way;	/* rtnl_has_route() has found a route for an address, */
	uint8_t way_len;	/* which is for all addresses with a prefix of this length */
};

/* The two forms in which ha0 makes a vip local. */
enum local_form {
	LOCAL_ADDRESS,
	LOCAL_ROUTE,		/* route in table local, for very many vips */
};

/* Opens an rtnetlink socket and looks up ha0. */
int rtnl_open(struct rtnl *rtnl, struct hasw_error *err);
void rtnl_close(struct rtnl *rtnl);

/*
 * Sends one request, and calls FN with each reply until FN returns MNL_CB_STOP. The caller must then close the socket,
 * because the rest of the replies is unread. WHAT begins the text of an error. Returns 0 or a negative errno.
 */
int rtnl_ask(struct rtnl *rtnl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *nlh, void *data), void *data,
	     const char *what, struct hasw_error *err);
/* Returns whether a device exists that has this name or alternative name; true if the kernel cannot be asked. */
bool rtnl_has_dev(struct rtnl *rtnl, const char *name, struct hasw_error *err);

/* Creates ha0, with HA_ALIAS, if it does not exist, and brings it up. */
int rtnl_make_dev(struct rtnl *rtnl, struct hasw_error *err);

/*
 * Queue a request to add or delete an address in the given form. If the batch is full, it is sent first. It is no error
 * to add an address that exists, or to delete one that does not exist. When the batch is sent, *ADDED becomes true if
 * the request added the address, else false. ADDED can be NULL.
 */
void rtnl_add(struct rtnl *rtnl, enum local_form form, const struct hasw_addr *addr, bool *added);
void rtnl_del(struct rtnl *rtnl, enum local_form form, const struct hasw_addr *addr);

/* Sends the queued requests. Returns 0, or the error of the first request that failed since the last flush. */
int rtnl_flush(struct rtnl *rtnl, struct hasw_error *err);

typedef int (*local_fn_t)(enum local_form form, const struct hasw_addr *addr, void *data);

/*
 * Calls FN with each address and local route that haswitch has set on ha0. If FN returns a negative errno, this
 * function returns it. If FN returns 1, the list ends early. The caller must then close the socket, because the rest of
 * the dump is unread.
 */
int rtnl_list(struct rtnl *rtnl, local_fn_t fn, void *data, struct hasw_error *err);

/*
 * Like rtnl_list(), but for one form and one family. A caller that needs only addresses uses this function to avoid a
 * dump of routes. With very many routes, the kernel takes a long time before it sends the first one.
 */
int rtnl_list_form(struct rtnl *rtnl, enum local_form form, uint8_t family, local_fn_t fn, void *data,
		   struct hasw_error *err);

/* Calls FN with each address of all devices of the network namespace, until FN returns a value other than 0. */
int rtnl_addrs(struct rtnl *rtnl, int (*fn)(const struct hasw_addr *addr, void *data), void *data,
	       struct hasw_error *err);

/*
 * Clears the mark of an inconsistent dump, and returns whether the caller must repeat the list: rtnl_addrs(), or one of
 * devices by rtnl_ask(). The mark means that something changed during the dump, so an entry might be missing from it. The
 * number of repeats is limited, because things can keep changing. The kernel never marks a dump of one device, such as the dumps of rtnl_list().
 */
bool rtnl_again(struct rtnl *rtnl);

/* Returns 1 if the kernel delivers packets for the address on this machine, 0 if not, or a negative errno. */
int rtnl_is_local(struct rtnl *rtnl, const struct hasw_addr *addr, struct hasw_error *err);

/* Returns 1 if the kernel has a route to the address, 0 if not, or a negative errno. */
int rtnl_has_route(struct rtnl *rtnl, const struct hasw_addr *addr, struct hasw_error *err);

#endif
