/* SPDX-License-Identifier: GPL-2.0 */
/* Heartbeats with a peer, sent and checked in softirq whatever user space does. */
#ifndef HASW_PULSE_H
#define HASW_PULSE_H

#include <linux/hrtimer.h>
#include <net/dst_cache.h>

#include "cluster/lease.h"
#include "pulse_wire.h"

/* Sessions are found by their number in so many lists. */
#define HASW_PULSE_BUCKETS 64

/* Class selector 6, which networks keep for what must arrive first. */
#define HASW_PULSE_TOS 0xc0

/* So often a panic is told: one packet may be lost. */
#define HASW_PULSE_GASPS 3

/* So many challenges of lives that are not heard are answered in turn. Who has
 * recorded some of a peer's earlier lives can not hide the one that it began now
 * behind them, unless he has recorded more.
 */
#define HASW_PULSE_ASKS 8

/**
 * struct hasw_gasp - how a panic would be told by a path
 * @np: of the device by which it would leave, or NULL; written under rtnl and
 *	hasw_net.mutex, read under that and by who panics
 * @dest: link-layer address of the next hop; as @np, and written while that is
 *	NULL
 * @skb: packets to be filled in, each used once
 */
struct hasw_gasp {
	struct netpoll *np;
	u8 dest[ETH_ALEN];
	struct sk_buff *skb[HASW_PULSE_GASPS];
};

/**
 * struct hasw_pulse_path - one way to a peer
 * @family: AF_INET or AF_INET6; constant
 * @local: our address, IPv4 as v4-mapped; constant
 * @remote: the peer's address; constant
 * @dev: device by which heartbeats leave, or empty; constant
 * @dst: the route; per CPU, softirqs off
 * @state: enum haswitch_pulse_state
 * @reported: the state that was told last; under hasw_net.state_lock
 * @heard: when a heartbeat came last, ns; 0 is never
 * @hears: when the peer said last that it hears us, or we began to hear it, ns
 * @counter: of the last heartbeat sent
 * @echo: highest counter of ours that the peer has heard
 * @echoed: it has heard this life of ours
 * @transit: stamp of receipt less that of sending, of the newest heartbeat
 * @jitter: RFC 3550's, ns, times 16
 * @window: which heartbeats have come
 * @lost: how many have not
 * @sent: heartbeats handed to the stack; by READ_ONCE without a lock
 * @unsent: those that could not be; as @sent
 * @received: heartbeats taken
 * @bad_mac: made without the key
 * @replayed: had come before, or too old
 * @old_key: made with a key that is not known
 * @malformed: authentic, without sense
 * @refused: a router said that the peer is not there, and nothing came since
 * @gasp: for a panic
 *
 * Under hasw_pulse.lock, where nothing else is said.
 */
struct hasw_pulse_path {
	u16 family;
	struct in6_addr local;
	struct in6_addr remote;
	char dev[IFNAMSIZ];
	struct dst_cache dst;

	u8 state;
	u8 reported;
	u64 heard;
	u64 hears;
	u64 counter;
	u64 echo;
	bool echoed;
	u64 transit;
	u64 jitter;
	struct hasw_pulse_window window;
	s64 lost;
	atomic64_t sent;
	atomic64_t unsent;
	u64 received;
	u64 bad_mac;
	u64 replayed;
	u64 old_key;
	u64 malformed;
	bool refused;
	struct hasw_gasp gasp;
};

/**
 * struct hasw_pulse_slot - a key by which the peer is heard
 * @key: the key
 * @id: its number
 * @valid: there is one
 * @until: end of its time, ns; 0 is none
 */
struct hasw_pulse_slot {
	siphash_key_t key;
	u8 id;
	bool valid;
	u64 until;
};

/* The places of rx keys: in use, to come, and just replaced. */
enum hasw_pulse_place {
	HASW_PULSE_NOW,
	HASW_PULSE_NEXT,
	HASW_PULSE_OLD,
	HASW_PULSE_PLACES,
};

