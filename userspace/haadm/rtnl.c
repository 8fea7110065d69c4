// SPDX-License-Identifier: GPL-2.0
/*
 * The rtnetlink requests of haadm. They manage device ha0 and its addresses and local routes, which make the kernel
 * deliver packets for vips on this machine.
 */

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>

#include "rtnl.h"

#ifndef IFA_PROTO
#define IFA_PROTO	11
#endif

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define BATCH_SIZE	(RTNL_MOST * 256)	/* 256 bytes are far more than a request needs */
#define RECV_SIZE	(64 * 1024)
#define FOREVER		0xFFFFFFFFu
#define LIST_TRIES	10	/* maximum number of repeats of an inconsistent dump */

static int refused(struct hasw_error *err, const struct nlmsghdr *nlh, const char *what)
{
	struct hasw_error kernel;

	if (!hasw_error_parse(&kernel, nlh, NULL, NULL))
		return 0;
	hasw_fail(err, kernel.code, "%s: %s", what, kernel.text);
	err->kernel = true;
	return -kernel.code;
}

/*
 * Returns the negative errno in the NLMSG_DONE message of a dump, or 0. ENOENT and ENODEV count as success: the routing
 * table or the device does not exist, so the dump is empty.
 */
static int done(struct hasw_error *err, const struct nlmsghdr *nlh, const char *what)
{
	const int *status = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*status) || *status >= 0 || *status == -ENOENT ||
	    *status == -ENODEV)
		return 0;
	return refused(err, nlh, what);
}

/* Returns the size of the header that replies to a request of this type have before their attributes. */
static size_t header_size(uint16_t type)
{
	switch (type) {
	case RTM_GETLINK:
		return sizeof(struct ifinfomsg);
	case RTM_GETADDR:
		return sizeof(struct ifaddrmsg);
	case RTM_GETROUTE:
		return sizeof(struct rtmsg);
	case RTM_GETNETCONF:
		return sizeof(struct netconfmsg);
	}
	return 0;
}

int rtnl_ask(struct rtnl *rtnl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *nlh, void *data), void *data,
	     const char *what, struct hasw_error *err)
{
	const size_t header = header_size(nlh->nlmsg_type);
	static char buf[RECV_SIZE];

	nlh->nlmsg_seq = ++rtnl->seq;
	if (mnl_socket_sendto(rtnl->nl, nlh, nlh->nlmsg_len) < 0)
		return hasw_fail(err, errno, "%s: %s", what, strerror(errno));
	for (;;) {
		const struct nlmsghdr *got;
		ssize_t len = mnl_socket_recvfrom(rtnl->nl, buf, sizeof(buf));
		int left = (int)len;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return hasw_fail(err, errno, "%s: %s", what, strerror(errno));
		for (got = (const void *)buf; mnl_nlmsg_ok(got, left); got = mnl_nlmsg_next(got, &left)) {
			if (got->nlmsg_seq != rtnl->seq)
				continue;
			rtnl->torn |= (got->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (got->nlmsg_type == NLMSG_ERROR)
				return refused(err, got, what);
			if (got->nlmsg_type == NLMSG_DONE)
				return done(err, got, what);
			if (fn && mnl_nlmsg_get_payload_len(got) >= header && fn(got, data) == MNL_CB_STOP)
				return 0;
		}
	}
}

static int link_index(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == RTM_NEWLINK)
		*(int *)data = link->ifi_index;
	return MNL_CB_OK;
}

/* Looks up a device by its name, or by an alternative name. Sets *INDEX to its ifindex, or to 0 if it does not exist. */
static int find_link(struct rtnl *rtnl, const char *name, int *index, struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;
	int ret;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	*index = 0;
	ret = rtnl_ask(rtnl, nlh, link_index, index, "cannot look for a device", err);
	return ret == -ENODEV ? 0 : ret;
}

static int find_dev(struct rtnl *rtnl, struct hasw_error *err)
{
	return find_link(rtnl, HA_DEV, &rtnl->dev, err);
}

bool rtnl_has_dev(struct rtnl *rtnl, const char *name, struct hasw_error *err)
{
	int index;

	return find_link(rtnl, name, &index, err) || index;
}

