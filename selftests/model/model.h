/* SPDX-License-Identifier: GPL-2.0 */
/* A world of a few nodes with bad clocks, a bad network and bad luck, for the rules to live in. */
#ifndef MODEL_H
#define MODEL_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "wrong.h"
#include "rules/deadline.h"
#include "rules/vote_profile.h"
#include "rules/vote_seat_owner.h"

#define MODEL_NODES 6
#define MS 1000000ULL
#define US 1000ULL
#define MODEL_GENERATIONS 512

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

enum event_type {
	EVENT_MESSAGE,
	EVENT_TICK,	/* what a seat asked for */
	EVENT_STEP,	/* an operator writes a configuration, a node fences */
	EVENT_SYNCED,
	EVENT_STOPPED,
	EVENT_FENCED,
	EVENT_BOOT,
	EVENT_AGENT,	/* an agent starts */
	EVENT_LEARN,	/* a node is told of the voter set */
	EVENT_FAULT,
	EVENT_SET,	/* a change of the set that was begun is brought to an end */
	EVENT_WANT,
	EVENT_CALM,
	EVENT_RESIGNED,	/* the module of another node says so */
	EVENT_LOST,	/* the own module says so */
	EVENT_NAMED,	/* who lets go of a lease says for whom */
	EVENT_PROBED,	/* a probe of the other one of two nodes ends */
	EVENT_PART,	/* an agent that was told to stop says so, and ends */
};

struct event {
	u64 at;		/* true time */
	u64 order;
	enum event_type type;
	int node;
	u32 serial;	/* of the agent's life or the tick; stale ones do nothing */
	int value;
	int lease;
	int from;	/* of a message */
	struct hasw_vote_msg msg;
};

/* A clock: local = base + (true - since) * (million + ppm) / million. */
struct clock {
	u64 since;
	u64 base;
	long ppm;
};

enum figures {
	FIGURES_NONE,
	FIGURES_CRASH,	/* the holder crashes */
	FIGURES_FAST,	/* the same, of a cluster with the fast profile */
	FIGURES_MOVE,	/* the holder lets go, in a network that loses much */
	FIGURES_RESIGN,	/* its agent dies, its module says so, and one of the others has no module that hears it */
	FIGURES_BACK,	/* it crashes some time after its agent was restarted, and said nothing of what it held */
	FIGURES_BACK_CLAIMS,	/* the same, and it said so */
	FIGURES_HOLD,	/* the holder asks for a long right, and the disks are slow */
};

enum fault {
	FAULT_KILL,
	FAULT_PAUSE,
	FAULT_POWER,
	FAULT_LOSE,
	FAULT_CUT,
	FAULT_ISOLATE,
	FAULT_CLOCK,
	FAULT_BLACKOUT,
	FAULT_RELEASE,
	FAULT_LONG,
	FAULT_SHORTEN,
	FAULT_LESS,	/* a long right, and a shorter long one */
	FAULT_SET,
	FAULT_OTHERS,	/* all but one lose power */
	FAULT_EDGE,	/* let go just after the deadline */
	FAULT_TWICE,	/* let go, die, come back, let go again */
	FAULT_SHRINK,	/* most of those who know of a right leave the set */
	FAULT_GROW,	/* one of two, alone by a fence, hears only that a third is a voter now */
	FAULT_RESIGN,	/* its module gives up, as when its links are lost or its agent is */
	FAULT_PANIC,
	FAULT_BAN,	/* its module refuses from now on, also when all else is well */
	FAULT_LAG,	/* a long right, cut by an agent that dies, and the others hear of it later */
	FAULT_DIM,	/* a long right is cut, and only one of the rounds is heard */
	FAULT_COUNT,
	FAULT_SPLIT,	/* of two nodes that presume each other off, see split.c */
	FAULT_AIM,	/* the next step of a schedule that is aimed at one rule */
	FAULT_CRASH,	/* those of the figures */
	FAULT_HOLD,
	FAULT_BACK,
	FAULT_MOVE,
	FAULT_END,
};

/* The type of a message that is none of the vote: its sender holds the lease for @length from now on. */
#define MODEL_CLAIM 255
/* The same of a heartbeat, and of the last one, after which the agent is gone. */
#define MODEL_BEAT 254
#define MODEL_BYE 253

