// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of commands. It turns the words into a request, or into a complaint that names the most similar valid
 * word.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "grammar.h"
#include "keyfile.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"
#include "options.h"

static int complain(struct complaint *complaint, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int complain(struct complaint *complaint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, args);
	va_end(args);
	return -1;
}

#define MOST_WORDS 32	/* maximum number of words that are valid at one place */

/*
 * The words that are valid at one place of a command, and the one that is most similar to the user's word. Each call of
 * nearest_try() adds a valid word.
 */
struct nearest {
	const char *valid[MOST_WORDS];
	unsigned int n;
	const char *word;	/* the most similar valid word; NULL: none is similar enough */
	size_t distance;
};

static void nearest_try(struct nearest *nearest, const char *word, const char *candidate)
{
	size_t len = strlen(word) > strlen(candidate) ? strlen(word) : strlen(candidate);
	/* An abbreviation of a keyword is always similar enough, because other tools accept abbreviations. */
	bool cut = *word && !strncmp(candidate, word, strlen(word));
	size_t distance = cut ? 1 : hasw_distance(word, candidate);

	if (nearest->n < MOST_WORDS)
		nearest->valid[nearest->n++] = candidate;
	/* A candidate is not similar enough if more than a third of the letters differ. */
	if (!cut && 3 * distance > len)
		return;
	/* Of equally similar words, one of the same length wins: two letters changed places, and none is missing. */
	if (!nearest->word || distance < nearest->distance ||
	    (distance == nearest->distance && strlen(candidate) == strlen(word) &&
	     strlen(nearest->word) != strlen(word))) {
		nearest->word = candidate;
		nearest->distance = distance;
	}
}

/* Formats the valid words as "a", "b" and "c". */
static const char *list_valid(const struct nearest *nearest, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < nearest->n && len < size; i++) {
		const char *between = !i ? "" : i + 1 < nearest->n ? ", " : " and ";

		len += (size_t)snprintf(buf + len, size - len, "%s\"%s\"", between, nearest->valid[i]);
	}
	return buf;
}

/* Complains about an option that follows the object. Other tools accept options in that place. */
static int misplaced(struct complaint *complaint, const char *word)
{
	return complain(complaint, "\"%s\" is an option; options stand before the object, as in \"haadm -j %s\"",
			word, complaint->object->word);
}

static int unknown(struct complaint *complaint, const char *word, const struct nearest *nearest)
{
	char valid[320];

	if (complaint->object && options_know(word))
		return misplaced(complaint, word);
	if (!nearest->n)
		return complain(complaint, "unknown word \"%s\"; nothing may follow here", word);
	if (nearest->word)
		return complain(complaint, "unknown word \"%s\"; the nearest is \"%s\"", word, nearest->word);
	if (nearest->n == 1)
		return complain(complaint, "unknown word \"%s\"; only \"%s\" is valid here", word, nearest->valid[0]);
	return complain(complaint, "unknown word \"%s\"; valid are %s", word, list_valid(nearest, valid, sizeof(valid)));
}

const struct object *grammar_object(const char *word)
{
	for (size_t i = 0; objects[i]; i++) {
		if (hasw_same(objects[i]->word, word))
			return objects[i];
	}
	return NULL;
}

static int find_object(struct request *req, const char *word, struct complaint *complaint)
{
	struct nearest nearest = { .n = 0 };

	req->object = grammar_object(word);
	if (req->object)
		return 0;
	if (!strcmp(word, "haadm"))
		return complain(complaint, "leave out the word \"haadm\": a command begins with what stands behind it");
	for (size_t i = 0; objects[i]; i++)
		nearest_try(&nearest, word, objects[i]->word);
	nearest_try(&nearest, word, "help");
	return unknown(complaint, word, &nearest);
}

static int find_verb(struct request *req, const char *word, struct complaint *complaint)
{
	struct nearest nearest = { .n = 0 };

	for (const struct verb *verb = req->object->verbs; verb->run; verb++) {
		if (hasw_same(verb->word, word)) {
			req->verb = verb;
			return 0;
		}
		nearest_try(&nearest, word, verb->word);
	}
	nearest_try(&nearest, word, "help");
	return unknown(complaint, word, &nearest);
}

