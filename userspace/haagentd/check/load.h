/* SPDX-License-Identifier: GPL-2.0 */
/* How much this machine has to do; while that is too much, its members get a share of the new flows (setting `load`). */
#ifndef HAAGENTD_LOAD_H
#define HAAGENTD_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/conf/conf.h"
#include "rise_fall.h"

struct checks;
struct cluster;
struct module;

#define LOAD_SLACK	5	/* so many percent below its limit each figure must be before there is not too much to do */
#define LOAD_TEXT	128
#define LOAD_UNKNOWN	(-1)

/**
 * struct load_cpu - time of all processors since the machine began, in the kernel's ticks
 * @busy:	time in which they did something
 * @all:	all time
 */
struct load_cpu {
	uint64_t busy;
	uint64_t all;
};

/* What is measured, each in percent of what there is. */
enum load_what {
	LOAD_CPU,
	LOAD_MEMORY,
	LOAD_DISK,
	LOAD_WHATS,
};

extern const char *const load_words[LOAD_WHATS];

/**
 * struct load - what this machine has to do
 * @conf:	the limits; a copy, whose paths belong to the configuration
 * @judge:	several measurements in a row decide; down: too much to do
 * @before:	processor time at the last measurement; all zero: there was none
 * @at:		when to measure next, ns
 * @is:		the last measurement, percent, or LOAD_UNKNOWN
 * @text:	which figure is at its limit, or empty
 * @reached:	limits that the last measurement with too much to do has reached, bitmap of enum load_what
 * @look:	what the module has may be another share than what was set, of each node
 * @set:	share of this node that was set in the module; 0: none
 * @again:	when a request that the module refused is repeated, ns
 * @told:	the last refusal was logged
 * @ended:	the agent stops: what it has said and set stays
 */
struct load {
	struct conf_load conf;
	struct judge judge;
	struct load_cpu before;
	uint64_t at;
	int is[LOAD_WHATS];
	char text[LOAD_TEXT];
	uint8_t reached;
	bool look;
	uint8_t set;
	uint64_t again;
	bool told;
	bool ended;
};

bool load_cpu_parse(const char *text, struct load_cpu *cpu);
int load_cpu_busy(const struct load_cpu *before, const struct load_cpu *now);
int load_memory_parse(const char *text);
int load_disk_used(uint64_t blocks, uint64_t blocks_free, uint64_t available);
unsigned int load_limit(const struct conf_load *conf, unsigned int what);
bool load_judge(struct load *l);
uint8_t load_share(const struct load *l);
uint8_t load_reached(const struct load *l);
void load_set(struct load *l, const struct conf_load *conf);
void load_end(struct load *l);
void load_tick(struct load *l, struct cluster *cluster, struct checks *checks, struct module *module,
	       uint64_t now);

#endif
