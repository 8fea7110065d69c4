// SPDX-License-Identifier: GPL-2.0
/* The client-facing devices of vips: which of them are missing or down. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "facing.h"

/* Makes room for one more element of an array that has N elements. */
static int grow(void **array, size_t n, size_t size)
{
	void *bigger;

	if (n & (n - 1))
		return 0;
	bigger = realloc(*array, (n ? 2 * n : 1) * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	return 0;
}

static int take_dev(const struct rtnl_dev *dev, void *data)
{
	struct facing *facing = data;

	if (grow((void **)&facing->devs, facing->n_devs, sizeof(*dev)))
		return -ENOMEM;
	facing->devs[facing->n_devs++] = *dev;
	return 0;
}

static int take_subnet(const struct rtnl_subnet *subnet, void *data)
{
	struct facing *facing = data;

	if (grow((void **)&facing->subnets, facing->n_subnets, sizeof(*subnet)))
		return -ENOMEM;
	facing->subnets[facing->n_subnets++] = *subnet;
	return 0;
}

int facing_read(struct facing *facing, struct rtnl *rtnl, struct hasw_error *err)
{
	int ret;

	memset(facing, 0, sizeof(*facing));
	ret = rtnl_devs(rtnl, take_dev, facing, err);
	return ret ? ret : rtnl_subnets(rtnl, take_subnet, facing, err);
}

void facing_free(struct facing *facing)
{
	free(facing->devs);
	free(facing->subnets);
}

bool facing_concerns(const struct hasw_model *model, const struct hasw_vip *vip)
{
	const struct hasw_lease *lease;

	if (vip->lease == HASW_NONE)
		return vip->holder == HASW_NONE || vip->holder == model->self;
	lease = &model->leases[vip->lease];
	for (uint32_t i = 0; i < lease->only.n; i++) {
		if (lease->only.nodes[i] == model->self)
			return true;
	}
	return !lease->only.n && model->self != HASW_NONE;
}

static bool contains(const struct rtnl_subnet *subnet, const struct hasw_addr *addr)
{
	unsigned int whole = subnet->len / 8, rest = subnet->len % 8;

	if (subnet->addr.family != addr->family || memcmp(subnet->addr.bytes, addr->bytes, whole))
		return false;
	return !rest || !((subnet->addr.bytes[whole] ^ addr->bytes[whole]) >> (8 - rest));
}

/*
 * Returns the device of subnet I, if the device faces the clients of a vip that names no device. Returns NULL if the
 * vip is not in the subnet, or if the device has an earlier subnet that contains the vip.
 */
static const struct rtnl_dev *faces(const struct facing *facing, size_t i, const struct hasw_addr *vip)
{
	const struct rtnl_subnet *subnet = &facing->subnets[i];

	if (!contains(subnet, vip))
		return NULL;
	for (size_t j = 0; j < i; j++) {
		if (facing->subnets[j].dev == subnet->dev && contains(&facing->subnets[j], vip))
			return NULL;
	}
	for (size_t j = 0; j < facing->n_devs; j++) {
		if (facing->devs[j].index == subnet->dev)
			return facing->devs[j].arp ? &facing->devs[j] : NULL;
	}
	return NULL;
}

/* Returns whether a device works, and appends to FAULTS why it does not. */
static bool works(const struct rtnl_dev *dev, json_t *faults)
{
	if (dev->up && dev->carrier)
		return true;
	json_array_append_new(faults, json_sprintf("%s %s", dev->name, dev->up ? "has no carrier" : "is down"));
	return false;
}

bool facing_faults(const struct facing *facing, const struct hasw_model *model, const struct hasw_vip *vip,
		   json_t *faults)
{
	unsigned int found = vip->n_devs, working = 0;

	for (unsigned int i = 0; i < vip->n_devs; i++) {
		const char *name = model->devs[vip->devs[i]];
		size_t at = 0;

		while (at < facing->n_devs && strcmp(facing->devs[at].name, name))
			at++;
		if (at == facing->n_devs)
			json_array_append_new(faults, json_sprintf("there is no device %s", name));
		else
			working += works(&facing->devs[at], faults);
	}
	for (size_t i = 0; !vip->n_devs && i < facing->n_subnets; i++) {
		const struct rtnl_dev *dev = faces(facing, i, &vip->addr);

		if (!dev)
			continue;
		found++;
		working += works(dev, faults);
	}
	/* A vip that is everywhere usually has clients behind routers only, as with anycast. */
	if (!found && !vip->everywhere)
		json_array_append_new(faults, json_string("no device faces it, for no address of this machine is in its subnet"));
	return found && !working;
}
