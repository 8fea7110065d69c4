// SPDX-License-Identifier: GPL-2.0
/*
 * The network devices of this machine, as rtnetlink describes them, and the warnings of `haadm status` about devices on
 * which vips cannot work as configured.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>

#include "devices.h"
#include "haadm/output/print.h"
#include "lib/array.h"
#include "rtnl.h"

#define NO_DEVICE UINT32_MAX

/* Appends an element of SIZE bytes to the list at LIST, which has *N elements and room for *ROOM. */
static void append(struct devices *devices, void *list, uint32_t *n, uint32_t *room, const void *element, size_t size)
{
	char **items = list;

	if (hasw_array_room(list, *n, room, size))
		memcpy(*items + size * (*n)++, element, size);
	else
		devices->no_memory = true;
}

static uint32_t find(const struct devices *devices, int index)
{
	for (uint32_t i = 0; i < devices->n; i++) {
		if (devices->list[i].index == index)
			return i;
	}
	return NO_DEVICE;
}

/* Returns whether a nested attribute has an attribute of this type and text. */
static bool nest_says(const struct nlattr *nest, uint16_t type, const char *text)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == type && mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
			return !strncmp(mnl_attr_get_str(attr), text, mnl_attr_get_payload_len(attr));
	}
	return false;
}

static int take_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);
	struct device device = { .index = link->ifi_index };
	struct devices *devices = data;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	device.loopback = link->ifi_flags & IFF_LOOPBACK;
	device.up = link->ifi_flags & IFF_UP;
	device.arp = !(link->ifi_flags & (IFF_LOOPBACK | IFF_NOARP));
	mnl_attr_for_each(attr, nlh, sizeof(*link)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			snprintf(device.name, sizeof(device.name), "%.*s", (int)mnl_attr_get_payload_len(attr),
				 mnl_attr_get_str(attr));
			break;
		case IFLA_CARRIER:
			if (mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
				device.carrier = mnl_attr_get_u8(attr);
			break;
		case IFLA_MTU:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				device.mtu = mnl_attr_get_u32(attr);
			break;
		case IFLA_MASTER:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				device.master = (int)mnl_attr_get_u32(attr);
			break;
		case IFLA_LINKINFO:
			device.in_vrf = nest_says(attr, IFLA_INFO_SLAVE_KIND, "vrf") ||
					nest_says(attr, IFLA_INFO_KIND, "vrf");
			device.ours = nest_says(attr, IFLA_INFO_KIND, "haswitch");
			break;
		}
	}
	append(devices, &devices->list, &devices->n, &devices->room, &device, sizeof(device));
	return MNL_CB_OK;
}

/* Appends an address or a subnet of a device, if its attribute has the length of an address. */
static void append_subnet(struct devices *devices, struct subnet **list, uint32_t *n, uint32_t *room,
			  const struct subnet *like, const struct nlattr *attr)
{
	struct subnet subnet = *like;

	if (!attr || mnl_attr_get_payload_len(attr) != hasw_addr_len(&subnet.addr))
		return;
	memcpy(subnet.addr.bytes, mnl_attr_get_payload(attr), hasw_addr_len(&subnet.addr));
	append(devices, list, n, room, &subnet, sizeof(subnet));
}

/* The module compares a vip with the peer's address of an IPv4 point-to-point link, and with the own IPv6 address. */
static int take_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct devices *devices = data;
	struct subnet subnet = { .addr.family = ifa->ifa_family, .len = ifa->ifa_prefixlen,
				 .device = find(devices, (int)ifa->ifa_index) };
	const struct nlattr *attr, *local = NULL, *address = NULL;

	if (nlh->nlmsg_type != RTM_NEWADDR || (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6) ||
	    subnet.device == NO_DEVICE || devices->list[subnet.device].ours)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa)) {
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			local = attr;
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			address = attr;
	}
	append_subnet(devices, &devices->addrs, &devices->n_addrs, &devices->room_addrs, &subnet,
		      local ? local : address);
	if (!devices->list[subnet.device].loopback)
		append_subnet(devices, &devices->subnets, &devices->n_subnets, &devices->room_subnets, &subnet,
			      ifa->ifa_family == AF_INET6 && local ? local : address);
	return MNL_CB_OK;
}