int rtnl_open(struct rtnl *rtnl, struct hasw_error *err)
{
	int on = 1;
	int ret;

	memset(rtnl, 0, sizeof(*rtnl));
	rtnl->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	rtnl->batch = malloc(BATCH_SIZE);
	if (!rtnl->nl || !rtnl->batch || mnl_socket_bind(rtnl->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		ret = hasw_fail(err, errno, "cannot open an rtnetlink socket: %s", strerror(errno));
		goto fail;
	}
	mnl_socket_setsockopt(rtnl->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(rtnl->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	/*
	 * With strict checking the kernel filters the dump, and sends only the routes of ha0. Otherwise it would send
	 * all routes, which are many on a router.
	 */
	mnl_socket_setsockopt(rtnl->nl, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	ret = find_dev(rtnl, err);
	if (ret)
		goto fail;
	return 0;
fail:
	rtnl_close(rtnl);
	return ret;
}

void rtnl_close(struct rtnl *rtnl)
{
	if (rtnl->nl)
		mnl_socket_close(rtnl->nl);
	free(rtnl->batch);
	memset(rtnl, 0, sizeof(*rtnl));
}

/* Gives ha0 an alias, which the kernel does not take when it creates a device. */
static int put_alias(struct rtnl *rtnl, struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = rtnl->dev;
	mnl_attr_put_str(nlh, IFLA_IFALIAS, HA_ALIAS);
	return rtnl_ask(rtnl, nlh, NULL, NULL, "cannot give device " HA_DEV " an alias", err);
}

int rtnl_make_dev(struct rtnl *rtnl, struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;
	struct nlattr *info;
	bool created;
	int ret;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = rtnl->dev;
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	if (!rtnl->dev) {
		nlh->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
		mnl_attr_put_strz(nlh, IFLA_IFNAME, HA_DEV);
		info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
		mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "haswitch");
		mnl_attr_nest_end(nlh, info);
	}
	ret = rtnl_ask(rtnl, nlh, NULL, NULL, "cannot set up device " HA_DEV, err);
	/* EEXIST is no failure: another process has just created ha0, and brings it up. */
	if (ret && ret != -EEXIST)
		return ret;
	if (rtnl->dev)
		return 0;
	created = !ret;
	ret = find_dev(rtnl, err);
	return ret || !created || !rtnl->dev ? ret : put_alias(rtnl, err);
}

static void address_put(struct nlmsghdr *nlh, int dev, const struct hasw_addr *addr)
{
	const struct ifa_cacheinfo never_a_source = { .ifa_prefered = 0, .ifa_valid = FOREVER };
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	size_t len = hasw_addr_len(addr);

	ifa->ifa_family = addr->family;
	ifa->ifa_prefixlen = (uint8_t)(len * 8);
	ifa->ifa_index = (uint32_t)dev;
	mnl_attr_put(nlh, IFA_LOCAL, len, addr->bytes);
	mnl_attr_put_u8(nlh, IFA_PROTO, HA_PROTO);
	if (addr->family == AF_INET) {
		ifa->ifa_scope = RT_SCOPE_HOST;
		mnl_attr_put(nlh, IFA_ADDRESS, len, addr->bytes);
		mnl_attr_put_strz(nlh, IFA_LABEL, HA_LABEL);
	} else {
		ifa->ifa_flags = IFA_F_NODAD;
		mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
		mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(never_a_source), &never_a_source);
	}
}

static void route_put(struct nlmsghdr *nlh, int dev, const struct hasw_addr *addr)
{
	struct rtmsg *route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	size_t len = hasw_addr_len(addr);

	route->rtm_family = addr->family;
	route->rtm_dst_len = (uint8_t)(len * 8);
	route->rtm_table = RT_TABLE_LOCAL;
	route->rtm_protocol = HA_PROTO;
	route->rtm_scope = addr->family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	route->rtm_type = RTN_LOCAL;
	mnl_attr_put(nlh, RTA_DST, len, addr->bytes);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)dev);
}

/*
 * Returns whether an error, a negative errno, is harmless: the address or route to add already exists, or the one to
 * delete does not exist.
 */
static bool harmless(uint16_t type, int error)
{
	switch (type) {
	case RTM_NEWADDR:
	case RTM_NEWROUTE:
		return error == -EEXIST;
	case RTM_DELADDR:
		return error == -EADDRNOTAVAIL || error == -ENODEV;
	case RTM_DELROUTE:
		return error == -ESRCH || error == -ENODEV;
	}
	return false;
}