static void put_addr(struct request *req, uint16_t addr4, const struct hasw_addr *addr)
{
	uint16_t attr = addr->family == AF_INET6 ? addr4 + 1 : addr4;

	memcpy(req->value[attr].bytes, addr->bytes, sizeof(addr->bytes));
	req->given |= ATTR(attr);
}

static int parse_subject(struct request *req, const char *word, struct complaint *complaint)
{
	const struct verb *verb = req->verb;
	const char *wrong = NULL;

	req->subject_given = true;
	req->svc_given = verb->subject == SUBJECT_ADDR || verb->subject == SUBJECT_SVC;
	req->all = verb->subject == SUBJECT_FLOWS && !strcmp(word, "all");
	if (req->all)
		return 0;
	switch (verb->subject) {
	case SUBJECT_NAME:
		wrong = hasw_name_check(word);
		req->name = word;
		req->value[verb->subject_attr].text = word;
		req->given |= ATTR(verb->subject_attr);
		break;
	case SUBJECT_ADDR:
		req->svc.proto = 0;
		req->svc.port = 0;
		wrong = hasw_addr_parse(&req->svc.vip, word);
		if (!wrong)
			put_addr(req, verb->subject_attr, &req->svc.vip);
		break;
	case SUBJECT_SVC:
	case SUBJECT_FLOWS:
		wrong = hasw_svc_parse(&req->svc, word);
		if (wrong)
			break;
		put_addr(req, verb->subject_attr, &req->svc.vip);
		if (req->svc.proto) {
			req->value[verb->subject_attr + 2].number = req->svc.proto;
			req->given |= ATTR(verb->subject_attr + 2);
		}
		if (req->svc.port) {
			req->value[verb->subject_attr + 3].number = req->svc.port;
			req->given |= ATTR(verb->subject_attr + 3);
		}
		break;
	case SUBJECT_FILE:
		req->name = word;
		break;
	case SUBJECT_NONE:
	case SUBJECT_NAMES:
	case SUBJECT_WORDS:
		break;
	}
	if (wrong && options_know(word))
		return misplaced(complaint, word);
	return wrong ? complain(complaint, "\"%s\" %s", word, wrong) : 0;
}

/*
 * Returns how many values of an enum a complaint can suggest. Of the health enum, the last value, "refused", is not
 * suggested, because the kernel does not accept this value from users.
 */
static unsigned int named(const struct hasw_enum *values)
{
	return values == &hasw_enum_health ? HASWITCH_HEALTH_REFUSED : values->count;
}

static int parse_enum(struct request *req, const struct key *key, const struct hasw_attr *desc,
		      const char *word, struct complaint *complaint)
{
	struct nearest nearest = { .n = 0 };
	int value = hasw_enum_value(desc->values, word);

	if (value >= 0) {
		req->value[key->attr].number = (uint64_t)value;
		return 0;
	}
	/*
	 * `haadm node show` prints the admin state and the verdict as one state, but different commands set them. So
	 * the complaint names the command that sets a verdict.
	 */
	if (desc->values == &hasw_enum_admin_state && hasw_enum_value(&hasw_enum_verdict, word) >= 0)
		return complain(complaint, "\"%s\" is a verdict: haadm node verdict NAME %s", word, word);
	for (unsigned int i = 0; i < named(desc->values); i++)
		nearest_try(&nearest, word, desc->values->names[i]);
	return unknown(complaint, word, &nearest);
}

/*
 * Returns the current time (CLOCK_BOOTTIME, ns), to which the parser adds the time until a deadline. A delay before the
 * request is sent therefore does not extend the deadline.
 */
static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Returns the largest valid value of a number attribute: the limit in its descriptor, or else the limit of its type. */
static uint64_t largest(const struct hasw_attr *desc)
{
	if (desc->max)
		return desc->max;
	switch (desc->type) {
	case HASW_T_U8:
		return UINT8_MAX;
	case HASW_T_U16:
		return UINT16_MAX;
	case HASW_T_U32:
		return UINT32_MAX;
	default:
		return UINT64_MAX;
	}
}

