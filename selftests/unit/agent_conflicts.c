// SPDX-License-Identifier: GPL-2.0
/* Vip conflicts that the agents tell each other: what is kept, how it goes over the wire, and what is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/module/conflict_share.h"

#define NOW	(10000 * CLOCK_SECOND)

static struct shared_conflict seen(uint8_t last, const char *node, uint64_t when)
{
	struct shared_conflict one = {
		.vip = { .family = AF_INET, .bytes = { 10, 0, 0, last } }, .lladdr = { 2, 0, 0, 0, 0, last },
		.dev = "eth0", .seen = when,
	};

	snprintf(one.node, sizeof(one.node), "%s", node);
	return one;
}

static const char *view(const struct shared_conflicts *all, uint64_t now)
{
	static char buf[16384];
	struct json j = { .at = buf, .room = sizeof(buf) };

	json_object(&j, NULL);
	conflict_share_view(all, &j, now);
	json_object_end(&j);
	assert_false(j.cut);
	buf[j.size] = '\0';
	return buf;
}

/* What one node has seen is shown by the other one with the node's name, and not by itself. */
static void told(void **state)
{
	static struct shared_conflicts here, there;
	uint8_t data[CONFLICT_HEAD + CONFLICT_ENTRIES * CONFLICT_ENTRY];
	struct wire_record record = { .type = WIRE_RECORD_CONFLICTS, .data = data };
	struct shared_conflict one = seen(1, "web1", NOW - 2 * CLOCK_SECOND);
	struct shared_conflict six = { .vip = { .family = AF_INET6, .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 1 } },
				       .dev = "eth1", .seen = NOW };

	(void)state;
	assert_int_equal(conflict_share_put(&here, NOW, data), 0);
	conflict_share_note(&here, &one);
	conflict_share_note(&here, &six);
	assert_string_equal(view(&here, NOW), "{}");
	record.size = conflict_share_put(&here, NOW, data);
	assert_int_equal(record.size, CONFLICT_HEAD + 2 * CONFLICT_ENTRY);
	conflict_share_take(&there, "lb1", &record, NOW);
	assert_string_equal(view(&there, NOW),
			    "{\"seen_conflicts\":[{\"addr\":\"10.0.0.1\",\"by\":\"lb1\",\"node\":\"web1\","
			    "\"lladdr\":\"02:00:00:00:00:01\",\"dev\":\"eth0\",\"age\":2000000000},"
			    "{\"addr\":\"2001:db8::1\",\"by\":\"lb1\",\"lladdr\":\"00:00:00:00:00:00\","
			    "\"dev\":\"eth1\",\"age\":0}]}");
	/* It is not passed on, and it goes after a while. */
	assert_int_equal(conflict_share_put(&there, NOW, data), 0);
	assert_string_equal(view(&there, NOW + CONFLICT_KNOWN), "{}");
	assert_int_equal(conflict_share_put(&here, NOW + CONFLICT_KNOWN, data), 0);
}

/* Of more than a record has room for, the next record has the rest. */
static void in_turn(void **state)
{
	static struct shared_conflicts here, there;
	uint8_t data[CONFLICT_HEAD + CONFLICT_ENTRIES * CONFLICT_ENTRY];
	struct wire_record record = { .type = WIRE_RECORD_CONFLICTS, .data = data };
	struct shared_conflict one;
	unsigned int i;

	(void)state;
	for (i = 0; i < CONFLICT_ENTRIES + 3; i++) {
		one = seen((uint8_t)i, "", NOW);
		conflict_share_note(&here, &one);
	}
	for (i = 0; i < 2; i++) {
		record.size = conflict_share_put(&here, NOW, data);
		assert_int_equal(record.size, sizeof(data));
		conflict_share_take(&there, "lb1", &record, NOW);
	}
	assert_int_equal(there.n, CONFLICT_ENTRIES + 3);
}

/* The last conflict of a vip is kept; of too many, the oldest goes. */
static void kept(void **state)
{
	static struct shared_conflicts all;
	struct shared_conflict one;
	unsigned int i;

	(void)state;
	for (i = 0; i < CONFLICTS_SHARED; i++) {
		one = seen((uint8_t)i, "", NOW + i);
		conflict_share_note(&all, &one);
	}
	one = seen(0, "web2", NOW + 100);
	conflict_share_note(&all, &one);
	assert_int_equal(all.n, CONFLICTS_SHARED);
	assert_string_equal(all.list[0].node, "web2");
	one = seen(200, "", NOW + 101);
	conflict_share_note(&all, &one);
	assert_int_equal(all.n, CONFLICTS_SHARED);
	assert_int_equal(all.list[1].vip.bytes[3], 200);
	/* The same vip at another node is another one. */
	snprintf(one.by, sizeof(one.by), "lb2");
	conflict_share_note(&all, &one);
	assert_string_equal(all.list[2].by, "lb2");
}

/* Records that are cut, foreign or of a later release. */
static void strange(void **state)
{
	static struct shared_conflicts here, there;
	uint8_t data[CONFLICT_HEAD + 2 * (CONFLICT_ENTRY + 5)] = { 0 };
	struct wire_record record = { .type = WIRE_RECORD_CONFLICTS, .data = data };
	struct shared_conflict one = seen(1, "web1", NOW);
	uint8_t own[CONFLICT_HEAD + CONFLICT_ENTRIES * CONFLICT_ENTRY];

	(void)state;
	conflict_share_note(&here, &one);
	record.size = conflict_share_put(&here, NOW, own);
	record.data = own;
	record.size--;
	conflict_share_take(&there, "lb1", &record, NOW);
	record.size = 1;
	conflict_share_take(&there, "lb1", &record, NOW);
	record.size = CONFLICT_HEAD + CONFLICT_ENTRY;
	record.type = WIRE_RECORD_HEALTH;
	conflict_share_take(&there, "lb1", &record, NOW);
	record.type = WIRE_RECORD_CONFLICTS;
	bytes_put(own, CONFLICT_ENTRY - 1, CONFLICT_HEAD);
	conflict_share_take(&there, "lb1", &record, NOW);
	bytes_put(own, 0, CONFLICT_HEAD);
	conflict_share_take(&there, "lb1", &record, NOW);
	assert_int_equal(there.n, 0);
	/* Longer entries, the first one of an unknown family. */
	bytes_put(data, CONFLICT_ENTRY + 5, CONFLICT_HEAD);
	memcpy(data + CONFLICT_HEAD, own + CONFLICT_HEAD, CONFLICT_ENTRY);
	memcpy(data + CONFLICT_HEAD + CONFLICT_ENTRY + 5, own + CONFLICT_HEAD, CONFLICT_ENTRY);
	data[CONFLICT_HEAD] = 9;
	data[CONFLICT_HEAD + CONFLICT_ENTRY + 5 + 4] = 77;
	record.data = data;
	record.size = sizeof(data);
	conflict_share_take(&there, "lb1", &record, NOW);
	assert_int_equal(there.n, 1);
	assert_int_equal(there.list[0].vip.bytes[3], 77);
	/* A name that is none of a node. */
	data[CONFLICT_HEAD + CONFLICT_ENTRY + 5 + 4] = 78;
	data[CONFLICT_HEAD + CONFLICT_ENTRY + 5 + 27] = '\n';
	conflict_share_take(&there, "lb1", &record, NOW);
	assert_int_equal(there.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),
		cmocka_unit_test(in_turn),
		cmocka_unit_test(kept),
		cmocka_unit_test(strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
