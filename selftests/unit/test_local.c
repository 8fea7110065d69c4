// SPDX-License-Identifier: GPL-2.0
/* Local addresses, in a network namespace of the test, with its loopback device as ha0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "haadm/local_addr.h"

static struct hasw_error err;

static struct hasw_addr addr_of(unsigned int n)
{
	struct hasw_addr addr = { .family = AF_INET, .bytes = { 10, 1, (uint8_t)(n >> 8), (uint8_t)n } };

	return addr;
}

/* A fresh namespace for each test. */
static int fresh(void **state)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_newname = HA_DEV };
	int fd;

	(void)state;
	if (unshare(CLONE_NEWNET) && (unshare(CLONE_NEWUSER) || unshare(CLONE_NEWNET)))
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFNAME, &lo))
		return -1;
	close(fd);
	return 0;
}

static void need_namespace(void)
{
	if (!if_nametoindex(HA_DEV))
		skip();
}

struct found {
	unsigned int n[2];
	unsigned int sum;
};

static int find(enum local_form form, const struct hasw_addr *addr, void *data)
{
	struct found *found = data;

	found->n[form]++;
	found->sum += addr->bytes[2] * 256u + addr->bytes[3];
	return 0;
}

static struct found present(void)
{
	struct found found = { { 0, 0 }, 0 };
	struct rtnl rtnl;

	assert_int_equal(rtnl_open(&rtnl, &err), 0);
	assert_int_equal(rtnl_list(&rtnl, find, &found, &err), 0);
	rtnl_close(&rtnl);
	return found;
}

/* Puts addresses there that the code under test knows nothing of. */
static void by_hand(enum local_form form, unsigned int first, unsigned int last)
{
	struct rtnl rtnl;

	assert_int_equal(rtnl_open(&rtnl, &err), 0);
	assert_int_equal(rtnl_make_dev(&rtnl, &err), 0);
	for (unsigned int n = first; n <= last; n++) {
		struct hasw_addr addr = addr_of(n);

		rtnl_add(&rtnl, form, &addr, NULL);
	}
	assert_int_equal(rtnl_flush(&rtnl, &err), 0);
	rtnl_close(&rtnl);
}

static void model_of(struct hasw_model *model, unsigned int last)
{
	hasw_model_init(model);
	for (unsigned int n = 1; n <= last; n++) {
		struct hasw_vip vip = { .addr = addr_of(n), .holder = HASW_NONE, .lease = HASW_NONE };

		assert_int_equal(hasw_model_add_vip(model, &vip, &err), 0);
	}
}

/*
 * An address comes while the list goes on: at the first of so many that the kernel has not listed all of them by then.
 */
static int count_and_change(const struct hasw_addr *addr, void *data)
{
	unsigned int *n = data;

	(void)addr;
	if (!(*n)++) {
		struct ifreq other = { .ifr_name = HA_DEV ":other", .ifr_addr.sa_family = AF_INET };
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		((struct sockaddr_in *)&other.ifr_addr)->sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
		assert_int_equal(ioctl(fd, SIOCSIFADDR, &other), 0);
		close(fd);
	}
	return 0;
}

static void torn(void **state)
{
	unsigned int n = 1;
	struct rtnl rtnl;

	(void)state;
	need_namespace();
	by_hand(LOCAL_ADDRESS, 1, 3000);
	assert_int_equal(rtnl_open(&rtnl, &err), 0);
	assert_int_equal(rtnl_addrs(&rtnl, count_and_change, &n, &err), 0);
	assert_false(rtnl_again(&rtnl));
	n = 0;
	assert_int_equal(rtnl_addrs(&rtnl, count_and_change, &n, &err), 0);
	assert_true(rtnl_again(&rtnl));
	assert_int_equal(rtnl_addrs(&rtnl, count_and_change, &n, &err), 0);
	assert_false(rtnl_again(&rtnl));
	rtnl_close(&rtnl);
}

/* Takes a capability that changes need, and gives it back. */
static void may_change(bool may)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	assert_int_equal(syscall(SYS_capget, &head, data), 0);
	for (int i = 0; i < 2; i++)
		data[i].effective = may ? data[i].permitted : 0;
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