static int parse_number(union value *value, const struct key *key, uint64_t least, uint64_t most,
			const char *word, struct complaint *complaint)
{
	const char *wrong = hasw_number_parse(&value->number, word, most);

	if (wrong && most == UINT64_MAX)
		return complain(complaint, "\"%s\" %s", word, wrong);
	if (wrong || value->number < least)
		return complain(complaint, "\"%s %s\" is not a number from %llu to %llu", key->word, word,
				(unsigned long long)least, (unsigned long long)most);
	return 0;
}

/*
 * Parses the idle timeout of flows, or the time of a service's `persist`. Only for `persist` is 0 valid: it switches
 * `persist` off.
 */
static int parse_timeout(union value *value, const struct key *key, const struct hasw_op *op, const char *word,
			 struct complaint *complaint)
{
	const char *wrong = hasw_time_parse(&value->number, word);
	bool none = op->set == &hasw_set_service;
	char most[HASW_TIME_TEXT];

	if (wrong)
		return complain(complaint, "\"%s\" %s", word, wrong);
	if ((none && !value->number) ||
	    (value->number >= 1000000000 && value->number <= HASWITCH_FLOW_TIMEOUT_MAX))
		return 0;
	return complain(complaint, "\"%s %s\" is not a time from 1s to %s%s", key->word, word,
			hasw_time_format(HASWITCH_FLOW_TIMEOUT_MAX, most), none ? ", or 0s, which ends it" : "");
}

const struct request_list *request_list(const struct request *req, uint16_t attr)
{
	for (unsigned int i = 0; i < req->n_lists; i++) {
		if (req->lists[i].attr == attr)
			return &req->lists[i];
	}
	return NULL;
}

void request_list_set(struct request *req, uint16_t attr, const char *value)
{
	struct request_list *list = (struct request_list *)request_list(req, attr);

	if (!list)
		list = &req->lists[req->n_lists++];
	list->attr = attr;
	list->n = 1;
	list->values[0] = value;
	req->given |= ATTR(attr);
}

_Static_assert(HASWITCH_ALSO_MAX <= HASWITCH_LEASE_NODES_MAX && HASWITCH_DEV_MAX <= HASWITCH_LEASE_NODES_MAX, "lists");

static int parse_list(struct request *req, const struct key *key, const char *word, struct complaint *complaint)
{
	struct request_list *list = (struct request_list *)request_list(req, key->attr);
	unsigned int most = key->form == VALUE_DEV ? HASWITCH_DEV_MAX :
			    key->form == VALUE_PORTS ? HASWITCH_ALSO_MAX : HASWITCH_LEASE_NODES_MAX;

	if (!list) {
		request_list_set(req, key->attr, word);
		return 0;
	}
	if (list->n == most)
		return complain(complaint, "\"%s %s\": more than %u of them", key->word, word, most);
	list->values[list->n++] = word;
	return 0;
}

