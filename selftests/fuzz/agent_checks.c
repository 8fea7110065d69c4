// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing what servers answer to health checks, what the agent and haagentd-checks tell each other, what comes on
 * client links, and what the kernel says of this machine's load.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checks/packet.h"
#include "checks/plan.h"
#include "checks/said.h"
#include "checks/segment.h"
#include "haagentd/check/load.h"
#include "haagentd/check/share_wire.h"
#include "haagentd/module/conflict_share.h"
#include "haagentd/vote/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All words of a plan that is taken lie in its bytes. */
static void plans(const uint8_t *data, size_t size)
{
	const char *words[PLAN_WORDS + 1];
	struct plan plan;
	size_t at = 0, took, i;

	while ((took = plan_take(data + at, size - at, &plan, words))) {
		if (took > size - at || plan.kind >= PLAN_KINDS ||
		    (plan.kind == PLAN_TCP && !plan.way) || plan.way >= PLAN_WAYS ||
		    !memchr(plan.dev, 0, sizeof(plan.dev)))
			abort();
		for (i = 0; words[i]; i++)
			if ((const uint8_t *)words[i] + strlen(words[i]) >= data + at + took)
				abort();
		if (i != plan.n_words)
			abort();
		at += took;
	}
}

/* Whether a word of a line ends with a percent sign, as shares do. */
static bool has_share(const char *line)
{
	const char *at, *end = line + strcspn(line, "#");

	for (at = line; at < end; at++)
		if (*at == '%' && strchr(" \t,#", at[1]))
			return true;
	return false;
}

static void sound_said(const struct said *said)
{
	if (said->outcome >= PLAN_OUTCOMES || (said->share > 100 && said->share != PLAN_SHARE_WRONG) ||
	    !memchr(said->why, 0, sizeof(said->why)) || (said->outcome != PLAN_GOOD && !said->why[0]))
		abort();
}

static void sound_percent(int percent)
{
	if (percent != LOAD_UNKNOWN && (percent < 0 || percent > 100))
		abort();
}

/* What the kernel says of this machine, in such a text. */
static void load(const char *text)
{
	static const struct load_cpu before = { .all = 1 };
	struct load_cpu now;

	if (load_cpu_parse(text, &now))
		sound_percent(load_cpu_busy(&before, &now));
	sound_percent(load_memory_parse(text));
}

/* What comes on a client link: it is of nobody, or it has the address that was asked for. */
static void client_link(const uint8_t *data, size_t size)
{
	static const uint8_t target[16] = { 10, 0, 0, 1 };
	uint8_t mac[6];

	if ((probe_arp_is(data, size, target, mac) && !memmem(data, size, target, 4)) ||
	    (probe_nd_is(data, size, target) && !memmem(data, size, target, 16)))
		abort();
}

/*
 * What a server says of itself: a text whose memory ends with it. A share of nothing is never good; a line alone can
 * say none.
 */
static void says(const uint8_t *data, size_t size)
{
	struct said line, plugin = { .outcome = PLAN_GOOD };
	char *text = malloc(size + 1);

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	said_line(text, &line);
	said_data(text, "share", &plugin);
	sound_said(&line);
	sound_said(&plugin);
	load(text);
	if ((plugin.outcome == PLAN_GOOD && !plugin.share) ||
	    (line.outcome == PLAN_GOOD && !line.share && has_share(text)))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_record conflict = { .type = WIRE_RECORD_CONFLICTS, .data = data, .size = size };
	struct shared_conflicts conflicts = { 0 };
	struct plan_result result = { 0 };
	struct share_entry entry;
	struct heard heard;
	uint8_t query[DNS_QUERY];
	char why[DNS_WHY];
	uint64_t token;
	uint32_t index;
	size_t length;

	plans(data, size);
	says(data, size);
	client_link(data, size);
	for (length = 0; share_get(data, size, &length, &entry); )
		if (length > size || (entry.health != JUDGE_UP && entry.health != JUDGE_DOWN) || entry.share > 100)
			abort();
	conflict_share_take(&conflicts, "lb1", &conflict, size * CLOCK_SECOND);
	for (length = 0; length < conflicts.n; length++)
		if (conflicts.list[length].node[0] && !wire_name_valid(conflicts.list[length].node))
			abort();
	segment_sum_good(data, size);
	segment_read(data, size, &heard);
	/* What is shown of a packet lies in it. */
	if (heard.data && (heard.data < data || heard.data + heard.size > data + size))
		abort();
	memcpy(&result, data, size < sizeof(result) ? size : sizeof(result));
	if (plan_result_sound(&result, size) && strlen(result.text) >= sizeof(result.text))
		abort();
	echo_read(data, size, AF_INET, &index, &token);
	echo_read(data, size, AF_INET6, &index, &token);
	/* The id is the one that the answer has, so that more than that is looked at. */
	length = dns_query(query, "example.org", 1, size < 2 ? 0 : (uint16_t)(data[0] << 8 | data[1]));
	if (dns_judge(data, size, query, length, why) != DNS_FOREIGN && strlen(why) >= sizeof(why))
		abort();
	return 0;
}
