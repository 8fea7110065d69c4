// SPDX-License-Identifier: GPL-2.0
/* KUnit: vip classes, and walks over vips while vips and classes change. */
#include <kunit/test.h>

#include "vip_class.h"

/* Leases and devices of a test, and the vips that a walk visited. */
struct class_fixture {
	struct hasw_config cfg;
	struct hasw_lease web;
	struct hasw_lease db;
	struct net_device *eth0;
	struct net_device *eth1;
	u8 seen[256];
	u32 n_seen;
	u32 stop;
};

static struct net_device *class_dev(struct kunit *test, const char *name,
				    int ifindex)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dev);
	strscpy(dev->name, name, IFNAMSIZ);
	dev->ifindex = ifindex;
	dev_net_set(dev, &init_net);
	return dev;
}

/* Adds a lease to the configuration. */
static void class_lease(struct kunit *test, struct hasw_lease *lease,
			u32 number)
{
	struct class_fixture *b = test->priv;

	lease->number = number;
	INIT_LIST_HEAD(&lease->classes);
	list_add_tail(&lease->list, &b->cfg.leases);
}

static int class_init(struct kunit *test)
{
	struct class_fixture *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	test->priv = b;
	/* No other thread uses the configuration, so no lock is needed. */
	hasw_wlock_drop(&b->cfg.wlock);
	KUNIT_ASSERT_EQ(test, hasw_vip_tables_init(&b->cfg), 0);
	INIT_LIST_HEAD(&b->cfg.leases);
	class_lease(test, &b->web, 7);
	class_lease(test, &b->db, 8);
	b->eth0 = class_dev(test, "eth0", 2);
	b->eth1 = class_dev(test, "eth1", 3);
	return 0;
}

static void class_exit(struct kunit *test)
{
	struct class_fixture *b = test->priv;

	hasw_vip_tables_free(&b->cfg);
}

/* Returns the class of vips whose only client-facing device is @dev. If @dev is
 * NULL, each device with an address in a vip's subnet is client-facing.
 */
static struct hasw_vip_class *class_of(struct kunit *test,
				       struct hasw_lease *lease,
				       const struct net_device *dev)
{
	struct class_fixture *b = test->priv;
	struct hasw_vip_class *class;
	struct hasw_devs *devs = NULL;

	if (dev) {
		devs = kunit_kzalloc(test, struct_size(devs, dev, 1),
				     GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, devs);
		devs->n = 1;
		devs->dev[0].ifindex = dev->ifindex;
		strscpy(devs->dev[0].name, dev->name, IFNAMSIZ);
	}
	class = hasw_vip_class_get(&b->cfg, lease, devs,
				   HASWITCH_HOOK_INGRESS);
	KUNIT_ASSERT_NOT_NULL(test, class);
	return class;
}

static struct hasw_vip *class_vip(struct kunit *test, u8 last,
				  struct hasw_vip_class *class)
{
	struct in6_addr addr = {
		.s6_addr = { [10] = 0xff, 0xff, 10, 0, 0, last },
	};
	struct class_fixture *b = test->priv;
	struct hasw_vip *vip;

	vip = hasw_vip_new(&b->cfg, &addr, AF_INET, HASWITCH_STRAY_DROP);
	KUNIT_ASSERT_NOT_NULL(test, vip);
	hasw_vip_class_join(class, vip);
	return vip;
}

static bool class_faces(const struct hasw_vip_class *class,
			const struct net_device *dev)
{
	return hasw_devs_face(class->group->devs, dev);
}

static bool class_see(struct hasw_vip *vip, void *data)
{
	struct class_fixture *b = data;

	b->seen[b->n_seen++] = vip->addr.s6_addr[15];
	return b->n_seen != b->stop;
}

static bool class_walk(struct kunit *test, const struct hasw_vip_filter *filter,
		       struct hasw_vip_cursor *cursor, u32 most)
{
	struct class_fixture *b = test->priv;

	b->n_seen = 0;
	return hasw_vip_class_walk(&b->cfg, filter, cursor, most, class_see, b);
}