/* What an agent knows of the other one of two nodes, which it may presume off (split.c). */
struct other {
	u64 heard;	/* when it was heard last, local */
	u64 ticked;	/* when the agent looked last, local */
	u32 parted;	/* the life of its agent that has said that it stops */
	int off;	/* presumed off: for what this node holds, or for all */
	int probing;	/* the same of the probe that is under way */
	int answered;	/* a holder has answered the probe, or the other one was heard meanwhile */
	int present;	/* a kernel has answered it that serves nobody */
	int late;	/* this one's agent has stood still meanwhile */
	int gone;	/* it is presumed off because it said so */
	int agentless;	/* it has said meanwhile that its agent is gone and that it holds nothing */
	u64 began;	/* when it began, local */
	u64 pause;	/* no other probe for all begins before, local */
	int before[MODEL_LEASES];	/* held by the right of the agent before */
};

/* What a module has of a lease, and whether an agent wants it. */
struct module {
	struct hasw_right right;
	u64 last;	/* the latest deadline it ever had, local */
	u64 grace;	/* true time when the last stop is complete */
	u64 owns;	/* true time until which packets of it may be seen */
	int want;
	u64 claimed;	/* the highest epoch under which another node said that it holds */
};

struct node {
	int up;		/* powered */
	int agent;	/* runs */
	u64 paused;	/* true time until which the agent stands still */
	u64 halted;	/* true time since which it did so, or last did */
	struct clock clock;
	u32 lives;
	u32 ticks;
	u64 planned;	/* the wake-up that is on its way, local */
	struct module module[MODEL_LEASES];
	/* the agent, of which the disk and the voter set stay when it dies */
	struct hasw_seat seat;
	int fencing;
	int lessening;	/* how far it is on its way to a shorter long right */
	int lagging;	/* how far it is on its way to a cut that comes too late */
	int back;	/* how far it is on its way to a crash after a planned restart of its agent */
	int dimming;	/* how far it is on its way to a cut that is heard in part */
	int banned;	/* its module takes no grant any more, as of a machine that is suspended */
	struct other other;
	u64 stalled;	/* true time until which the whole machine stands still, and answers nothing */
	u64 deaf;	/* true time until which it is not told of a voter set */
};

struct model {
	u64 seed;
	u64 random;
	u64 now;
	u64 calm;	/* nothing goes wrong from then on; ~0: it does until the end */
	u64 end;
	int trace;
	int claims;	/* who holds says so to the others */
	int bare;	/* the node that has no module, or -1: no module tells it anything */
	enum figures figures;	/* no faults but one */
	int aim;	/* no faults but those of one aimed schedule, which is the number before; 0: not aimed */
	int split;	/* two nodes that presume each other off; what happens to them, see split.c */
	u64 after;	/* how long the other one of these is silent before it is probed */
	u64 probe;	/* how long that takes */
	u64 bridge;	/* how long the rights are that a holder keeps meanwhile */
	u64 early;	/* how long the other one is silent before a holder probes it */
	int nodes;
	int leases;
	struct hasw_vote_times t;
	struct node node[MODEL_NODES];
	/* the network */
	u64 delay;
	u64 spread;
	int empty;	/* the cluster begins */
	int begun_again;	/* all voters have lost a configuration that was committed */
	int forgot;	/* a disk was lost, or a fault kept voters from hearing that the cluster is new */
	int far;	/* it stays slow when all is well */
	u64 disk;	/* a write takes less than that */
	unsigned int loss;	/* per thousand */
	unsigned int twice;
	unsigned int late;
	int behind;	/* whose messages are on their way for @lag longer, or -1 */
	u64 lag;
	u64 cut[MODEL_NODES][MODEL_NODES];	/* true time until which nothing passes */
	u64 filter;	/* true time until which no message of an agent passes */
	/* the operator's voter set */
	struct hasw_vote_set set;	/* the last one that is committed */
	int changing;
	u32 changes;	/* how many were begun */
	u32 voters_next;
	u64 map_next;
	u32 leave[2];	/* who leaves next, each a bit */
	/* the oracle */
	u64 highest[MODEL_LEASES];
	u64 config[MODEL_GENERATIONS];
	u64 config_top;
	const char *violation;
	/* what happened */
	unsigned long grants;
	unsigned long begun;
	unsigned long faults;
	u64 crashed;
	u64 taken;	/* another one has the lease; of FIGURES_HOLD: the holder has it for long */
	int lapsed;	/* of FIGURES_HOLD: a grant began since it was asked for */
	int crashed_node;
	u64 due;	/* of split.c: from then on the one that is left holds the lease */
	int healed;	/* it was looked at whether each lease has an owner */
};

