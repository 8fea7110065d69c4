// SPDX-License-Identifier: GPL-2.0
/* Metrics of what the module counts: packets, services, members, heartbeats, and the times of switches. */
#include <linux/haswitch.h>
#include <stdio.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/generated/spec_gen.h"
#include "module_metrics.h"

#define BUCKETS	64

/* A counter of the namespace. Counters of one name follow each other, and differ by their reason. */
struct counter {
	uint16_t attr;
	const char *name;
	const char *reason;
	const char *help;
};

#define DROP	"haswitch_packets_dropped"
#define DROPPED	"Packets dropped, by reason; see the counters drop-* in haswitch-netlink(7)"

static const struct counter counters[] = {
	{ HASWITCH_A_STATS_SEEN, "haswitch_packets_seen", NULL,
	  "Packets that the module handled; each is also redirected, local, passed or dropped" },
	{ HASWITCH_A_STATS_REDIRECTED, "haswitch_packets_redirected", NULL,
	  "Packets sent on to another node or to a client" },
	{ HASWITCH_A_STATS_FAST, "haswitch_packets_fast", NULL, "Redirected packets that the fast path sent" },
	{ HASWITCH_A_STATS_LOCAL, "haswitch_packets_local", NULL, "Packets handed to the stack of this node" },
	{ HASWITCH_A_STATS_PASSED, "haswitch_packets_passed", NULL, "Packets left to the stack" },
	{ HASWITCH_A_STATS_DROP_NOT_HOLDER, DROP, "not-holder", DROPPED },
	{ HASWITCH_A_STATS_DROP_NO_MEMBER, DROP, "no-member", DROPPED },
	{ HASWITCH_A_STATS_DROP_UNRESOLVED, DROP, "unresolved", DROPPED },
	{ HASWITCH_A_STATS_DROP_TTL, DROP, "ttl", DROPPED },
	{ HASWITCH_A_STATS_DROP_MTU, DROP, "mtu", DROPPED },
	{ HASWITCH_A_STATS_DROP_MALFORMED, DROP, "malformed", DROPPED },
	{ HASWITCH_A_STATS_DROP_MEMORY, DROP, "memory", DROPPED },
	{ HASWITCH_A_STATS_DROP_OUTPUT, DROP, "output", DROPPED },
	{ HASWITCH_A_STATS_DROP_SOURCE, DROP, "source", DROPPED },
	{ HASWITCH_A_STATS_DROP_FLOW_FULL, DROP, "flow-full", DROPPED },
	{ HASWITCH_A_STATS_DROP_FLOW_PORTS, DROP, "flow-ports", DROPPED },
	{ HASWITCH_A_STATS_DROP_FLOW_ALIKE, DROP, "flow-alike", DROPPED },
	{ HASWITCH_A_STATS_REJECTED, "haswitch_packets_rejected", NULL,
	  "Packets without a member that were answered with a reset or an ICMP error" },
	{ HASWITCH_A_STATS_ARP_ANSWERED, "haswitch_arp_answered", NULL,
	  "ARP requests for a vip that the module answered" },
	{ HASWITCH_A_STATS_ARP_DROPPED, "haswitch_arp_dropped", NULL, "ARP packets about a vip that were dropped" },
	{ HASWITCH_A_STATS_ARP_REWRITTEN, "haswitch_arp_rewritten", NULL, "ARP requests whose sender was a vip" },
	{ HASWITCH_A_STATS_ND_ANSWERED, "haswitch_nd_answered", NULL,
	  "Neighbour solicitations for a vip that were answered" },
	{ HASWITCH_A_STATS_ND_DROPPED, "haswitch_nd_dropped", NULL,
	  "Neighbour discovery packets about a vip that were dropped" },
	{ HASWITCH_A_STATS_ND_REWRITTEN, "haswitch_nd_rewritten", NULL,
	  "Neighbour solicitations whose source was a vip" },
	{ HASWITCH_A_STATS_ANNOUNCED, "haswitch_announcements", NULL, "Announcements of vips that were sent" },
	{ HASWITCH_A_STATS_REPEATED, "haswitch_announcements_repeated", NULL, "Repeated announcements of vips" },
	{ HASWITCH_A_STATS_CONFLICTS, "haswitch_conflicts", NULL,
	  "Frames by which another host uses a vip of this node" },
	{ HASWITCH_A_STATS_CONFLICTS_CAPPED, "haswitch_conflicts_capped", NULL, "Such frames that were not answered" },
	{ HASWITCH_A_STATS_SWITCHES, "haswitch_switches", NULL, "Published state changes of nodes and members" },
	{ HASWITCH_A_STATS_BEATS, "haswitch_beats", NULL, "Reports of the agent that the module accepted" },
	{ HASWITCH_A_STATS_PULSE_UNKNOWN, "haswitch_heartbeats_unknown", NULL, "Heartbeats that belong to no session" },
	{ HASWITCH_A_STATS_PULSE_MALFORMED, "haswitch_heartbeats_malformed", NULL, "Packets that are no heartbeats" },
	{ HASWITCH_A_STATS_STRAY_SENT, "haswitch_strays_sent", NULL, "Strays that this node sent on to the holder" },
	{ HASWITCH_A_STATS_STRAY_RECEIVED, "haswitch_strays_received", NULL, "Strays that arrived from other nodes" },
	{ HASWITCH_A_STATS_STRAY_REFUSED, "haswitch_strays_refused", NULL,
	  "Datagrams that were no strays of a known node" },
	{ HASWITCH_A_STATS_STRAY_KEPT, "haswitch_strays_kept", NULL,
	  "Strays that arrived before this node held the vip" },
	{ HASWITCH_A_STATS_STRAY_GIVEN_UP, "haswitch_strays_given_up", NULL, "Kept strays that were dropped" },
	{ HASWITCH_A_STATS_STRAY_RETURNED, "haswitch_strays_returned", NULL, "Strays that a member sent back" },
	{ HASWITCH_A_STATS_FLOW_MADE, "haswitch_flows_made", NULL, "Flows whose tracking began" },
	{ HASWITCH_A_STATS_FLOW_MOVED, "haswitch_flows_moved", NULL, "Flows that moved to another member" },
	{ HASWITCH_A_STATS_FLOW_REFUSED, "haswitch_flows_refused", NULL, "New flows that were refused" },
	{ HASWITCH_A_STATS_FLOW_RESET, "haswitch_flows_reset", NULL, "Resets sent to clients of a lost member" },
	{ HASWITCH_A_STATS_FLOW_EVICTED, "haswitch_flows_evicted", NULL, "Flows that a full table ended early" },
	{ HASWITCH_A_STATS_FLOW_EVICTED_ASSURED, "haswitch_flows_evicted_assured", NULL,
	  "Evicted flows whose client was assured" },
	{ HASWITCH_A_STATS_TUNNEL_SENT, "haswitch_tunnel_packets_sent", NULL, "Outer packets sent to members" },
	{ HASWITCH_A_STATS_TUNNEL_RECEIVED, "haswitch_tunnel_packets_received", NULL,
	  "Packets that came in outer ones" },
	{ HASWITCH_A_STATS_TUNNEL_REFUSED, "haswitch_tunnel_packets_refused", NULL, "Outer packets that were refused" },
	{ HASWITCH_A_STATS_NAT_ANSWERED, "haswitch_nat_replies", NULL,
	  "Replies of members via nat that were sent to clients" },
};

