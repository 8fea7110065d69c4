// SPDX-License-Identifier: GPL-2.0
/* Lists of objects as text: which settings are shown, and the columns that they have on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haadm/commands.h"
#include "haadm/output/columns.h"
#include "lib/codec.h"

static char memory[512];
static struct hasw_msg msg;

static void member_begins(const char *node)
{
	struct hasw_svc svc;

	assert_null(hasw_svc_parse(&svc, "10.0.0.100:80/tcp"));
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_MEMBER_GET, 0);
	hasw_put_svc(&msg, HASWITCH_A_MEMBER_ADDR4, &svc);
	hasw_put_string(&msg, HASWITCH_A_MEMBER_NODE, node);
}

static void member_goes_on(uint32_t priority, uint8_t via, uint32_t weight, uint8_t state)
{
	hasw_put_u32(&msg, HASWITCH_A_MEMBER_PRIORITY, priority);
	hasw_put_u8(&msg, HASWITCH_A_MEMBER_VIA, via);
	hasw_put_u32(&msg, HASWITCH_A_MEMBER_WEIGHT, weight);
	hasw_put_u8(&msg, HASWITCH_A_MEMBER_STATE, state);
	hasw_put_u32(&msg, HASWITCH_A_MEMBER_FLOWS_MAX, weight == 7 ? 9 : 0);
}

/* What is printed of the member that was made last, alone on its line. */
static void assert_line(struct out *out, const char *wanted)
{
	struct hasw_record rec;
	char *text = NULL;
	size_t size = 0;

	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	out->to = open_memstream(&text, &size);
	assert_non_null(out->to);
	out_record(out, &rec, shape_member.fields, shape_member.n);
	fclose(out->to);
	out->to = NULL;
	assert_string_equal(text, wanted);
	free(text);
}

static void defaults_are_left_out(void **state)
{
	struct out plain = { .json = false }, details = { .details = true };

	(void)state;
	member_begins("n1");
	member_goes_on(100, HASWITCH_VIA_DIRECT, 1, HASWITCH_NODE_STATE_UP);
	assert_line(&plain, "member 10.0.0.100:80/tcp node n1 state up\n");
	assert_line(&details,
		    "member 10.0.0.100:80/tcp node n1 priority 100 via direct state up weight 1\n    flows-max 0\n");
	member_begins("n1");
	member_goes_on(5, HASWITCH_VIA_GUE, 7, HASWITCH_NODE_STATE_DRAIN);
	assert_line(&plain, "member 10.0.0.100:80/tcp node n1 priority 5 via gue state drain weight 7 flows-max 9\n");
	/* On its own machine the default is local; another way is the one of other nodes. */
	member_begins("n1");
	member_goes_on(100, HASWITCH_VIA_LOCAL, 1, HASWITCH_NODE_STATE_UP);
	assert_line(&plain, "member 10.0.0.100:80/tcp node n1 state up\n");
	member_begins("n1");
	member_goes_on(100, HASWITCH_VIA_DIRECT, 1, HASWITCH_NODE_STATE_UP);
	hasw_put_flag(&msg, HASWITCH_A_MEMBER_LOCAL_HERE);
	assert_line(&plain, "member 10.0.0.100:80/tcp node n1 via direct local-here state up\n");
}

/* Prints a service that keeps clients for 90 s by prefixes of that length. */
static void assert_mask(const char *key, uint8_t mask, const char *wanted)
{
	struct out plain = { .json = false };
	struct hasw_record rec;
	struct hasw_svc svc;
	char *text = NULL;
	size_t size = 0;

	assert_null(hasw_svc_parse(&svc, key));
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_SERVICE_GET, 0);
	hasw_put_svc(&msg, HASWITCH_A_SERVICE_ADDR4, &svc);
	hasw_put_u64(&msg, HASWITCH_A_SERVICE_PERSIST, 90000000000);
	hasw_put_u8(&msg, HASWITCH_A_SERVICE_PERSIST_MASK, mask);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	plain.to = open_memstream(&text, &size);
	assert_non_null(plain.to);
	out_record(&plain, &rec, shape_service.fields, shape_service.n);
	fclose(plain.to);
	assert_string_equal(text, wanted);
	free(text);
}

static void mask_of_a_whole_address_is_left_out(void **state)
{
	(void)state;
	assert_mask("10.0.0.100:80/tcp", 32, "service 10.0.0.100:80/tcp persist 90s\n");
	assert_mask("10.0.0.100:80/tcp", 24, "service 10.0.0.100:80/tcp persist 90s mask 24\n");
	assert_mask("[2001:db8::1]:80/tcp", 128, "service [2001:db8::1]:80/tcp persist 90s\n");
	assert_mask("[2001:db8::1]:80/tcp", 32,
		    "service [2001:db8::1]:80/tcp persist 90s mask 32\n");
}

static void add_line(struct columns *columns, struct out *out)
{
	struct hasw_record rec;

	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	columns_record(columns, out, &rec);
}

static const char two_lines[] =
	"member 10.0.0.100:80/tcp  node n1                              state \033[32mup\033[0m    "
	"weight 7  flows-max 9\n"
	"member 10.0.0.100:80/tcp  node longer  priority 5  via tunnel  state \033[31mlost\033[0m\n";

static void words_stand_below_words(void **state)
{
	struct columns *columns = columns_new(shape_member.fields, shape_member.n);
	struct out out = { .color = true };
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	assert_non_null(columns);
	out.to = to;
	member_begins("n1");
	member_goes_on(100, HASWITCH_VIA_DIRECT, 7, HASWITCH_NODE_STATE_UP);
	add_line(columns, &out);
	member_begins("longer");
	member_goes_on(5, HASWITCH_VIA_TUNNEL, 1, HASWITCH_NODE_STATE_LOST);
	add_line(columns, &out);
	columns_end(columns, &out);
	assert_ptr_equal(out.to, to);
	fclose(to);
	assert_string_equal(text, two_lines);
	free(text);
	columns_free(columns);
}

/* More than are printed at once, and those that nobody has printed. */
static void many_lines(void **state)
{
	struct columns *columns = columns_new(shape_member.fields, shape_member.n);
	struct out out = { .details = true };
	unsigned int i, lines = 0;
	char *text = NULL;
	size_t size = 0;

	(void)state;
	out.to = open_memstream(&text, &size);
	member_begins("n1");
	member_goes_on(100, HASWITCH_VIA_DIRECT, 1, HASWITCH_NODE_STATE_UP);
	for (i = 0; i < 300; i++)
		add_line(columns, &out);
	columns_free(columns);
	fclose(out.to);
	for (i = 0; text[i]; i++)
		lines += text[i] == '\n';
	assert_int_equal(lines, 2 * 256);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_left_out),
		cmocka_unit_test(mask_of_a_whole_address_is_left_out),
		cmocka_unit_test(words_stand_below_words),
		cmocka_unit_test(many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
