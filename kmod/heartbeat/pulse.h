/* SPDX-License-Identifier: GPL-2.0 */
/* Pulses: heartbeats that the kernel modules of two nodes exchange in softirq,
 * without user space. A notice is a message that a heartbeat can carry: about
 * the sender, a lease or a service. A path (pair of addresses) is heard while
 * the peer's heartbeats arrive on it. `We` and `our` mean this node.
 */
#ifndef HASW_PULSE_H
#define HASW_PULSE_H

#include <linux/hrtimer.h>
#include <net/dst_cache.h>

#include "cluster/lease.h"
#include "pulse_wire.h"

/* Number of hash buckets of hasw_pulses.by_id. */
#define HASW_PULSE_BUCKETS 64

/* TOS byte of heartbeats: DSCP class selector 6, which is for network control.
 */
#define HASW_PULSE_TOS 0xc0

/* Number of gasps that are sent on each path, since a packet can be lost. A
 * gasp is the last heartbeat, which a kernel sends when it panics.
 */
#define HASW_PULSE_GASPS 3

/* Number of stored challenges of those lives of the peer that are not accepted.
 * A challenge is a random number that we must echo. A life is a period in which
 * a node's heartbeat counters only grow; a new session begins a new life. To
 * push out the challenge of the peer's new life, an attacker would have to
 * replay heartbeats of at least this many earlier lives.
 */
#define HASW_PULSE_CHALLENGES 8

/**
 * struct hasw_gasp - netpoll and packets with which a path sends gasps in a
 *	panic
 * @np: netpoll of the egress device, or NULL; written under rtnl and
 *	hasw_net.mutex; read under both locks, or by the CPU that panics
 * @dest: link-layer address of the next hop; under the same locks as @np, and
 *	written only while @np is NULL
 * @skb: preallocated packets, each sent at most once
 */
struct hasw_gasp {
	struct netpoll *np;
	u8 dest[ETH_ALEN];
	struct sk_buff *skb[HASW_PULSE_GASPS];
};

