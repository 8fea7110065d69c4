// SPDX-License-Identifier: GPL-2.0
/*
 * The reasons why a vip or service is not served, a node is not usable, or a lease is not held, derived from a model.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose.h"

static const char *why_lost(const struct hasw_node *node)
{
	static const char *const found[] = {
		[HASWITCH_EVIDENCE_PULSE] = "is lost: its heartbeats (pulse) have stopped",
		[HASWITCH_EVIDENCE_CARRIER] = "is lost: the link to it is down",
		[HASWITCH_EVIDENCE_NEIGHBOUR] = "is lost: it stopped answering ARP and neighbour discovery",
		[HASWITCH_EVIDENCE_UNREACHABLE] = "is lost: a router says that it cannot be reached",
		[HASWITCH_EVIDENCE_RESIGNED] = "is lost: it said that it goes",
	};

	for (unsigned int kind = 0; kind < sizeof(found) / sizeof(found[0]); kind++) {
		if (node->evidence & 1u << kind)
			return found[kind];
	}
	if (node->evidence)
		return "is lost: by evidence that haadm does not know";
	return "is lost: the agent does not hear from it";
}

const char *why_node(const struct hasw_node *node)
{
	switch (node->state) {
	case HASWITCH_NODE_STATE_UP:
	case HASWITCH_NODE_STATE_HELD:
		return NULL;
	case HASWITCH_NODE_STATE_DRAIN:
		return "is being drained";
	case HASWITCH_NODE_STATE_MAINTENANCE:
		return "is in maintenance";
	case HASWITCH_NODE_STATE_DOWN:
		return "was set down";
	case HASWITCH_NODE_STATE_LOST:
		return why_lost(node);
	case HASWITCH_NODE_STATE_FENCED:
		return "is fenced";
	case HASWITCH_NODE_STATE_LEFT:
		return "has left the cluster";
	}
	return "is in a state that haadm does not know";
}

/*
 * Returns why the holder of a vip does not serve it, or NULL if no reason is known. While a holder is drained, it holds
 * its vips, and serves them, until another node takes them over.
 */
static const char *why_holder(const struct hasw_node *node)
{
	return node->state == HASWITCH_NODE_STATE_DRAIN ? NULL : why_node(node);
}

/*
 * Returns why a node has no next hop. IPV6: the vip is an IPv6 address. If the node has no address of the vip's family,
 * the module uses the other family, and the reason concerns that family.
 */
static const char *why_unresolved(const struct hasw_node *node, bool ipv6)
{
	uint8_t reach = ipv6 ? node->reach6 : node->reach4, other = ipv6 ? node->reach4 : node->reach6;

	switch (reach != HASWITCH_REACH_NONE ? reach : other) {
	case HASWITCH_REACH_NONE:
		return "has no address";
	case HASWITCH_REACH_NO_ROUTE:
		return "is behind no direct route";
	case HASWITCH_REACH_TABLE_FULL:
		return "has no place in this machine's neighbour table";
	}
	return "does not answer ARP or neighbour discovery";
}

bool why_is_spread(const struct hasw_service *service)
{
	return service->sched != HASWITCH_SCHED_ACTIVE_STANDBY;
}

const char *why_member(const struct hasw_model *model, const struct hasw_service *service,
			      const struct hasw_member *member)
{
	const struct hasw_node *node = &model->nodes[member->node];
	const char *why;

	switch (member->new_flows) {
	case HASWITCH_NEW_FLOWS_YES:
	case HASWITCH_NEW_FLOWS_HELD:
		return member->unlocal ? "does not have the vip as an address" : NULL;
	case HASWITCH_NEW_FLOWS_REFUSED:
		return member->unlocal ? "does not have the vip as an address" : "has nobody listening";
	case HASWITCH_NEW_FLOWS_UNRESOLVED:
		return member->via == HASWITCH_VIA_DIRECT ?
		       why_unresolved(node, service->key.vip.family == AF_INET6) : "has no route";
	case HASWITCH_NEW_FLOWS_NODE_STATE:
		/*
		 * The nodes were dumped before the members. If the dump of nodes shows this node as usable, the node
		 * became unusable between the two dumps.
		 */
		why = why_node(node);
		return why ? why : "was not usable just now";
	case HASWITCH_NEW_FLOWS_UNHEALTHY:
		return "has health down";
	case HASWITCH_NEW_FLOWS_WEIGHT_0:
		return "has weight 0";
	case HASWITCH_NEW_FLOWS_FULL:
		return "has as many flows as its flows-max";
	case HASWITCH_NEW_FLOWS_SPARE:
		return "is a spare one that is not needed";
	case HASWITCH_NEW_FLOWS_ZONE:
		return "is in another zone and not needed";
	}
	return "gets no new flows for a reason that haadm does not know";
}

