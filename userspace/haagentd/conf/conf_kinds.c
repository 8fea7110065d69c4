// SPDX-License-Identifier: GPL-2.0
/* Reading what only some kinds of health checks have: the request, the answer that is good, the command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <checks/packet.h>

#include "conf.h"
#include "conf_read.h"

#define LABEL_MOST	64	/* longest label of a share */
#define TEXT_MOST	1024	/* longest text that is sent or looked for */
#define ARGUMENTS	(PLAN_WORDS - PLAN_FIRST - 1)	/* most words of a command; the label of its share follows */
#define OF(kind)	(1U << (kind))

/* Which kinds have a setting. */
static const struct {
	const char *name;
	unsigned int kinds;
} owners[] = {
	{ "port", OF(PLAN_TCP) | OF(PLAN_HTTP) | OF(PLAN_HTTPS) | OF(PLAN_EXEC) | OF(PLAN_UDP) | OF(PLAN_DNS) |
		OF(PLAN_AGENT) },
	{ "path", OF(PLAN_HTTP) | OF(PLAN_HTTPS) },
	{ "host", OF(PLAN_HTTP) | OF(PLAN_HTTPS) },
	{ "status", OF(PLAN_HTTP) | OF(PLAN_HTTPS) },
	{ "body", OF(PLAN_HTTP) | OF(PLAN_HTTPS) },
	{ "verify", OF(PLAN_HTTPS) },
	{ "command", OF(PLAN_EXEC) },
	{ "share", OF(PLAN_EXEC) },
	{ "send", OF(PLAN_UDP) | OF(PLAN_AGENT) },
	{ "expect", OF(PLAN_UDP) },
	{ "name", OF(PLAN_DNS) },
	{ "record", OF(PLAN_DNS) },
};

static void refuse_others(struct conf_reader *r, config_setting_t *s, enum plan_kind kind)
{
	unsigned int k;
	char of[96];
	size_t i;

	for (i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		config_setting_t *one = config_setting_get_member(s, owners[i].name);

		if (!one || owners[i].kinds & OF(kind))
			continue;
		of[0] = 0;
		for (k = 0; k < PLAN_KINDS; k++)
			if (owners[i].kinds & OF(k))
				snprintf(of + strlen(of), sizeof(of) - strlen(of), "%s\"%s\"", of[0] ? " and " : "",
					 plan_kind_word(k));
		conf_error(r, one, "\"%s\" is for checks of kind %s, and this one is of kind \"%s\"; take it out, or change the \"kind\"",
			   owners[i].name, of, plan_kind_word(kind));
	}
}

static void add_word(struct conf_reader *r, config_setting_t *s, struct conf_check *c, const char *word)
{
	size_t size = strlen(word) + 1;
	char *words = realloc(c->words, c->words_size + size);

	if (!words) {
		conf_error(r, s, "no memory");
		return;
	}
	memcpy(words + c->words_size, word, size);
	c->words = words;
	c->words_size += size;
	c->n_words++;
}

/* Reads a text of limited length. Return: the text; "" if it is missing, or after an error */
static const char *read_text(struct conf_reader *r, config_setting_t *s, const char *name)
{
	config_setting_t *one = config_setting_get_member(s, name);
	const char *text = conf_string(r, s, name, "");
	size_t length = text ? strlen(text) : 0;

	if (one && text && (!length || length > TEXT_MOST))
		conf_error(r, one, "\"%s\" has %zu characters; it must have 1 to %d", name, length, TEXT_MOST);
	return text && length <= TEXT_MOST ? text : "";
}

