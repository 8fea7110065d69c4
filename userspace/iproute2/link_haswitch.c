// SPDX-License-Identifier: GPL-2.0
/*
 * A plug-in of ip(8): `ip -d link show type haswitch` tells of this network namespace how many vips there are, and who
 * holds each lease. Of the device of a lease it tells that lease alone. ip loads it as link_haswitch.so.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/haswitch.h>
#include <linux/rtnetlink.h>

#include "iproute2/ip.h"
#include "lib/plain.h"
#include "lib/sock.h"
#include "lib/text.h"

struct lease {
	char name[HASWITCH_NAME_MAX + 1];
	char holder[HASWITCH_NAME_MAX + 1];
	bool held;
	bool unknown;		/* no lease has this name */
	uint64_t epoch;
	uint64_t deadline;
	uint64_t switched;	/* when it was granted or ended last; 0: the module has no such event any more */
};

struct view {
	struct lease leases[HASWITCH_LEASES_MAX];
	unsigned int n;
	uint64_t vips;
	uint64_t now;
};

static int take_config(const struct hasw_record *rec, void *data)
{
	struct view *view = data;

	view->vips = hasw_number(rec, HASWITCH_A_CONFIG_VIPS, 0);
	return 0;
}

static void copy(char to[HASWITCH_NAME_MAX + 1], const char *from)
{
	snprintf(to, HASWITCH_NAME_MAX + 1, "%s", from ? from : "");
}

static int take_lease(const struct hasw_record *rec, void *data)
{
	struct view *view = data;
	struct lease *lease = &view->leases[view->n];

	if (view->n == HASWITCH_LEASES_MAX)
		return 0;
	copy(lease->name, hasw_string(rec, HASWITCH_A_LEASE_NAME));
	copy(lease->holder, hasw_string(rec, HASWITCH_A_LEASE_HOLDER));
	lease->held = hasw_has(rec, HASWITCH_A_LEASE_HELD);
	lease->epoch = hasw_number(rec, HASWITCH_A_LEASE_EPOCH, 0);
	lease->deadline = hasw_number(rec, HASWITCH_A_LEASE_DEADLINE, 0);
	view->n++;
	return 0;
}

static int take_event(const struct hasw_record *rec, void *data)
{
	const char *name = hasw_string(rec, HASWITCH_A_EVENT_LEASE);
	struct view *view = data;

	if (hasw_number(rec, HASWITCH_A_EVENT_KIND, 0) != HASWITCH_EVENT_KIND_LEASE || !name)
		return 0;
	for (unsigned int i = 0; i < view->n; i++) {
		if (!strcmp(view->leases[i].name, name))
			view->leases[i].switched = hasw_number(rec, HASWITCH_A_EVENT_TIME, 0);
	}
	return 0;
}

/* Reads the leases, and the events that the module still has of them. Returns 0, or a negative errno. */
static int view_read(struct view *view)
{
	static const unsigned int commands[] = { HASWITCH_CMD_CONFIG_GET, HASWITCH_CMD_LEASE_GET, HASWITCH_CMD_EVENT_GET };
	const hasw_record_fn take[] = { take_config, take_lease, take_event };
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_sock sock;
	struct hasw_msg msg;
	struct timespec ts;
	int ret = hasw_sock_open(&sock, &err);

	if (ret)
		return ret;
	for (unsigned int i = 0; i < 3 && ret >= 0; i++) {
		hasw_msg_begin(&msg, buf, sizeof(buf), commands[i], i ? NLM_F_DUMP : 0);
		ret = i ? hasw_dump(&sock, &msg, take[i], view, &err) : hasw_get(&sock, &msg, take[i], view, &err);
	}
	hasw_sock_close(&sock);
	clock_gettime(CLOCK_BOOTTIME, &ts);
	view->now = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	return ret < 0 ? ret : 0;
}

static const char *state_of(const struct lease *lease)
{
	if (lease->unknown)
		return "unknown";
	return lease->held ? "holder" : lease->holder[0] ? "standby" : "free";
}

static uint64_t remaining(const struct view *view, const struct lease *lease)
{
	return lease->deadline > view->now ? lease->deadline - view->now : 0;
}

