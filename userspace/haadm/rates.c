// SPDX-License-Identifier: GPL-2.0
/* What services and members do in a second, from two overviews, and how many flows they have now. */

#include <inttypes.h>
#include <string.h>

#include "haadm/rates.h"

/* Finds a service by its key. An overview has its services sorted by their keys. */
static const struct hasw_service *find_service(const struct overview *o, const struct hasw_svc *key)
{
	uint32_t low = 0, high = o->model.n_services;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = hasw_svc_compare(&o->model.services[middle].key, key);

		if (!order)
			return &o->model.services[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Finds the same member in another overview: by the name of its node, and by its port. */
static const struct hasw_member *find_member(const struct overview *before, const struct hasw_service *service,
					     const struct overview *now, const struct hasw_member *member)
{
	const char *name = now->model.nodes[member->node].name;

	for (uint32_t m = service ? service->first : HASW_NONE; m != HASW_NONE; m = before->model.members[m].next) {
		const struct hasw_member *one = &before->model.members[m];

		if (one->nat_port == member->nat_port && !strcmp(before->model.nodes[one->node].name, name))
			return one;
	}
	return NULL;
}

/* A counter that is lower than before belongs to a new object with the same name. */
static uint64_t per_second(uint64_t before, uint64_t now, uint64_t ns)
{
	return now < before || !ns ? 0 : (uint64_t)((double)(now - before) * 1e9 / (double)ns + 0.5);
}

static void add_member(struct rate *rate, const struct overview *before, const struct hasw_service *service_before,
		       const struct overview *now, const struct hasw_member *member)
{
	const struct hasw_member *was = before ? find_member(before, service_before, now, member) : NULL;
	uint64_t ns = before ? now->now - before->now : 0;

	rate->active += member->flows > member->closing ? member->flows - member->closing : 0;
	rate->closing += member->closing;
	if (!was)
		return;
	rate->known = true;
	rate->flows += per_second(was->flow_made, member->flow_made, ns);
	rate->packets += per_second(was->packets, member->packets, ns);
	rate->bytes += per_second(was->bytes, member->bytes, ns);
}

void rates_member(struct rate *rate, const struct overview *before, const struct overview *now,
		  const struct hasw_service *service, const struct hasw_member *member)
{
	memset(rate, 0, sizeof(*rate));
	rate->tracked = hasw_service_tracks(service);
	add_member(rate, before, before ? find_service(before, &service->key) : NULL, now, member);
}

void rates_service(struct rate *rate, const struct overview *before, const struct overview *now,
		   const struct hasw_service *service)
{
	const struct hasw_service *was = before ? find_service(before, &service->key) : NULL;

	memset(rate, 0, sizeof(*rate));
	rate->tracked = hasw_service_tracks(service);
	rate->known = was;
	for (uint32_t m = service->first; m != HASW_NONE; m = now->model.members[m].next)
		add_member(rate, before, was, now, &now->model.members[m]);
}

json_t *rates_json(const struct rate *rate)
{
	json_t *object = json_object();

	if (rate->known) {
		json_object_set_new(object, "packets_per_second", json_integer((json_int_t)rate->packets));
		json_object_set_new(object, "bytes_per_second", json_integer((json_int_t)rate->bytes));
	}
	if (rate->known && rate->tracked)
		json_object_set_new(object, "flows_per_second", json_integer((json_int_t)rate->flows));
	json_object_set_new(object, "tracked", json_boolean(rate->tracked));
	if (rate->tracked) {
		json_object_set_new(object, "flows_active", json_integer((json_int_t)rate->active));
		json_object_set_new(object, "closing", json_integer((json_int_t)rate->closing));
	}
	return object;
}

const char *rates_format(uint64_t number, char buf[RATES_TEXT])
{
	static const char units[] = "kMGTPE";
	double value = (double)number;
	int unit = -1;

	for (; value >= 999.5 && units[unit + 1]; unit++)
		value /= 1000;
	if (unit < 0)
		snprintf(buf, RATES_TEXT, "%" PRIu64, number);
	else
		snprintf(buf, RATES_TEXT, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}

bool rates_phrase(const json_t *rates, unsigned int i, char buf[RATES_PHRASE])
{
	static const struct {
		const char *key, *what;
		bool whole;	/* how many there are, which is not rounded */
	} phrases[] = {
		{ "flows_per_second", "flows/s", false },
		{ "packets_per_second", "packets/s", false },
		{ "bytes_per_second", "bytes/s", false },
		{ "flows_active", "active", true },
		{ "closing", "closing", true },
	};
	const json_t *value;
	char text[RATES_TEXT];

	if (i == sizeof(phrases) / sizeof(phrases[0]))
		return false;
	*buf = '\0';
	value = json_object_get(rates, phrases[i].key);
	if (value && phrases[i].whole)
		snprintf(buf, RATES_PHRASE, "%" JSON_INTEGER_FORMAT " %s", json_integer_value(value), phrases[i].what);
	else if (value)
		snprintf(buf, RATES_PHRASE, "%s %s", rates_format((uint64_t)json_integer_value(value), text),
			 phrases[i].what);
	return true;
}