/**
 * struct hasw_pulse_path - a pair of addresses between which heartbeats are
 *	sent
 * @family: AF_INET or AF_INET6; constant
 * @local: our address, IPv4 as v4-mapped; constant
 * @remote: the peer's address, IPv4 as v4-mapped; constant
 * @dev: name of the egress device; empty: the route chooses it; constant
 * @dst: cached route; per CPU, used with softirqs off
 * @state: enum haswitch_pulse_state of this path
 * @reported: last reported value of @state; under hasw_net.state_lock
 * @heard: when the last heartbeat was received, ns; 0: never
 * @hears: time, ns, until which a path that is heard counts as up although the
 *	peer has not yet reported that it receives our heartbeats; 0: the peer
 *	has reported it
 * @counter: counter of the last heartbeat sent
 * @echo: highest of our counters that the peer has echoed on this path
 * @echoed: the peer has echoed a counter of our current life on this path
 * @mark: one of our counters that the peer has not echoed yet; 0: none
 * @marked: when the heartbeat with the counter @mark was sent, ns
 * @transit: for the peer's newest heartbeat: time of receipt minus stamp, ns
 * @jitter: interarrival jitter (RFC 3550), in units of 1/16 ns
 * @window: replay window: which counters of the peer were received
 * @lost: number of missing heartbeats of the peer, from gaps in the counters
 * @sent: number of heartbeats handed to the IP stack; atomic, needs no lock
 * @unsent: number of heartbeats that could not be sent; atomic, needs no lock
 * @received: number of authentic heartbeats that were new
 * @bad_mac: number of heartbeats with a wrong MAC, plus number of ICMP errors
 *	that quote a heartbeat of ours with a wrong MAC
 * @replayed: number of heartbeats that were received before, are too old, or
 *	are of a life other than hasw_pulse.peer_life
 * @old_key: number of heartbeats with a key number that this node does not know
 * @malformed: number of authentic heartbeats with invalid values
 * @refused: a router has reported that the peer is unreachable, and no
 *	heartbeat has arrived on this path since then
 * @gasp: netpoll and packets for a panic
 *
 * hasw_pulse.lock protects each member for which no other rule is given.
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
	u64 mark;
	u64 marked;
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
 * struct hasw_pulse_slot - a key that verifies heartbeats of the peer
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

/* Indices of hasw_pulse.rx: the key in use, the next key, the previous key. */
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
 * @lock: protects the members from @dead to @judge, unless another rule is
 *	given; taken with softirqs off, inside hasw_net.state_lock; no packet is
 *	sent while this lock is held
 * @dead: the session has ended, and no timer is started any more
 * @watching: at least one path is heard, so this node checks for silence
 *	whenever it sends a heartbeat and when @judge fires
 * @state: enum haswitch_pulse_state of the session, combined from all paths
 * @reported: last reported value of @state; under hasw_net.state_lock
 * @tx_now: key that computes the MACs of our heartbeats
 * @tx_next: key that replaces @tx_now once the peer has announced or used
 *	@tx_next_id
 * @tx_id: number of @tx_now
 * @tx_next_id: number of @tx_next
 * @rx: keys that verify the peer's heartbeats, indexed by enum hasw_pulse_place
 * @interval: interval at which we send heartbeats, ns
 * @multiplier: a path is down after this many of the peer's intervals without a
 *	heartbeat
 * @slow: number of heartbeats still to be sent at the old interval @pace, after
 *	@interval became longer
 * @pace: the previous, shorter interval, ns; valid while @slow is not 0
 * @life: random number that identifies our current life
 * @challenge: random number that a new life of the peer must echo before its
 *	heartbeats are accepted
 * @peer_life: life of the peer whose heartbeats are accepted; 0: none yet
 * @peer_challenge: challenge sent by @peer_life, which we echo
 * @challenges: challenges sent by other lives of the peer, which we also echo;
 *	0: free element
 * @replaced: index in @challenges of the element that is overwritten next
 * @echoed: index in @challenges of the challenge that we echoed last;
 *	HASW_PULSE_CHALLENGES means @peer_challenge
 * @peer_interval: interval announced by the peer's newest heartbeat, ns
 * @peer_multiplier: multiplier in the peer's newest heartbeat
 * @notice: enum haswitch_pulse_kind of our notice that is being repeated
 * @notices: number of heartbeats still to be sent with @notice
 * @notice_about: object that @notice concerns, see hasw_pulse_wire.about
 * @notice_value: value that @notice carries, see hasw_pulse_wire.value
 * @heard_kind: kind of the peer's last notice about itself or a lease
 * @heard_about: object that @heard_kind concerns
 * @heard_value: value that the notice of @heard_kind carried
 * @gone: the peer has sent HASWITCH_PULSE_KIND_GOING in @peer_life
 * @agentless: the latest time, ns of our clock, after which the peer has
 *	certainly sent a heartbeat with HASW_PULSE_F_AGENTLESS; 0: it sent none
 * @hurry: number of heartbeats still to be sent quickly, see hasw_pulse_hurry()
 * @lists: number of heartbeats still to be sent that list our link-layer
 *	addresses after they have changed
 * @listed: value of hasw_pulses.cards_changes when @lists was set last
 * @list_due: when a heartbeat lists our link-layer addresses again, ns
 * @said: stamp of the peer's newest notice about a service, ns of the peer's
 *	clock
 * @lladdrs_life: life of the peer in which the node's link-layer addresses were
 *	listed; under hasw_net.state_lock, also read without it
 * @lladdrs_stamp: stamp of the heartbeat that has listed them, ns of the peer's
 *	clock; 0: none in @lladdrs_life; under hasw_net.state_lock
 * @refused: hasw_pulse_path.refused is true for every path that was ever heard
 * @refused_reported: last reported value of @refused; under hasw_net.state_lock
 * @refusal: when @refused changed last, ns
 * @due: when our next heartbeat is sent, ns; also read without @lock
 * @round: hasw_pulses.round when a heartbeat was sent last; used only by the
 *	handler of hasw_pulses.beat
 * @once_round: hasw_pulses.once_round when a notice about a service was sent
 *	last; used only by the handler of hasw_pulses.beat
 * @notify_round: hasw_pulses.notify_round when hasw_pulse_notify() has sent
 *	last; under hasw_pulses.notify_lock
 * @grace: no path is taken down before this time, ns; hasw_pulse_late() sets it
 *	when a timer of this machine was late, so that heartbeats in the receive
 *	queues are handled before the silence is judged
 * @graced: when @grace was set last, ns
 * @late: how often a timer of this machine fired an interval or more late;
 *	timers that fire before @grace are not counted
 * @losses: how often @state became down
 * @decision: when @state changed last, ns
 * @judge: timer that takes down silent paths; started only if a path might have
 *	to be taken down before @due
 * @by_id: entry in hasw_pulses.by_id; written under hasw_net.mutex, read under
 *	RCU
 * @list: entry in hasw_pulses.list; written under hasw_net.mutex, read under
 *	RCU
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
	u64 agentless;
	u32 hurry;
	u32 lists;
	u32 listed;
	u64 list_due;
	u64 said;
	u64 lladdrs_life;
	u64 lladdrs_stamp;
	bool refused;
	bool refused_reported;
	u64 refusal;
	u64 due;
	u32 round;
	u32 once_round;
	u32 notify_round;
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
 * hasw_pulse_of_service() - whether a heartbeat carries a notice about a
 *	service
 * @beat: the heartbeat
 */
