// SPDX-License-Identifier: GPL-2.0
/* haadm flow: what it asks a module for, and prints of the answers, of which there may be a million. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "haadm/commands.h"

#define FAMILY	0x20
#define MANY	300000

/* The module: makes up N flows, each by how many came before it. */
static struct {
	uint32_t n;
	uint32_t told;
	bool ipv6_last;		/* the last one is IPv6 */
	bool kept;		/* all are what keeps a client with its member */
	char asked[4096] __attribute__((aligned(8)));
} module;

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	(void)nl;
	assert_true(size <= sizeof(module.asked));
	memcpy(module.asked, req, size);
	module.told = 0;
	return (ssize_t)size;
}

static void put_flow(struct hasw_msg *msg, uint32_t i)
{
	bool ipv6 = module.ipv6_last && i + 1 == module.n;
	struct hasw_addr addr = { .family = AF_INET6, .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };

	if (ipv6) {
		hasw_put_addr(msg, HASWITCH_A_FLOW_CLIENT4, &addr);
		hasw_put_addr(msg, HASWITCH_A_FLOW_ADDR4, &addr);
	} else {
		hasw_put_bytes(msg, HASWITCH_A_FLOW_CLIENT4, "\xc0\x00\x02\x01", 4);
		hasw_put_bytes(msg, HASWITCH_A_FLOW_ADDR4, "\x0a\x00\x00\x01", 4);
	}
	hasw_put_u8(msg, HASWITCH_A_FLOW_PROTO, i % 3 == 2 ? 1 : 6);
	hasw_put_u16(msg, HASWITCH_A_FLOW_PORT, i % 3 == 2 ? 0 : 80);
	if (module.kept)
		hasw_put_u8(msg, HASWITCH_A_FLOW_MASK, 24);
	else
		hasw_put_u16(msg, HASWITCH_A_FLOW_CLIENT_PORT, (uint16_t)(40000 + i % 9));
	/* The second one's is no member any more. */
	if (i != 1)
		hasw_put_string(msg, HASWITCH_A_FLOW_NODE, "n1");
	hasw_put_u8(msg, HASWITCH_A_FLOW_STATE, i % 3 == 2 ? HASWITCH_FLOW_STATE_OPEN :
		    HASWITCH_FLOW_STATE_ESTABLISHED);
	hasw_put_u64(msg, HASWITCH_A_FLOW_EXPIRES, 899500000000);
}

static void put_limits(struct hasw_msg *msg)
{
	hasw_put_u32(msg, HASWITCH_A_FLOW_LIMITS_MOST, 1000);
	hasw_put_u32(msg, HASWITCH_A_FLOW_LIMITS_COUNT, 7);
	for (uint16_t i = HASWITCH_A_FLOW_LIMITS_TCP_SYN; i <= HASWITCH_A_FLOW_LIMITS_OTHER; i++)
		hasw_put_u64(msg, i, 90000000000);
}