/* Processes the kernel's reply to a request of the batch. */
static void batch_error(struct rtnl *rtnl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);
	uint32_t at = nlh->nlmsg_seq - rtnl->first_seq;
	char addr[HASW_ADDR_TEXT], what[128];
	uint16_t type;

	if (nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*error))
		return;
	if (!error->error || at >= rtnl->n)
		return;
	type = error->msg.nlmsg_type;
	rtnl->waiting[at].refused = true;
	if (harmless(type, error->error) || rtnl->refused++)
		return;
	snprintf(what, sizeof(what), "the address of %s could not be %s " HA_DEV,
		 hasw_addr_format(&rtnl->waiting[at].addr, addr),
		 type == RTM_NEWADDR || type == RTM_NEWROUTE ? "put on" : "taken off");
	refused(&rtnl->first, nlh, what);
}

/*
 * Reads the replies to the batch. The kernel has queued all replies when sendto() returns, so an empty queue means the
 * end. Returns false if a reply was lost.
 */
static bool batch_answers(struct rtnl *rtnl)
{
	static char buf[RECV_SIZE];
	bool all = true;

	for (;;) {
		ssize_t len = recv(mnl_socket_get_fd(rtnl->nl), buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *nlh;
		int left = (int)len;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == ENOBUFS) {
			all = false;
			continue;
		}
		if (len < 0)
			return all;
		for (nlh = (const void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			batch_error(rtnl, nlh);
	}
}

static void batch_send(struct rtnl *rtnl)
{
	bool known = false;

	if (!rtnl->n)
		return;
	if (mnl_socket_sendto(rtnl->nl, rtnl->batch, rtnl->batch_len) < 0) {
		if (!rtnl->refused++)
			hasw_fail(&rtnl->first, errno, "cannot send to the kernel: %s", strerror(errno));
	} else {
		known = batch_answers(rtnl);
		if (!known && !rtnl->refused++)
			hasw_fail(&rtnl->first, ENOBUFS, "what the kernel said of the addresses on "
				  HA_DEV " was lost");
	}
	for (unsigned int i = 0; i < rtnl->n; i++) {
		if (rtnl->waiting[i].added)
			*rtnl->waiting[i].added = known && !rtnl->waiting[i].refused;
	}
	rtnl->batch_len = 0;
	rtnl->n = 0;
}

static void batch_put(struct rtnl *rtnl, uint16_t type, uint16_t flags, enum local_form form,
		      const struct hasw_addr *addr, bool *added)
{
	struct nlmsghdr *nlh;

	if (rtnl->n == RTNL_MOST)
		batch_send(rtnl);
	if (!rtnl->n)
		rtnl->first_seq = rtnl->seq + 1;
	rtnl->waiting[rtnl->n].addr = *addr;
	rtnl->waiting[rtnl->n].added = added;
	rtnl->waiting[rtnl->n++].refused = false;
	nlh = mnl_nlmsg_put_header(rtnl->batch + rtnl->batch_len);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++rtnl->seq;
	if (form == LOCAL_ROUTE)
		route_put(nlh, rtnl->dev, addr);
	else
		address_put(nlh, rtnl->dev, addr);
	rtnl->batch_len += NLMSG_ALIGN(nlh->nlmsg_len);
}

void rtnl_add(struct rtnl *rtnl, enum local_form form, const struct hasw_addr *addr, bool *added)
{
	/*
	 * The kernel also adds its own local route for each address, and deletes that route with the address.
	 * NLM_F_APPEND adds haswitch's route beside the kernel's route.
	 */
	if (form == LOCAL_ROUTE)
		batch_put(rtnl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, form, addr, added);
	else
		batch_put(rtnl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, form, addr, added);
}

void rtnl_del(struct rtnl *rtnl, enum local_form form, const struct hasw_addr *addr)
{
	batch_put(rtnl, form == LOCAL_ROUTE ? RTM_DELROUTE : RTM_DELADDR, 0, form, addr, NULL);
}

int rtnl_flush(struct rtnl *rtnl, struct hasw_error *err)
{
	batch_send(rtnl);
	if (!rtnl->refused)
		return 0;
	*err = rtnl->first;
	if (rtnl->refused > 1) {
		size_t len = strlen(err->text);

		snprintf(err->text + len, sizeof(err->text) - len, " (and %u more)", rtnl->refused - 1);
	}
	rtnl->refused = 0;
	return -err->code;
}

struct listing {
	int dev;
	local_fn_t fn;
	void *data;
	int ret;
};

static void list_one(struct listing *listing, enum local_form form, uint8_t family,
		     const struct nlattr *bytes)
{
	struct hasw_addr addr = { .family = family };

	if ((family != AF_INET && family != AF_INET6) || !bytes || listing->ret ||
	    mnl_attr_get_payload_len(bytes) != hasw_addr_len(&addr))
		return;
	memcpy(addr.bytes, mnl_attr_get_payload(bytes), hasw_addr_len(&addr));
	listing->ret = listing->fn(form, &addr, listing->data);
}

static int list_address(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *local = NULL, *address = NULL;
	struct listing *listing = data;
	uint8_t proto = 0;

	if (nlh->nlmsg_type != RTM_NEWADDR || (int)ifa->ifa_index != listing->dev)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa)) {
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			local = attr;
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			address = attr;
		else if (mnl_attr_get_type(attr) == IFA_PROTO && mnl_attr_get_payload_len(attr) == 1)
			proto = mnl_attr_get_u8(attr);
	}
	if (proto == HA_PROTO)
		list_one(listing, LOCAL_ADDRESS, ifa->ifa_family, local ? local : address);
	return listing->ret > 0 ? MNL_CB_STOP : MNL_CB_OK;
}

