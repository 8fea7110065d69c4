/* SPDX-License-Identifier: GPL-2.0 */
/* Pulses: heartbeats between modules in softirq, independent of user space. */
#ifndef HASW_PULSE_H
#define HASW_PULSE_H

#include <linux/hrtimer.h>
#include <net/dst_cache.h>

#include "cluster/lease.h"
#include "pulse_wire.h"

/* Number of hash buckets in which sessions are found by their number. */
#define HASW_PULSE_BUCKETS 64

/* DSCP class selector 6, which networks reserve for control traffic. */
#define HASW_PULSE_TOS 0xc0

/* Number of gasps that a path sends in a panic, since a packet may be lost. */
#define HASW_PULSE_GASPS 3

/* Number of challenges of the peer's other lives that are echoed round-robin.
 * An attacker who replays fewer earlier lives than this cannot crowd out the
 * challenge of the peer's new life.
 */
#define HASW_PULSE_CHALLENGES 8

/**
 * struct hasw_gasp - the means of a path to send a gasp in a panic
 * @np: netpoll of the egress device, or NULL; written under rtnl and
 *	hasw_net.mutex, read under these and by the CPU that panics
 * @dest: link-layer address of the next hop; locks as @np, and written only
 *	while @np is NULL
 * @skb: preallocated packets, each used once
 */
struct hasw_gasp {
	struct netpoll *np;
	u8 dest[ETH_ALEN];
	struct sk_buff *skb[HASW_PULSE_GASPS];
};

/**
 * struct hasw_pulse_path - a pair of addresses by which heartbeats are sent
 * @family: AF_INET or AF_INET6; constant
 * @local: our address, IPv4 as v4-mapped; constant
 * @remote: the peer's address, IPv4 as v4-mapped; constant
 * @dev: name of the egress device, or empty: any; constant
 * @dst: cached route; per CPU, used with softirqs off
 * @state: enum haswitch_pulse_state
 * @reported: @state as it was reported last; under hasw_net.state_lock
 * @heard: when the last heartbeat was received, ns; 0: never
 * @hears: until when the path may be up although the peer does not hear us
 *	yet, ns; 0: the peer has heard us
 * @counter: counter of the last heartbeat sent
 * @echo: highest of our counters that the peer has echoed
 * @echoed: the peer has echoed a counter of our current life
 * @transit: time of receipt less the stamp of the newest heartbeat, ns
 * @jitter: interarrival jitter of RFC 3550, ns, times 16
 * @window: counters that were received
 * @lost: number of heartbeats that are missing among those received
 * @sent: heartbeats handed to the stack; atomic, without a lock
 * @unsent: heartbeats that could not be sent; atomic, without a lock
 * @received: authentic heartbeats that were new
 * @bad_mac: heartbeats, and quotes of ours in ICMP errors, with a wrong MAC
 * @replayed: heartbeats received before, too old, or of a life not heard
 * @old_key: heartbeats made with a key that is not known
 * @malformed: authentic heartbeats with values that are not valid
 * @refused: a router reported that the peer is unreachable, and no heartbeat
 *	was received since
 * @gasp: netpoll and packets for a panic
 *
 * Members are under hasw_pulse.lock where no other rule is given.
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
 * struct hasw_pulse_slot - a key by which heartbeats of the peer are verified
 * @key: the key
 * @id: number of the key
 * @valid: the slot has a key
 * @until: when the key expires, ns; 0: never
 */
struct hasw_pulse_slot {
	siphash_key_t key;
	u8 id;
	bool valid;
	u64 until;
};

/* Slots of hasw_pulse.rx: the key in use, the next one, and the one before. */
enum hasw_pulse_place {
	HASW_PULSE_NOW,
	HASW_PULSE_NEXT,
	HASW_PULSE_OLD,
	HASW_PULSE_PLACES,
};