static const struct {
	uint16_t attr;
	const char *name;
	const char *help;
} histograms[] = {
	{ HASWITCH_A_STATS_DECISION_PUBLISH, "haswitch_switch_publish_seconds",
	  "Time of a switch from the decision to its publication" },
	{ HASWITCH_A_STATS_PUBLISH_FIRST, "haswitch_switch_first_packet_seconds",
	  "Time of a switch from its publication to the first packet to the new node" },
	{ HASWITCH_A_STATS_DECISION_FIRST, "haswitch_switch_seconds",
	  "Time of a switch from the decision to the first packet to the new node" },
};

#define N_COUNTERS	(sizeof(counters) / sizeof(counters[0]))
#define N_HISTOGRAMS	(sizeof(histograms) / sizeof(histograms[0]))

static void histogram(struct family *f, const struct label *labels, const struct hasw_record *rec, uint16_t attr)
{
	struct bucket buckets[BUCKETS];
	const struct nlattr *at = NULL;
	unsigned int n = 0;

	while (n < BUCKETS && (at = hasw_next(rec, attr, at))) {
		struct hasw_record one;

		if (hasw_record_nest(&one, &hasw_set_bucket, at))
			continue;
		buckets[n].below = hasw_number(&one, HASWITCH_A_BUCKET_BELOW, 0);
		buckets[n++].count = hasw_number(&one, HASWITCH_A_BUCKET_COUNT, 0);
	}
	metrics_histogram(f, labels, &metrics_bounds, buckets, n, NULL);
}

