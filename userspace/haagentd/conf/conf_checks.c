// SPDX-License-Identifier: GPL-2.0
/* Reading the list "checks" of the configuration file. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conf.h"
#include "conf_read.h"

#define MS	UINT64_C(1000000)
#define SECOND	(1000 * MS)

/* Checks that the service's port, which the check takes if it names none, can be the one of the server. */
static void check_port(struct conf_reader *r, config_setting_t *s, const struct conf_check *c)
{
	bool udp = c->kind == PLAN_UDP || c->kind == PLAN_DNS;
	char proto[4];

	/* These have no port of their own; a plugin may have one, and an agent has another one. */
	if (c->kind == PLAN_ICMP || c->kind == PLAN_EXEC || c->kind == PLAN_AGENT)
		return;
	if (!c->port)
		conf_error(r, s, "the service has no port of its own, so the check needs a \"port\"");
	else if (c->service.proto && c->service.proto != (udp ? IPPROTO_UDP : IPPROTO_TCP))
		conf_error(r, s, "a check of kind \"%s\" cannot fit port %u of a service by %s; give it the \"port\" by %s at which the server answers, too, or another \"kind\"",
			   plan_kind_word(c->kind), c->port, hasw_proto_format(c->service.proto, proto),
			   udp ? "UDP" : "TCP");
}

/* Reads "at": the port of one of several members on a node, or "vip". */
static void read_at(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	config_setting_t *at = config_setting_get_member(s, "at");
	const char *text;

	if (!at)
		return;
	if (config_setting_type(at) != CONFIG_TYPE_STRING) {
		c->at = (uint16_t)conf_number(r, s, "at", 1, 1, 65535);
		return;
	}
	text = config_setting_get_string(at);
	c->vip = !strcmp(text, "vip");
	if (!c->vip)
		conf_error(r, at, "\"at\" is \"%s\"; it must be \"vip\", or the port of one of several members on a node, as 8080",
			   text);
	else if (c->kind == PLAN_HTTPS)
		conf_error(r, at, "\"at\" = \"vip\" cannot be of kind \"https\": TLS is not spoken over the connection that is made by hand there. Take \"at\" out, so that the node's address is asked by TLS. Or ask the vip by kind \"tcp\"");
	else if (!plan_fits_vip(c->kind))
		conf_error(r, at, "\"at\" = \"vip\" cannot be of kind \"%s\": it has connections of the kernel, whose packets to the vip go to any member; take \"at\" out, or take kind \"tcp\", \"http\", \"icmp\", \"udp\" or \"dns\"",
			   plan_kind_word(c->kind));
}

/* Returns why no server can be reached at an address, or NULL. */
static const char *strange(const struct hasw_addr *addr)
{
	static const uint8_t none[16];
	const uint8_t *b = addr->bytes;
	bool six = addr->family == AF_INET6;

	if (!memcmp(b, none, six ? 16 : 4))
		return "is no address of any machine: whatever listens on this node would answer";
	if (six ? b[0] == 0xff : b[0] >= 224)
		return "is no address of one machine";
	return six && b[0] == 0xfe && (b[1] & 0xc0) == 0x80 ?
	       "is link-local, which no other machine can be reached by without a device" : NULL;
}

static bool is_loopback(const struct hasw_addr *addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	return addr->family == AF_INET ? addr->bytes[0] == 127 : addr->family && !memcmp(addr->bytes, one, sizeof(one));
}

static void check_target(struct conf_reader *r, config_setting_t *s,
			 struct conf_check *c)
{
	const char *text = conf_string(r, s, "address", NULL);
	const char *wrong = text ? hasw_addr_parse(&c->address, text) : NULL;

