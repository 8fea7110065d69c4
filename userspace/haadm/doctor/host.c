// SPDX-License-Identifier: GPL-2.0
/* This machine: its units, devices and addresses. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "haadm/doctor/doctor.h"
#include "lib/text.h"

static void find_rp_filter(struct findings *findings, const struct overview *o)
{
	json_t *list = json_array(), *warning;
	size_t i;

	devices_warn_rp_filter(&o->devices, &o->model, o->model.services, list);
	json_array_foreach(list, i, warning)
		findings_add(findings, "rp-filter", json_incref(warning),
			     json_sprintf("sysctl -w net.ipv4.conf.%s.rp_filter=2, and the same line in /etc/sysctl.d/haswitch.conf",
					  devices_warned(&o->devices, json_string_value(warning))));
	json_array_clear(list);
	devices_warn_vrf(&o->devices, &o->model, list);
	json_array_foreach(list, i, warning)
		findings_add(findings, "vrf", json_incref(warning),
			     json_sprintf("ip link set dev %s nomaster, or name another device: haadm vip set ADDR on DEV",
					  devices_warned(&o->devices, json_string_value(warning))));
	json_decref(list);
}

/*
 * A vip as an address of another device than ha0 stays when the module goes, and this machine answers for it even
 * though another one holds it. With a fixed holder that is this machine, it is meant.
 */
static void find_by_hand(struct findings *findings, const struct overview *o)
{
	const struct hasw_model *model = &o->model;

	for (uint32_t i = 0; i < o->devices.n_addrs; i++) {
		const struct subnet *own = &o->devices.addrs[i];
		const char *dev = o->devices.list[own->device].name;
		uint32_t low = 0, high = model->n_vips;
		char addr[HASW_ADDR_TEXT];

		/* The vips are sorted by their addresses. */
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;

			if (hasw_addr_compare(&model->vips[middle].addr, &own->addr) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == model->n_vips || hasw_addr_compare(&model->vips[low].addr, &own->addr) ||
		    (model->vips[low].holder != HASW_NONE && model->vips[low].holder == model->self))
			continue;
		hasw_addr_format(&own->addr, addr);
		findings_add(findings, "vip-by-hand",
			     json_sprintf("vip %s is also an address of %s, set by hand: it stays there when another node holds the vip, and when the module goes",
					  addr, dev),
			     json_sprintf("ip addr del %s/%u dev %s, and take it out of the files that set it at boot", addr, own->len,
					  dev));
	}
}

/* Returns the device by which clients of a vip come: the first one that the vip names, or that of its subnet. */
static const struct device *device_of_clients(const struct overview *o, const struct hasw_vip *vip)
{
	return vip->n_devs ? devices_find(&o->devices, o->model.devs[vip->devs[0]]) :
	       devices_towards(&o->devices, &vip->addr);
}

/* Frames for a member go on unchanged, so its device must take what clients send. */
static void find_mtu_of(struct findings *findings, const struct overview *o, const struct hasw_vip *vip,
			const struct hasw_member *member)
{
	const struct hasw_node *node = &o->model.nodes[member->node];
	const struct hasw_addr *addr = vip->addr.family == node->addr6.family ? &node->addr6 : &node->addr4;
	const struct device *from = device_of_clients(o, vip), *to;

	if (member->node == o->model.self || member->via != HASWITCH_VIA_DIRECT || !from || !addr->family)
		return;
	to = node->dev[0] ? devices_find(&o->devices, node->dev) : devices_towards(&o->devices, addr);
	if (to && to->mtu < from->mtu)
		findings_add(findings, "mtu",
			     json_sprintf("clients send packets of up to %u bytes by %s, and %s, by which member %s gets them, takes %u",
					  from->mtu, from->name, to->name, node->name, to->mtu),
			     json_sprintf("ip link set dev %s mtu %u, on the members too; or ip link set dev %s mtu %u", to->name,
					  from->mtu, from->name, to->mtu));
}

static void find_mtu(struct findings *findings, const struct overview *o)
{
	const struct hasw_service *service = o->model.services;

	for (uint32_t v = 0; v < o->model.n_vips; v++) {
		for (const struct hasw_service *end = service + o->model.vips[v].n_services; service < end; service++) {
			for (uint32_t m = service->first; m != HASW_NONE && !findings_have(findings, "mtu");
			     m = o->model.members[m].next)
				find_mtu_of(findings, o, &o->model.vips[v], &o->model.members[m]);
		}
	}
	if (o->dropped_mtu)
		findings_add(findings, "mtu-drops",
			     json_sprintf("%llu packet%s too long for the way to the member (drop-mtu)", (unsigned long long)o->dropped_mtu,
					  hasw_plural(o->dropped_mtu, " was dropped because it was", "s were dropped because they were")),
			     json_string("give all devices between clients and members the same MTU; let ICMP \"fragmentation needed\" and \"packet too big\" pass; switch LRO off (ethtool -K DEV lro off)"));
}

void doctor_host(struct findings *findings, const struct overview *o)
{
	if (o->unread.code) {
		findings_skip(findings, "devices", o->unread.text);
		return;
	}
	find_rp_filter(findings, o);
	find_by_hand(findings, o);
	find_mtu(findings, o);
}

static bool there(const char *root, const char *path, const char *unit)
{
	char name[512];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s%s", root, path, unit);
	return !lstat(name, &st);
}

void doctor_units(struct findings *findings, const char *root, bool module, const char *agent)
{
	const char *const units[] = { module ? "haswitch.service" : NULL, agent };
	static const char *const places[] = { "/etc/systemd/system/", "/lib/systemd/system/", "/usr/local/lib/systemd/system/" };

	if (!there(root, "/run/systemd/system", "")) {
		findings_skip(findings, "unit", "systemd does not run here");
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		bool known = false;

		if (!units[i])
			continue;
		for (size_t j = 0; j < sizeof(places) / sizeof(places[0]); j++)
			known |= there(root, places[j], units[i]);
		if (!known)
			findings_add(findings, "unit", json_sprintf("the unit %s is not installed", units[i]),
				     json_string("make install, or the package of haswitch; then systemctl daemon-reload"));
		else if (!there(root, "/etc/systemd/system/multi-user.target.wants/", units[i]))
			findings_add(findings, "unit", json_sprintf("the unit %s does not start at boot", units[i]),
				     json_sprintf("systemctl enable %s", units[i]));
	}
}