static int add_stats(const struct hasw_record *rec, void *data)
{
	struct family *f = NULL;
	struct metrics *m = data;

	for (size_t i = 0; i < N_COUNTERS; i++) {
		const struct counter *c = &counters[i];
		const struct label labels[] = { { "reason", c->reason }, { NULL, NULL } };

		if (!f || strcmp(f->name, c->name))
			f = metrics_family(m, METRIC_COUNTER, c->name, NULL, c->help);
		if (hasw_has(rec, c->attr))
			metrics_number(f, labels, hasw_number(rec, c->attr, 0));
	}
	for (size_t i = 0; i < N_HISTOGRAMS; i++)
		histogram(metrics_family(m, METRIC_HISTOGRAM, histograms[i].name, "seconds", histograms[i].help), NULL,
			  rec, histograms[i].attr);
	return 0;
}

bool module_metrics_know(uint16_t attr)
{
	for (size_t i = 0; i < N_COUNTERS; i++)
		if (counters[i].attr == attr)
			return true;
	for (size_t i = 0; i < N_HISTOGRAMS; i++)
		if (histograms[i].attr == attr)
			return true;
	return false;
}

/*
 * A histogram has a sample for each bound, and the module is asked for the times of each service by itself. So there are
 * those of services that had packets here, and none at all if these are more.
 */
#define TIMED	200

struct services {
	struct family *members, *serving, *min_active, *packets, *bytes, *dropped, *limited, *flows, *times;
	struct hasw_svc timed[TIMED];
	unsigned int n;		/* services that had packets */
};

static int add_times(const struct hasw_record *rec, void *data)
{
	struct family *times = data;
	char text[HASW_SVC_TEXT];
	struct label labels[] = { { "service", text }, { NULL, NULL } };
	struct hasw_svc svc;

	if (!hasw_get_svc(rec, HASWITCH_A_TIMES_ADDR4, &svc))
		return 0;
	hasw_svc_format(&svc, text);
	histogram(times, labels, rec, HASWITCH_A_TIMES_DECISION_FIRST);
	return 0;
}

/* Of a service that is gone by now there is nothing to say. */
static void times(const struct services *s, struct hasw_sock *sock)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	for (unsigned int i = 0; s->n <= TIMED && i < s->n; i++) {
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_TIMES_GET, 0);
		hasw_put_svc(&msg, HASWITCH_A_TIMES_ADDR4, &s->timed[i]);
		hasw_get(sock, &msg, add_times, s->times, &err);
	}
}