static void class_is_shared_by_vips(struct kunit *test)
{
	struct class_fixture *b = test->priv;
	struct hasw_vip_class *class = class_of(test, &b->web, b->eth0);
	struct hasw_vip *one = class_vip(test, 1, class);
	struct hasw_vip *two;

	KUNIT_EXPECT_PTR_EQ(test, class, class_of(test, &b->web, b->eth0));
	two = class_vip(test, 2, class);
	KUNIT_EXPECT_EQ(test, class->n, 2);
	KUNIT_EXPECT_PTR_EQ(test, hasw_unpublished(one->devs),
			    hasw_unpublished(two->devs));
	hasw_vip_class_join(class_of(test, &b->web, b->eth1), two);
	KUNIT_EXPECT_EQ(test, class->n, 1);
	KUNIT_EXPECT_EQ(test, hasw_unpublished(two->devs)->dev[0].ifindex, 3);
	hasw_vip_free(one);
	hasw_vip_free(two);
	/* A class is freed when its last vip leaves it. */
	KUNIT_EXPECT_TRUE(test, list_empty(&b->cfg.dev_groups));
}

static void class_follows_devices(struct kunit *test)
{
	struct class_fixture *b = test->priv;
	struct hasw_vip_class *class = class_of(test, NULL, b->eth0);
	struct hasw_vip *vip = class_vip(test, 1, class);

	KUNIT_EXPECT_TRUE(test, class_faces(class, b->eth0));
	KUNIT_EXPECT_FALSE(test, class_faces(class, b->eth1));
	strscpy(b->eth0->name, "lan0", IFNAMSIZ);
	hasw_vip_class_follow(&b->cfg, b->eth0, false);
	KUNIT_EXPECT_STREQ(test, class->group->devs->dev[0].name, "lan0");
	hasw_vip_class_follow(&b->cfg, b->eth0, true);
	KUNIT_EXPECT_FALSE(test, class_faces(class, b->eth0));
	strscpy(b->eth1->name, "lan0", IFNAMSIZ);
	hasw_vip_class_follow(&b->cfg, b->eth1, false);
	KUNIT_EXPECT_TRUE(test, class_faces(class, b->eth1));
	b->eth1->priv_flags |= IFF_L3MDEV_SLAVE;
	KUNIT_EXPECT_FALSE(test, class_faces(class, b->eth1));
	b->eth1->priv_flags &= ~IFF_L3MDEV_SLAVE;
	KUNIT_EXPECT_TRUE(test, class_faces(class, b->eth1));
	b->eth1->flags |= IFF_LOOPBACK;
	KUNIT_EXPECT_FALSE(test, class_faces(class, b->eth1));
	hasw_vip_free(vip);
}

/* At boot the kernel may register a device under the name of another one, until
 * udev renames it.
 */
static void class_waits_for_late_devices(struct kunit *test)
{
	struct class_fixture *b = test->priv;
	struct hasw_vip_class *class = class_of(test, NULL, b->eth0);
	struct hasw_vip *vip = class_vip(test, 1, class);

	hasw_vip_class_follow(&b->cfg, b->eth0, true);
	/* The name, on a device that was never up, means another device. */
	strscpy(b->eth1->name, "eth0", IFNAMSIZ);
	hasw_vip_class_follow(&b->cfg, b->eth1, false);
	KUNIT_EXPECT_TRUE(test, class_faces(class, b->eth1));
	strscpy(b->eth1->name, "lan1", IFNAMSIZ);
	hasw_vip_class_follow(&b->cfg, b->eth1, false);
	KUNIT_EXPECT_FALSE(test, class_faces(class, b->eth1));
	KUNIT_EXPECT_STREQ(test, class->group->devs->dev[0].name, "eth0");
	/* A device that was up is followed. */
	hasw_vip_class_follow(&b->cfg, b->eth0, false);
	b->eth0->flags |= IFF_UP;
	hasw_vip_class_follow(&b->cfg, b->eth0, false);
	b->eth0->flags &= ~IFF_UP;
	strscpy(b->eth0->name, "lan0", IFNAMSIZ);
	hasw_vip_class_follow(&b->cfg, b->eth0, false);
	KUNIT_EXPECT_TRUE(test, class_faces(class, b->eth0));
	KUNIT_EXPECT_STREQ(test, class->group->devs->dev[0].name, "lan0");
	hasw_vip_free(vip);
}

/* The vips have two leases and two devices; one vip has neither. The class of
 * the lease db is newer than the class of eth1, which a walk visits later.
 */
