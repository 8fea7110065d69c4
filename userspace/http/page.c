// SPDX-License-Identifier: GPL-2.0
/*
 * The status page: what `haadm -j status` and `haadm agent show` say, as HTML. What is wrong comes first. It has no
 * script, and nothing from elsewhere; the browser loads it again by itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "haadm/peers.h"
#include "haadm/rates.h"
#include "haagentd/clock.h"
#include "lib/text.h"
#include "page.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
	"body{font:14px/1.4 sans-serif;margin:1em;color:#222;background:#fff}\n"
	"h1{font-size:1.3em}h2{font-size:1.1em;margin:1.2em 0 .3em}\n"
	"table{border-collapse:collapse}\n"
	"td,th{padding:.15em .7em;border:1px solid #ccc;text-align:left;vertical-align:top}\n"
	"th{background:#eee}.good{background:#dfd}.bad{background:#fcc}.some{background:#fec}\n"
	"p.bad,p.some{padding:.3em .7em;margin:.2em 0}ul{margin:0;padding-left:1.2em}\n"
	"@media(prefers-color-scheme:dark){body{color:#ddd;background:#222}th{background:#333}\n"
	"td,th{border-color:#555}\n"
	".good{background:#252}.bad{background:#722}.some{background:#640}}\n"
	"</style>\n";

static const char *html_escape(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void put(struct buf *to, const char *text)
{
	buf_utf8(to, text ? text : "", html_escape);
}

static void cell(struct buf *to, const char *class, const char *text)
{
	if (class)
		buf_print(to, "<td class=\"%s\">", class);
	else
		buf_text(to, "<td>");
	put(to, text);
	buf_text(to, "</td>");
}

static void table(struct buf *to, const char *id, const char *title, const char *const *columns)
{
	buf_print(to, "<h2>%s</h2>\n<table id=\"%s\"><thead><tr>", title, id);
	for (; *columns; columns++)
		buf_print(to, "<th>%s</th>", *columns);
	buf_text(to, "</tr></thead><tbody>\n");
}

static void table_end(struct buf *to)
{
	buf_text(to, "</tbody></table>\n");
}

/* Writes a time as a cell, or an empty one if there is none. */
static void span_cell(struct buf *to, const json_t *number)
{
	char text[HASW_TIME_TEXT];

	cell(to, NULL, json_is_integer(number) ? hasw_span_format((uint64_t)json_integer_value(number), text) : NULL);
}

static void lines(struct buf *to, const char *class, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		buf_print(to, "<p class=\"%s\">", class);
		put(to, json_string_value(one));
		buf_text(to, "</p>\n");
	}
}

/* The cells that tell what the agent here knows of a node: its agent, the paths to it, its configuration. */
static void known_cells(struct buf *to, const json_t *one, json_int_t committed)
{
	const json_t *total = json_object_get(one, "paths_total"), *current = json_object_get(one, "config_current");
	const char *agent = text_of(one, "agent_state");
	char text[PEERS_TEXT];

	cell(to, !agent ? NULL : strcmp(agent, "heard") && strcmp(agent, "runs") ? "some" : "good", agent);
	if (total) {
		json_int_t good = json_integer_value(json_object_get(one, "paths_good"));

		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT, good,
			 json_integer_value(total));
		cell(to, good == json_integer_value(total) ? "good" : "some", text);
	} else {
		cell(to, NULL, NULL);
	}
	cell(to, current ? json_is_true(current) ? "good" : "bad" : NULL, peers_config(one, committed, text));
}

/* How many connections a drained node has left, by the vips that this machine holds. */
static void left_cell(struct buf *to, const json_t *one)
{
	const json_t *left = json_object_get(one, "flows_left");
	char text[64];

	if (left)
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT "%s", json_integer_value(left),
			 flag_of(one, "flows_elsewhere") ? " here" : "");
	cell(to, NULL, left ? text : NULL);
}

static void share_cell(struct buf *to, const json_t *one)
{
	const json_t *share = json_object_get(one, "share");
	char text[32];

	if (share)
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT "%%", json_integer_value(share));
	cell(to, share && json_integer_value(share) < 100 ? "some" : NULL, share ? text : NULL);
}