/**
 * struct hasw_pulse - a session of heartbeats with one peer
 * @hn: namespace; constant
 * @node: the peer; under hasw_net.state_lock
 * @id: number of the session; constant
 * @n_paths: length of @path; constant
 * @lock: protects all members below, up to @by_id; taken with softirqs off,
 *	inside hasw_net.state_lock; no packet is sent under it
 * @dead: the session has ended, and no timer is started any more
 * @watching: a path is heard, and is judged with each heartbeat or by @judge
 * @state: enum haswitch_pulse_state of all paths together
 * @reported: @state as it was reported last; under hasw_net.state_lock
 * @tx_now: key by which heartbeats are sent
 * @tx_next: key by which heartbeats are sent once the peer has it
 * @tx_id: number of @tx_now
 * @tx_next_id: number of @tx_next
 * @rx: keys by which heartbeats of the peer are verified
 * @interval: our interval, ns
 * @multiplier: number of the peer's intervals that a path may be silent
 * @slow: heartbeats still to be sent at @pace after @interval became longer
 * @pace: the shorter interval before, ns
 * @life: random number of our current life
 * @challenge: random number by which a new life of the peer proves itself
 * @peer_life: the peer's life that is heard; 0: none yet
 * @peer_challenge: challenge of @peer_life, to be echoed
 * @challenges: challenges of the peer's other lives, to be echoed too; 0: none
 * @replaced: index in @challenges of the challenge that is replaced next
 * @echoed: index in @challenges of the challenge that was echoed last;
 *	HASW_PULSE_CHALLENGES is @peer_challenge
 * @peer_interval: interval that the peer's newest heartbeat promises, ns
 * @peer_multiplier: multiplier in the peer's newest heartbeat
 * @notice: enum haswitch_pulse_kind of the notice that is repeated
 * @notices: number of heartbeats that still carry @notice
 * @notice_about: object of @notice, see hasw_pulse_wire.about
 * @notice_value: value of @notice
 * @heard_kind: kind of the peer's last notice that is not of a service
 * @heard_about: object of @heard_kind
 * @heard_value: value of @heard_kind
 * @gone: the peer has sent HASWITCH_PULSE_KIND_GOING in @peer_life
 * @hurry: number of heartbeats still to be sent quickly, one after the other
 * @said: stamp of the peer's newest notice of a service, ns of the peer's clock
 * @refused: every path that was ever heard is refused
 * @refused_reported: @refused as it was reported last; under
 *	hasw_net.state_lock
 * @refusal: when @refused changed, ns
 * @due: when the next heartbeat is sent, ns; also read without the lock
 * @grace: no path is judged before this time, ns
 * @graced: when @grace was set, ns
 * @late: how often a timer fired an interval late
 * @losses: how often @state became down
 * @decision: when @state changed last, ns
 * @judge: timer that notices silence before @due
 * @by_id: in hasw_pulses.by_id; written under hasw_net.mutex, read under RCU
 * @list: in hasw_pulses.list; locks as @by_id
 * @rcu: frees the session after a grace period
 * @path: paths to the peer
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
	u64 challenges[HASW_PULSE_CHALLENGES];
	u8 replaced;
	u8 echoed;
	u64 peer_interval;
	u8 peer_multiplier;
	u8 notice;
	u8 notices;
	u32 notice_about;
	u64 notice_value;
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
 * hasw_pulse_of_service() - whether a heartbeat carries a notice of a service
 * @beat: the heartbeat
 */
static inline bool hasw_pulse_of_service(const struct hasw_pulse_beat *beat)
{
	return beat->kind == HASWITCH_PULSE_KIND_REFUSED ||
	       beat->kind == HASWITCH_PULSE_KIND_LISTENS;
}

/* Number of grants that end in one pass. */
#define HASW_RESIGN_MAX 16