	if (wrong)
		conf_error(r, config_setting_get_member(s, "address"),
			   "\"address\": \"%s\" %s", text, wrong);
	if (text && !wrong && strange(&c->address))
		conf_error(r, config_setting_get_member(s, "address"),
			   "\"address\": \"%s\" %s; give the member's own address, or leave it out", text, strange(&c->address));
	/* The holder replies there, whatever the member does. */
	if (text && !wrong && c->service.vip.family && !hasw_addr_compare(&c->address, &c->service.vip))
		conf_error(r, config_setting_get_member(s, "address"),
			   "\"address\": \"%s\" is the vip, which does not lead to the member: leave it out, or give the member's own address",
			   text);
	read_at(r, s, c);
	if (c->vip && text)
		conf_error(r, config_setting_get_member(s, "address"),
			   "\"address\" and \"at\" = \"vip\" contradict each other: the vip is asked, at the node's address in the module; take one out");
	c->port = (uint16_t)conf_number(r, s, "port", c->at ? c->at : c->service.port, 1, 65535);
	/* If the service is invalid, its port is unknown. That error was reported already, so no second one is reported. */
	if (c->service.vip.family && !config_setting_get_member(s, "port"))
		check_port(r, s, c);
}

/*
 * Returns whether two checks of a node can be of the same member. They are not if both name the port of theirs, and the
 * ports differ.
 */
static bool same_member(const struct conf_check *a, const struct conf_check *b)
{
	return !hasw_svc_compare(&a->service, &b->service) && (!a->at || !b->at || a->at == b->at);
}

static void check_nodes(struct conf_reader *r, config_setting_t *s,
			struct conf *conf, const struct conf_check *model)
{
	config_setting_t *at = config_setting_get_member(s, "node");
	int i, n;

	if (!at) {
		conf_error(r, s, "a check needs a \"node\", or several: node = [ \"n1\", \"n2\" ];");
		return;
	}
	n = config_setting_is_aggregate(at) ? config_setting_length(at) : 1;
	/* One server would be asked for all of them. */
	if (model->address.family && n > 1) {
		conf_error(r, config_setting_get_member(s, "address"),
			   "one \"address\" cannot be that of %d nodes: leave it out, so that each node is asked at its own, or write a check for each",
			   n);
		return;
	}
	for (i = 0; i < n; i++) {
		config_setting_t *one = config_setting_is_aggregate(at) ?
			config_setting_get_elem(at, (unsigned int)i) : at;
		const char *name = conf_string_of(r, one, "a \"node\"");
		struct conf_check *c;
		unsigned int j;

		if (!name)
			continue;
		if (!wire_name_valid(name)) {
			conf_error(r, one, "\"%s\" cannot be a node's name", name);
			continue;
		}
		if (is_loopback(&model->address) && conf->n_nodes && strcmp(name, conf->nodes[conf->self].name)) {
			conf_error(r, config_setting_get_member(s, "address"),
				   "\"address\" is this node's loopback address, which does not lead to node \"%s\": leave it out, or give the member's own address",
				   name);
			return;
		}
		for (j = 0; j < conf->n_checks; j++)
			if (model->service.vip.family &&
			    !strcmp(conf->checks[j].node, name) &&
			    same_member(&conf->checks[j], model))
				break;
		if (j < conf->n_checks) {
			conf_error(r, one, "this member has a check already, in line %u; two of them would contradict each other; of several members on a node, each check says its member's port, as \"at\"",
				   conf->checks[j].line);
			continue;
		}
		if (conf->n_checks == CONF_CHECKS) {
			conf_error(r, one, "there are more than %d checks",
				   CONF_CHECKS);
			return;
		}
		c = reallocarray(conf->checks, conf->n_checks + 1, sizeof(*c));
		if (!c) {
			conf_error(r, one, "no memory");
			return;
		}
		conf->checks = c;
		c += conf->n_checks;
		*c = *model;
		/* Each check has words of its own, which are freed with it. */
		c->words = malloc(model->words_size + 1);
		if (!c->words) {
			conf_error(r, one, "no memory");
			return;
		}
		if (model->words_size)
			memcpy(c->words, model->words, model->words_size);
		conf->n_checks++;
		c->line = config_setting_source_line(s);
		snprintf(c->node, sizeof(c->node), "%s", name);
	}
}

