// SPDX-License-Identifier: GPL-2.0
/* Devices of leases when the kernel refuses some of the requests. The kernel here is a list of devices. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "haadm/lease_dev.h"
#include "haadm/rtnl.h"

#define MOST	8

static struct device {
	char name[32];
	char alias[64];
	bool stuck;		/* it cannot be deleted */
} devices[MOST];		/* without a name: free; its ifindex is its place and one */

static const char *refused;	/* the device of this name can be created, but not brought up */
static unsigned int lists;	/* so often the devices were listed */
static unsigned int torn;	/* so many lists are torn, and lack the first device */
static unsigned int warnings;
static char warned[256];

int rtnl_open(struct rtnl *rtnl, struct hasw_error *err)
{
	(void)err;
	memset(rtnl, 0, sizeof(*rtnl));
	return 0;
}

void rtnl_close(struct rtnl *rtnl)
{
	(void)rtnl;
}

bool rtnl_again(struct rtnl *rtnl)
{
	bool again = rtnl->torn;

	rtnl->torn = false;
	return again;
}

static struct device *named(const char *name)
{
	for (struct device *d = devices; d < devices + MOST; d++)
		if (!strcmp(d->name, name))
			return d;
	return NULL;
}

static int list(struct rtnl *rtnl, int (*fn)(const struct nlmsghdr *nlh, void *data), void *data)
{
	bool is_torn = lists++ < torn;

	for (unsigned int i = is_torn; i < MOST; i++) {
		char buf[512];
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
		struct ifinfomsg *link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));

		if (!devices[i].name[0])
			continue;
		nlh->nlmsg_type = RTM_NEWLINK;
		link->ifi_index = (int)i + 1;
		mnl_attr_put_strz(nlh, IFLA_IFNAME, devices[i].name);
		if (devices[i].alias[0])
			mnl_attr_put_strz(nlh, IFLA_IFALIAS, devices[i].alias);
		fn(nlh, data);
	}
	rtnl->torn |= is_torn;
	return 0;
}

int rtnl_ask(struct rtnl *rtnl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *nlh, void *data), void *data,
	     const char *what, struct hasw_error *err)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	const char *name = "";
	char alias[64] = "";
	struct device *d;

	mnl_attr_for_each(attr, nlh, sizeof(*link)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			name = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) == IFLA_IFALIAS)
			snprintf(alias, sizeof(alias), "%.*s", (int)mnl_attr_get_payload_len(attr),
				 (const char *)mnl_attr_get_payload(attr));
	}
	if (nlh->nlmsg_type == RTM_GETLINK)
		return list(rtnl, fn, data);
	d = link->ifi_index ? &devices[link->ifi_index - 1] : named(name);
	if (nlh->nlmsg_type == RTM_DELLINK) {
		if (!d || d->stuck)
			return hasw_fail(err, d ? EBUSY : ENODEV, "%s", what);
		memset(d, 0, sizeof(*d));
		return 0;
	}
	if (nlh->nlmsg_flags & NLM_F_CREATE) {
		if (d)
			return hasw_fail(err, EEXIST, "%s", what);
		d = named("");
		snprintf(d->name, sizeof(d->name), "%s", name);
		return 0;
	}
	if (!d || (refused && !strcmp(name, refused)))
		return hasw_fail(err, ENOMEM, "%s: %s", what, name);
	strcpy(d->alias, alias);
	return 0;
}

enum status haadm_complain(const struct haadm *haadm, enum status status, const char *format, ...)
{
	va_list ap;

	(void)haadm;
	warnings++;
	va_start(ap, format);
	vsnprintf(warned, sizeof(warned), format, ap);
	va_end(ap);
	return status;
}

uint32_t hasw_model_lease(const struct hasw_model *model, const char *name)
{
	for (uint32_t i = 0; i < model->n_leases; i++)
		if (!strcmp(model->leases[i].name, name))
			return i;
	return HASW_NONE;
}

static int begin(void **state)
{
	(void)state;
	memset(devices, 0, sizeof(devices));
	refused = NULL;
	lists = torn = warnings = 0;
	return 0;
}

static void add(unsigned int at, const char *lease, bool stuck)
{
	snprintf(devices[at].name, sizeof(devices[at].name), "ha-%s", lease);
	snprintf(devices[at].alias, sizeof(devices[at].alias), "haswitch lease %s", lease);
	devices[at].stuck = stuck;
}

/* A device without its alias would stay for good: haadm deletes only those with one. */
static void half_made(void **state)
{
	(void)state;
	refused = "ha-web";
	lease_dev_make(NULL, "web");
	assert_null(named("ha-web"));
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(warned, "cannot bring it up: ha-web"));
	refused = NULL;
	lease_dev_make(NULL, "web");
	assert_string_equal(named("ha-web")->alias, "haswitch lease web");
	assert_int_equal(warnings, 1);
}

/* Devices changed while they were listed, so the list lacks one that is there. */
static void torn_list(void **state)
{
	(void)state;
	add(0, "web", false);
	torn = 2;
	lease_dev_delete(NULL, "web");
	assert_null(named("ha-web"));
	assert_int_equal(lists, 3);
	assert_int_equal(warnings, 0);
}

/* One device that cannot be deleted, or made, keeps none of the others from it; of both there is one warning. */
static void goes_on(void **state)
{
	struct hasw_lease leases[3] = { { .name = "bad" }, { .name = "good" }, { .name = "fine" } };
	struct hasw_model model = { .leases = leases, .n_leases = 3 };

	(void)state;
	add(0, "old", true);
	add(1, "older", false);
	refused = "ha-bad";
	lease_dev_sync(NULL, &model);
	assert_null(named("ha-older"));
	assert_null(named("ha-bad"));
	assert_non_null(named("ha-good"));
	assert_non_null(named("ha-fine"));
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(warned, "cannot delete it"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(half_made, begin),
		cmocka_unit_test_setup(torn_list, begin),
		cmocka_unit_test_setup(goes_on, begin),
	};

	return cmocka_run_group_tests_name("lease_dev", tests, NULL, NULL);
}
