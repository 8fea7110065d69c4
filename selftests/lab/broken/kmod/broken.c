// SPDX-License-Identifier: GPL-2.0
/* Commits the fault that its parameter names, so that lab/lab_test.sh sees the lab notice it. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "none, warn, bug, leak, overrun, sleep, locks, rcu, shift, freed or stay");

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static int __rcu *protected;
static int width = 40;

static void leak(void)
{
	void *lost = kmalloc(100, GFP_KERNEL);

	pr_info("%d lost\n", !!lost);
}

static void overrun(void)
{
	char *room = kmalloc(16, GFP_KERNEL);

	if (!room)
		return;
	OPTIMIZER_HIDE_VAR(room);
	room[16] = 1;
	kfree(room);
}

static void sleep_in_atomic(void)
{
	spin_lock(&first);
	msleep(20);
	spin_unlock(&first);
}

static void take_in_both_orders(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static void read_unprotected(void)
{
	int *value = rcu_dereference(protected);

	pr_info("%d\n", value ? *value : 0);
}

static void shift_too_far(void)
{
	OPTIMIZER_HIDE_VAR(width);
	pr_info("%d\n", 1 << width);
}

static void nothing(struct work_struct *work)
{
}

static void free_armed_work(void)
{
	struct delayed_work *work = kmalloc(sizeof(*work), GFP_KERNEL);

	if (!work)
		return;
	INIT_DELAYED_WORK(work, nothing);
	schedule_delayed_work(work, 3600 * HZ);
	kfree(work);
}

static int __init broken_init(void)
{
	WARN_ON(!strcmp(fault, "warn"));
	BUG_ON(!strcmp(fault, "bug"));
	if (!strcmp(fault, "leak"))
		leak();
	else if (!strcmp(fault, "overrun"))
		overrun();
	else if (!strcmp(fault, "sleep"))
		sleep_in_atomic();
	else if (!strcmp(fault, "locks"))
		take_in_both_orders();
	else if (!strcmp(fault, "rcu"))
		read_unprotected();
	else if (!strcmp(fault, "shift"))
		shift_too_far();
	else if (!strcmp(fault, "freed"))
		free_armed_work();
	else if (!strcmp(fault, "stay"))
		__module_get(THIS_MODULE);
	return 0;
}

static void __exit broken_exit(void)
{
}

module_init(broken_init);
module_exit(broken_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("faults for the lab to notice");