static int add_service(const struct hasw_record *rec, void *data)
{
	struct services *s = data;
	char text[HASW_SVC_TEXT];
	struct label labels[] = { { "service", text }, { NULL, NULL } };
	struct hasw_svc svc;

	if (!hasw_get_svc(rec, HASWITCH_A_SERVICE_ADDR4, &svc))
		return 0;
	hasw_svc_format(&svc, text);
	metrics_number(s->members, labels, hasw_number(rec, HASWITCH_A_SERVICE_MEMBERS, 0));
	metrics_number(s->serving, labels, hasw_number(rec, HASWITCH_A_SERVICE_SERVING, 0));
	metrics_number(s->min_active, labels, hasw_number(rec, HASWITCH_A_SERVICE_MIN_ACTIVE, 1));
	metrics_number(s->packets, labels, hasw_number(rec, HASWITCH_A_SERVICE_PACKETS, 0));
	if (hasw_number(rec, HASWITCH_A_SERVICE_PACKETS, 0) && s->n <= TIMED) {
		if (s->n < TIMED)
			s->timed[s->n] = svc;
		s->n++;
	}
	metrics_number(s->bytes, labels, hasw_number(rec, HASWITCH_A_SERVICE_BYTES, 0));
	metrics_number(s->dropped, labels, hasw_number(rec, HASWITCH_A_SERVICE_DROPPED, 0));
	if (hasw_has(rec, HASWITCH_A_SERVICE_LIMITED))
		metrics_number(s->limited, labels, hasw_number(rec, HASWITCH_A_SERVICE_LIMITED, 0));
	if (hasw_has(rec, HASWITCH_A_SERVICE_FLOWS))
		metrics_number(s->flows, labels, hasw_number(rec, HASWITCH_A_SERVICE_FLOWS, 0));
	return 0;
}

struct members {
	struct family *serving, *healthy, *spare, *called, *weight, *packets, *bytes, *flows, *full;
};

static int add_member(const struct hasw_record *rec, void *data)
{
	const struct members *s = data;
	char text[HASW_SVC_TEXT], port[8] = "";
	const struct label labels[] = {
		{ "service", text }, { "node", hasw_string(rec, HASWITCH_A_MEMBER_NODE) },
		{ "port", hasw_has(rec, HASWITCH_A_MEMBER_NAT_PORT) ? port : NULL }, { NULL, NULL },
	};
	bool spare = hasw_number(rec, HASWITCH_A_MEMBER_SPARE, HASWITCH_SPARE_OFF) == HASWITCH_SPARE_ON;
	struct hasw_svc svc;

	if (!hasw_get_svc(rec, HASWITCH_A_MEMBER_ADDR4, &svc))
		return 0;
	hasw_svc_format(&svc, text);
	snprintf(port, sizeof(port), "%u", (unsigned int)hasw_number(rec, HASWITCH_A_MEMBER_NAT_PORT, 0) & 0xffff);
	metrics_number(s->serving, labels, hasw_has(rec, HASWITCH_A_MEMBER_SERVING));
	metrics_number(s->healthy, labels, hasw_number(rec, HASWITCH_A_MEMBER_HEALTH, 0) == HASWITCH_HEALTH_UP);
	metrics_number(s->spare, labels, spare);
	if (spare)
		metrics_number(s->called, labels, hasw_has(rec, HASWITCH_A_MEMBER_SERVING));
	metrics_number(s->weight, labels, hasw_number(rec, HASWITCH_A_MEMBER_WEIGHT, 0));
	metrics_number(s->packets, labels, hasw_number(rec, HASWITCH_A_MEMBER_PACKETS, 0));
	metrics_number(s->bytes, labels, hasw_number(rec, HASWITCH_A_MEMBER_BYTES, 0));
	if (hasw_has(rec, HASWITCH_A_MEMBER_FLOWS))
		metrics_number(s->flows, labels, hasw_number(rec, HASWITCH_A_MEMBER_FLOWS, 0));
	if (hasw_has(rec, HASWITCH_A_MEMBER_FULL))
		metrics_number(s->full, labels, hasw_number(rec, HASWITCH_A_MEMBER_FULL, 0));
	return 0;
}

struct sessions {
	uint64_t now;
	struct family *up, *bound, *losses, *late, *path_up, *age, *jitter, *sent, *unsent, *received, *lost, *refused;
};