/* Of every request it is known whether it put the address there, over several batches. */
static void added(void **state)
{
	enum { LAST = 3 * RTNL_MOST + 7 };
	static bool told[2][LAST + 1];
	struct rtnl rtnl;

	(void)state;
	need_namespace();
	for (int form = 0; form < 2; form++) {
		unsigned int n = 0;

		by_hand(form, 50 + form, 50 + form);
		by_hand(form, RTNL_MOST, 2 * RTNL_MOST);
		assert_int_equal(rtnl_open(&rtnl, &err), 0);
		for (unsigned int i = 1; i <= LAST; i++) {
			struct hasw_addr addr = addr_of(i);

			rtnl_add(&rtnl, form, &addr, &told[form][i]);
		}
		assert_int_equal(rtnl_flush(&rtnl, &err), 0);
		rtnl_close(&rtnl);
		for (unsigned int i = 1; i <= LAST; i++) {
			assert_int_equal(told[form][i], i != 50u + form && (i < RTNL_MOST || i > 2 * RTNL_MOST));
			n += told[form][i];
		}
		assert_int_equal(n, LAST - RTNL_MOST - 2);
	}
	assert_int_equal(present().n[LOCAL_ADDRESS], LAST);
	assert_int_equal(present().n[LOCAL_ROUTE], LAST);
}

/* An address that came between the list and the change is nobody's to take away but its maker's. */
static void undo_keeps(void **state)
{
	struct local_diff *diff;
	struct hasw_model model;
	struct found found;
	struct rtnl rtnl;
	struct hasw_addr addr = addr_of(3);
	bool told = true;

	(void)state;
	need_namespace();
	by_hand(LOCAL_ADDRESS, 2, 2);
	model_of(&model, 5);
	diff = local_diff_prepare(&model, &err);
	assert_non_null(diff);
	assert_int_equal(present().n[LOCAL_ADDRESS], 5);
	/* Somebody else wants one, too, and gives up: what was there stays. */
	assert_int_equal(rtnl_open(&rtnl, &err), 0);
	rtnl_add(&rtnl, LOCAL_ADDRESS, &addr, &told);
	assert_int_equal(rtnl_flush(&rtnl, &err), 0);
	assert_false(told);
	rtnl_close(&rtnl);
	local_diff_undo(diff);
	found = present();
	assert_int_equal(found.n[LOCAL_ADDRESS], 1);
	assert_int_equal(found.sum, 2);
	hasw_model_free(&model);
}

/* Just so many are addresses; one more, and all are routes. */
static void many(void **state)
{
	(void)state;
	need_namespace();
	for (unsigned int last = 256; last <= 257; last++) {
		struct hasw_model model;
		struct local_diff *diff;

		model_of(&model, last);
		diff = local_diff_prepare(&model, &err);
		assert_non_null(diff);
		assert_int_equal(local_diff_finish(diff, &err), 0);
		assert_int_equal(present().n[LOCAL_ADDRESS], last == 256 ? 256 : 0);
		assert_int_equal(present().n[LOCAL_ROUTE], last == 256 ? 0 : 257);
		hasw_model_free(&model);
	}
}

/* What fails after the change does not look like a change that was refused. */
static void finish_fails(void **state)
{
	struct hasw_model model;
	struct local_diff *diff;
	int ret;

	(void)state;
	need_namespace();
	by_hand(LOCAL_ADDRESS, 7, 9);
	model_of(&model, 2);
	diff = local_diff_prepare(&model, &err);
	assert_non_null(diff);
	may_change(false);
	ret = local_diff_finish(diff, &err);
	may_change(true);
	assert_int_equal(ret, -EPERM);
	assert_false(err.kernel);
	assert_ptr_equal(strstr(err.text, "the configuration is in force, but the address of 10.1.0.7 could not be "
					  "taken off ha0: "), err.text);
	assert_non_null(strstr(err.text, " (and 2 more)"));
	assert_int_equal(present().n[LOCAL_ADDRESS], 5);
	/* The next one that may takes them away. */
	diff = local_diff_prepare(&model, &err);
	assert_non_null(diff);
	assert_int_equal(local_diff_finish(diff, &err), 0);
	assert_int_equal(present().sum, 3);
	hasw_model_free(&model);
}

/* Refused before the change: the kernel's words, and nothing is there. */
static void prepare_fails(void **state)
{
	struct hasw_model model;

	(void)state;
	need_namespace();
	model_of(&model, 2);
	may_change(false);
	assert_null(local_diff_prepare(&model, &err));
	may_change(true);
	assert_true(err.kernel);
	assert_int_equal(err.code, EPERM);
	assert_null(strstr(err.text, "in force"));
	assert_int_equal(present().n[LOCAL_ADDRESS], 0);
	hasw_model_free(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(added, fresh),
		cmocka_unit_test_setup(undo_keeps, fresh),
		cmocka_unit_test_setup(many, fresh),
		cmocka_unit_test_setup(torn, fresh),
		cmocka_unit_test_setup(finish_fails, fresh),
		cmocka_unit_test_setup(prepare_fails, fresh),
	};

	return cmocka_run_group_tests_name("local", tests, NULL, NULL);
}