/**
 * struct hasw_pulse - heartbeats with one peer
 * @hn: namespace; constant
 * @node: the peer; under hasw_net.state_lock
 * @id: number of the session; constant
 * @n_paths: length of @path; constant
 * @lock: what follows, up to @by_id; taken with softirqs off, inside
 *	hasw_net.state_lock; nothing is sent under it
 * @dead: no timer is started any more
 * @watching: a path is heard, and is judged with each heartbeat or by @judge
 * @state: enum haswitch_pulse_state, of all paths together
 * @reported: the state that was told last; under hasw_net.state_lock
 * @tx_now: key by which we talk
 * @tx_next: key by which we will, when the peer has it
 * @tx_id: number of @tx_now
 * @tx_next_id: number of @tx_next
 * @rx: keys by which we listen
 * @interval: ours, ns
 * @multiplier: ours
 * @slow: heartbeats still to be sent at @pace after the interval became longer
 * @pace: the shorter interval before, ns
 * @life: random number of this session of ours
 * @challenge: random number by which a new life of the peer proves itself
 * @peer_life: the life that is heard; 0 is none yet
 * @peer_challenge: its challenge, to be echoed
 * @asks: challenges of other lives, to be echoed too; 0 is none
 * @asked: which of them is replaced next
 * @answered: which was echoed last; HASW_PULSE_ASKS is @peer_challenge
 * @peer_interval: promised by the peer, ns
 * @peer_multiplier: promised by the peer
 * @tell: enum haswitch_pulse_kind that is said in each heartbeat
 * @told: heartbeats in which it is still to be said
 * @tell_about: what it is about
 * @tell_value: what comes with it
 * @heard_kind: what the peer said last
 * @heard_about: what it was about
 * @heard_value: what came with it
 * @gone: the peer went, in the life that is heard
 * @hurry: so many heartbeats are still sent quickly, one after the other
 * @said: when the newest was sent that it said of a service, by its clock, ns
 * @refused: every path that was ever heard is refused
 * @refused_reported: @refused as it was told last; under hasw_net.state_lock
 * @refusal: when @refused changed, ns
 * @due: when the next heartbeat is sent, ns; also read without the lock
 * @grace: nobody is judged before, ns
 * @graced: when that was granted, ns
 * @late: how often a timer was an interval late
 * @losses: how often the peer was lost
 * @decision: when its state was last decided, ns
 * @judge: notices silence before @due
 * @by_id: in hasw_pulses.by_id; written under hasw_net.mutex, read under RCU
 * @list: in hasw_pulses.list; as @by_id
 * @rcu: frees it when nobody finds it any more
 * @path: the ways to the peer
 */
struct hasw_pulse {
	struct hasw_net *hn;
	struct hasw_node *node;
	u32 id;
	u32 n_paths;

	spinlock_t lock;
	bool dead;
	bool watching;
	u8 state;
	u8 reported;
	siphash_key_t tx_now;
	siphash_key_t tx_next;
	u8 tx_id;
	u8 tx_next_id;
	struct hasw_pulse_slot rx[HASW_PULSE_PLACES];
	u64 interval;
	u8 multiplier;
	u8 slow;
	u64 pace;
	u64 life;
	u64 challenge;
	u64 peer_life;
	u64 peer_challenge;
	u64 asks[HASW_PULSE_ASKS];
	u8 asked;
	u8 answered;
	u64 peer_interval;
	u8 peer_multiplier;
	u8 tell;
	u8 told;
	u32 tell_about;
	u64 tell_value;
	u8 heard_kind;
	u32 heard_about;
	u64 heard_value;
	bool gone;
	u32 hurry;
	u64 said;
	bool refused;
	bool refused_reported;
	u64 refusal;
	u64 due;
	u64 grace;
	u64 graced;
	u64 late;
	u64 losses;
	u64 decision;
	struct hrtimer judge;