/* What costs the server or this machine more than a connection is done less often. */
static uint64_t usual_interval(enum plan_kind kind)
{
	if (kind == PLAN_TCP || kind == PLAN_ICMP)
		return 200 * MS;
	return kind == PLAN_EXEC ? 5 * SECOND : SECOND;
}

static void read_floor(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	config_setting_t *one = config_setting_get_member(s, "min_healthy");

	if (!one)
		return;
	c->min_healthy = conf_percent(r, s, "min_healthy", 0, "of the service's members");
	c->min_line = config_setting_source_line(one);
}

/* All checks of a service have the floor that one of them names. */
static void spread_floors(struct conf_reader *r, struct conf *conf)
{
	unsigned int i, j;

	for (i = 0; i < conf->n_checks; i++)
		for (j = 0; j < conf->n_checks && conf->checks[i].min_line; j++) {
			const struct conf_check *from = &conf->checks[i];
			struct conf_check *to = &conf->checks[j];

			if (hasw_svc_compare(&from->service, &to->service))
				continue;
			if (to->min_line && to->min_healthy != from->min_healthy && i < j) {
				conf_error_at(r, to->min_line, "\"min_healthy\" is \"%u%%\", and line %u has \"%u%%\" for the same service; write it once",
					      to->min_healthy, from->min_line, from->min_healthy);
				return;
			}
			to->min_healthy = from->min_healthy;
		}
}

static void read_check(struct conf_reader *r, config_setting_t *s,
		       struct conf *conf)
{
	static const char *const known[] = {
		"service", "node", "at", "kind", "address", "port",
		"interval", "timeout", "away", "rise", "fall", "damp", "min_healthy",
		"path", "host", "status", "body", "verify", "command", "share",
		"send", "expect", "name", "record", NULL
	};
	struct conf_check c = { 0 };
	const char *text, *wrong;

	if (!conf_is_group(r, s, "an entry of \"checks\""))
		return;
	conf_only(r, s, "a check", known);
	/* All settings are read even after an error, so that all errors are reported. */
	text = conf_string(r, s, "service", NULL);
	if (!config_setting_get_member(s, "service"))
		conf_error(r, s, "a check needs a \"service\", like \"10.0.0.100:80/tcp\"");
	wrong = text ? hasw_svc_parse(&c.service, text) : NULL;
	if (wrong) {
		conf_error(r, config_setting_get_member(s, "service"),
			   "\"service\": \"%s\" %s", text, wrong);
		memset(&c.service, 0, sizeof(c.service));
	}
	conf_read_kind(r, s, &c);
	check_target(r, s, &c);
	c.interval = conf_time(r, s, "interval", usual_interval(c.kind),
			       c.kind == PLAN_EXEC ? 100 * MS : 10 * MS, 3600 * SECOND);
	c.timeout = conf_time(r, s, "timeout", c.interval, MS, 60 * SECOND);
	c.rise = (unsigned int)conf_number(r, s, "rise", 2, 1, 1000);
	c.fall = (unsigned int)conf_number(r, s, "fall", 3, 1, 1000);
	c.away = (unsigned int)conf_number(r, s, "away", 10, 1, 1000);
	c.damp = conf_bool(r, s, "damp", true);
	read_floor(r, s, &c);
	check_nodes(r, s, conf, &c);
	free(c.words);
}

/**
 * conf_read_checks - read the list of health checks
 * @r:		the reader
 * @root:	root group of the file
 * @conf:	receives the checks
 */
void conf_read_checks(struct conf_reader *r, config_setting_t *root,
		      struct conf *conf)
{
	config_setting_t *list = conf_list(r, root, "checks",
			"groups, like ( { service = \"10.0.0.100:80/tcp\"; node = \"n1\"; } )");
	int i, n = list ? config_setting_length(list) : 0;

	for (i = 0; i < n; i++)
		read_check(r, config_setting_get_elem(list, (unsigned int)i), conf);
	if (!r->errors)
		spread_floors(r, conf);
}
