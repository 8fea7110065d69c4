// SPDX-License-Identifier: GPL-2.0
/* The devices ha-LEASE, by which stock tools see leases. */

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "commands.h"
#include "lease_dev.h"
#include "lib/array.h"
#include "rtnl.h"

#define NAME	"ha-"			/* the module knows the device of a lease by this name: kmod/config/link.c */
#define ALIAS	"haswitch lease "

/*
 * IPv6 does not use a device with a smaller MTU than 1280. So the device has no link-local address, and no route for
 * multicast, which other programs' packets could take. Nothing is ever sent there.
 */
#define MTU	1279

/* Writes the name of a lease's device. Returns false if the lease's name is too long for one. */
static bool dev_name(char name[IFNAMSIZ], const char *lease)
{
	return (size_t)snprintf(name, IFNAMSIZ, NAME "%s", lease) < IFNAMSIZ;
}

static struct nlmsghdr *link_request(char *buf, uint16_t type, int index, unsigned int up)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = index;
	link->ifi_flags = up;
	link->ifi_change = up;
	return nlh;
}

static void put_kind(struct nlmsghdr *nlh)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "haswitch");
	mnl_attr_nest_end(nlh, info);
}

static int delete(struct rtnl *rtnl, int index, struct hasw_error *err)
{
	char buf[256];
	int ret = rtnl_ask(rtnl, link_request(buf, RTM_DELLINK, index, 0), NULL, NULL, "cannot delete it", err);

	/* Somebody else was faster. */
	return ret == -ENODEV ? 0 : ret;
}

static int make(struct rtnl *rtnl, const char *lease, struct hasw_error *err)
{
	char buf[512], name[IFNAMSIZ], alias[sizeof(ALIAS) + HASWITCH_NAME_MAX];
	struct hasw_error ignored;
	struct nlmsghdr *nlh;
	int ret;

	if (!dev_name(name, lease))
		return 0;
	nlh = link_request(buf, RTM_NEWLINK, 0, 0);
	nlh->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_MTU, MTU);
	put_kind(nlh);
	ret = rtnl_ask(rtnl, nlh, NULL, NULL, "cannot make it", err);
	if (ret)
		return ret == -EEXIST ? 0 : ret;
	/* The kernel takes no alias when it creates a device. */
	nlh = link_request(buf, RTM_NEWLINK, 0, IFF_UP);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	snprintf(alias, sizeof(alias), ALIAS "%s", lease);
	mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
	ret = rtnl_ask(rtnl, nlh, NULL, NULL, "cannot bring it up", err);
	if (!ret)
		return 0;
	/* Without its alias it would never be deleted, and the next haadm would take it for one that is in order. */
	nlh = link_request(buf, RTM_DELLINK, 0, 0);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	rtnl_ask(rtnl, nlh, NULL, NULL, "cannot delete it", &ignored);
	return ret;
}

/* A device with haadm's alias. */
struct own {
	int index;
	char lease[HASWITCH_NAME_MAX + 1];
};

struct own_list {
	struct own *list;
	uint32_t n, room;
	bool no_memory;
};

static int take_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);
	char alias[sizeof(ALIAS) + HASWITCH_NAME_MAX], name[IFNAMSIZ];
	const char *text = "", *called = "";
	struct own_list *own = data;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*link)) {
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			continue;
		if (mnl_attr_get_type(attr) == IFLA_IFALIAS)
			text = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			called = mnl_attr_get_str(attr);
	}
	if (strncmp(text, ALIAS, strlen(ALIAS)) || strlen(text) >= sizeof(alias) - 1 ||
	    !dev_name(name, text + strlen(ALIAS)) || strcmp(name, called))
		return MNL_CB_OK;
	if (!hasw_array_room(&own->list, own->n, &own->room, sizeof(*own->list))) {
		own->no_memory = true;
		return MNL_CB_OK;
	}
	own->list[own->n].index = link->ifi_index;
	strcpy(own->list[own->n++].lease, text + strlen(ALIAS));
	return MNL_CB_OK;
}

/* Reads all devices that have haadm's alias. The caller frees OWN->list. */
static int read_own(struct rtnl *rtnl, struct own_list *own, struct hasw_error *err)
{
	struct nlmsghdr *nlh;
	char buf[256];
	int ret;

	memset(own, 0, sizeof(*own));
	do {
		own->n = 0;
		nlh = link_request(buf, RTM_GETLINK, 0, 0);
		nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		put_kind(nlh);
		ret = rtnl_ask(rtnl, nlh, take_link, own, "cannot list network devices", err);
	} while (!ret && rtnl_again(rtnl));
	return !ret && own->no_memory ? hasw_fail(err, ENOMEM, "out of memory") : ret;
}

static void warn(const struct haadm *haadm, const char *lease, const struct hasw_error *err)
{
	haadm_complain(haadm, STATUS_OK, "warning: device " NAME "%s, which shows the lease to other tools: %s", lease,
		       err->text);
}

void lease_dev_make(const struct haadm *haadm, const char *lease)
{
	struct hasw_error err;
	struct rtnl rtnl;

	if (rtnl_open(&rtnl, &err)) {
		warn(haadm, lease, &err);
		return;
	}
	if (make(&rtnl, lease, &err))
		warn(haadm, lease, &err);
	rtnl_close(&rtnl);
}

/*
 * Deletes haadm's devices but those of the model's leases, or, without a model, that of the lease. One that cannot be
 * deleted keeps none of the others. Returns 0, or the first error.
 */
static int delete_own(struct rtnl *rtnl, const struct hasw_model *model, const char *lease, struct hasw_error *err)
{
	struct own_list own;
	struct hasw_error later;
	int ret = read_own(rtnl, &own, err);

	for (uint32_t i = 0; i < own.n; i++) {
		const char *name = own.list[i].lease;
		int failed = 0;

		if (model ? hasw_model_lease(model, name) == HASW_NONE : !strcmp(name, lease))
			failed = delete(rtnl, own.list[i].index, ret ? &later : err);
		ret = ret ? ret : failed;
	}
	free(own.list);
	return ret;
}

void lease_dev_delete(const struct haadm *haadm, const char *lease)
{
	struct hasw_error err;
	struct rtnl rtnl;
	int ret = rtnl_open(&rtnl, &err);

	if (!ret) {
		ret = delete_own(&rtnl, NULL, lease, &err);
		rtnl_close(&rtnl);
	}
	if (ret)
		warn(haadm, lease, &err);
}

void lease_dev_sync(const struct haadm *haadm, const struct hasw_model *model)
{
	struct hasw_error err, later;
	struct rtnl rtnl;
	int ret = rtnl_open(&rtnl, &err);

	if (!ret) {
		ret = delete_own(&rtnl, model, NULL, &err);
		for (uint32_t i = 0; i < model->n_leases; i++) {
			int failed = make(&rtnl, model->leases[i].name, ret ? &later : &err);

			ret = ret ? ret : failed;
		}
		rtnl_close(&rtnl);
	}
	if (ret)
		haadm_complain(haadm, STATUS_OK, "warning: a device of a lease, which shows it to other tools: %s", err.text);
}