extern struct model world;

/* event.c */
void event_reset(void);
struct event *event_add(u64 at, enum event_type type, int node);
int event_next(struct event *e);

/* world.c: chance, clocks and the network */
u64 chance(u64 below);
int per_thousand(unsigned int n);
u64 local_time(const struct node *n);
u64 true_time(const struct node *n, u64 local);
void clock_set(struct node *n, long ppm);
int some_lease(void);
void net_send(int from, int to, const struct hasw_vote_msg *m);
void trace_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Its arguments take time to compute, and are only computed where they are printed. */
#define trace(...) do { if (world.trace) trace_line(__VA_ARGS__); } while (0)

/* codec.c: what the agent's codecs make of messages and images */
#define MODEL_IMAGE 1024	/* room for an image, bytes */
void codec_reset(void);
void codec_message(const struct hasw_vote_msg *sent, struct hasw_vote_msg *received);
u64 codec_map(u32 number, u32 voters);
int codec_same(const struct hasw_voter_disk *a, const struct hasw_voter_disk *b);
size_t codec_image(const struct hasw_voter_disk *disk, const struct hasw_vote_set *set, u8 *bytes);
int codec_read(const u8 *bytes, size_t size, struct hasw_voter_disk *disk, struct hasw_vote_set *set);

/* disk.c: the nodes' disks, behind the agent's store */
void disk_reset(u64 seed);
void disk_lose(int id);
size_t disk_open(int id, u8 *image);
void disk_write(int id, const u8 *image, size_t size);
void disk_written(int id);
void disk_killed(int id, int late);
void disk_power(int id);

/* module.c: a node's module, and the oracle that watches all of them */
void module_set(int id, int lease, u64 epoch, u64 deadline);
void module_stop(int id, int lease);
int module_held(int id, int lease);
void module_crash(int id);
void module_resign(int id, int lease, int panic);
void oracle_clock(int id);
void oracle_owned(void);
void oracle_anew(void);
void oracle_config(int id, const struct hasw_vote_conf *conf);
void violation(const char *what);

/* node.c: a node's agent */
void node_event(const struct event *e);
void node_make(int id, int known);
void node_start(int id, int keep);
void node_fault(void);
void node_kill(int id);
void node_name(int id, int lease, int to);
void node_resign(int id, int lease, u64 epoch, u64 at, int panic);
void node_power(int id, int lose);
void node_learn(int id);
void node_change(int id, u32 voters, u64 map);
void node_ask(int id, int lease, void (*what)(struct hasw_seat *s, unsigned int lease, u64 now));

/* fault.c: what goes wrong, and what the operator does */
void fault_plan(void);
void fault_next(u64 at, enum fault fault, int node);
void fault_of(u64 at, enum fault fault, int node, int lease);
void fault_want(u64 at, int node, int lease, int want);
void fault_cut_off(int id, u64 until, int both);
void fault_event(const struct event *e);
void fault_calm(void);
void fault_set_committed(const struct hasw_vote_set *set);
int fault_change_set(int id, u32 voters);
u64 fault_map(u32 voters);

/* aims.c: schedules that are aimed at one rule each */
int aims_plan(void);
void aims_begin(void);
void aims_happen(int step);

/* split.c: two nodes that presume each other off */
int split_plan(void);
void split_faults(void);
void split_happen(int step);
void split_begin(int id);
int split_shy(int id);
void split_late(int id);
void split_step(int id);
void split_heard(int id, const struct hasw_vote_msg *m);
void split_probed(int id);
void split_part(int id);

/* longs.c: what goes wrong with long rights */
void longs_happen(enum fault fault, int id, int lease);

#endif