	struct hlist_node by_id;
	struct list_head list;
	struct rcu_head rcu;
	struct hasw_pulse_path path[];
};

/**
 * hasw_pulse_of_service() - whether a heartbeat says something of a service
 * @beat: the heartbeat
 */
static inline bool hasw_pulse_of_service(const struct hasw_pulse_beat *beat)
{
	return beat->kind == HASWITCH_PULSE_KIND_REFUSED ||
	       beat->kind == HASWITCH_PULSE_KIND_LISTENS;
}

/* So many grants end at a time. */
#define HASW_RESIGN_MAX 16

/**
 * struct hasw_resigned - grants that have ended, of which the peers are told
 * @n: how many
 * @e: number of the lease, and epoch
 */
struct hasw_resigned {
	u32 n;
	struct {
		u32 number;
		u64 epoch;
	} e[HASW_RESIGN_MAX];
};

typedef void (*hasw_pulse_said_fn)(struct hasw_net *hn,
				   const struct hasw_node *node, u8 kind,
				   u64 value, u64 now);

/**
 * struct hasw_pulses - the heartbeat sessions of a namespace
 * @by_id: sessions by number; written under hasw_net.mutex, read under RCU
 * @list: all of them; as @by_id
 * @sock: by HASW_HOP4 and HASW_HOP6, where heartbeats come; written under
 *	hasw_net.mutex, read under RCU
 * @users: paths that need @sock; under hasw_net.mutex
 * @changes: how many sessions have begun and ended; under hasw_net.mutex
 * @said: hears what a peer says of a service, under hasw_net.state_lock and
 *	RCU, softirqs off; constant
 * @hn: namespace; constant
 * @beat: sends, when the first session is due
 * @beat_lock: @beat is started under it; inside all others
 * @claims: the leases that this node held at the last tick; used by @beat alone
 * @named: those of @claims that fit into a heartbeat; as that
 * @records: what each heartbeat of that tick says of them; as that
 * @resigned: grants of which the peers are told after a grace period; under
 *	hasw_net.state_lock
 * @resign_work: tells them
 * @gasp_devs: devices by which a panic would be told; under rtnl
 * @gasp_work: looks for them again and again, while there are sessions
 * @gasp_netdev: tells when one of them goes
 */
struct hasw_pulses {
	struct hlist_head by_id[HASW_PULSE_BUCKETS];
	struct list_head list;
	struct socket __rcu *sock[HASW_HOPS];
	u32 users[HASW_HOPS];
	u32 changes;
	hasw_pulse_said_fn said;
	struct hrtimer beat;
	spinlock_t beat_lock;
	struct hasw_claim claims[HASWITCH_LEASES_MAX];
	struct hasw_claim named[HASW_PULSE_CLAIMS];
	struct hasw_pulse_records records;
	struct hasw_net *hn;
	struct hasw_resigned resigned;
	struct work_struct resign_work;
	struct list_head gasp_devs;
	struct delayed_work gasp_work;
	struct notifier_block gasp_netdev;
};

/**
 * struct hasw_pulse_heard - the records of a heartbeat that has come
 * @records: where they begin, of any alignment
 * @n: how many bytes; 0: there are none
 * @mac: their MAC
 */
struct hasw_pulse_heard {
	const void *records;
	u32 n;
	__be64 mac;
};

/**
 * struct hasw_pulse_keys - new keys of a session
 * @tx: key by which we talk
 * @rx: key by which we listen
 * @id: their number
 */
struct hasw_pulse_keys {
	siphash_key_t tx;
	siphash_key_t rx;
	u8 id;
};

/* pulse.c: sessions come and go */
int hasw_pulse_init(struct hasw_net *hn, hasw_pulse_said_fn said);
void hasw_pulse_exit(struct hasw_net *hn);
struct hasw_pulse *hasw_pulse_find(const struct hasw_net *hn,
				   const struct hasw_node *node);