static void append(char buf[WHY_TEXT], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(char buf[WHY_TEXT], const char *format, ...)
{
	size_t len = strlen(buf);
	va_list args;

	va_start(args, format);
	vsnprintf(buf + len, WHY_TEXT - len, format, args);
	va_end(args);
}

bool why_called(const struct hasw_member *member)
{
	return member->spare && member->serving;
}

const char *why_zone(const struct hasw_model *model, const struct hasw_service *service)
{
	if (!service->zone_prefer || model->self == HASW_NONE || !model->nodes[model->self].zone[0])
		return NULL;
	return model->nodes[model->self].zone;
}

bool why_away(const struct hasw_model *model, const struct hasw_service *service, const struct hasw_member *member)
{
	const char *zone = why_zone(model, service);

	return zone && strcmp(model->nodes[member->node].zone, zone);
}

bool why_rejects(const struct hasw_service *service)
{
	return service->rejects && !service->n_members;
}

const char *why_service(const struct hasw_model *model, const struct hasw_service *service,
			char buf[WHY_TEXT])
{
	buf[0] = '\0';
	if (service->serving || why_rejects(service))
		return NULL;
	if (!service->n_members) {
		append(buf, "no members");
		return buf;
	}
	append(buf, "no usable member (");
	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next) {
		const struct hasw_member *member = &model->members[i];
		const char *why = why_member(model, service, member);

		/* The scheduler prefers a member that cannot serve, see `unlocal` of struct hasw_member. */
		if (!why)
			why = "is not picked";
		append(buf, "%s%s", i == service->first ? "" : ", ", model->nodes[member->node].name);
		if (hasw_model_members_on(model, member->service, member->node) > 1)
			append(buf, ":%u", hasw_model_member_port(model, member));
		append(buf, " %s", why);
	}
	append(buf, ")");
	return buf;
}

const char *why_lease_free(const struct hasw_lease *lease)
{
	if (lease->successor[0])
		return "it was handed over, and its successor does not hold it yet";
	return lease->floor ? "it was released or has run out" : "its epoch floor was never set";
}

/*
 * Returns why this machine, which holds a vip, does not serve it, or NULL. HERE: whether the kernel delivers packets for
 * the vip here.
 */
static const char *why_here(const struct hasw_vip *vip, bool here, char buf[WHY_TEXT])
{
	if (vip->n_services || here)
		return NULL;
	append(buf, "it is not an address of this machine");
	return buf;
}

/* Does the work of why_vip() for a vip with a lease. */
static const char *why_lease(const struct hasw_model *model, const struct hasw_vip *vip, bool here,
			     const char *nobody, char buf[WHY_TEXT])
{
	const struct hasw_lease *lease = &model->leases[vip->lease];
	const char *why = NULL;
	uint32_t holder;

	if (!lease->holder[0]) {
		append(buf, "its lease %s has no holder: %s", lease->name, nobody ? nobody : why_lease_free(lease));
		return buf;
	}
	if (lease->held)
		return why_here(vip, here, buf);
	holder = hasw_model_node(model, lease->holder);
	if (holder != HASW_NONE)
		why = why_holder(&model->nodes[holder]);
	if (!why)
		return NULL;
	append(buf, "the holder of its lease %s, %s, %s", lease->name, lease->holder, why);
	return buf;
}

const char *why_vip(const struct hasw_model *model, const struct hasw_vip *vip, bool here,
		    const char *nobody, char buf[WHY_TEXT])
{
	const struct hasw_node *holder;

	buf[0] = '\0';
	if (vip->lease != HASW_NONE)
		return why_lease(model, vip, here, nobody, buf);
	if (vip->holder == HASW_NONE || vip->holder == model->self)
		return why_here(vip, here, buf);
	holder = &model->nodes[vip->holder];
	if (!why_holder(holder))
		return NULL;
	append(buf, "its holder %s %s", holder->name, why_holder(holder));
	return buf;
}
