// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing what haadm doctor reads: the agent's answer and nft's rules as JSON, and rules that are made of the bytes, so
 * that they are rules. Each finding has its words; and when nft has done what the findings advise, nothing is found.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/doctor/doctor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PORT 6946

static void sound(const json_t *list, const char *const *keys)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i, one) {
		for (const char *const *key = keys; *key; key++) {
			const char *text = json_string_value(json_object_get(one, *key));

			if (!text || !text[0])
				abort();
		}
	}
}

/* Returns how many findings there are, of which each has its words. */
static size_t end(struct findings *findings)
{
	static const char *const found[] = { "check", "what", "mend", NULL };
	static const char *const skipped[] = { "check", "why", NULL };
	size_t n = json_array_size(findings->list), i;
	json_t *note;

	sound(findings->list, found);
	sound(findings->skipped, skipped);
	json_array_foreach(findings->notes, i, note) {
		if (!json_is_string(note))
			abort();
	}
	findings_end(findings);
	return n;
}

static size_t judge_rules(const json_t *rules)
{
	struct findings findings;

	findings_begin(&findings);
	doctor_rules(&findings, rules, PORT, "agents");
	return end(&findings);
}

/* Takes the next byte; 0 behind the last one. */
struct bytes {
	const uint8_t *at;
	size_t size;
};

static unsigned int next(struct bytes *b, unsigned int below)
{
	if (!b->size)
		return 0;
	b->size--;
	return *b->at++ % below;
}

static const char *const chains[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
static const char *const families[] = { "inet", "ip" };

static json_t *value(struct bytes *b, unsigned int depth)
{
	switch (next(b, depth ? 6 : 5)) {
	case 0:
		return json_integer(PORT);
	case 1:
		return json_string("udp");
	case 2:
		return json_string("lo");
	case 3:
		return json_pack("{s:[i,i]}", "range", PORT - (int)next(b, 3), PORT + (int)next(b, 3) - 1);
	case 4:
		return json_integer(17);
	default:
		return json_pack("{s:[o,o]}", "set", value(b, depth - 1), value(b, depth - 1));
	}
}

static json_t *match(struct bytes *b)
{
	static const char *const ops[] = { "==", "!=", "in", "<" };
	static const char *const metas[] = { "l4proto", "iif", "oifname", "mark" };
	static const char *const protocols[] = { "ip", "ip6", "udp", "th", "tcp", "ether" };
	static const char *const fields[] = { "protocol", "nexthdr", "dport", "sport", "saddr" };
	json_t *left;

	if (next(b, 2))
		left = json_pack("{s:{s:s}}", "meta", "key", metas[next(b, 4)]);
	else
		left = json_pack("{s:{s:s,s:s}}", "payload", "protocol", protocols[next(b, 6)], "field",
				 fields[next(b, 5)]);
	return json_pack("{s:{s:s,s:o,s:o}}", "match", "op", ops[next(b, 4)], "left", left, "right", value(b, 2));
}

static json_t *expression(struct bytes *b)
{
	static const char *const words[] = { "accept", "drop", "reject", "return", "counter", "log", "vmap", "limit" };
	unsigned int what = next(b, 8);

	switch (what) {
	case 0:
	case 1:
		return match(b);
	case 2:
	case 3:
	case 4:
		return json_pack("{s:{s:s}}", what == 4 ? "goto" : "jump", "target", chains[next(b, 8)]);
	default:
		return json_pack("{s:n}", words[next(b, 8)]);
	}
}

static json_t *rule(struct bytes *b, json_int_t handle)
{
	json_t *rule = json_pack("{s:s,s:s,s:s,s:I}", "family", families[next(b, 2)], "table", "t", "chain",
				 chains[next(b, 8)], "handle", handle), *list = json_array();
	unsigned int n = 1 + next(b, 4);

	while (n--)
		json_array_append_new(list, expression(b));
	json_object_set_new(rule, "expr", list);
	return json_pack("{s:o}", "rule", rule);
}

static json_t *chain(struct bytes *b)
{
	static const char *const hooks[] = { "input", "output", "prerouting", "forward" };
	static const char *const policies[] = { "drop", "accept" };

	return json_pack("{s:{s:s,s:s,s:s,s:s,s:s}}", "chain", "family", families[next(b, 2)], "table", "t", "name",
			 chains[next(b, 8)], "hook", hooks[next(b, 4)], "policy", policies[next(b, 2)]);
}

/* Does what the findings advise: the first rule of each chain accepts the port. */
static void mend(json_t *list)
{
	static const char form[] = "{s:{s:s,s:s,s:s,s:i,s:[{s:{s:s,s:{s:{s:s,s:s}},s:i}},{s:n}]}}";

	for (size_t i = 0; i < 16; i++)
		json_array_insert_new(list, 0,
				      json_pack(form, "rule", "family", families[i / 8], "table", "t", "chain",
						chains[i % 8], "handle", 1, "expr", "match", "op", "==", "left",
						"payload", "protocol", "udp", "field", "dport", "right", PORT,
						"accept"));
}

/* Rules that are made of the bytes. */
static void made(const uint8_t *data, size_t size)
{
	struct bytes b = { .at = data, .size = size };
	json_t *list = json_array(), *rules = json_pack("{s:o}", "nftables", list);

	for (json_int_t handle = 2; b.size; handle++)
		json_array_append_new(list, next(&b, 8) ? rule(&b, handle) : chain(&b));
	judge_rules(rules);
	mend(list);
	if (judge_rules(rules))
		abort();
	json_decref(rules);
}

/* Whatever JSON it is. */
static void read(const uint8_t *data, size_t size)
{
	json_t *rules = json_loadb((const char *)data, size, 0, NULL), *answer;
	struct findings findings;
	struct hasw_error err;

	judge_rules(rules);
	json_decref(rules);
	answer = ask_parse((const char *)data, size, &err);
	if (!answer)
		return;
	findings_begin(&findings);
	doctor_agent(&findings, answer);
	end(&findings);
	json_decref(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read(data, size);
	if (!size || data[0] != '{')
		made(data, size);
	return 0;
}
