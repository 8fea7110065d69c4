// SPDX-License-Identifier: GPL-2.0
/*
 * How much this machine has to do. While that is too much, the agent says a smaller share of itself in its heartbeats,
 * and the agents of all nodes set it in their modules: the members of this node then get fewer new flows. A node whose
 * checks say a share, too, gets the least one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/module/module.h"
#include "haagentd/peer/cluster.h"
#include "check.h"
#include "load.h"

const char *const load_words[LOAD_WHATS] = { "cpu", "memory", "disk" };

/**
 * load_cpu_parse - read the time of all processors
 * @text:	begin of /proc/stat
 * @cpu:	filled on success
 *
 * Return: whether the text has it
 */
bool load_cpu_parse(const char *text, struct load_cpu *cpu)
{
	/* user nice system idle iowait irq softirq steal; what guests take is a part of user and nice. */
	unsigned long long t[8] = { 0 };
	unsigned int i;

	if (strncmp(text, "cpu ", 4) ||
	    sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu",
		   &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) < 4)
		return false;
	cpu->all = 0;
	for (i = 0; i < 8; i++)
		cpu->all += t[i];
	cpu->busy = cpu->all - t[3] - t[4];
	return true;
}

/**
 * load_cpu_busy - compute how busy the processors were between two moments
 * @before:	the first moment
 * @now:	the second one
 *
 * Return: percent; LOAD_UNKNOWN if no time has passed, or if it ran backwards, as idle time sometimes does
 */
int load_cpu_busy(const struct load_cpu *before, const struct load_cpu *now)
{
	if (!before->all || now->all <= before->all || now->busy < before->busy ||
	    now->busy - before->busy > now->all - before->all)
		return LOAD_UNKNOWN;
	return (int)((now->busy - before->busy) * 100 / (now->all - before->all));
}

static bool field(const char *text, const char *name, uint64_t *value)
{
	const char *at = strstr(text, name);
	unsigned long long is;

	if (!at || sscanf(at + strlen(name), " %llu", &is) != 1)
		return false;
	*value = is;
	return true;
}

/**
 * load_memory_parse - compute how much memory is in use, which programs cannot get without swapping
 * @text:	/proc/meminfo
 *
 * Return: percent, or LOAD_UNKNOWN
 */
int load_memory_parse(const char *text)
{
	uint64_t total, available;

	if (!field(text, "MemTotal:", &total) || !field(text, "MemAvailable:", &available) || !total || available > total ||
	    total > UINT64_MAX / 100)
		return LOAD_UNKNOWN;
	return (int)((total - available) * 100 / total);
}

/**
 * load_disk_used - compute how full a file system is for who is not root, rounded up as `df` does
 * @blocks:		all blocks
 * @blocks_free:	blocks that are free
 * @available:		blocks that are free for others than root
 *
 * Return: percent, or LOAD_UNKNOWN
 */
int load_disk_used(uint64_t blocks, uint64_t blocks_free, uint64_t available)
{
	uint64_t used, all;

	if (blocks_free > blocks || blocks > UINT64_MAX / 200)
		return LOAD_UNKNOWN;
	used = blocks - blocks_free;
	if (available > blocks)
		available = 0;
	all = used + available;
	return all ? (int)((used * 100 + all - 1) / all) : LOAD_UNKNOWN;
}

/**
 * load_limit - return from which figure on there is too much to do
 * @conf:	the limits
 * @what:	what is measured, enum load_what
 *
 * Return: percent; 0: there is no limit, and nothing is measured
 */
unsigned int load_limit(const struct conf_load *conf, unsigned int what)
{
	return what == LOAD_CPU ? conf->cpu : what == LOAD_MEMORY ? conf->memory : conf->disk;
}

/**
 * load_judge - judge the last measurement
 * @l:	the load, whose @is is filled
 *
 * One figure at its limit is too much. There is not too much to do when all figures are some percent below. Between the
 * two, and while a figure is not known, nothing is decided.
 *
 * Return: whether the share has changed
 */
bool load_judge(struct load *l)
{
	bool below = true;
	uint8_t over = 0;
	unsigned int what;

	for (what = 0; what < LOAD_WHATS; what++) {
		unsigned int limit = load_limit(&l->conf, what);

		if (!limit)
			continue;
		if (l->is[what] == LOAD_UNKNOWN) {
			below = false;
			continue;
		}
		if ((unsigned int)l->is[what] >= limit) {
			if (!over)
				snprintf(l->text, sizeof(l->text), "%s is at %d%%, and its limit is %u%%",
					 load_words[what], l->is[what], limit);
			over |= (uint8_t)(1U << what);
		}
		below &= (unsigned int)l->is[what] + LOAD_SLACK <= limit || !l->is[what];
	}
	if (over)
		l->reached = over;
	else
		l->text[0] = '\0';
	return (over || below) && judge_result(&l->judge, !over);
}

/**
 * load_share - return the share that this node says of itself
 * @l:	the load
 *
 * Return: 1 to 100, percent; 0 while it is not known, so that the modules keep what an earlier agent has said
 */
uint8_t load_share(const struct load *l)
{
	if (!l->conf.on)
		return 100;
	return l->judge.health == JUDGE_UNKNOWN ? 0 : l->judge.health == JUDGE_DOWN ? (uint8_t)l->conf.share : 100;
}

/**
 * load_reached - return for which limits the share of this node is lowered
 * @l:	the load
 *
 * Return: bitmap of enum load_what; 0 while the share is not lowered
 */
uint8_t load_reached(const struct load *l)
{
	return l->conf.on && l->judge.health == JUDGE_DOWN ? l->reached : 0;
}

/**
 * load_set - put limits in force
 * @l:		the load; all zero before the first call
 * @conf:	the limits
 */