static void lease_json(const struct view *view, const struct lease *lease)
{
	open_json_object(NULL);
	print_color_string(PRINT_JSON, COLOR_NONE, "lease", NULL, lease->name);
	print_color_string(PRINT_JSON, COLOR_NONE, "state", NULL, state_of(lease));
	if (lease->holder[0]) {
		print_color_string(PRINT_JSON, COLOR_NONE, "holder", NULL, lease->holder);
		print_color_u64(PRINT_JSON, COLOR_NONE, "epoch", NULL, lease->epoch);
		print_color_u64(PRINT_JSON, COLOR_NONE, "remaining", NULL, remaining(view, lease));
	}
	if (lease->switched)
		print_color_u64(PRINT_JSON, COLOR_NONE, "last_switch", NULL, lease->switched);
	close_json_object();
}

static void lease_text(FILE *to, const struct view *view, const struct lease *lease)
{
	char text[HASW_TIME_TEXT];

	/* "holder" stands before the name of the node, which is this one here. */
	fprintf(to, "\n\tlease %s %s ", lease->name, lease->held ? "held" : state_of(lease));
	if (lease->holder[0]) {
		fprintf(to, "holder %s epoch %" PRIu64 " ", lease->holder, lease->epoch);
		fprintf(to, "remaining %s ", hasw_span_format(remaining(view, lease), text));
	}
	if (lease->switched && lease->switched <= view->now)
		fprintf(to, "last-switch %s ", hasw_span_format(view->now - lease->switched, text));
}

/* Keeps of the leases only the one of that name. If there is none, its state is unknown. */
static void view_keep(struct view *view, const char *name)
{
	struct lease kept = { .unknown = true };

	copy(kept.name, name);
	for (unsigned int i = 0; i < view->n; i++) {
		if (!strcmp(view->leases[i].name, name))
			kept = view->leases[i];
	}
	view->leases[0] = kept;
	view->n = 1;
}

/* If the module cannot be asked, nothing is printed: ip shows the device itself, and haadm says why. */
static void print_opt(struct link_util *lu, FILE *to, struct rtattr *tb[])
{
	const struct rtattr *of = tb ? tb[HASWITCH_LINK_LEASE] : NULL;
	struct view *view = calloc(1, sizeof(*view));
	char name[HASWITCH_NAME_MAX + 1];

	(void)lu;
	if (!view || view_read(view))
		goto out;
	if (of) {
		/* A name that is not ended, or too long, is none that the kernel gives. */
		snprintf(name, sizeof(name), "%.*s", (int)RTA_PAYLOAD(of), (const char *)RTA_DATA(of));
		view_keep(view, name);
	}
	if (is_json_context()) {
		if (!of)
			print_color_u64(PRINT_JSON, COLOR_NONE, "vips", NULL, view->vips);
		open_json_array(PRINT_JSON, "leases");
		for (unsigned int i = 0; i < view->n; i++)
			lease_json(view, &view->leases[i]);
		close_json_array(PRINT_JSON, NULL);
	} else {
		if (!of)
			fprintf(to, "vips %" PRIu64 " ", view->vips);
		for (unsigned int i = 0; i < view->n; i++)
			lease_text(to, view, &view->leases[i]);
	}
out:
	free(view);
}

static void print_help(struct link_util *lu, int argc, char **argv, FILE *to)
{
	(void)lu;
	(void)argc;
	(void)argv;
	fputs("Usage: ip link add ha0 type haswitch\n"
	      "       ip link add ha-LEASE up type haswitch\n"
	      "There is nothing to set. haadm makes ha0, and sets vips; ha-LEASE shows a lease: see haadm(8).\n", to);
}

/* As for a kind that ip does not know, but with what to read. */
static int parse_opt(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n)
{
	(void)n;
	if (!argc)
		return 0;
	if (strcmp(*argv, "help"))
		hasw_plain_line(stderr, "haswitch: unknown option \"%s\"", *argv);
	print_help(lu, argc, argv, stderr);
	return -1;
}

__attribute__((visibility("default"))) struct link_util haswitch_link_util = {
	.id = "haswitch",
	.maxattr = HASWITCH_LINK_LEASE,
	.parse_opt = parse_opt,
	.print_opt = print_opt,
	.print_help = print_help,
};