static int take_setting(const struct nlmsghdr *nlh, void *data)
{
	const struct netconfmsg *conf = mnl_nlmsg_get_payload(nlh);
	struct devices *devices = data;
	const struct nlattr *attr;
	uint32_t filter = 0, i;
	int index = 0;

	if (nlh->nlmsg_type != RTM_NEWNETCONF || conf->ncm_family != AF_INET)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*conf)) {
		if (mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
			continue;
		if (mnl_attr_get_type(attr) == NETCONFA_IFINDEX)
			index = (int)mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == NETCONFA_RP_FILTER)
			filter = mnl_attr_get_u32(attr);
	}
	i = find(devices, index);
	if (index == NETCONFA_IFINDEX_ALL)
		devices->rp_filter_all = filter;
	else if (i != NO_DEVICE)
		devices->list[i].rp_filter = filter;
	return MNL_CB_OK;
}

static void add_way_out(struct devices *devices, int index)
{
	append(devices, &devices->way_out, &devices->n_way_out, &devices->room_way_out, &index, sizeof(index));
}

/*
 * Takes the first default route, and ends the dump. The kernel dumps a table by ascending destinations, so default
 * routes come first: a dump of a router's many routes would take long.
 */
static int take_route(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(nlh);
	struct devices *devices = data;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	if (route->rtm_dst_len) {
		mnl_attr_for_each(attr, nlh, sizeof(*route)) {
			if (mnl_attr_get_type(attr) == RTA_DST && mnl_attr_get_payload_len(attr) == 4 &&
			    mnl_attr_get_u32(attr))
				return MNL_CB_STOP;
		}
		return MNL_CB_OK;
	}
	if (route->rtm_tos)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*route)) {
		if (mnl_attr_get_type(attr) == RTA_OIF && mnl_attr_get_payload_len(attr) == 4) {
			add_way_out(devices, (int)mnl_attr_get_u32(attr));
		} else if (mnl_attr_get_type(attr) == RTA_MULTIPATH) {
			const struct rtnexthop *hop = mnl_attr_get_payload(attr);
			int left = mnl_attr_get_payload_len(attr);

			for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
				add_way_out(devices, hop->rtnh_ifindex);
		}
	}
	return MNL_CB_STOP;
}

/* Dumps all objects of one type. The header of each request is all zero but for family and table. */
static int dump(struct rtnl *rtnl, uint16_t type, size_t header, uint8_t family,
		int (*fn)(const struct nlmsghdr *nlh, void *data), struct devices *devices, struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	uint8_t *extra;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	extra = mnl_nlmsg_put_extra_header(nlh, header);
	extra[0] = family;
	if (type == RTM_GETROUTE)
		((struct rtmsg *)(void *)extra)->rtm_table = RT_TABLE_MAIN;
	return rtnl_ask(rtnl, nlh, fn, devices, "cannot list network devices", err);
}

int devices_read(struct devices *devices, struct hasw_error *err)
{
	struct rtnl rtnl;
	int ret;

	memset(devices, 0, sizeof(*devices));
	ret = rtnl_open(&rtnl, err);
	if (ret)
		return ret;
	ret = dump(&rtnl, RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC, take_link, devices, err);
	if (!ret)
		ret = dump(&rtnl, RTM_GETADDR, sizeof(struct ifaddrmsg), AF_UNSPEC, take_addr, devices, err);
	if (!ret)
		ret = dump(&rtnl, RTM_GETNETCONF, sizeof(struct netconfmsg), AF_INET, take_setting, devices, err);
	/* This dump comes last, because its end may be unread. */
	if (!ret)
		ret = dump(&rtnl, RTM_GETROUTE, sizeof(struct rtmsg), AF_INET, take_route, devices, err);
	rtnl_close(&rtnl);
	if (!ret && devices->no_memory)
		ret = hasw_fail(err, ENOMEM, "cannot list network devices: out of memory");
	if (ret)
		devices_free(devices);
	for (uint32_t i = 0; i < devices->n; i++) {
		if (devices->list[i].rp_filter < devices->rp_filter_all)
			devices->list[i].rp_filter = devices->rp_filter_all;
	}
	return ret;
}

