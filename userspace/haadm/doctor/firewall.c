// SPDX-License-Identifier: GPL-2.0
/*
 * Rules of nft that drop heartbeats or configurations. They are followed for a UDP packet, or the first packet of a TCP
 * connection, from another machine to a port, or from here to that port of another machine, of which nothing else is
 * known. A rule whose matches say no more than that applies. One that also asks for something else may apply: if it
 * accepts, the packet may pass; if it drops, others may pass. So only what is dropped for certain is a finding.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/haswitch.h>

#include "haadm/doctor/doctor.h"

#define MOST_JUMPS	16	/* nft itself allows as many */
#define MOST_LOOKS	1000000	/* looks at one object of the list; chains that jump to each other need very many */

enum answer {
	NO,
	MAYBE,
	YES,
};

enum fate {
	GOES_ON,	/* no rule has decided */
	PASSES,		/* it passes, or may pass */
	DROPPED,
};

struct walk {
	const json_t *rules;	/* the list of all objects */
	const char *family;
	const char *table;
	bool tcp;
	unsigned int port;
	unsigned int jumps;
	unsigned int *looks;	/* so many for all chains of a port so far */
	json_int_t handle;	/* of the rule that drops; 0: it is the chain's policy */
	const char *chain;	/* the chain of that rule */
};

static const char *string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Returns whether a port is the value, or in the range or set of values. */
static enum answer has_port(const json_t *value, unsigned int port)
{
	const json_t *range = json_object_get(value, "range"), *set = json_object_get(value, "set");
	enum answer best = NO;

	if (json_is_integer(value))
		return json_integer_value(value) == port ? YES : NO;
	if (json_array_size(range) == 2)
		return json_integer_value(json_array_get(range, 0)) <= port &&
		       json_integer_value(json_array_get(range, 1)) >= port ? YES : NO;
	if (!json_is_array(set))
		return MAYBE;
	for (size_t i = 0; i < json_array_size(set); i++) {
		enum answer one = has_port(json_array_get(set, i), port);

		if (one > best)
			best = one;
	}
	return best;
}

static const char *protocol_of(const struct walk *walk)
{
	return walk->tcp ? "tcp" : "udp";
}

/* Returns whether a protocol, by name or number, is that of the packet, or one of a set is. */
static enum answer has_protocol(const json_t *value, const struct walk *walk)
{
	const json_t *set = json_object_get(value, "set");
	enum answer best = NO;

	if (json_is_string(value))
		return strcmp(json_string_value(value), protocol_of(walk)) ? NO : YES;
	if (json_is_integer(value))
		return json_integer_value(value) == (walk->tcp ? 6 : 17) ? YES : NO;
	if (!json_is_array(set))
		return MAYBE;
	for (size_t i = 0; i < json_array_size(set); i++) {
		enum answer one = has_protocol(json_array_get(set, i), walk);

		if (one > best)
			best = one;
	}
	return best;
}

/* Returns whether connection states have that of a packet which begins a connection. */
static enum answer has_new(const json_t *value)
{
	const json_t *list = json_is_array(value) ? value : json_object_get(value, "set");
	enum answer best = NO;

	if (json_is_string(value))
		return strcmp(json_string_value(value), "new") ? NO : YES;
	if (!json_is_array(list))
		return MAYBE;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		if (!one || !strcmp(one, "new"))
			best = one ? YES : MAYBE;
	}
	return best;
}

/* Returns whether the left side of a match is, for this packet, what the right side asks for. */
static enum answer compare(const json_t *left, const json_t *right, const struct walk *walk)
{
	const json_t *payload = json_object_get(left, "payload");
	const char *key = string(json_object_get(left, "meta"), "key"), *protocol = string(payload, "protocol");
	const char *field = string(payload, "field");