/* One message of the answer to what was asked last. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	const struct nlmsghdr *asked = (const void *)module.asked;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(asked);
	struct nlmsghdr *nlh = buf;
	struct hasw_msg msg;

	(void)nl;
	if (module.told == (asked->nlmsg_flags & NLM_F_DUMP ? module.n : 1)) {
		memset(buf, 0, NLMSG_HDRLEN + sizeof(struct nlmsgerr));
		nlh->nlmsg_len = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
		nlh->nlmsg_type = asked->nlmsg_flags & NLM_F_DUMP ? NLMSG_DONE : NLMSG_ERROR;
		nlh->nlmsg_seq = asked->nlmsg_seq;
		return nlh->nlmsg_len;
	}
	hasw_msg_begin(&msg, buf, size, genl->cmd, 0);
	if (genl->cmd == HASWITCH_CMD_FLOW_GET)
		put_flow(&msg, module.told);
	else if (genl->cmd == HASWITCH_CMD_FLOW_DEL)
		hasw_put_u32(&msg, HASWITCH_A_FLOW_DELETED, 4242);
	else
		put_limits(&msg);
	module.told++;
	nlh->nlmsg_type = FAMILY;
	nlh->nlmsg_seq = asked->nlmsg_seq;
	return nlh->nlmsg_len;
}

/* Runs a command whose output goes to TO. */
static void run_to(FILE *to, bool json, const char *text)
{
	static char buf[65536];
	struct haadm haadm = {
		.out.json = json, .sock_open = true,
		/* The calls of libmnl stand above; they ask of no socket. */
		.sock = { .nl = (struct mnl_socket *)buf, .family = FAMILY, .buf = buf, .buf_size = sizeof(buf) },
	};
	char *words[16], *copy = strdup(text);
	int n = 0, out;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[n++] = word;
	fflush(stdout);
	out = dup(STDOUT_FILENO);
	assert_int_equal(dup2(fileno(to), STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(run_command(&haadm, n, words), STATUS_OK);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	free(copy);
}

/* What a command prints. */
static const char *run(bool json, const char *text)
{
	static char printed[8192];
	FILE *to = tmpfile();
	size_t len;

	assert_non_null(to);
	run_to(to, json, text);
	rewind(to);
	len = fread(printed, 1, sizeof(printed) - 1, to);
	printed[len] = '\0';
	fclose(to);
	return printed;
}

static int fresh(void **state)
{
	(void)state;
	memset(&module, 0, sizeof(module));
	return 0;
}

static void table(void **state)
{
	(void)state;
	assert_string_equal(run(false, "flow show"), "State  Client:Port  Vip:Port/Proto  Node  Expires\n");
	module.n = 3;
	assert_string_equal(run(false, "flow show"),
			    "State        Client:Port      Vip:Port/Proto   Node  Expires\n"
			    "established  192.0.2.1:40000  10.0.0.1:80/tcp  n1    14m59s\n"
			    "established  192.0.2.1:40001  10.0.0.1:80/tcp  -     14m59s\n"
			    "open         192.0.2.1:40002  10.0.0.1/icmp    n1    14m59s\n");
}

/* A client that is kept has bits instead of a port. */
static void clients(void **state)
{
	(void)state;
	module.n = 1;
	module.kept = true;
	assert_string_equal(run(false, "flow show"),
			    "State        Client:Port   Vip:Port/Proto   Node  Expires\n"
			    "established  192.0.2.1/24  10.0.0.1:80/tcp  n1    14m59s\n");
	assert_string_equal(run(true, "flow show"),
			    "[{\"state\":\"established\",\"client\":\"192.0.2.1\",\"mask\":24,\"addr\":\"10.0.0.1\","
			    "\"proto\":6,\"port\":80,\"node\":\"n1\",\"expires\":899500000000}]\n");
}

static void json(void **state)
{
	(void)state;
	assert_string_equal(run(true, "flow show"), "[]\n");
	module.n = 2;
	module.ipv6_last = true;
	assert_string_equal(run(true, "flow show"),
			    "[{\"state\":\"established\",\"client\":\"192.0.2.1\",\"client_port\":40000,"
			    "\"addr\":\"10.0.0.1\",\"proto\":6,\"port\":80,\"node\":\"n1\","
			    "\"expires\":899500000000},{\"state\":\"established\",\"client\":\"2001:db8::1\","
			    "\"client_port\":40001,\"addr\":\"2001:db8::1\",\"proto\":6,\"port\":80,"
			    "\"expires\":899500000000}]\n");
}

/* A row that comes late, when the first ones are printed, is whole. */
static void late_and_wide(void **state)
{
	char line[256], last[256] = "";
	FILE *to = tmpfile();
	uint32_t lines = 0;

	(void)state;
	assert_non_null(to);
	module.n = 2000;
	module.ipv6_last = true;
	run_to(to, false, "flow show");
	rewind(to);
	for (; fgets(line, sizeof(line), to); lines++)
		strcpy(last, line);
	assert_int_equal(lines, module.n + 1);
	assert_string_equal(last, "established  [2001:db8::1]:40001  [2001:db8::1]:80/tcp  n1    14m59s\n");
	fclose(to);
}

static long most_memory(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* However many there are, they take no more memory: collected they would be more than a hundred bytes each. */
static void streams(void **state)
{
	FILE *to = fopen("/dev/null", "w");
	long before;

	(void)state;
	assert_non_null(to);
	for (int form = 0; form < 2; form++) {
		module.n = 2000;
		run_to(to, form, "flow show");
		before = most_memory();
		module.n = MANY;
		run_to(to, form, "flow show");
		assert_int_equal(module.told, MANY);
		assert_in_range(most_memory() - before, 0, 2048);
	}
	fclose(to);
}

/* What was asked for last, as the module reads it. */
static void asked(struct hasw_record *rec)
{
	assert_int_equal(hasw_record_parse(rec, (const void *)module.asked), 0);
}

static void filters(void **state)
{
	struct hasw_record rec;
	struct hasw_svc svc;

	(void)state;
	run(false, "flow show [2001:db8::1]:80/tcp client 192.0.2.1 client-port 7 node n1 state closing");
	asked(&rec);
	assert_int_equal(rec.cmd, HASWITCH_CMD_FLOW_GET);
	assert_true(hasw_get_svc(&rec, HASWITCH_A_FLOW_ADDR4, &svc));
	assert_int_equal(svc.port, 80);
	assert_true(hasw_has(&rec, HASWITCH_A_FLOW_CLIENT4));
	assert_int_equal(hasw_number(&rec, HASWITCH_A_FLOW_CLIENT_PORT, 0), 7);
	assert_string_equal(hasw_string(&rec, HASWITCH_A_FLOW_NODE), "n1");
	assert_int_equal(hasw_number(&rec, HASWITCH_A_FLOW_STATE, 0), HASWITCH_FLOW_STATE_CLOSING);
}

static void deletions(void **state)
{
	struct hasw_record rec;

	(void)state;
	assert_string_equal(run(false, "flow del proto udp"), "deleted 4242\n");
	asked(&rec);
	assert_int_equal(rec.cmd, HASWITCH_CMD_FLOW_DEL);
	assert_int_equal(hasw_number(&rec, HASWITCH_A_FLOW_PROTO, 0), 17);
	assert_string_equal(run(true, "flow del all"), "[{\"deleted\":4242}]\n");
	asked(&rec);
	assert_int_equal(rec.attrs_len, 0);
}

static void limits(void **state)
{
	struct hasw_record rec;

	(void)state;
	assert_string_equal(run(false, "flow limits"),
			    "flows 7 max 1000 tcp-syn 90s tcp 90s tcp-closing 90s udp 90s other 90s\n");
	assert_string_equal(run(true, "flow limits"),
			    "[{\"count\":7,\"max\":1000,\"tcp_syn\":90000000000,\"tcp\":90000000000,"
			    "\"tcp_closing\":90000000000,\"udp\":90000000000,\"other\":90000000000}]\n");
	assert_string_equal(run(false, "flow set max 5 udp 2m"), "");
	asked(&rec);
	assert_int_equal(rec.cmd, HASWITCH_CMD_FLOW_LIMITS_SET);
	assert_int_equal(hasw_number(&rec, HASWITCH_A_FLOW_LIMITS_MOST, 0), 5);
	assert_true(hasw_number(&rec, HASWITCH_A_FLOW_LIMITS_UDP, 0) == 120000000000);
	assert_false(hasw_has(&rec, HASWITCH_A_FLOW_LIMITS_TCP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(table, fresh),
		cmocka_unit_test_setup(clients, fresh),
		cmocka_unit_test_setup(json, fresh),
		cmocka_unit_test_setup(late_and_wide, fresh),
		cmocka_unit_test_setup(streams, fresh),
		cmocka_unit_test_setup(filters, fresh),
		cmocka_unit_test_setup(deletions, fresh),
		cmocka_unit_test_setup(limits, fresh),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