struct hasw_pulse *hasw_pulse_at(const struct hasw_net *hn, u32 id);
u64 hasw_pulse_random(void);
struct hasw_pulse *hasw_pulse_new(struct hasw_net *hn, u32 id, u32 n_paths);
int hasw_pulse_add(struct hasw_pulse *p, struct hasw_node *node,
		   const struct hasw_pulse_keys *keys);
void hasw_pulse_free(struct hasw_pulse *p);
void hasw_pulse_del(struct hasw_pulse *p);
void hasw_pulse_node_del(struct hasw_net *hn, const struct hasw_node *node);
void hasw_pulse_follow(struct hasw_net *hn);
int hasw_pulse_rekey(struct hasw_pulse *p, const struct hasw_pulse_keys *keys);

/* pulse_send.c: what we say, and when */
void hasw_pulse_send_init(struct hasw_pulses *all);
void hasw_pulse_send_start(struct hasw_pulse *p);
void hasw_pulse_pace(struct hasw_pulse *p, u64 interval, u8 multiplier);
void hasw_pulse_tell(struct hasw_net *hn, u8 kind, u32 about, u64 value);
void hasw_pulse_say(struct hasw_net *hn, u8 kind, u64 value);
void hasw_pulse_hurry(struct hasw_net *hn);
bool hasw_pulse_compose_last(struct hasw_pulse *p,
			     struct hasw_pulse_wire *wire);

/* pulse_recv.c: what we hear, and what we make of silence */
void hasw_pulse_hear_init(struct hasw_pulse *p);
void hasw_pulse_hear(struct hasw_net *hn, const struct in6_addr *from,
		     const struct in6_addr *to, const struct sk_buff *skb,
		     const struct hasw_pulse_wire *wire);
void hasw_pulse_ask(struct hasw_pulse *p, u64 challenge);
u64 hasw_pulse_answer(struct hasw_pulse *p);
void hasw_pulse_refuse(struct hasw_net *hn, const struct in6_addr *local,
		       const struct in6_addr *remote,
		       const struct hasw_pulse_wire *wire);
void hasw_pulse_shorter(struct hasw_pulse *p, u64 now);
void hasw_pulse_late(struct hasw_pulse *p, u64 now);
bool hasw_pulse_judge(struct hasw_pulse *p, u64 now);

/* pulse_report.c: what follows for others */
void hasw_pulse_report(struct hasw_pulse *p);
void hasw_pulse_report_claims(struct hasw_pulse *p,
			      const struct hasw_pulse_heard *heard, u64 now);
void hasw_pulse_report_told(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now);
void hasw_pulse_report_said(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now);

/* pulse_sock.c: how heartbeats leave and come */
int hasw_pulse_net_open(struct hasw_net *hn, const struct hasw_pulse *p);
void hasw_pulse_net_close(struct hasw_net *hn, const struct hasw_pulse *p);
struct dst_entry *hasw_pulse_net_route(struct hasw_net *hn,
				       struct hasw_pulse_path *path);
void hasw_pulse_net_wrap(const struct hasw_pulse_path *path,
			 struct sk_buff *skb, u8 ttl, bool whole);
void hasw_pulse_net_send(struct hasw_net *hn, struct hasw_pulse_path *path,
			 const struct hasw_pulse_wire *wire,
			 const struct hasw_pulse_records *records,
			 __be64 records_mac);

/* pulse_gasp.c: what is said when the kernel panics */
int hasw_pulse_gasp_alloc(struct hasw_pulse_path *path);
void hasw_pulse_gasp_free(struct hasw_pulse_path *path);
int hasw_pulse_gasp_init(struct hasw_net *hn);
void hasw_pulse_gasp_exit(struct hasw_net *hn);
void hasw_pulse_gasp_aim(struct hasw_net *hn);
void hasw_pulse_gasp(struct hasw_net *hn, u32 nth);

#endif
