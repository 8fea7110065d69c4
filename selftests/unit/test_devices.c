// SPDX-License-Identifier: GPL-2.0
/* The warnings of `haadm status` about devices: in a VRF, or with rp_filter where answers leave by another device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>

#include "apply_text.h"
#include "haadm/devices.h"

/* The member n2 has two cards: eth0 to the holder n1, and eth1. A third device is in a VRF. */
enum { ETH0, ETH1, ETH2, BLUE, DEVICES };

static struct device list[DEVICES];
static struct subnet subnets[8];
static int way_out[2];
static struct devices devices;
static struct hasw_model model;

static void subnet(const char *addr, uint8_t len, uint32_t device)
{
	struct subnet *one = &subnets[devices.n_subnets++];

	assert_null(hasw_addr_parse(&one->addr, addr));
	one->len = len;
	one->device = device;
}

static int fresh(void **state)
{
	static const struct device made[DEVICES] = {
		[ETH0] = { .index = 2, .name = "eth0", .rp_filter = 1 },
		[ETH1] = { .index = 3, .name = "eth1" },
		[ETH2] = { .index = 4, .name = "eth2", .master = 5, .in_vrf = true },
		[BLUE] = { .index = 5, .name = "blue" },
	};

	(void)state;
	memcpy(list, made, sizeof(list));
	memset(&devices, 0, sizeof(devices));
	devices.list = list;
	devices.n = DEVICES;
	devices.subnets = subnets;
	devices.way_out = way_out;
	subnet("192.168.0.2", 24, ETH0);
	subnet("192.168.1.2", 24, ETH1);
	subnet("10.2.0.2", 16, ETH2);
	subnet("2001:db8:2::2", 64, ETH2);
	hasw_model_init(&model);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	hasw_model_free(&model);
	return 0;
}

/* Applies the lines of TEXT, and gives the vips the role that the module would say. */
static void configure(const char *text, uint8_t role)
{
	struct hasw_error err;

	if (apply_text(&model, text, &err))
		fail_msg("%s", err.text);
	for (uint32_t i = 0; i < model.n_vips; i++)
		model.vips[i].role = role;
}

/* The warnings are one line that has all the words, or with NULL as the first of them none. */
static void warned(const char *first, const char *second)
{
	json_t *all = json_array();
	const char *line;

	devices_warn_vrf(&devices, &model, all);
	devices_warn_rp_filter(&devices, &model, model.services, all);
	line = json_string_value(json_array_get(all, 0));
	if (json_array_size(all) != (first ? 1 : 0))
		fail_msg("%zu warnings: %s", json_array_size(all), line ? line : "");
	if (first && (!strstr(line, first) || !strstr(line, second)))
		fail_msg("%s", line);
	json_decref(all);
}

#define NODES "node add n1 addr 192.168.0.1\nnode add n2 addr 192.168.0.2 self\n"
#define MEMBER(VIA) NODES "vip add 10.0.0.100 holder n1\nservice add 10.0.0.100:80/tcp\n" \
	"member add 10.0.0.100:80/tcp node n2" VIA "\n"

static void default_route_by_another_device(void **state)
{
	(void)state;
	configure(MEMBER(""), HASWITCH_ROLE_MEMBER);
	warned(NULL, NULL);
	way_out[0] = 3;
	devices.n_way_out = 1;
	warned("rp_filter is 1 on eth0, by which n1 sends packets of 10.0.0.100:", "way back is eth1");
	/* Loose, or off. */
	list[ETH0].rp_filter = 2;
	warned(NULL, NULL);
	list[ETH0].rp_filter = 0;
	warned(NULL, NULL);
	/* That of another device does not matter. */
	list[ETH1].rp_filter = 1;
	warned(NULL, NULL);
}

