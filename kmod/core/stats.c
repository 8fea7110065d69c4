// SPDX-License-Identifier: GPL-2.0
/* Per-CPU counters of a network namespace, and histograms of switch times. */
#include <linux/log2.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "generated/stat_gen.h"
#include "stats.h"

static const char *const hasw_stat_names[] = { HASW_STAT_NAMES };

/**
 * hasw_stat_name() - returns the name of a counter, as in the spec
 * @stat: the counter
 *
 * Context: any.
 */
const char *hasw_stat_name(enum hasw_stat stat)
{
	BUILD_BUG_ON(ARRAY_SIZE(hasw_stat_names) != HASW_STAT_COUNT);
	return hasw_stat_names[stat];
}

/**
 * hasw_stats_init() - allocates the counters and histograms of a namespace
 * @hn: namespace
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_stats_init(struct hasw_net *hn)
{
	hn->stats = netdev_alloc_pcpu_stats(struct hasw_stats);
	if (!hn->stats)
		return -ENOMEM;
	hn->histogram = kzalloc(sizeof(*hn->histogram), GFP_KERNEL_ACCOUNT);
	if (!hn->histogram) {
		free_percpu(hn->stats);
		return -ENOMEM;
	}
	return 0;
}

/**
 * hasw_stats_exit() - frees the counters and histograms of a namespace
 * @hn: namespace in which no packet is handled any more
 *
 * Context: process.
 */
void hasw_stats_exit(struct hasw_net *hn)
{
	kfree(hn->histogram);
	free_percpu(hn->stats);
}

/* Reads the counters of a CPU. */
static void hasw_stats_read(const struct hasw_net *hn, int cpu, u64 *n)
{
	const struct hasw_stats *s = per_cpu_ptr(hn->stats, cpu);
	unsigned int start;
	int i;

	do {
		start = u64_stats_fetch_begin(&s->syncp);
		for (i = 0; i < HASW_STAT_COUNT; i++)
			n[i] = u64_stats_read(&s->n[i]);
	} while (u64_stats_fetch_retry(&s->syncp, start));
	/* To save time, the fast path counts its packets only in
	 * HASW_STAT_FAST. Each of these packets was seen and redirected, so
	 * they are added to HASW_STAT_SEEN and HASW_STAT_REDIRECTED here.
	 */
	n[HASW_STAT_SEEN] += n[HASW_STAT_FAST];
	n[HASW_STAT_REDIRECTED] += n[HASW_STAT_FAST];
}

/**
 * hasw_stats_sum() - adds up the counters of all CPUs
 * @hn: namespace
 * @sum: filled in with HASW_STAT_COUNT sums, by enum hasw_stat
 *
 * Context: any.
 */
void hasw_stats_sum(struct hasw_net *hn, u64 *sum)
{
	u64 n[HASW_STAT_COUNT];
	int cpu, i;

	memset(sum, 0, sizeof(n));
	for_each_possible_cpu(cpu) {
		hasw_stats_read(hn, cpu, n);
		for (i = 0; i < HASW_STAT_COUNT; i++)
			sum[i] += n[i];
	}
}

/* The counters that lnstat shows: those that tell what became of packets, what
 * was announced and switched. With the number of vips these are as many columns
 * as lnstat takes, 32.
 */
static const u8 hasw_stats_columns[] = {
	HASW_STAT_SEEN, HASW_STAT_FAST, HASW_STAT_REDIRECTED, HASW_STAT_LOCAL,
	HASW_STAT_PASSED, HASW_STAT_REJECTED, HASW_STAT_DROP_NOT_HOLDER,
	HASW_STAT_DROP_NO_MEMBER, HASW_STAT_DROP_UNRESOLVED,
	HASW_STAT_DROP_TTL, HASW_STAT_DROP_MTU, HASW_STAT_DROP_MALFORMED,
	HASW_STAT_DROP_MEMORY, HASW_STAT_DROP_OUTPUT, HASW_STAT_DROP_SOURCE,
	HASW_STAT_DROP_FLOW_FULL, HASW_STAT_DROP_FLOW_PORTS,
	HASW_STAT_DROP_FLOW_ALIKE, HASW_STAT_STRAY_SENT,
	HASW_STAT_STRAY_RECEIVED, HASW_STAT_STRAY_REFUSED,
	HASW_STAT_TUNNEL_SENT, HASW_STAT_TUNNEL_RECEIVED,
	HASW_STAT_NAT_ANSWERED, HASW_STAT_FLOW_MADE, HASW_STAT_FLOW_MOVED,
	HASW_STAT_FLOW_EVICTED, HASW_STAT_ARP_ANSWERED, HASW_STAT_ND_ANSWERED,
	HASW_STAT_ANNOUNCED, HASW_STAT_SWITCHES,
};