static inline bool hasw_pulse_of_service(const struct hasw_pulse_beat *beat)
{
	return beat->kind == HASWITCH_PULSE_KIND_REFUSED ||
	       beat->kind == HASWITCH_PULSE_KIND_LISTENS;
}

/* Maximum number of ended grants that are reported to the peers together. */
#define HASW_RESIGN_MAX 16

/**
 * struct hasw_resigned - ended grants that must be reported to the peers
 * @n: length of @e
 * @e: for each ended grant, the number of the lease and the epoch of the grant
 */
struct hasw_resigned {
	u32 n;
	struct {
		u32 number;
		u64 epoch;
	} e[HASW_RESIGN_MAX];
};

/**
 * struct hasw_pulse_cards - devices by which frames leave, with their
 *	link-layer addresses
 * @n: number of devices
 * @ifindex: the devices
 * @lladdr: their addresses, as ether_addr_to_u64() returns them, each once
 */
struct hasw_pulse_cards {
	u32 n;
	int ifindex[HASW_LLADDRS];
	u64 lladdr[HASW_LLADDRS];
};

/* Maximum number of messages that are sent to peers at once, before the CPU can
 * do other work. Sending so many takes less than half a millisecond.
 */
#define HASW_PULSE_RUN 64

/* Maximum number of notices that hasw_pulse_notify_once() queues. */
#define HASW_PULSE_ONCE 256

/**
 * struct hasw_pulse_once - a queued notice about a service
 * @kind: enum haswitch_pulse_kind
 * @value: number of the service
 */
struct hasw_pulse_once {
	u8 kind;
	u64 value;
};

/**
 * struct hasw_pulse_notice - a notice that is being sent to all peers
 * @kind: enum haswitch_pulse_kind
 * @about: number of the lease that the notice is about; 0: none
 * @value: for a lease, the epoch of the ended grant; otherwise 0
 */
struct hasw_pulse_notice {
	u8 kind;
	u32 about;
	u64 value;
};

typedef void (*hasw_pulse_notice_fn)(struct hasw_net *hn,
				     const struct hasw_node *node, u8 kind,
				     u64 value, u64 now);