/**
 * struct hasw_resigned - ended grants of which the peers are to be notified
 * @n: length of @e
 * @e: number of the lease, and epoch of its ended grant
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
 * @list: all sessions; locks as @by_id
 * @sock: sockets that receive heartbeats, by HASW_HOP4 and HASW_HOP6; written
 *	under hasw_net.mutex, read under RCU
 * @users: number of paths that need each @sock; under hasw_net.mutex
 * @changes: how many sessions have begun and ended; under hasw_net.mutex
 * @said: handles a peer's notice of a service, called under
 *	hasw_net.state_lock and RCU, softirqs off; constant
 * @hn: namespace; constant
 * @beat: timer that sends heartbeats when the first session is due
 * @beat_lock: serialises the starts of @beat; inside all other locks
 * @claims: leases that this node held at the last tick; used by @beat only
 * @named: those of @claims that fit into a heartbeat; used by @beat only
 * @records: records of @named in each heartbeat of the tick; used by @beat only
 * @resigned: ended grants of which the peers are to be notified; under
 *	hasw_net.state_lock
 * @resign_work: notifies the peers of @resigned after a grace period
 * @gasp_devs: devices by which gasps would leave; under rtnl
 * @gasp_work: searches for @gasp_devs periodically, while there are sessions
 * @gasp_netdev: removes from @gasp_devs a device that is unregistered, or whose
 *	master changes
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
 * struct hasw_pulse_heard - the records of a received heartbeat
 * @records: first record, of any alignment
 * @n: length of @records in bytes; 0: there are none
 * @mac: MAC of @records
 */
struct hasw_pulse_heard {
	const void *records;
	u32 n;
	__be64 mac;
};

/**
 * struct hasw_pulse_keys - new keys of a session
 * @tx: key by which heartbeats are sent
 * @rx: key by which heartbeats of the peer are verified
 * @id: number of both keys
 */
struct hasw_pulse_keys {
	siphash_key_t tx;
	siphash_key_t rx;
	u8 id;
};

/* pulse.c: start and end of sessions */
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

/* pulse_send.c: when heartbeats are sent, and their contents */
void hasw_pulse_send_init(struct hasw_pulses *all);
void hasw_pulse_send_start(struct hasw_pulse *p);
void hasw_pulse_pace(struct hasw_pulse *p, u64 interval, u8 multiplier);
void hasw_pulse_notify(struct hasw_net *hn, u8 kind, u32 about, u64 value);
void hasw_pulse_notify_once(struct hasw_net *hn, u8 kind, u64 value);
void hasw_pulse_hurry(struct hasw_net *hn);
bool hasw_pulse_compose_last(struct hasw_pulse *p,
			     struct hasw_pulse_wire *wire);

/* pulse_recv.c: received heartbeats, and silence */
void hasw_pulse_hear_init(struct hasw_pulse *p);
void hasw_pulse_hear(struct hasw_net *hn, const struct in6_addr *from,
		     const struct in6_addr *to, const struct sk_buff *skb,
		     const struct hasw_pulse_wire *wire);
void hasw_pulse_challenged(struct hasw_pulse *p, u64 challenge);
u64 hasw_pulse_response(struct hasw_pulse *p);
void hasw_pulse_refuse(struct hasw_net *hn, const struct in6_addr *local,
		       const struct in6_addr *remote,
		       const struct hasw_pulse_wire *wire);
void hasw_pulse_shorter(struct hasw_pulse *p, u64 now);
void hasw_pulse_late(struct hasw_pulse *p, u64 now);
bool hasw_pulse_judge(struct hasw_pulse *p, u64 now);

/* pulse_report.c: events, evidence and ends of grants */
void hasw_pulse_report(struct hasw_pulse *p);
void hasw_pulse_report_claims(struct hasw_pulse *p,
			      const struct hasw_pulse_heard *heard, u64 now);
void hasw_pulse_report_told(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now);
void hasw_pulse_report_said(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now);

/* pulse_sock.c: sockets, routes and headers of heartbeats */
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

/* pulse_gasp.c: heartbeats that are sent in a panic */
int hasw_pulse_gasp_alloc(struct hasw_pulse_path *path);
void hasw_pulse_gasp_free(struct hasw_pulse_path *path);
int hasw_pulse_gasp_init(struct hasw_net *hn);
void hasw_pulse_gasp_exit(struct hasw_net *hn);
void hasw_pulse_gasp_aim(struct hasw_net *hn);
void hasw_pulse_gasp(struct hasw_net *hn, u32 nth);

#endif