void devices_free(struct devices *devices)
{
	free(devices->list);
	free(devices->subnets);
	free(devices->addrs);
	free(devices->way_out);
	memset(devices, 0, sizeof(*devices));
}

bool subnet_contains(const struct subnet *subnet, const struct hasw_addr *addr)
{
	return hasw_addr_within(addr, &subnet->addr, subnet->len);
}

/* Returns the device with the smallest subnet that contains an address; in VRFs, or outside of all VRFs. */
static uint32_t device_towards(const struct devices *devices, const struct hasw_addr *addr, bool in_vrf)
{
	const struct subnet *best = NULL;

	for (uint32_t i = 0; i < devices->n_subnets; i++) {
		const struct subnet *subnet = &devices->subnets[i];

		if (devices->list[subnet->device].in_vrf == in_vrf && subnet_contains(subnet, addr) &&
		    (!best || subnet->len > best->len))
			best = subnet;
	}
	return best ? best->device : NO_DEVICE;
}

const struct device *devices_towards(const struct devices *devices, const struct hasw_addr *addr)
{
	uint32_t i = device_towards(devices, addr, false);

	return i == NO_DEVICE ? NULL : &devices->list[i];
}

static uint32_t device_named(const struct devices *devices, const char *name)
{
	for (uint32_t i = 0; i < devices->n; i++) {
		if (!strcmp(devices->list[i].name, name))
			return i;
	}
	return NO_DEVICE;
}

const struct device *devices_find(const struct devices *devices, const char *name)
{
	uint32_t i = device_named(devices, name);

	return i == NO_DEVICE ? NULL : &devices->list[i];
}

/* The vips that a warning about a device concerns. */
struct concerned {
	const struct hasw_vip *first;
	uint32_t n;
	uint32_t other;		/* the way back to clients: a device; used by devices_warn_rp_filter() */
	uint32_t holder;	/* node that sends the packets; used by devices_warn_rp_filter() */
};

static void concern(struct concerned *one, const struct hasw_vip *vip, uint32_t other, uint32_t holder)
{
	if (one->n++)
		return;
	one->first = vip;
	one->other = other;
	one->holder = holder;
}

#define CONCERNED_TEXT (HASW_ADDR_TEXT + 32)
#define LINE_TEXT 512

static const char *concerned_format(const struct concerned *one, char buf[CONCERNED_TEXT])
{
	char addr[HASW_ADDR_TEXT];

	hasw_addr_format(&one->first->addr, addr);
	if (one->n == 1)
		snprintf(buf, CONCERNED_TEXT, "%s", addr);
	else
		snprintf(buf, CONCERNED_TEXT, "%s and %u more", addr, one->n - 1);
	return buf;
}

/* Notes the devices in VRFs by which clients of a vip would come, if these devices were outside of VRFs. */
static void concern_vrf(const struct devices *devices, const struct hasw_model *model, const struct hasw_vip *vip,
			struct concerned *all)
{
	uint32_t i;

	for (uint32_t j = 0; j < vip->n_devs; j++) {
		i = device_named(devices, model->devs[vip->devs[j]]);
		if (i != NO_DEVICE && devices->list[i].in_vrf)
			concern(&all[i], vip, NO_DEVICE, HASW_NONE);
	}
	/* Another device outside of VRFs may have the same subnet. The vip then belongs there. */
	if (vip->n_devs || device_towards(devices, &vip->addr, false) != NO_DEVICE)
		return;
	i = device_towards(devices, &vip->addr, true);
	if (i != NO_DEVICE)
		concern(&all[i], vip, NO_DEVICE, HASW_NONE);
}

void devices_warn_vrf(const struct devices *devices, const struct hasw_model *model, json_t *list)
{
	struct concerned *all = calloc(devices->n + 1, sizeof(*all));
	char text[CONCERNED_TEXT], line[LINE_TEXT];

	for (uint32_t i = 0; all && i < model->n_vips; i++)
		concern_vrf(devices, model, &model->vips[i], all);
	for (uint32_t i = 0; all && i < devices->n; i++) {
		uint32_t vrf = find(devices, devices->list[i].master);

		if (!all[i].n)
			continue;
		snprintf(line, sizeof(line), "%s is in the VRF %s, where vips do not work: by it no client reaches %s",
			 devices->list[i].name, devices->list[vrf == NO_DEVICE ? i : vrf].name,
			 concerned_format(&all[i], text));
		json_array_append_new(list, out_json_text(line));
	}
	free(all);
}

