// SPDX-License-Identifier: GPL-2.0
/* The client-facing devices of vips: which of them are missing or down. */

#include "facing.h"

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

/*
 * Returns the device of subnet I, if the device faces the clients of a vip that names no device. Returns NULL if the
 * vip is not in the subnet, or if the device has an earlier subnet that contains the vip.
 */
static const struct device *faces(const struct devices *devices, uint32_t i, const struct hasw_addr *vip)
{
	const struct subnet *subnet = &devices->subnets[i];
	const struct device *device = &devices->list[subnet->device];

	if (!device->arp || device->in_vrf || !subnet_contains(subnet, vip))
		return NULL;
	for (uint32_t j = 0; j < i; j++) {
		if (devices->subnets[j].device == subnet->device && subnet_contains(&devices->subnets[j], vip))
			return NULL;
	}
	return device;
}

/* Returns whether a device works, and appends to FAULTS why it does not. */
static bool works(const struct device *device, json_t *faults)
{
	const char *why = device->in_vrf ? "is in a VRF" : !device->up ? "is down" : "has no carrier";

	if (!device->in_vrf && device->up && device->carrier)
		return true;
	json_array_append_new(faults, json_sprintf("%s %s", device->name, why));
	return false;
}

bool facing_faults(const struct devices *devices, const struct hasw_model *model, const struct hasw_vip *vip,
		   json_t *faults)
{
	unsigned int found = vip->n_devs, working = 0;

	for (unsigned int i = 0; i < vip->n_devs; i++) {
		const char *name = model->devs[vip->devs[i]];
		const struct device *device = devices_find(devices, name);

		if (device)
			working += works(device, faults);
		else
			json_array_append_new(faults, json_sprintf("there is no device %s", name));
	}
	for (uint32_t i = 0; !vip->n_devs && i < devices->n_subnets; i++) {
		const struct device *device = faces(devices, i, &vip->addr);

		if (!device)
			continue;
		found++;
		working += works(device, faults);
	}
	/* A vip that is everywhere usually has clients behind routers only, as with anycast. */
	if (!found && !vip->everywhere)
		json_array_append_new(faults, json_string("no device leads to its clients: this machine has no address in the vip's subnet, and the vip names no device"));
	return found && !working;
}

const char *facing_alone(const struct devices *devices, const struct hasw_model *model, const struct hasw_vip *vip)
{
	const char *found = NULL;

	for (uint32_t i = 0; i < devices->n_subnets; i++) {
		if (subnet_contains(&devices->subnets[i], &vip->addr))
			return NULL;
	}
	for (unsigned int i = 0; i < vip->n_devs && !found; i++) {
		if (devices_find(devices, model->devs[vip->devs[i]]))
			found = model->devs[vip->devs[i]];
	}
	return found;
}