static void node(struct buf *to, const json_t *one, json_int_t committed, uint64_t now)
{
	const char *state = text_of(one, "state"), *why = text_of(one, "reason");
	uint64_t since = (uint64_t)json_integer_value(json_object_get(one, "since"));
	bool up = state && !strcmp(state, "up");
	char text[HASW_TIME_TEXT];

	buf_text(to, "<tr><td>");
	put(to, text_of(one, "name"));
	buf_text(to, flag_of(one, "self") ? " (this machine)</td>" : "</td>");
	cell(to, NULL, text_of(one, "zone"));
	cell(to, up ? "good" : state && !strcmp(state, "lost") ? "bad" : "some", state);
	cell(to, NULL, since && since <= now ? hasw_span_format(now - since, text) : NULL);
	left_cell(to, one);
	share_cell(to, one);
	known_cells(to, one, committed);
	if (!why)
		why = text_of(one, "unreached");
	if (!why && flag_of(one, "never_heard"))
		why = "never heard";
	cell(to, NULL, why);
	buf_text(to, "</tr>\n");
}

static void nodes(struct buf *to, const struct collected *c)
{
	static const char *const columns[] = { "node", "zone", "state", "for", "connections left", "share", "agent", "paths",
					       "configuration", "why", NULL };
	uint64_t now = clock_now();
	const json_t *one;
	size_t i;

	table(to, "nodes", "Nodes", columns);
	json_array_foreach(json_object_get(c->status, "nodes"), i, one)
		node(to, one, peers_committed(c->agent), now);
	table_end(to);
}

static void leases(struct buf *to, const json_t *status)
{
	static const char *const columns[] = { "lease", "holder", "epoch", "ends in", "successor", "why", NULL };
	const json_t *list = json_object_get(status, "leases"), *one;
	size_t i;

	if (!json_array_size(list))
		return;
	table(to, "leases", "Leases", columns);
	json_array_foreach(list, i, one) {
		const char *holder = text_of(one, "holder"), *why = text_of(one, "reason");

		buf_text(to, "<tr>");
		cell(to, NULL, text_of(one, "lease"));
		cell(to, holder ? "good" : "bad", holder ? holder : "nobody");
		buf_text(to, "<td>");
		if (holder)
			buf_print(to, "%" PRIu64, (uint64_t)json_integer_value(json_object_get(one, "epoch")));
		buf_text(to, "</td>");
		span_cell(to, json_object_get(one, "remaining"));
		cell(to, NULL, text_of(one, "successor"));
		cell(to, NULL, why ? why : text_of(one, "successor_reason"));
		buf_text(to, "</tr>\n");
	}
	table_end(to);
}

static void service(struct buf *to, const json_t *one)
{
	const char *why = text_of(one, "reason"), *active = text_of(one, "active"), *sorry = text_of(one, "on_empty");
	const json_t *serving = json_object_get(one, "serving_count");
	char phrase[RATES_PHRASE];

	buf_text(to, "<li>");
	put(to, text_of(one, "service"));
	buf_text(to, " &rarr; ");
	if (flag_of(one, "rejects")) {
		buf_text(to, "rejected");
	} else if (why) {
		put(to, sorry ? sorry : "nobody");
		buf_text(to, ": ");
		put(to, why);
	} else if (serving) {
		buf_print(to, "%" PRIu64 " of %" PRIu64 " member%s", (uint64_t)json_integer_value(serving),
			  number_of(one, "members_count"), hasw_s(number_of(one, "members_count")));
	} else {
		put(to, active);
		if (json_object_get(one, "active_port"))
			buf_print(to, ":%u", (unsigned int)json_integer_value(json_object_get(one, "active_port")));
	}
	for (unsigned int i = 0; rates_phrase(json_object_get(one, "rates"), i, phrase); i++)
		buf_print(to, "%s%s", *phrase ? ", " : "", phrase);
	buf_text(to, "</li>");
}

static void vip(struct buf *to, const json_t *one)
{
	bool partly = flag_of(one, "partly_served");
	const char *served = !flag_of(one, "served") ? "not served" : partly ? "partly served" : "served";
	const char *holder = text_of(one, "holder");
	const json_t *part;
	size_t i;

	buf_text(to, "<tr>");
	cell(to, NULL, text_of(one, "addr"));
	cell(to, *served == 'n' ? "bad" : partly ? "some" : "good", served);
	cell(to, NULL, flag_of(one, "everywhere") ? "everywhere" : holder ? holder : json_object_get(one, "lease") ?
	     "nobody" : "here");
	cell(to, NULL, text_of(one, "lease"));
	buf_text(to, "<td><ul>");
	json_array_foreach(json_object_get(one, "services"), i, part)
		service(to, part);
	buf_text(to, "</ul></td><td>");
	put(to, text_of(one, "reason"));
	if (json_object_get(one, "conflict"))
		buf_text(to, " CONFLICT: another host uses it");
	buf_text(to, "</td></tr>\n");
}