static void class_walk_filters(struct kunit *test)
{
	struct class_fixture *b = test->priv;
	struct hasw_vip *vip[] = {
		class_vip(test, 9, class_of(test, &b->web, b->eth0)),
		class_vip(test, 5, class_of(test, &b->web, b->eth1)),
		class_vip(test, 1, class_of(test, &b->db, b->eth0)),
		class_vip(test, 3, class_of(test, &b->web, b->eth0)),
		class_vip(test, 4, class_of(test, NULL, NULL)),
	};
	u32 i;

	class_walk(test, &(struct hasw_vip_filter){ .lease = 7 },
		   &(struct hasw_vip_cursor){}, 100);
	KUNIT_EXPECT_EQ(test, b->n_seen, 3);
	KUNIT_EXPECT_EQ(test, memcmp(b->seen, "\3\11\5", 3), 0);
	class_walk(test, &(struct hasw_vip_filter){ .dev = b->eth0 },
		   &(struct hasw_vip_cursor){}, 100);
	KUNIT_EXPECT_EQ(test, b->n_seen, 3);
	KUNIT_EXPECT_EQ(test, memcmp(b->seen, "\3\11\1", 3), 0);
	class_walk(test, &(struct hasw_vip_filter){ .family = AF_INET6 },
		   &(struct hasw_vip_cursor){}, 100);
	KUNIT_EXPECT_EQ(test, b->n_seen, 0);
	class_walk(test, &(struct hasw_vip_filter){}, &(struct hasw_vip_cursor){},
		   100);
	KUNIT_EXPECT_EQ(test, b->n_seen, 5);
	for (i = 0; i < ARRAY_SIZE(vip); i++)
		hasw_vip_free(vip[i]);
}

static void class_walk_resumes(struct kunit *test)
{
	const struct hasw_vip_filter filter = {};
	struct class_fixture *b = test->priv;
	struct hasw_vip_class *first = class_of(test, &b->web, b->eth0);
	struct hasw_vip_cursor cursor = {};
	struct hasw_vip *vip[8];
	u32 i;

	for (i = 0; i < 4; i++)
		vip[i] = class_vip(test, 2 * i, first);
	for (; i < 6; i++)
		vip[i] = class_vip(test, i, class_of(test, &b->db, b->eth0));
	KUNIT_EXPECT_TRUE(test, class_walk(test, &filter, &cursor, 2));
	KUNIT_EXPECT_EQ(test, b->n_seen, 2);
	/* A visited vip is deleted. Other vips are added before and behind the
	 * cursor.
	 */
	hasw_vip_free(vip[1]);
	vip[1] = class_vip(test, 1, first);
	vip[6] = class_vip(test, 3, first);
	KUNIT_EXPECT_TRUE(test, class_walk(test, &filter, &cursor, 2));
	KUNIT_EXPECT_EQ(test, memcmp(b->seen, "\3\4", 2), 0);
	/* The class that the cursor points to is freed. */
	for (i = 0; i < 4; i++)
		hasw_vip_free(vip[i]);
	hasw_vip_free(vip[6]);
	KUNIT_EXPECT_FALSE(test, class_walk(test, &filter, &cursor, 100));
	KUNIT_EXPECT_EQ(test, memcmp(b->seen, "\4\5", 2), 0);
	vip[7] = class_vip(test, 99, class_of(test, NULL, NULL));
	KUNIT_EXPECT_FALSE(test, class_walk(test, &filter, &cursor, 100));
	KUNIT_EXPECT_EQ(test, b->n_seen, 1);
	/* The walk ends when the callback returns false. */
	b->stop = 1;
	memset(&cursor, 0, sizeof(cursor));
	KUNIT_EXPECT_FALSE(test, class_walk(test, &filter, &cursor, 100));
	KUNIT_EXPECT_EQ(test, b->n_seen, 1);
	hasw_vip_free(vip[4]);
	hasw_vip_free(vip[5]);
	hasw_vip_free(vip[7]);
}

static struct kunit_case class_cases[] = {
	KUNIT_CASE(class_is_shared_by_vips),
	KUNIT_CASE(class_follows_devices),
	KUNIT_CASE(class_waits_for_late_devices),
	KUNIT_CASE(class_walk_filters),
	KUNIT_CASE(class_walk_resumes),
	{}
};

static struct kunit_suite class_suite = {
	.name = "haswitch_vip_class",
	.init = class_init,
	.exit = class_exit,
	.test_cases = class_cases,
};

kunit_test_suite(class_suite);