	if (!strcmp(key, "l4proto") || (!strcmp(protocol, "ip") && !strcmp(field, "protocol")) ||
	    (!strcmp(protocol, "ip6") && !strcmp(field, "nexthdr")))
		return has_protocol(right, walk);
	/* UDP packets may be of a flow that began here. */
	if (walk->tcp && !strcmp(string(json_object_get(left, "ct"), "key"), "state"))
		return has_new(right);
	/* What agents send does not come by the loopback device. */
	if (!strcmp(key, "iifname") || !strcmp(key, "iif") || !strcmp(key, "oifname") || !strcmp(key, "oif"))
		return json_is_string(right) && !strcmp(json_string_value(right), "lo") ? NO : MAYBE;
	if (!payload || !strcmp(protocol, "ip") || !strcmp(protocol, "ip6") || !strcmp(protocol, "ether") || !*protocol)
		return MAYBE;
	if (strcmp(protocol, protocol_of(walk)) && strcmp(protocol, "th"))
		return NO;
	/* Heartbeats come from the port to which they go, and connections from any. */
	if (!strcmp(field, "dport") || (!walk->tcp && !strcmp(field, "sport")))
		return has_port(right, walk->port);
	return MAYBE;
}

static enum answer match(const json_t *match, const struct walk *walk)
{
	enum answer same = compare(json_object_get(match, "left"), json_object_get(match, "right"), walk);
	const char *op = string(match, "op");

	if (same == MAYBE || (*op && strcmp(op, "==") && strcmp(op, "!=") && strcmp(op, "in")))
		return MAYBE;
	return !strcmp(op, "!=") ? (enum answer)(YES - same) : same;
}

static enum fate chain_walk(struct walk *walk, const char *name);

/* Returns what a rule does to the packet. *ENDS: the rule ends its chain. */
static enum fate rule_apply(struct walk *walk, const json_t *rule, bool *ends)
{
	enum answer applies = YES;
	json_t *part;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, part) {
		const json_t *test = json_object_get(part, "match"), *to = json_object_get(part, "jump");
		enum fate fate;

		if (test) {
			enum answer one = match(test, walk);

			if (one == NO)
				return GOES_ON;
			if (one < applies)
				applies = one;
		} else if (json_object_get(part, "accept")) {
			return PASSES;
		} else if (json_object_get(part, "drop") || json_object_get(part, "reject")) {
			if (applies != YES)
				return GOES_ON;
			walk->handle = json_integer_value(json_object_get(rule, "handle"));
			walk->chain = string(rule, "chain");
			return DROPPED;
		} else if (json_object_get(part, "return")) {
			/* If the rule may apply, what follows it may not. */
			*ends = true;
			return applies == YES ? GOES_ON : PASSES;
		} else if (to || json_object_get(part, "goto")) {
			fate = chain_walk(walk, string(to ? to : json_object_get(part, "goto"), "target"));
			*ends = !to;
			if (applies != YES && !to)
				return PASSES;
			return fate == DROPPED && applies != YES ? GOES_ON : fate;
		} else if (!json_object_get(part, "counter") && !json_object_get(part, "log")) {
			/* A limit, a map of verdicts, or what this does not know. */
			applies = MAYBE;
			if (json_object_get(part, "vmap") || json_object_get(part, "xt") || json_object_get(part, "queue"))
				return PASSES;
		}
	}
	return GOES_ON;
}

static enum fate chain_walk(struct walk *walk, const char *name)
{
	enum fate fate = GOES_ON;
	bool ends = false;
	json_t *one;
	size_t i;

	if (walk->jumps++ == MOST_JUMPS)
		return PASSES;
	json_array_foreach((json_t *)walk->rules, i, one) {
		const json_t *rule = json_object_get(one, "rule");

		if (++*walk->looks > MOST_LOOKS) {
			fate = PASSES;
			break;
		}
		if (!rule || strcmp(string(rule, "family"), walk->family) || strcmp(string(rule, "table"), walk->table) ||
		    strcmp(string(rule, "chain"), name))
			continue;
		fate = rule_apply(walk, rule, &ends);
		if (fate != GOES_ON || ends)
			break;
	}
	walk->jumps--;
	return fate;
}