static int list_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *dst = NULL;
	struct listing *listing = data;
	int dev = 0;

	if (nlh->nlmsg_type != RTM_NEWROUTE || route->rtm_protocol != HA_PROTO ||
	    route->rtm_type != RTN_LOCAL)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*route)) {
		if (mnl_attr_get_type(attr) == RTA_DST)
			dst = attr;
		else if (mnl_attr_get_type(attr) == RTA_OIF && mnl_attr_get_payload_len(attr) == 4)
			dev = (int)mnl_attr_get_u32(attr);
	}
	if (dev == listing->dev)
		list_one(listing, LOCAL_ROUTE, route->rtm_family, dst);
	return listing->ret > 0 ? MNL_CB_STOP : MNL_CB_OK;
}

static int list(struct rtnl *rtnl, enum local_form form, uint8_t family, struct listing *listing,
		struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa;
	struct rtmsg *route;

	if (!rtnl->dev)
		return 0;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (form == LOCAL_ADDRESS) {
		nlh->nlmsg_type = RTM_GETADDR;
		ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
		ifa->ifa_family = family;
		ifa->ifa_index = (uint32_t)rtnl->dev;
		return rtnl_ask(rtnl, nlh, list_address, listing, "cannot list addresses", err);
	}
	nlh->nlmsg_type = RTM_GETROUTE;
	route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	route->rtm_family = family;
	route->rtm_table = RT_TABLE_LOCAL;
	route->rtm_protocol = HA_PROTO;
	route->rtm_type = RTN_LOCAL;
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)rtnl->dev);
	return rtnl_ask(rtnl, nlh, list_route, listing, "cannot list routes", err);
}

static int list_end(const struct listing *listing, int ret, struct hasw_error *err)
{
	return !ret && listing->ret < 0 ? hasw_fail(err, -listing->ret, "%s", strerror(-listing->ret)) : ret;
}

int rtnl_list_form(struct rtnl *rtnl, enum local_form form, uint8_t family, local_fn_t fn, void *data,
		   struct hasw_error *err)
{
	struct listing listing = { rtnl->dev, fn, data, 0 };
	int ret = list(rtnl, form, family, &listing, err);

	return list_end(&listing, ret, err);
}

int rtnl_list(struct rtnl *rtnl, local_fn_t fn, void *data, struct hasw_error *err)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct listing listing = { rtnl->dev, fn, data, 0 };
	int ret = 0;

	for (size_t i = 0; !ret && !listing.ret && i < 2; i++) {
		ret = list(rtnl, LOCAL_ADDRESS, families[i], &listing, err);
		if (!ret && !listing.ret)
			ret = list(rtnl, LOCAL_ROUTE, families[i], &listing, err);
	}
	return list_end(&listing, ret, err);
}

struct naming {
	int (*fn)(const struct hasw_addr *addr, void *data);
	void *data;
	uint8_t family;
	int ret;
};