/**
 * struct hasw_pulses - the heartbeat sessions of a namespace
 * @by_id: sessions by number; written under hasw_net.mutex, read under RCU
 * @list: all sessions; written under hasw_net.mutex, read under RCU
 * @sock: sockets that receive heartbeats, indexed by HASW_HOP4 and HASW_HOP6;
 *	written under hasw_net.mutex, read under RCU
 * @users: number of paths that use each @sock; under hasw_net.mutex
 * @changes: number of sessions that have begun, plus the number of those that
 *	have ended; under hasw_net.mutex
 * @said: callback that handles a peer's notice about a service; called with
 *	hasw_net.state_lock held, under RCU, softirqs off; constant
 * @hn: namespace; constant
 * @beat: timer that fires when the next heartbeat of any session is due
 * @beat_lock: serialises the starts of @beat; taken inside all other locks
 * @round: number of times that @beat has sent to all sessions that were due;
 *	used only by the handler of @beat
 * @once: ring of queued notices about services; under @beat_lock
 * @once_first: index of the first queued notice in @once; under @beat_lock
 * @once_n: number of queued notices in @once; under @beat_lock
 * @once_round: number of queued notices that were sent to all sessions, plus
 *	1; used only by the handler of @beat
 * @notify_lock: serialises hasw_pulse_notify(); no lock is taken inside it but
 *	those of sessions and @beat_lock
 * @notify_round: number of calls of hasw_pulse_notify(); under @notify_lock
 * @claims: leases that this node held when @beat fired last; used only by the
 *	handler of @beat
 * @holds: this node held a lease when @beat fired last; used only by the
 *	handler of @beat
 * @held: this node has held no lease since then, ns; used only by the handler
 *	of @beat
 * @agentless: heartbeats carry HASW_PULSE_F_AGENTLESS; written by the handler
 *	of @beat, also read without a lock
 * @named: those of @claims that fit into a heartbeat; used only by the handler
 *	of @beat
 * @records: @named and @cards in wire format, for all heartbeats that one run
 *	of the handler of @beat sends; used only by this handler
 * @cards: devices by which our frames to other nodes leave; used only by the
 *	handler of @beat
 * @cards_changes: how often the addresses in @cards have changed; used only by
 *	the handler of @beat
 * @cards_due: when @cards is determined again, ns; used only by the handler of
 *	@beat
 * @resigned: ended grants that must be reported to the peers; under
 *	hasw_net.state_lock
 * @resign_work: reports @resigned to the peers, after an RCU grace period
 * @gasp_devs: list of struct hasw_gasp_dev, the egress devices of gasps; under
 *	rtnl
 * @gasp_work: updates @gasp_devs periodically, while there are sessions
 */
struct hasw_pulses {
	struct hlist_head by_id[HASW_PULSE_BUCKETS];
	struct list_head list;
	struct socket __rcu *sock[HASW_HOPS];
	u32 users[HASW_HOPS];
	u32 changes;
	hasw_pulse_notice_fn said;
	struct hrtimer beat;
	spinlock_t beat_lock;
	u32 round;
	struct hasw_pulse_once once[HASW_PULSE_ONCE];
	u32 once_first;
	u32 once_n;
	u32 once_round;
	struct mutex notify_lock;
	u32 notify_round;
	struct hasw_claim claims[HASWITCH_LEASES_MAX];
	bool holds;
	u64 held;
	bool agentless;
	struct hasw_claim named[HASW_PULSE_CLAIMS];
	struct hasw_pulse_records records;
	struct hasw_pulse_cards cards;
	u32 cards_changes;
	u64 cards_due;
	struct hasw_net *hn;
	struct hasw_resigned resigned;
	struct work_struct resign_work;
	struct list_head gasp_devs;
	struct delayed_work gasp_work;
};

/**
 * struct hasw_pulse_heard - the records of a received heartbeat
 * @records: first record, of any alignment
 * @n: length of @records in bytes; 0: the heartbeat has no records
 * @mac: MAC of @records
 */