static void add_refused(const struct sessions *s, struct label labels[5], const struct hasw_record *path)
{
	static const struct {
		uint16_t attr;
		const char *reason;
	} kinds[] = {
		{ HASWITCH_A_PULSE_PATH_STATE_BAD_MAC, "bad-mac" },
		{ HASWITCH_A_PULSE_PATH_STATE_REPLAYED, "replayed" },
		{ HASWITCH_A_PULSE_PATH_STATE_OLD_KEY, "old-key" },
		{ HASWITCH_A_PULSE_PATH_STATE_MALFORMED, "malformed" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		labels[3] = (struct label){ "reason", kinds[i].reason };
		metrics_number(s->refused, labels, hasw_number(path, kinds[i].attr, 0));
	}
	labels[3] = (struct label){ NULL, NULL };
}

static void add_path(const struct sessions *s, const char *node, const struct nlattr *attr)
{
	char peer[HASW_ADDR_TEXT] = "";
	struct label labels[5] = { { "node", node }, { "peer", peer }, { "device", NULL } };
	struct hasw_record path;
	struct hasw_addr addr;
	uint64_t heard;

	if (hasw_record_nest(&path, &hasw_set_pulse_path_state, attr))
		return;
	if (hasw_get_addr(&path, HASWITCH_A_PULSE_PATH_STATE_REMOTE4, &addr))
		hasw_addr_format(&addr, peer);
	labels[2].value = hasw_string(&path, HASWITCH_A_PULSE_PATH_STATE_DEV);
	metrics_number(s->path_up, labels,
		       hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_STATE, 1) == HASWITCH_PULSE_STATE_UP);
	heard = hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_HEARD, 0);
	if (heard)
		metrics_seconds(s->age, labels, s->now > heard ? s->now - heard : 0);
	metrics_seconds(s->jitter, labels, hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_JITTER, 0));
	metrics_number(s->sent, labels, hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_SENT, 0));
	metrics_number(s->unsent, labels, hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_UNSENT, 0));
	metrics_number(s->received, labels, hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_RECEIVED, 0));
	metrics_number(s->lost, labels, hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_LOST, 0));
	add_refused(s, labels, &path);
}

static int add_session(const struct hasw_record *rec, void *data)
{
	const struct sessions *s = data;
	const struct label labels[] = { { "node", hasw_string(rec, HASWITCH_A_PULSE_NODE) }, { NULL, NULL } };
	const struct nlattr *path = NULL;
	uint64_t interval = hasw_number(rec, HASWITCH_A_PULSE_PEER_INTERVAL,
					hasw_number(rec, HASWITCH_A_PULSE_INTERVAL, 0));

	metrics_number(s->up, labels, hasw_number(rec, HASWITCH_A_PULSE_STATE, 1) == HASWITCH_PULSE_STATE_UP);
	metrics_seconds(s->bound, labels, interval * hasw_number(rec, HASWITCH_A_PULSE_MULTIPLIER, 0));
	metrics_number(s->losses, labels, hasw_number(rec, HASWITCH_A_PULSE_LOSSES, 0));
	metrics_number(s->late, labels, hasw_number(rec, HASWITCH_A_PULSE_LATE, 0));
	while ((path = hasw_next(rec, HASWITCH_A_PULSE_PATH_STATE, path)))
		add_path(s, labels[0].value, path);
	return 0;
}

static bool dump(struct hasw_sock *sock, unsigned int cmd, hasw_record_fn fn, void *data)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), cmd, NLM_F_DUMP);
	return !hasw_dump(sock, &msg, fn, data, &err);
}

static bool services(struct metrics *m, struct hasw_sock *sock)
{
	struct services s = { .n = 0 };

	s.members = metrics_family(m, METRIC_GAUGE, "haswitch_service_members", NULL, "Members of the service");
	s.serving = metrics_family(m, METRIC_GAUGE, "haswitch_service_members_serving", NULL,
				   "Members of the service that get new flows from this node now");
	s.min_active = metrics_family(m, METRIC_GAUGE, "haswitch_service_min_active", NULL,
				      "Usable members below which spare members get new flows");
	s.packets = metrics_family(m, METRIC_COUNTER, "haswitch_service_packets", NULL, "Packets sent to members");
	s.bytes = metrics_family(m, METRIC_COUNTER, "haswitch_service_bytes", "bytes",
				 "Bytes of the packets sent to members, from the IP header on");
	s.dropped = metrics_family(m, METRIC_COUNTER, "haswitch_service_packets_dropped", NULL,
				   "Packets dropped because no member could take them");
	s.limited = metrics_family(m, METRIC_COUNTER, "haswitch_service_packets_limited", NULL,
				   "Packets that would have begun a flow above the limit new-max");
	s.flows = metrics_family(m, METRIC_GAUGE, "haswitch_service_flows", NULL,
				 "Flows of the service that are tracked");
	s.times = metrics_family(m, METRIC_HISTOGRAM, "haswitch_service_switch_seconds", "seconds",
				 "Time of a switch of the service from the decision to the first packet to the new node");
	if (!dump(sock, HASWITCH_CMD_SERVICE_GET, add_service, &s))
		return false;
	times(&s, sock);
	return true;
}