static int parse_value(struct request *req, const struct key *key, const struct hasw_attr *desc,
		       const char *word, struct complaint *complaint)
{
	char least[HASW_TIME_TEXT], most[HASW_TIME_TEXT];
	union value *value = &req->value[key->attr];
	const char *wrong = NULL;
	struct hasw_addr addr;
	uint8_t proto = 0;
	uint32_t ports;

	switch (key->form) {
	case VALUE_NONE:
		/* An attribute that is no flag is "on". */
		value->number = true;
		break;
	case VALUE_ADDR:
		wrong = hasw_addr_parse(&addr, word);
		if (wrong)
			break;
		if (request_has(req, addr.family == AF_INET6 ? key->attr + 1 : key->attr))
			return complain(complaint, "\"%s %s\": there is an %s address already",
					key->word, word, addr.family == AF_INET6 ? "IPv6" : "IPv4");
		put_addr(req, key->attr, &addr);
		return 0;
	case VALUE_LABEL:
		value->text = word;
		wrong = *word ? hasw_name_check(word) : NULL;
		break;
	case VALUE_NAME:
		value->text = word;
		wrong = hasw_name_check(word);
		break;
	case VALUE_DEV:
		value->text = word;
		wrong = hasw_dev_check(word);
		break;
	case VALUE_MAC:
		wrong = hasw_mac_parse(value->bytes, word);
		break;
	case VALUE_ENUM:
		if (parse_enum(req, key, desc, word, complaint))
			return -1;
		break;
	case VALUE_NUMBER:
		if (parse_number(value, key, desc->min, largest(desc), word, complaint))
			return -1;
		break;
	case VALUE_MASK:
		if (parse_number(value, key, 1, 8 * hasw_addr_len(&req->svc.vip), word, complaint))
			return -1;
		break;
	case VALUE_TIMEOUT:
		if (parse_timeout(value, key, hasw_op(req->verb->cmd), word, complaint))
			return -1;
		break;
	case VALUE_SLOW_START:
		wrong = hasw_time_parse(&value->number, word);
		if (!wrong && value->number > HASWITCH_SLOW_START_MAX)
			return complain(complaint, "\"%s %s\" is not a time from 0s to %s", key->word, word,
					hasw_time_format(HASWITCH_SLOW_START_MAX, most));
		break;
	case VALUE_DRAIN:
		wrong = hasw_time_parse(&value->number, word);
		if (!wrong && (!value->number || value->number > HASWITCH_DRAIN_MAX))
			return complain(complaint, "\"%s %s\" is not a time from 1us to %s", key->word, word,
					hasw_time_format(HASWITCH_DRAIN_MAX, most));
		break;
	case VALUE_MARK:
		wrong = hasw_mark_parse(&value->number, word);
		break;
	case VALUE_PROTO:
		wrong = hasw_proto_parse(&proto, word);
		value->number = proto;
		break;
	case VALUE_PORTS:
		wrong = hasw_ports_parse(&ports, word);
		break;
	case VALUE_AHEAD:
		wrong = hasw_time_parse(&value->number, word);
		value->number += now();
		break;
	case VALUE_FAILBACK:
		wrong = hasw_failback_parse(&value->number, word);
		break;
	case VALUE_PATH:
		return 0;
	case VALUE_KEY:
		wrong = keyfile_read(value->bytes, word);
		break;
	case VALUE_TIME:
		wrong = hasw_time_parse(&value->number, word);
		if (!wrong && desc->max && (value->number < desc->min || value->number > desc->max))
			return complain(complaint, "\"%s %s\" is not a time from %s to %s", key->word, word,
					hasw_time_format(desc->min, least), hasw_time_format(desc->max, most));
		break;
	}
	if (wrong)
		return complain(complaint, "\"%s\" %s", word, wrong);
	if (desc->multi && parse_list(req, key, word, complaint))
		return -1;
	req->given |= ATTR(key->attr);
	return 0;
}

static const struct key *find_key(const struct verb *verb, const char *word)
{
	for (const struct key *key = verb->keys; key && key->word; key++) {
		if (hasw_same(key->word, word))
			return key;
	}
	return NULL;
}

/* Returns whether the command already has the key, and must not have it again. */
static bool key_used(const struct request *req, const struct key *key)
{
	const struct hasw_attr *desc = hasw_set_attr(hasw_op(req->verb->cmd)->set, key->attr);

	return request_has(req, key->attr) && key->form != VALUE_ADDR && !desc->multi;
}

static int unknown_key(const struct request *req, const char *word, struct complaint *complaint)
{
	struct nearest nearest = { .n = 0 };

	for (const struct key *key = req->verb->keys; key && key->word; key++) {
		if (!key_used(req, key))
			nearest_try(&nearest, word, key->word);
	}
	return unknown(complaint, word, &nearest);
}

/* Parses "LOCAL REMOTE [ dev DEV ]" at words[*at]. */
static int parse_path(struct request *req, int *at, int n_words, char *const *words,
		      struct complaint *complaint)
{
	struct request_path *path = &req->paths[req->n_paths];
	struct hasw_addr *ends[] = { &path->local, &path->remote };
	const char *wrong;