/* Whether all characters are printable and none is a space, as in a URL. */
static bool is_url_text(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/* "example.org" or "[2001:db8::1]": it goes into a URL before the port. */
static bool is_host(const char *text)
{
	bool brackets = text[0] == '[';
	size_t length = strspn(text + brackets, brackets ? "0123456789abcdefABCDEF:." :
			       "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._");
	const char *end = text + brackets + length;

	return length && length <= 253 && (brackets ? !strcmp(end, "]") : !*end);
}

static void read_status(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	config_setting_t *one = config_setting_get_member(s, "status");
	unsigned int from = 0, to = 0;
	const char *text;
	char rest;

	c->from = 200;
	c->to = 399;
	if (!one)
		return;
	if (config_setting_type(one) == CONFIG_TYPE_INT) {
		from = to = (unsigned int)conf_number(r, s, "status", 200, 100, 599);
	} else {
		text = conf_string(r, s, "status", NULL);
		if (!text)
			return;
		if (strspn(text, "0123456789-") != strlen(text) || strlen(text) != 7 ||
		    sscanf(text, "%3u-%3u%c", &from, &to, &rest) != 2 || from < 100 || to > 599 || from > to) {
			conf_error(r, one, "\"status\" is \"%s\"; it must be a number, as 200, or a range from 100 to 599, as \"200-299\"",
				   text);
			return;
		}
	}
	c->from = (uint16_t)from;
	c->to = (uint16_t)to;
}

static void read_http(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	const char *path = conf_string(r, s, "path", "/"), *host = conf_string(r, s, "host", "");

	if (path && (path[0] != '/' || strlen(path) > TEXT_MOST || !is_url_text(path)))
		conf_error(r, config_setting_get_member(s, "path"),
			   "\"path\" is \"%s\"; it must begin with /, have at most %d characters, and neither spaces nor letters beyond ASCII, which a URL writes as %%20 and so on",
			   path, TEXT_MOST);
	if (host && config_setting_get_member(s, "host") && !is_host(host))
		conf_error(r, config_setting_get_member(s, "host"),
			   "\"host\" is \"%s\"; it must be the name of the site, as \"www.example.org\", without port and path",
			   host);
	read_status(r, s, c);
	c->verify = conf_bool(r, s, "verify", false);
	if (c->verify && c->kind == PLAN_HTTPS && !config_setting_get_member(s, "host"))
		conf_error(r, config_setting_get_member(s, "verify"),
			   "\"verify\" needs a \"host\": the name that the server's certificate has");
	add_word(r, s, c, path ? path : "/");
	add_word(r, s, c, host ? host : "");
	add_word(r, s, c, read_text(r, s, "body"));
}

static void read_command(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	config_setting_t *list = config_setting_get_member(s, "command");
	int i, n;

	if (!list) {
		conf_error(r, s, "a check of kind \"exec\" needs a \"command\", like [ \"/usr/lib/nagios/plugins/check_smtp\", \"-H\", \"{address}\" ]");
		return;
	}
	n = config_setting_is_aggregate(list) ? config_setting_length(list) : 1;
	if (n < 1 || n > ARGUMENTS) {
		conf_error(r, list, "\"command\" has %d words; it must have 1 to %d", n, ARGUMENTS);
		return;
	}
	for (i = 0; i < n; i++) {
		config_setting_t *one = config_setting_is_aggregate(list) ?
			config_setting_get_elem(list, (unsigned int)i) : list;
		const char *word = conf_string_of(r, one, "a word of \"command\"");

		if (!word)
			return;
		if (!i && !conf_command(r, one, "check", word))
			return;
		add_word(r, one, c, word);
	}
}

/* Reads the label by which the performance data of a command has the share. */
static void read_share(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	config_setting_t *one = config_setting_get_member(s, "share");
	const char *label = conf_string(r, s, "share", NULL);

	if (!one || !label)
		return;
	if (!label[0] || strlen(label) > LABEL_MOST || strpbrk(label, "='|\t\r\n")) {
		conf_error(r, one, "\"share\" is \"%s\"; it must be the label by which the performance data of the command has the share, with 1 to %d characters and none of = ' |",
			   label, LABEL_MOST);
		return;
	}
	c->share = true;
	c->from = 1;
	add_word(r, one, c, label);
}

static void read_agent(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	/* The server itself answers at the service's port. */
	if (!config_setting_get_member(s, "port"))
		conf_error(r, s, "a check of kind \"agent\" needs a \"port\", at which the agent of the server answers");
	c->share = true;
	add_word(r, s, c, read_text(r, s, "send"));
}

static void read_udp(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	if (!config_setting_get_member(s, "send"))
		conf_error(r, s, "a check of kind \"udp\" needs a \"send\": a text that the server answers");
	add_word(r, s, c, read_text(r, s, "send"));
	add_word(r, s, c, read_text(r, s, "expect"));
}

static void read_dns(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	const char *name = conf_string(r, s, "name", NULL), *record = conf_string(r, s, "record", "A");
	uint8_t query[DNS_QUERY];

	if (!config_setting_get_member(s, "name"))
		conf_error(r, s, "a check of kind \"dns\" needs a \"name\" that the server knows, like \"example.org\"");
	else if (name && !dns_query(query, name, 1, 0))
		conf_error(r, config_setting_get_member(s, "name"), "\"name\": \"%s\" cannot be a name of DNS", name);
	c->from = record ? dns_type(record) : 0;
	if (record && !c->from)
		conf_error(r, config_setting_get_member(s, "record"),
			   "\"record\" is \"%s\"; it can be \"A\", \"AAAA\", \"NS\", \"SOA\", \"MX\", \"TXT\", \"CNAME\", \"PTR\" or \"SRV\"",
			   record);
	add_word(r, s, c, name ? name : "");
}

/**
 * conf_read_kind - read the kind of a check, and what belongs to it
 * @r:		the reader
 * @s:		the check's entry
 * @c:		receives the kind; c->words is allocated
 */
void conf_read_kind(struct conf_reader *r, config_setting_t *s, struct conf_check *c)
{
	const char *text = conf_string(r, s, "kind", "tcp");
	unsigned int errors = r->errors;

	c->kind = text ? plan_kind_find(text) : PLAN_TCP;
	if (c->kind == PLAN_KINDS) {
		conf_error(r, config_setting_get_member(s, "kind"),
			   "\"kind\" is \"%s\"; it can be \"tcp\", \"http\", \"https\", \"exec\", \"icmp\", \"udp\", \"dns\" or \"agent\"",
			   text);
		c->kind = PLAN_TCP;
		return;
	}
	refuse_others(r, s, c->kind);
	switch (c->kind) {
	case PLAN_HTTP:
	case PLAN_HTTPS:
		read_http(r, s, c);
		break;
	case PLAN_EXEC:
		read_command(r, s, c);
		read_share(r, s, c);
		break;
	case PLAN_UDP:
		read_udp(r, s, c);
		break;
	case PLAN_DNS:
		read_dns(r, s, c);
		break;
	case PLAN_AGENT:
		read_agent(r, s, c);
		break;
	default:
		break;
	}
	/* The plan also has the names of the member's node and service. */
	if (r->errors == errors && c->words_size > PLAN_BYTES - WIRE_NAME - HASW_SVC_TEXT)
		conf_error(r, s, "the texts of this check have %zu characters together; %zu are the most", c->words_size,
			   (size_t)(PLAN_BYTES - WIRE_NAME - HASW_SVC_TEXT));
}