static bool is_well(const json_t *one)
{
	return flag_of(one, "served") && !flag_of(one, "partly_served") && !json_object_get(one, "conflict");
}

/* What is not well comes first. Very many others are not shown, so that a browser can still show the page. */
static void vips(struct buf *to, const json_t *status)
{
	static const char *const columns[] = { "vip", "", "held by", "lease", "services", "why", NULL };
	const json_t *list = json_object_get(status, "vips"), *one;
	size_t well = 0, i;

	table(to, "vips", "Vips", columns);
	json_array_foreach(list, i, one)
		if (!is_well(one))
			vip(to, one);
	json_array_foreach(list, i, one)
		if (is_well(one) && well++ < PAGE_VIPS)
			vip(to, one);
	table_end(to);
	if (well > PAGE_VIPS)
		buf_print(to, "<p>and %zu more that are served</p>\n", well - PAGE_VIPS);
}

/* The release of an agent stands out where it differs from that of the agent here. */
static void release_cell(struct buf *to, const json_t *one, const json_t *agent)
{
	const json_t *release = json_object_get(one, "release"), *own = json_object_get(agent, "release");

	cell(to, release && own && !json_equal(release, own) ? "some" : NULL,
	     release ? peers_release_text(release) : NULL);
}

static void peers(struct buf *to, const json_t *agent)
{
	static const char *const columns[] = { "node", "agent", "release", "heard before", "paths", NULL };
	const json_t *one, *path;
	size_t i, j;

	table(to, "peers", "Agents", columns);
	json_array_foreach(json_object_get(agent, "peers"), i, one) {
		const char *state = text_of(one, "state");

		buf_text(to, "<tr><td>");
		put(to, text_of(one, "node"));
		buf_text(to, flag_of(one, "witness") ? " (witness)</td>" : "</td>");
		cell(to, state && !strcmp(state, "heard") ? "good" : "some", state);
		release_cell(to, one, agent);
		span_cell(to, json_object_get(one, "age"));
		buf_text(to, "<td>");
		json_array_foreach(json_object_get(one, "paths"), j, path) {
			put(to, text_of(path, "path"));
			buf_text(to, " ");
			put(to, text_of(path, "state"));
			buf_text(to, "<br>");
		}
		buf_text(to, "</td></tr>\n");
	}
	table_end(to);
}

/* Returns how many vips are not served. */
static size_t unserved(const json_t *status)
{
	const json_t *one;
	size_t n = 0, i;

	json_array_foreach(json_object_get(status, "vips"), i, one)
		n += !flag_of(one, "served");
	return n;
}

/**
 * page_write - write the status page
 * @to:	where to
 * @c:	the state of this node
 */
void page_write(struct buf *to, const struct collected *c)
{
	const char *self = text_of(c->status, "node");
	size_t dead = unserved(c->status), n = json_array_size(json_object_get(c->status, "vips"));

	if (!self)
		self = text_of(c->agent, "node");
	buf_text(to, head);
	buf_text(to, "<title>");
	if (dead)
		buf_print(to, "(%zu not served) ", dead);
	put(to, self ? self : "haswitch");
	buf_text(to, "</title></head><body>\n<h1>haswitch: ");
	put(to, self ? self : "this machine");
	buf_text(to, "</h1>\n");
	if (!c->status && !flag_of(c->agent, "witness")) {
		buf_text(to, "<p class=\"bad\">the module cannot be read: ");
		put(to, c->unread.text);
		buf_text(to, "</p>\n");
	}
	if (dead)
		buf_print(to, "<p class=\"bad\">%zu of %zu vip%s not served</p>\n", dead, n, hasw_s(n));
	lines(to, "bad", json_object_get(c->status, "warnings"));
	lines(to, "some", json_object_get(c->status, "notes"));
	if (!c->agent)
		buf_text(to, "<p class=\"some\">the agent does not answer</p>\n");
	if (c->status) {
		nodes(to, c);
		leases(to, c->status);
		vips(to, c->status);
	}
	if (c->agent)
		peers(to, c->agent);
	buf_text(to, "<p>Also here: <a href=\"/metrics\">metrics</a>, <a href=\"/status.json\">status as JSON</a>.\n"
		 "This page loads again every 5 seconds.</p>\n</body></html>\n");
}