static int name_address(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct hasw_addr addr = { .family = ifa->ifa_family };
	const struct nlattr *attr, *own = NULL;
	struct naming *naming = data;

	/*
	 * A kernel without IPv6 replies to a dump of AF_INET6 with the addresses of all other families. Those addresses
	 * are skipped.
	 */
	if (nlh->nlmsg_type != RTM_NEWADDR || addr.family != naming->family)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa)) {
		/*
		 * On a point-to-point link IFA_ADDRESS is the peer's address, and IFA_LOCAL is this machine's address.
		 * So IFA_LOCAL takes precedence.
		 */
		if (mnl_attr_get_type(attr) == IFA_LOCAL || (mnl_attr_get_type(attr) == IFA_ADDRESS && !own))
			own = attr;
	}
	if (naming->ret || !own || mnl_attr_get_payload_len(own) != hasw_addr_len(&addr))
		return MNL_CB_OK;
	memcpy(addr.bytes, mnl_attr_get_payload(own), hasw_addr_len(&addr));
	naming->ret = naming->fn(&addr, naming->data);
	return MNL_CB_OK;
}

int rtnl_addrs(struct rtnl *rtnl, int (*fn)(const struct hasw_addr *addr, void *data), void *data,
	       struct hasw_error *err)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct naming naming = { .fn = fn, .data = data };
	int ret = 0;

	for (size_t i = 0; !ret && !naming.ret && i < 2; i++) {
		char buf[256];
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
		struct ifaddrmsg *ifa;

		naming.family = families[i];
		nlh->nlmsg_type = RTM_GETADDR;
		nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
		ifa->ifa_family = families[i];
		ret = rtnl_ask(rtnl, nlh, name_address, &naming, "cannot list addresses", err);
	}
	return ret;
}

bool rtnl_again(struct rtnl *rtnl)
{
	bool again = rtnl->torn && rtnl->again < LIST_TRIES;

	rtnl->torn = false;
	rtnl->again += again;
	return again;
}

/* What the kernel says of the route to an address. */
struct found {
	int type;		/* RTN_UNSPEC: there is none */
	uint8_t len;		/* length of the prefix of addresses that the route is for */
};

static int take_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(nlh);
	struct found *found = data;

	if (nlh->nlmsg_type == RTM_NEWROUTE)
		*found = (struct found){ route->rtm_type, route->rtm_dst_len };
	return MNL_CB_OK;
}

/* Looks for the route to an address: with RTM_F_FIB_MATCH as it was set, else as packets see it. */
static int ask_route(struct rtnl *rtnl, const struct hasw_addr *addr, unsigned int flags, struct found *found,
		     struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *route;
	int ret;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	route->rtm_family = addr->family;
	route->rtm_flags = flags;
	route->rtm_dst_len = (uint8_t)(hasw_addr_len(addr) * 8);
	mnl_attr_put(nlh, RTA_DST, hasw_addr_len(addr), addr->bytes);
	*found = (struct found){ .type = RTN_UNSPEC };
	ret = rtnl_ask(rtnl, nlh, take_route, found, "cannot look for a route", err);
	/*
	 * These errors mean that the kernel has no usable route to the address, so it does not deliver packets for the
	 * address here.
	 */
	if (ret == -ENETUNREACH || ret == -EHOSTUNREACH || ret == -EINVAL || ret == -EACCES)
		return 0;
	return ret;
}

int rtnl_is_local(struct rtnl *rtnl, const struct hasw_addr *addr, struct hasw_error *err)
{
	struct found found;
	int ret = ask_route(rtnl, addr, 0, &found, err);

	return ret ? ret : found.type == RTN_LOCAL;
}

int rtnl_has_route(struct rtnl *rtnl, const struct hasw_addr *addr, struct hasw_error *err)
{
	struct found found;
	int ret;

	/*
	 * Very many vips are in few subnets. A smaller subnet within a route's has that route, too. The default route is
	 * not kept for others: narrower routes may say that something can not be reached.
	 */
	if (rtnl->way_len && hasw_addr_within(addr, &rtnl->way, rtnl->way_len))
		return 1;
	ret = ask_route(rtnl, addr, RTM_F_FIB_MATCH, &found, err);
	if (ret)
		return ret;
	if (found.type == RTN_UNICAST) {
		rtnl->way = *addr;
		rtnl->way_len = found.len;
		return 1;
	}
	/* The kernel has ways that no route was set for. */
	if (found.type == RTN_UNSPEC)
		ret = ask_route(rtnl, addr, 0, &found, err);
	return ret ? ret : found.type != RTN_UNSPEC;
}