/* Returns whether this machine is a member of one of the services, and is reached there in frames of the holder. */
static bool gets_frames(const struct hasw_model *model, const struct hasw_vip *vip,
			const struct hasw_service *services)
{
	for (uint32_t i = 0; i < vip->n_services; i++) {
		for (uint32_t j = services[i].first; j != HASW_NONE; j = model->members[j].next) {
			const struct hasw_member *member = &model->members[j];

			if (member->node == model->self &&
			    (member->via == HASWITCH_VIA_DIRECT || member->via == HASWITCH_VIA_LOCAL))
				return true;
		}
	}
	return false;
}

/*
 * Returns a device other than FROM by which packets leave to many clients of a vip, or NO_DEVICE. These are the clients
 * in the vip's own subnet, and those behind the default route.
 */
static uint32_t way_back(const struct devices *devices, const struct hasw_vip *vip, uint32_t from)
{
	uint32_t i = device_towards(devices, &vip->addr, false);

	if (i != NO_DEVICE && i != from)
		return i;
	for (uint32_t j = 0; j < devices->n_way_out; j++) {
		if (devices->way_out[j] == devices->list[from].index)
			return NO_DEVICE;
	}
	return devices->n_way_out ? find(devices, devices->way_out[0]) : NO_DEVICE;
}

static void concern_rp_filter(const struct devices *devices, const struct hasw_model *model,
			      const struct hasw_vip *vip, struct concerned *all)
{
	uint32_t holder = vip->lease == HASW_NONE ? vip->holder :
			  hasw_model_node(model, model->leases[vip->lease].holder), from, other;

	if (holder == HASW_NONE || holder == model->self)
		return;
	from = model->nodes[holder].dev[0] ? device_named(devices, model->nodes[holder].dev) :
	       model->nodes[holder].addr4.family ? device_towards(devices, &model->nodes[holder].addr4, false) :
	       NO_DEVICE;
	if (from == NO_DEVICE || devices->list[from].rp_filter != 1)
		return;
	other = way_back(devices, vip, from);
	if (other != NO_DEVICE)
		concern(&all[from], vip, other, holder);
}

void devices_warn_rp_filter(const struct devices *devices, const struct hasw_model *model,
			    const struct hasw_service *services, json_t *list)
{
	struct concerned *all = calloc(devices->n + 1, sizeof(*all));
	char text[CONCERNED_TEXT], line[LINE_TEXT];

	for (uint32_t i = 0; all && i < model->n_vips; i++) {
		const struct hasw_vip *vip = &model->vips[i];

		if (vip->addr.family == AF_INET && vip->role == HASWITCH_ROLE_MEMBER &&
		    gets_frames(model, vip, services))
			concern_rp_filter(devices, model, vip, all);
		services += vip->n_services;
	}
	for (uint32_t i = 0; all && i < devices->n; i++) {
		if (!all[i].n)
			continue;
		snprintf(line, sizeof(line),
			 "rp_filter is 1 on %s, by which %s sends packets of %s: the kernel drops those of clients whose way back is %s, unless it is 2 or 0",
			 devices->list[i].name, model->nodes[all[i].holder].name, concerned_format(&all[i], text),
			 devices->list[all[i].other].name);
		json_array_append_new(list, out_json_text(line));
	}
	free(all);
}

const char *devices_warned(const struct devices *devices, const char *warning)
{
	for (uint32_t i = 0; i < devices->n; i++) {
		const char *name = devices->list[i].name, *at = strstr(warning, name);
		const size_t len = strlen(name);

		/* The warning about rp_filter has its device after " on ", the one about a VRF begins with it. */
		if (at && ((at == warning && at[len] == ' ') || (at - warning > 4 && !strncmp(at - 4, " on ", 4) && at[len] == ',')))
			return name;
	}
	return "";
}