/* Prints /proc/net/stat/haswitch: a line of names, and a line a CPU. lnstat
 * adds up the CPUs, except in the first column, which is no counter.
 */
static int __maybe_unused hasw_stats_show(struct seq_file *seq, void *v)
{
	struct hasw_net *hn = hasw_net_of(seq_file_single_net(seq));
	const struct hasw_config *cfg;
	u64 n[HASW_STAT_COUNT];
	u32 vips = 0, i;
	int cpu;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	if (cfg)
		vips = READ_ONCE(cfg->vips4.count) +
		       READ_ONCE(cfg->vips6.count);
	rcu_read_unlock();
	seq_puts(seq, "vips");
	for (i = 0; i < ARRAY_SIZE(hasw_stats_columns); i++)
		seq_printf(seq, " %s", hasw_stat_name(hasw_stats_columns[i]));
	seq_putc(seq, '\n');
	for_each_possible_cpu(cpu) {
		hasw_stats_read(hn, cpu, n);
		seq_printf(seq, "%08x", vips);
		for (i = 0; i < ARRAY_SIZE(hasw_stats_columns); i++)
			seq_printf(seq, " %08llx", n[hasw_stats_columns[i]]);
		seq_putc(seq, '\n');
	}
	return 0;
}

/**
 * hasw_stats_proc_init() - makes /proc/net/stat/haswitch, for lnstat
 * @hn: namespace, which is complete
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_stats_proc_init(struct hasw_net *hn)
{
	if (IS_ENABLED(CONFIG_PROC_FS) &&
	    !proc_create_net_single("haswitch", 0444, hn->net->proc_net_stat,
				    hasw_stats_show, NULL))
		return -ENOMEM;
	return 0;
}

/**
 * hasw_stats_proc_exit() - removes the file, and waits for its readers
 * @hn: namespace
 *
 * Context: process, no lock held.
 */
void hasw_stats_proc_exit(struct hasw_net *hn)
{
	remove_proc_entry("haswitch", hn->net->proc_net_stat);
}

/**
 * hasw_traffic_sum() - adds up the traffic counters of all CPUs
 * @traffic: per-CPU counters of a member
 * @packets: set to the sum of packets
 * @bytes: set to the sum of bytes
 *
 * Context: any.
 */
void hasw_traffic_sum(struct hasw_traffic __percpu *traffic, u64 *packets,
		      u64 *bytes)
{
	unsigned int start;
	u64 p, b;
	int cpu;

	*packets = 0;
	*bytes = 0;
	for_each_possible_cpu(cpu) {
		const struct hasw_traffic *t = per_cpu_ptr(traffic, cpu);

		do {
			start = u64_stats_fetch_begin(&t->syncp);
			p = u64_stats_read(&t->packets);
			b = u64_stats_read(&t->bytes);
		} while (u64_stats_fetch_retry(&t->syncp, start));
		*packets += p;
		*bytes += b;
	}
}

/**
 * hasw_histogram_bucket() - finds the histogram bucket that counts a time
 * @ns: the time, ns
 *
 * Return: index of the bucket.
 */
unsigned int hasw_histogram_bucket(u64 ns)
{
	unsigned int i = 0;

	while (i < HASW_BUCKETS - 1 && ns >= hasw_histogram_below(i))
		i++;
	return i;
}

/**
 * hasw_histogram_add() - adds a time to a histogram
 * @hn: namespace
 * @buckets: one of the arrays in hn->histogram
 * @ns: the time, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_histogram_add(struct hasw_net *hn, u64 *buckets, u64 ns)
{
	lockdep_assert_held(&hn->state_lock);
	buckets[hasw_histogram_bucket(ns)]++;
}

/**
 * hasw_histogram_below() - returns the upper bound of a histogram bucket
 * @bucket: index of the bucket
 *
 * Return: the exclusive bound, ns; 0 for the last bucket, which has no bound.
 */
u64 hasw_histogram_below(unsigned int bucket)
{
	if (bucket >= HASW_BUCKETS - 1)
		return 0;
	return (u64)NSEC_PER_USEC << bucket;
}