	if (req->n_paths == HASWITCH_PULSE_PATHS_MAX)
		return complain(complaint, "\"path\": more than %d of them", HASWITCH_PULSE_PATHS_MAX);
	for (size_t i = 0; i < 2; i++, (*at)++) {
		if (*at == n_words)
			return complain(complaint, "\"path\" needs LOCAL and REMOTE behind it");
		wrong = hasw_addr_parse(ends[i], words[*at]);
		if (wrong)
			return complain(complaint, "\"%s\" %s", words[*at], wrong);
	}
	if (path->local.family != path->remote.family)
		return complain(complaint, "\"path %s %s\": both addresses must be IPv4, or both IPv6",
				words[*at - 2], words[*at - 1]);
	path->dev = NULL;
	if (*at < n_words && !strcmp(words[*at], "dev")) {
		if (++*at == n_words)
			return complain(complaint, "\"dev\" needs DEV behind it");
		wrong = hasw_dev_check(words[*at]);
		if (wrong)
			return complain(complaint, "\"%s\" %s", words[*at], wrong);
		path->dev = words[(*at)++];
	}
	req->n_paths++;
	return 0;
}

/* Parses the keys and values from words[at] on. */
static int parse_keys(struct request *req, int at, int n_words, char *const *words,
		      struct complaint *complaint)
{
	const struct hasw_op *op = hasw_op(req->verb->cmd);

	while (at < n_words) {
		const struct key *key = find_key(req->verb, words[at]);
		const struct hasw_attr *desc;
		const char *word = words[at++];

		if (!key)
			return unknown_key(req, word, complaint);
		desc = hasw_set_attr(op->set, key->attr);
		if (key_used(req, key))
			return complain(complaint, "\"%s\" is there twice", word);
		if (key->form == VALUE_PATH) {
			if (parse_path(req, &at, n_words, words, complaint))
				return -1;
			req->given |= ATTR(key->attr);
			continue;
		}
		if (key->form != VALUE_NONE) {
			if (at == n_words)
				return complain(complaint, "\"%s\" needs %s behind it", word, key->meta);
			word = words[at++];
		}
		if (parse_value(req, key, desc, word, complaint))
			return -1;
	}
	return 0;
}

/* Parses one or more names, which end at the first key. */
static int parse_names(struct request *req, int *at, int n_words, char *const *words,
		       struct complaint *complaint)
{
	req->names = &words[*at];
	for (; *at < n_words && !find_key(req->verb, words[*at]); (*at)++, req->n_names++) {
		const char *wrong = hasw_name_check(words[*at]);

		if (wrong && options_know(words[*at]))
			return misplaced(complaint, words[*at]);
		if (wrong)
			return complain(complaint, "\"%s\" %s", words[*at], wrong);
	}
	if (!req->n_names)
		return complain(complaint, "the name of a node is missing");
	req->given |= ATTR(req->verb->subject_attr);
	return 0;
}

static int find_missing(const struct request *req, struct complaint *complaint)
{
	const struct verb *verb = req->verb;

	for (size_t i = 0; i < 2; i++) {
		const char *missing = NULL;

		if (!verb->need[i] || req->given & verb->need[i])
			continue;
		for (const struct key *key = verb->keys; key->meta || key->word; key++) {
			if (!(verb->need[i] & ATTR(key->attr)))
				continue;
			if (!key->word)
				return complain(complaint, "%s is missing", key->meta);
			if (missing)
				return complain(complaint, "nothing to %s: no key is there", verb->word);
			missing = key->word;
		}
		return complain(complaint, "\"%s\" is missing", missing);
	}
	return 0;
}

/*
 * Checks that `flow del` has either "all" or words that select flows. `flow show` without a selection shows all flows.
 */
static int check_flows(const struct request *req, struct complaint *complaint)
{
	if (req->verb->subject != SUBJECT_FLOWS)
		return 0;
	if (req->all && req->given)
		return complain(complaint, "\"all\" stands alone: nothing else says which flows");
	if (!req->all && !req->given)
		return complain(complaint, "nothing says which flows to %s: name a service, give a key, or say \"all\"",
				req->verb->word);
	return 0;
}

static int missing_subject(const struct request *req, struct complaint *complaint)
{
	static const char *const what[] = {
		[SUBJECT_NAME] = "NAME", [SUBJECT_ADDR] = "ADDR", [SUBJECT_SVC] = "SERVICE",
		[SUBJECT_FILE] = "FILE",
	};

	return complain(complaint, "%s is missing", what[req->verb->subject]);
}