static void default_route_by_the_same_device(void **state)
{
	(void)state;
	configure(MEMBER(""), HASWITCH_ROLE_MEMBER);
	way_out[0] = 2;
	devices.n_way_out = 1;
	warned(NULL, NULL);
	/* The kernel accepts the device of each next hop. */
	way_out[0] = 3;
	way_out[1] = 2;
	devices.n_way_out = 2;
	warned(NULL, NULL);
}

static void subnet_of_the_vip_on_another_device(void **state)
{
	(void)state;
	configure(MEMBER(""), HASWITCH_ROLE_MEMBER);
	way_out[0] = 2;
	devices.n_way_out = 1;
	subnet("10.0.0.2", 24, ETH1);
	warned("rp_filter is 1 on eth0", "way back is eth1");
	/* The smaller subnet decides. */
	subnet("10.0.0.96", 27, ETH0);
	warned(NULL, NULL);
}

static void only_members_reached_by_frames(void **state)
{
	(void)state;
	way_out[0] = 3;
	devices.n_way_out = 1;
	configure(MEMBER(" via tunnel"), HASWITCH_ROLE_MEMBER);
	warned(NULL, NULL);
	gone(NULL);
	hasw_model_init(&model);
	configure(MEMBER(" via direct"), HASWITCH_ROLE_MEMBER);
	warned("eth0", "eth1");
	/* This node holds the vip, or is no member. */
	model.vips[0].role = HASWITCH_ROLE_HOLDER;
	warned(NULL, NULL);
	model.vips[0].role = HASWITCH_ROLE_NONE;
	warned(NULL, NULL);
}

static void named_device_in_vrf(void **state)
{
	(void)state;
	configure(NODES "vip add 10.0.0.100 holder n1 on eth2\nvip add 10.0.0.101 holder n1 on eth2\n"
		  "vip add 10.0.0.102 holder n1 on eth1\n", HASWITCH_ROLE_NONE);
	warned("eth2 is in the VRF blue, where vips do not work:", "10.0.0.100 and 1 more");
	list[ETH2].in_vrf = false;
	warned(NULL, NULL);
}

static void subnet_in_vrf(void **state)
{
	(void)state;
	configure(NODES "vip add 10.2.0.100 holder n1\n", HASWITCH_ROLE_NONE);
	warned("eth2 is in the VRF blue", "10.2.0.100");
	/* A device outside of the VRF has the subnet as well. */
	subnet("10.2.0.3", 16, ETH1);
	warned(NULL, NULL);
}

static void subnet_in_vrf_of_ipv6(void **state)
{
	(void)state;
	configure(NODES "vip add 2001:db8:2::100 holder n1\nvip add 2001:db8:3::100 holder n1\n", HASWITCH_ROLE_NONE);
	warned("eth2 is in the VRF blue", "2001:db8:2::100");
}

static void devices_of_this_machine(void **state)
{
	struct devices read;
	struct hasw_error err = {};

	(void)state;
	if (devices_read(&read, &err))
		fail_msg("%s", err.text);
	for (uint32_t i = 0; i < read.n_subnets; i++)
		assert_true(read.subnets[i].device < read.n);
	for (uint32_t i = 0; i < read.n; i++)
		assert_true(read.list[i].index > 0 && read.list[i].name[0]);
	devices_free(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(default_route_by_another_device, fresh, gone),
		cmocka_unit_test_setup_teardown(default_route_by_the_same_device, fresh, gone),
		cmocka_unit_test_setup_teardown(subnet_of_the_vip_on_another_device, fresh, gone),
		cmocka_unit_test_setup_teardown(only_members_reached_by_frames, fresh, gone),
		cmocka_unit_test_setup_teardown(named_device_in_vrf, fresh, gone),
		cmocka_unit_test_setup_teardown(subnet_in_vrf, fresh, gone),
		cmocka_unit_test_setup_teardown(subnet_in_vrf_of_ipv6, fresh, gone),
		cmocka_unit_test(devices_of_this_machine),
	};

	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