static void chain_check(struct findings *findings, const json_t *rules, const json_t *chain, bool tcp, unsigned int port,
			const char *who, unsigned int *looks)
{
	struct walk walk = {
		.rules = rules, .family = string(chain, "family"), .table = string(chain, "table"), .tcp = tcp, .port = port,
		.looks = looks,
	};
	const char *hook = string(chain, "hook"), *name = string(chain, "name"), *protocol = tcp ? "TCP" : "UDP";
	enum fate fate;
	json_t *what;

	if (strcmp(hook, "input") && strcmp(hook, "output") && strcmp(hook, "prerouting"))
		return;
	fate = chain_walk(&walk, name);
	if (fate == PASSES || (fate == GOES_ON && strcmp(string(chain, "policy"), "drop")))
		return;
	if (walk.handle)
		what = json_sprintf("nft drops %s port %u, that of %s: rule %" JSON_INTEGER_FORMAT " of chain %s (%s) in table %s %s",
				    protocol, port, who, walk.handle, walk.chain, hook, walk.family, walk.table);
	else
		what = json_sprintf("nft drops %s port %u, that of %s: no rule of chain %s (%s) in table %s %s accepts it", protocol,
				    port, who, name, hook, walk.family, walk.table);
	findings_add(findings, "firewall", what,
		     json_sprintf("nft insert rule %s %s %s %s dport %u accept", walk.family, walk.table, name,
				  protocol_of(&walk), port));
}

static void rules_check(struct findings *findings, const json_t *rules, bool tcp, unsigned int port, const char *who)
{
	const json_t *list = json_object_get(rules, "nftables");
	unsigned int looks = 0;
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i, one) {
		if (json_object_get(one, "chain"))
			chain_check(findings, list, json_object_get(one, "chain"), tcp, port, who, &looks);
	}
}

void doctor_rules(struct findings *findings, const json_t *rules, unsigned int port, const char *who)
{
	rules_check(findings, rules, false, port, who);
}

void doctor_rules_tcp(struct findings *findings, const json_t *rules, unsigned int port, const char *who)
{
	rules_check(findings, rules, true, port, who);
}

/* Adds the ports of the agent's paths to LIST, each once. */
static void agent_ports(const json_t *answer, json_t *list)
{
	json_t *peer, *path, *port, *known;
	size_t i, j, k;

	json_array_foreach(json_object_get(answer, "peers"), i, peer) {
		json_array_foreach(json_object_get(peer, "paths"), j, path) {
			port = json_object_get(path, "port");
			json_array_foreach(list, k, known) {
				if (json_equal(known, port))
					break;
			}
			if (k == json_array_size(list) && json_is_integer(port))
				json_array_append(list, port);
		}
	}
	if (!json_array_size(list))
		json_array_append_new(list, json_integer(AGENT_PORT));
}

void doctor_firewall(struct findings *findings, const json_t *answer)
{
	FILE *nft = popen("PATH=/usr/sbin:/sbin:$PATH nft -j list ruleset 2>/dev/null", "re");
	json_t *rules = nft ? json_loadf(nft, 0, NULL) : NULL, *ports = json_array(), *port;
	size_t i;

	if ((nft && pclose(nft)) || !rules) {
		findings_skip(findings, "firewall", "nft does not tell its rules: is it installed, and is this root?");
	} else {
		agent_ports(answer, ports);
		json_array_foreach(ports, i, port) {
			doctor_rules(findings, rules, (unsigned int)json_integer_value(port), "agents");
			doctor_rules_tcp(findings, rules, (unsigned int)json_integer_value(port),
					 "agents, for configurations and joins");
		}
		doctor_rules(findings, rules, HASWITCH_PULSE_PORT, "the modules' heartbeats");
		doctor_rules(findings, rules, HASWITCH_TUNNEL_PORT, "strays and via gue");
	}
	json_decref(ports);
	json_decref(rules);
}