void load_set(struct load *l, const struct conf_load *conf)
{
	unsigned int what;

	if (!conf->on)
		l->judge.health = JUDGE_UNKNOWN;
	l->conf = *conf;
	l->judge.rise = conf->rise;
	l->judge.fall = conf->fall;
	l->judge.row = 0;
	l->at = 0;
	l->look = true;
	for (what = 0; what < LOAD_WHATS; what++)
		l->is[what] = LOAD_UNKNOWN;
}

/* Reads the begin of a file of /proc, which never blocks. */
static bool slurp(const char *name, char *to, size_t size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);

	if (fd >= 0)
		close(fd);
	to[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

static void measure(struct load *l)
{
	struct load_cpu cpu;
	struct statvfs fs;
	char text[4096];
	unsigned int i;
	int used;

	l->is[LOAD_CPU] = LOAD_UNKNOWN;
	if (l->conf.cpu && slurp("/proc/stat", text, sizeof(text)) && load_cpu_parse(text, &cpu)) {
		l->is[LOAD_CPU] = load_cpu_busy(&l->before, &cpu);
		l->before = cpu;
	}
	l->is[LOAD_MEMORY] = l->conf.memory && slurp("/proc/meminfo", text, sizeof(text)) ?
			     load_memory_parse(text) : LOAD_UNKNOWN;
	l->is[LOAD_DISK] = LOAD_UNKNOWN;
	/* The configuration has no path of a file system that can hang. */
	for (i = 0; i < l->conf.n_paths; i++) {
		used = statvfs(l->conf.paths[i], &fs) ? LOAD_UNKNOWN :
		       load_disk_used(fs.f_blocks, fs.f_bfree, fs.f_bavail);
		if (used > l->is[LOAD_DISK])
			l->is[LOAD_DISK] = used;
	}
}

static void report(const struct load *l)
{
	if (l->judge.health == JUDGE_DOWN)
		log_warning("this node has too much to do: %s; its members get %u%% of their share of new flows", l->text,
			    l->conf.share);
	else
		log_notice("this node has not too much to do: its members get their whole share of new flows");
}

/* Sets the share of a node in the module, if it is another one than before. Returns false if no more can be set now. */
static bool apply(struct load *l, struct module *module, const char *name, uint8_t share, uint8_t *set, uint64_t now)
{
	struct hasw_error err;
	int ret;

	if (!share || share == *set)
		return true;
	ret = module_set_share(module, name, share, &err);
	/* The next call asks for the result. */
	if (ret == -ETIMEDOUT)
		return false;
	if (!ret) {
		*set = share;
		l->told = false;
		return true;
	}
	/* A node that the module does not know is none of its members. */
	if (ret == -ENOENT) {
		*set = share;
		return true;
	}
	l->again = now + CLOCK_SECOND;
	if (!l->told)
		log_warning("the module does not take the share of node %s: %s", name, err.text);
	l->told = true;
	return false;
}

/* Whether the agent of a node says its share. */
static bool has_agent(const struct cluster *c, const char *name)
{
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		if (!strcmp(c->peers[i].conf.name, name))
			return true;
	return !strcmp(c->self.name, name);
}

static void apply_all(struct load *l, struct cluster *c, struct checks *checks, struct module *module, uint64_t now)
{
	struct node_share *node;
	unsigned int i;
	uint8_t share;

	if (!module->open || now < l->again)
		return;
	if (l->look) {
		l->look = false;
		l->set = 0;
		for (i = 0; i < c->n_peers; i++)
			c->peers[i].share_set = 0;
		for (i = 0; i < checks->n_shares; i++)
			if (!checks->shares[i].gone)
				checks->shares[i].set = 0;
	}
	node = node_share_find(checks, c->self.name);
	share = node_share_least(node, c->share, l->set);
	if (!apply(l, module, c->self.name, share, &l->set, now))
		return;
	if (node && share)
		node->set = share;
	for (i = 0; i < c->n_peers; i++) {
		struct cluster_peer *p = &c->peers[i];

		node = node_share_find(checks, p->conf.name);
		share = node_share_least(node, p->share, p->share_set);
		if (!p->conf.witness && !apply(l, module, p->conf.name, share, &p->share_set, now))
			return;
		if (node && share)
			node->set = share;
	}
	for (i = 0; i < checks->n_shares; i++) {
		node = &checks->shares[i];
		/* Nothing but its checks says a share of such a node. */
		share = node_share_least(node, 100, node->set);
		/* Nothing changes at most ticks, so that the names of the peers are compared last. */
		if (share != node->set && !has_agent(c, node->name) &&
		    !apply(l, module, node->name, share, &node->set, now))
			return;
	}
}

/**
 * load_end - leave the shares as they are, because this agent stops
 * @l:	the load
 *
 * A stopping agent has no checks any more, and ticks until its leases are left. What its checks have found stays.
 */
void load_end(struct load *l)
{
	l->ended = true;
}

/**
 * load_tick - measure when it is time to, say the result, and set in the module what all nodes say
 * @l:		the load
 * @cluster:	the cluster, whose heartbeats say the share
 * @checks:	the checks, which can say a share, too
 * @module:	the module
 * @now:	the time
 */
void load_tick(struct load *l, struct cluster *cluster, struct checks *checks, struct module *module,
	       uint64_t now)
{
	if (l->ended)
		return;
	if (l->conf.on && now >= l->at) {
		l->at = now + l->conf.interval;
		measure(l);
		if (load_judge(l) && (l->judge.health == JUDGE_DOWN || cluster->share))
			report(l);
	}
	cluster->share = load_share(l);
	cluster->reached = load_reached(l);
	node_shares_look(checks);
	apply_all(l, cluster, checks, module, now);
}