/* Complains about an option that restore does not have. A file with such a name can be given as ./--NAME. */
static int unknown_option(const char *word, struct complaint *complaint)
{
	static const char *const options[] = { "--check", "--no-self", "--committed", "--fallback" };
	struct nearest nearest = { .n = 0 };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		nearest_try(&nearest, word, options[i]);
	return unknown(complaint, word, &nearest);
}

static int parse_file_options(struct request *req, int *at, int n_words, char *const *words,
			      struct complaint *complaint)
{
	for (; *at < n_words; ++*at) {
		if (!strcmp(words[*at], "--check")) {
			req->check = true;
		} else if (!strcmp(words[*at], "--no-self")) {
			req->selfless = true;
		} else if (!strcmp(words[*at], "--committed")) {
			req->committed = true;
		} else if (!strcmp(words[*at], "--fallback")) {
			if (++*at == n_words)
				return complain(complaint, "\"--fallback\" needs GOOD behind it");
			req->fallback = words[*at];
		} else {
			break;
		}
	}
	if (*at < n_words && !strncmp(words[*at], "--", 2))
		return unknown_option(words[*at], complaint);
	if (req->fallback && req->name && !strcmp(req->name, "-"))
		return complain(complaint, "\"--fallback\" needs a FILE, not standard input");
	if (req->committed && req->name && !strcmp(req->name, "-"))
		return complain(complaint, "\"--committed\" needs a FILE, not standard input");
	return 0;
}

int request_parse(struct request *req, int n_words, char *const *words, struct complaint *complaint)
{
	const struct verb *verb;
	int at = 1;

	/*
	 * value[] and lists[] are not cleared, because only entries that `given` and `n_lists` mark as valid are read.
	 */
	req->object = NULL;
	req->verb = NULL;
	req->given = 0;
	req->name = NULL;
	req->n_lists = 0;
	req->n_names = 0;
	req->n_paths = 0;
	req->check = false;
	req->selfless = false;
	req->committed = false;
	req->fallback = NULL;
	req->all = false;
	req->subject_given = false;
	req->svc_given = false;
	complaint->object = NULL;
	complaint->verb = NULL;
	if (!n_words)
		return complain(complaint, "no command");
	if (find_object(req, words[0], complaint))
		return -1;
	complaint->object = req->object;
	if (!req->object->verbs->word)
		req->verb = req->object->verbs;
	else if (find_verb(req, n_words > at ? words[at++] : "show", complaint))
		return -1;
	verb = complaint->verb = req->verb;
	if (verb->subject == SUBJECT_WORDS) {
		if (at < n_words && options_know(words[at]))
			return misplaced(complaint, words[at]);
		req->names = &words[at];
		req->n_names = (unsigned int)(n_words - at);
		return 0;
	}

	/* The options of restore can stand before or after the file. */
	if (verb->subject == SUBJECT_FILE && parse_file_options(req, &at, n_words, words, complaint))
		return -1;
	if (verb->subject == SUBJECT_NAMES) {
		if (parse_names(req, &at, n_words, words, complaint))
			return -1;
	} else if (verb->subject != SUBJECT_NONE && at < n_words &&
		   !(verb->optional && find_key(verb, words[at]))) {
		if (parse_subject(req, words[at++], complaint))
			return -1;
		if (verb->subject == SUBJECT_FILE && parse_file_options(req, &at, n_words, words, complaint))
			return -1;
	} else if (verb->subject != SUBJECT_NONE && !verb->optional) {
		return missing_subject(req, complaint);
	}
	if (verb->keys && !verb->keys->word && verb->keys->meta && at < n_words) {
		const struct hasw_attr *desc = hasw_set_attr(hasw_op(verb->cmd)->set, verb->keys->attr);

		if (parse_value(req, verb->keys, desc, words[at++], complaint))
			return -1;
	}
	if (parse_keys(req, at, n_words, words, complaint))
		return -1;
	return find_missing(req, complaint) || check_flows(req, complaint) ? -1 : 0;
}