struct hasw_pulse_heard {
	const void *records;
	u32 n;
	__be64 mac;
};

/**
 * struct hasw_pulse_keys - new keys of a session
 * @tx: key that computes the MACs of our heartbeats
 * @rx: key that verifies the peer's heartbeats
 * @id: number of both keys
 */
struct hasw_pulse_keys {
	siphash_key_t tx;
	siphash_key_t rx;
	u8 id;
};

/* pulse.c: start and end of sessions */
int hasw_pulse_init(struct hasw_net *hn, hasw_pulse_notice_fn said);
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
void hasw_pulse_look_agent(struct hasw_pulses *all, bool holds, u64 now);

/* pulse_send.c: when heartbeats are sent, and their contents */
void hasw_pulse_send_init(struct hasw_pulses *all);
void hasw_pulse_send_start(struct hasw_pulse *p);
void hasw_pulse_pace(struct hasw_pulse *p, u64 interval, u8 multiplier);
u32 hasw_pulse_send_some(struct hasw_pulses *all, u64 now, u64 *next);
u32 hasw_pulse_send_notices(struct hasw_pulses *all, bool *more);
bool hasw_pulse_notify_some(struct hasw_pulses *all,
			    const struct hasw_pulse_notice *notice);
void hasw_pulse_notify(struct hasw_net *hn, u8 kind, u32 about, u64 value);
bool hasw_pulse_notify_once(struct hasw_net *hn, u8 kind, u64 value);
void hasw_pulse_hurry(struct hasw_net *hn);
bool hasw_pulse_compose_last(struct hasw_pulse *p, u64 value,
			     struct hasw_pulse_wire *wire);

/* pulse_recv.c: received heartbeats, and silent peers */
void hasw_pulse_hear_init(struct hasw_pulse *p);
void hasw_pulse_hear(struct hasw_net *hn, const struct in6_addr *from,
		     const struct in6_addr *to, const struct sk_buff *skb,
		     const struct hasw_pulse_wire *wire);
void hasw_pulse_challenged(struct hasw_pulse *p, u64 challenge);
u64 hasw_pulse_response(struct hasw_pulse *p);
void hasw_pulse_refuse(struct hasw_net *hn, const struct in6_addr *local,
		       const struct in6_addr *remote,
		       const struct hasw_pulse_wire *wire);
void hasw_pulse_hear_mark(struct hasw_pulse *p, struct hasw_pulse_path *path,
			  const struct hasw_pulse_beat *beat);
void hasw_pulse_shorter(struct hasw_pulse *p, u64 now);
void hasw_pulse_late(struct hasw_pulse *p, u64 now);
bool hasw_pulse_judge(struct hasw_pulse *p, u64 now);

/* pulse_report.c: events, evidence and ends of grants */
void hasw_pulse_report(struct hasw_pulse *p);
void hasw_pulse_report_claims(struct hasw_pulse *p,
			      const struct hasw_pulse_heard *heard, u64 now);
void hasw_pulse_report_lladdrs(struct hasw_pulse *p,
			       const struct hasw_pulse_beat *beat,
			       const struct hasw_pulse_heard *heard);
void hasw_pulse_report_peer(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now);
void hasw_pulse_report_service(struct hasw_pulse *p,
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
			 const void *records, u16 records_len,
			 __be64 records_mac);

/* pulse_gasp.c: heartbeats that are sent in a panic */
int hasw_pulse_gasp_alloc(struct hasw_pulse_path *path);
void hasw_pulse_gasp_free(struct hasw_pulse_path *path);
void hasw_pulse_gasp_dev(struct hasw_net *hn, const struct net_device *dev,
			 unsigned long event);
void hasw_pulse_gasp_init(struct hasw_net *hn);
void hasw_pulse_gasp_exit(struct hasw_net *hn);
void hasw_pulse_gasp_aim(struct hasw_net *hn);
void hasw_pulse_gasp(struct hasw_net *hn, u32 nth, u64 value);

#endif