static bool members(struct metrics *m, struct hasw_sock *sock)
{
	struct members s;

	s.serving = metrics_family(m, METRIC_GAUGE, "haswitch_member_serving", NULL,
				   "Whether the member gets new flows from this node now");
	s.healthy = metrics_family(m, METRIC_GAUGE, "haswitch_member_healthy", NULL,
				   "Whether the health of the member is up");
	s.spare = metrics_family(m, METRIC_GAUGE, "haswitch_member_spare", NULL, "Whether the member is a spare one");
	s.called = metrics_family(m, METRIC_GAUGE, "haswitch_member_called", NULL,
				  "Whether the spare member gets new flows from this node now, for want of others");
	s.weight = metrics_family(m, METRIC_GAUGE, "haswitch_member_weight", NULL, "Weight of the member");
	s.packets = metrics_family(m, METRIC_COUNTER, "haswitch_member_packets", NULL, "Packets sent to the member");
	s.bytes = metrics_family(m, METRIC_COUNTER, "haswitch_member_bytes", "bytes",
				 "Bytes of the packets sent to the member, from the IP header on");
	s.flows = metrics_family(m, METRIC_GAUGE, "haswitch_member_flows", NULL,
				 "Flows of the member that are tracked");
	s.full = metrics_family(m, METRIC_COUNTER, "haswitch_member_full", NULL,
				"New flows that arrived while the member had flows-max flows");
	return dump(sock, HASWITCH_CMD_MEMBER_GET, add_member, &s);
}

static bool sessions(struct metrics *m, struct hasw_sock *sock, uint64_t now)
{
	struct sessions s = { .now = now };

	s.up = metrics_family(m, METRIC_GAUGE, "haswitch_heartbeat_up", NULL,
			      "Whether the modules of this node and of the other one hear each other");
	s.bound = metrics_family(m, METRIC_GAUGE, "haswitch_heartbeat_detection_seconds", "seconds",
				 "Silence after which the module takes the node for lost");
	s.losses = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_losses", NULL,
				  "How often the node was lost by its silence");
	s.late = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_late", NULL,
				"How often a timer of this node was late by an interval or more");
	s.path_up = metrics_family(m, METRIC_GAUGE, "haswitch_heartbeat_path_up", NULL,
				   "Whether the two modules hear each other on the path");
	s.age = metrics_family(m, METRIC_GAUGE, "haswitch_heartbeat_path_age_seconds", "seconds",
			       "Time since the last heartbeat on the path");
	s.jitter = metrics_family(m, METRIC_GAUGE, "haswitch_heartbeat_path_jitter_seconds", "seconds",
				  "Variation of the transit time of heartbeats, as in RFC 3550");
	s.sent = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_path_sent", NULL, "Heartbeats sent");
	s.unsent = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_path_unsent", NULL,
				  "Heartbeats that were not sent for want of a route or of memory");
	s.received = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_path_received", NULL, "Heartbeats accepted");
	s.lost = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_path_lost", NULL,
				"Heartbeats that the other node sent, but that never arrived");
	s.refused = metrics_family(m, METRIC_COUNTER, "haswitch_heartbeat_path_refused", NULL,
				   "Heartbeats that were refused, by reason");
	return dump(sock, HASWITCH_CMD_PULSE_GET, add_session, &s);
}

bool module_metrics(struct metrics *m, struct hasw_sock *sock, uint64_t now)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_STATS_GET, 0);
	return !hasw_get(sock, &msg, add_stats, m, &err) && services(m, sock) && members(m, sock) &&
	       sessions(m, sock, now);
}
