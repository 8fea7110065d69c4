// SPDX-License-Identifier: GPL-2.0
/* `haadm explain`: shows the decision that the module would make on a packet, and the reasons for the decision. */

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"
#include "haadm/packet/packet.h"
#include "haadm/packet/pcap.h"

/* The fields of JSON output. Text output is made by print_steps(). */
static const struct field fields[] = {
	{ NULL, NULL, HASWITCH_A_EXPLAIN_WAY, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_DROP, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_DOOR, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_SLOW, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_IFINDEX, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, "vip", HASWITCH_A_EXPLAIN_ADDR4, FORM_ADDR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_HELD, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_ROLE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_LEASE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_EPOCH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_NOW, FORM_STAMP, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_DEADLINE, FORM_UNTIL, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_HOLDER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_STRAY, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_PROTO, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_PORT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_SERVICE_PROTO, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_SERVICE_PORT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_SCHED, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_ZONE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_FLOW, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_FLOW_STATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_NODE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, "candidates", HASWITCH_A_EXPLAIN_CANDIDATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_EMPTY, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, "rejects", HASWITCH_A_EXPLAIN_REJECTED, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_VIA, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_NAT_PORT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_LOCAL_HERE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_HOP_IFINDEX, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_HOP_LLADDR, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, "remote", HASWITCH_A_EXPLAIN_REMOTE4, FORM_ADDR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EXPLAIN_MTU, FORM_ATTR, WHEN_ALWAYS, 0 },
};

/* The reasons why the fast path leaves a packet to the slow path. */
static const char *const slow[] = {
	[HASWITCH_EXPLAIN_SLOW_LOCAL] = "it comes from a local process",
	[HASWITCH_EXPLAIN_SLOW_DEVICE] = "the device has no fast path",
	[HASWITCH_EXPLAIN_SLOW_HOOK] = "the vip says \"hook prerouting\"",
	[HASWITCH_EXPLAIN_SLOW_TRACED] = "what is redirected is traced",
	[HASWITCH_EXPLAIN_SLOW_HEADER] = "its header needs more than a look (options, fragments, TTL, length or checksum)",
	[HASWITCH_EXPLAIN_SLOW_PROTOCOL] = "its protocol has no ports, or is ICMP",
	[HASWITCH_EXPLAIN_SLOW_SOURCE] = "nobody has its source",
	[HASWITCH_EXPLAIN_SLOW_NOT_HOLDER] = "this node does not hold the vip",
	[HASWITCH_EXPLAIN_SLOW_SERVICE] = "no service is for it",
	[HASWITCH_EXPLAIN_SLOW_PICK] = "who gets it has to be noted or looked for",
	[HASWITCH_EXPLAIN_SLOW_VIA] = "its member is not reached directly",
	[HASWITCH_EXPLAIN_SLOW_HOP] = "the header for the way out is not there",
	[HASWITCH_EXPLAIN_SLOW_SIZE] = "it does not fit on the way out",
};

struct explaining {
	struct haadm *haadm;
	const struct request *req;
	struct packet packet;
	uint32_t ifindex;		/* ingress device of the packet; 0: the module chooses one */
	uint8_t lladdr[6];
	bool has_lladdr;
	bool local;
	uint8_t came;
	unsigned long number;		/* number of the packet in the file; 0: the arguments describe the packet */
	bool again;			/* JSON output already has a packet, so a comma precedes the next one */
	const char *const *ends;	/* source and destination, as in the arguments */
};

static const char *dev_name(const struct hasw_record *rec, uint16_t attr, char buf[IF_NAMESIZE])
{
	uint32_t index = (uint32_t)hasw_number(rec, attr, 0);

	if (!if_indextoname(index, buf))
		snprintf(buf, IF_NAMESIZE, "%" PRIu32, index);
	return buf;
}

static const char *name_of(const struct hasw_enum *values, const struct hasw_record *rec, uint16_t attr)
{
	const char *name = hasw_enum_name(values, hasw_number(rec, attr, UINT64_MAX));

	return name ? name : "unknown";
}

static void print_owner(const struct hasw_record *rec)
{
	const char *lease = hasw_string(rec, HASWITCH_A_EXPLAIN_LEASE);
	const char *holder = hasw_string(rec, HASWITCH_A_EXPLAIN_HOLDER);
	uint64_t now = hasw_number(rec, HASWITCH_A_EXPLAIN_NOW, 0);
	uint64_t deadline = hasw_number(rec, HASWITCH_A_EXPLAIN_DEADLINE, 0);
	bool held = hasw_has(rec, HASWITCH_A_EXPLAIN_HELD);
	char buf[HASW_TIME_TEXT];

	printf("    holder   %s", held ? "this node" : holder ? holder : "nobody");
	if (lease)
		printf(", by lease %s", lease);
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_EPOCH))
		printf(", epoch %" PRIu64, hasw_number(rec, HASWITCH_A_EXPLAIN_EPOCH, 0));
	if (now && now < deadline)
		printf(", for %s", hasw_span_format(deadline - now, buf));
	else if (now)
		printf(", ended %s ago", hasw_span_format(now - deadline, buf));
	if (!held)
		printf("; this node is %s, stray %s", name_of(&hasw_enum_role, rec, HASWITCH_A_EXPLAIN_ROLE),
		       name_of(&hasw_enum_stray, rec, HASWITCH_A_EXPLAIN_STRAY));
	putchar('\n');
}

static void print_service(const struct hasw_record *rec)
{
	struct hasw_svc svc = { .proto = (uint8_t)hasw_number(rec, HASWITCH_A_EXPLAIN_SERVICE_PROTO, 0),
				.port = (uint16_t)hasw_number(rec, HASWITCH_A_EXPLAIN_SERVICE_PORT, 0) };
	const char *zone = hasw_string(rec, HASWITCH_A_EXPLAIN_ZONE);
	char buf[HASW_SVC_TEXT], proto[4];
	uint64_t port = hasw_number(rec, HASWITCH_A_EXPLAIN_PORT, 0);

	if (!hasw_has(rec, HASWITCH_A_EXPLAIN_PROTO))
		return;
	hasw_get_addr(rec, HASWITCH_A_EXPLAIN_ADDR4, &svc.vip);
	if (!hasw_has(rec, HASWITCH_A_EXPLAIN_SERVICE)) {
		printf("    service  none for %s", hasw_proto_format((uint8_t)hasw_number(rec, HASWITCH_A_EXPLAIN_PROTO, 0),
								 proto));
		if (port)
			printf(" port %" PRIu64, port);
		putchar('\n');
		return;
	}
	printf("    service  %s", hasw_svc_format(&svc, buf));
	if (svc.port && port != svc.port)
		printf(", which has also port %" PRIu64, port);
	printf(", scheduler %s", name_of(&hasw_enum_sched, rec, HASWITCH_A_EXPLAIN_SCHED));
	if (zone)
		printf(", zone %s preferred", zone);
	putchar('\n');
	if (!hasw_has(rec, HASWITCH_A_EXPLAIN_FLOW))
		return;
	printf("    flow     %s", name_of(&hasw_enum_explain_flow, rec, HASWITCH_A_EXPLAIN_FLOW));
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_FLOW_STATE))
		printf(", %s", name_of(&hasw_enum_flow_state, rec, HASWITCH_A_EXPLAIN_FLOW_STATE));
	putchar('\n');
}

static void print_node(const struct hasw_record *rec)
{
	const char *node = hasw_string(rec, HASWITCH_A_EXPLAIN_NODE);
	const struct nlattr *attr = NULL;

	if (hasw_has(rec, HASWITCH_A_EXPLAIN_EMPTY))
		printf("    member   none is usable: %s\n", node ? "another node takes it" :
		       hasw_has(rec, HASWITCH_A_EXPLAIN_REJECTED) ? "its sender is told" : "it is dropped");
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_CANDIDATE))
		printf("    node     one of");
	while ((attr = hasw_next(rec, HASWITCH_A_EXPLAIN_CANDIDATE, attr)))
		printf(" %s", (const char *)hasw_payload(attr));
	if (node)
		printf("    node     %s", node);
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_VIA))
		printf(", via %s", name_of(&hasw_enum_via, rec, HASWITCH_A_EXPLAIN_VIA));
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_NAT_PORT))
		printf(" port %" PRIu64, hasw_number(rec, HASWITCH_A_EXPLAIN_NAT_PORT, 0));
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_LOCAL_HERE))
		fputs(" for other nodes, local here", stdout);
	if (node || hasw_has(rec, HASWITCH_A_EXPLAIN_CANDIDATE))
		putchar('\n');
}

static void print_out(const struct hasw_record *rec)
{
	char buf[HASW_ADDR_TEXT], dev[IF_NAMESIZE];
	struct hasw_addr remote;

	if (!hasw_has(rec, HASWITCH_A_EXPLAIN_HOP_IFINDEX))
		return;
	printf("    out      %s", dev_name(rec, HASWITCH_A_EXPLAIN_HOP_IFINDEX, dev));
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_HOP_LLADDR))
		printf(" to %s", hasw_mac_format(hasw_payload(rec->attr[HASWITCH_A_EXPLAIN_HOP_LLADDR]), buf));
	if (hasw_get_addr(rec, HASWITCH_A_EXPLAIN_REMOTE4, &remote))
		printf(" to %s", hasw_addr_format(&remote, buf));
	printf(", mtu %" PRIu64 "\n", hasw_number(rec, HASWITCH_A_EXPLAIN_MTU, 0));
}

static void print_way(const struct hasw_record *rec)
{
	static const char *const ways[] = {
		[HASWITCH_EXPLAIN_WAY_NONE] = "it is not for a vip",
		[HASWITCH_EXPLAIN_WAY_STACK] = "the IP stack drops it before this module decides",
		[HASWITCH_EXPLAIN_WAY_NEIGHBOUR] = "it is neighbour discovery",
		[HASWITCH_EXPLAIN_WAY_PIECES] = "it waits for the other fragments",
		[HASWITCH_EXPLAIN_WAY_PASSED] = "it is left to the stack",
		[HASWITCH_EXPLAIN_WAY_LOCAL] = "this node's own stack gets it",
		[HASWITCH_EXPLAIN_WAY_DIRECT] = "it is sent to the node",
		[HASWITCH_EXPLAIN_WAY_TUNNEL] = "it is sent to the node inside an IP packet",
		[HASWITCH_EXPLAIN_WAY_STRAY] = "it is sent on to the holder",
		[HASWITCH_EXPLAIN_WAY_DROPPED] = NULL,	/* no text: print_way() adds the drop counter's name */
		[HASWITCH_EXPLAIN_WAY_NAT] = "it is sent to an address and port of the node",
		[HASWITCH_EXPLAIN_WAY_ANSWER] = "it is the node's answer, sent to the client as the vip's",
	};
	uint64_t way = hasw_number(rec, HASWITCH_A_EXPLAIN_WAY, 0);
	uint64_t why = hasw_number(rec, HASWITCH_A_EXPLAIN_SLOW, UINT64_MAX);

	printf("    verdict  %s", name_of(&hasw_enum_explain_way, rec, HASWITCH_A_EXPLAIN_WAY));
	if (way < N_FIELDS(ways) && ways[way])
		printf(": %s", ways[way]);
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_DROP))
		printf(", counted as %s", name_of(&hasw_enum_explain_drop, rec, HASWITCH_A_EXPLAIN_DROP));
	putchar('\n');
	if (!hasw_has(rec, HASWITCH_A_EXPLAIN_DOOR))
		return;
	printf("    door     %s", name_of(&hasw_enum_explain_door, rec, HASWITCH_A_EXPLAIN_DOOR));
	if (why < N_FIELDS(slow) && slow[why])
		printf(": %s", slow[why]);
	putchar('\n');
}

static void print_steps(const struct explaining *ex, const struct hasw_record *rec)
{
	char buf[HASW_ADDR_TEXT], dev[IF_NAMESIZE];
	struct hasw_addr vip;

	if (ex->number)
		printf("packet %lu\n", ex->number);
	else
		printf("%s to %s\n", ex->ends[0], ex->ends[1]);
	if (hasw_get_addr(rec, HASWITCH_A_EXPLAIN_ADDR4, &vip))
		printf("    vip      %s", hasw_addr_format(&vip, buf));
	else
		printf("    vip      none");
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_IFINDEX))
		printf(", in by %s", dev_name(rec, HASWITCH_A_EXPLAIN_IFINDEX, dev));
	putchar('\n');
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_ROLE))
		print_owner(rec);
	print_service(rec);
	print_node(rec);
	print_out(rec);
	print_way(rec);
}

static int print_answer(const struct hasw_record *rec, void *data)
{
	struct explaining *ex = data;
	struct out *out = &ex->haadm->out;
	json_t *object;
	char dev[IF_NAMESIZE];

	if (!out->json) {
		print_steps(ex, rec);
		return ferror(stdout) ? -EPIPE : 0;
	}
	object = out_json(out, rec, fields, N_FIELDS(fields));
	if (ex->number)
		json_object_set_new(object, "packet", json_integer((json_int_t)ex->number));
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_IFINDEX))
		json_object_set_new(object, "dev", out_json_text(dev_name(rec, HASWITCH_A_EXPLAIN_IFINDEX, dev)));
	if (hasw_has(rec, HASWITCH_A_EXPLAIN_HOP_IFINDEX))
		json_object_set_new(object, "hop_dev", out_json_text(dev_name(rec, HASWITCH_A_EXPLAIN_HOP_IFINDEX, dev)));
	if (ex->again)
		putchar(',');
	ex->again = true;
	out_json_line(out, object);
	return ferror(stdout) ? -EPIPE : 0;
}

/* Sends the explain request for one packet, and prints the reply. */
static int ask(struct explaining *ex, const uint8_t *bytes, size_t len, const uint8_t *lladdr, struct hasw_error *err)
{
	struct hasw_sock *sock = haadm_sock(ex->haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	if (!sock) {
		err->code = 0;
		return -ENOENT;
	}
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_EXPLAIN, 0);
	hasw_put_bytes(&msg, HASWITCH_A_EXPLAIN_PACKET, bytes, len);
	if (ex->ifindex)
		hasw_put_u32(&msg, HASWITCH_A_EXPLAIN_IFINDEX, ex->ifindex);
	if (ex->local)
		hasw_put_flag(&msg, HASWITCH_A_EXPLAIN_LOCAL);
	if (lladdr)
		hasw_put_bytes(&msg, HASWITCH_A_EXPLAIN_LLADDR, lladdr, 6);
	if (ex->came)
		hasw_put_u8(&msg, HASWITCH_A_EXPLAIN_CAME, ex->came);
	return hasw_get(sock, &msg, print_answer, ex, err);
}

static enum status complain(const struct explaining *ex, const char *format, ...) __attribute__((format(printf, 2, 3)));

static enum status complain(const struct explaining *ex, const char *format, ...)
{
	struct complaint complaint = { .object = ex->req->object, .verb = ex->req->verb };
	va_list args;

	va_start(args, format);
	vsnprintf(complaint.text, sizeof(complaint.text), format, args);
	va_end(args);
	return complaint_show(ex->haadm, &complaint);
}

static enum status ended(struct explaining *ex, int ret, const struct hasw_error *err)
{
	/* haadm_sock() has already reported that no socket to the module can be opened. */
	if (ret == -ENOENT && !err->code)
		return STATUS_REFUSED;
	return read_end(ex->haadm, ret, err);
}

/* Parses an argument that takes no value. Returns false if the word is not such an argument. */
static bool flag_word(struct explaining *ex, const char *word)
{
	static const struct {
		const char *word;
		uint8_t tcp;
	} flags[] = { { "syn", PACKET_SYN }, { "ack", PACKET_ACK }, { "rst", PACKET_RST }, { "fin", PACKET_FIN } };

	for (size_t i = 0; i < N_FIELDS(flags); i++) {
		if (!strcmp(word, flags[i].word)) {
			ex->packet.tcp |= flags[i].tcp;
			return true;
		}
	}
	if (!strcmp(word, "local"))
		ex->local = true;
	else if (!strcmp(word, "df"))
		ex->packet.df = true;
	else
		return false;
	return true;
}

static enum status number_word(struct explaining *ex, const char *word, const char *value, uint64_t least, uint64_t most,
			       uint64_t *number)
{
	if (hasw_number_parse(number, value, most) || *number < least)
		return complain(ex, "\"%s %s\" is not a number from %" PRIu64 " to %" PRIu64, word, value, least, most);
	return STATUS_OK;
}

/* Parses an argument with a value. */
static enum status value_word(struct explaining *ex, const char *word, const char *value)
{
	uint64_t number = 0;
	enum status status;
	const char *wrong;
	int came;

	if (!strcmp(word, "in")) {
		if (!haadm_sock(ex->haadm))
			return STATUS_REFUSED;
		ex->ifindex = if_nametoindex(value);
		return ex->ifindex ? STATUS_OK : complain(ex, "there is no device \"%s\"", value);
	}
	if (!strcmp(word, "from")) {
		wrong = hasw_mac_parse(ex->lladdr, value);
		ex->has_lladdr = true;
		return wrong ? complain(ex, "\"%s\" %s", value, wrong) : STATUS_OK;
	}
	if (!strcmp(word, "came")) {
		came = hasw_enum_value(&hasw_enum_explain_came, value);
		ex->came = (uint8_t)came;
		return came < 0 ? complain(ex, "unknown word \"%s\"; valid are \"link\", \"stray\" and \"tunnel\"", value) :
				  STATUS_OK;
	}
	if (!strcmp(word, "ttl")) {
		status = number_word(ex, word, value, 0, UINT8_MAX, &number);
		ex->packet.ttl = (uint8_t)number;
		return status;
	}
	status = number_word(ex, word, value, 1, HASWITCH_EXPLAIN_MAX, &number);
	ex->packet.len = (uint16_t)number;
	return status;
}

/* Parses the arguments that follow SRC and VIP, or that follow the file's name if FILE is true. */
static enum status words_parse(struct explaining *ex, bool file)
{
	static const char *const with[] = { "in", "from", "came", "ttl", "len" };
	const struct request *req = ex->req;
	unsigned int at = 2;

	while (at < req->n_names) {
		const char *word = req->names[at++];
		enum status status;
		size_t i = 0;

		if (!(file && strcmp(word, "local")) && flag_word(ex, word))
			continue;
		while (i < N_FIELDS(with) && strcmp(word, with[i]))
			i++;
		if (i == N_FIELDS(with) || (file && i && i != 2))
			return complain(ex, "unknown word \"%s\"; valid are %s", word, file ?
					"\"in\", \"came\" and \"local\"" :
					"\"in\", \"from\", \"came\", \"local\", \"syn\", \"ack\", \"rst\", \"fin\", \"ttl\", \"len\" and \"df\"");
		if (at == req->n_names)
			return complain(ex, "\"%s\" needs a value behind it", word);
		status = value_word(ex, word, req->names[at++]);
		if (status)
			return status;
	}
	return STATUS_OK;
}

static enum status explain_described(struct explaining *ex)
{
	uint8_t bytes[HASWITCH_EXPLAIN_MAX];
	struct hasw_error err = { .code = 0 };
	const char *word, *wrong;
	enum status status;
	size_t len, least;
	int ret;

	ex->packet.ttl = 64;
	wrong = packet_ends(&ex->packet, ex->req->names[0], ex->req->names[1], &word);
	if (wrong)
		return complain(ex, "\"%s\" %s", word, wrong);
	status = words_parse(ex, false);
	if (status)
		return status;
	len = packet_build(&ex->packet, bytes, sizeof(bytes), &least);
	if (!len)
		return complain(ex, "\"len %u\": such a packet has %zu bytes at least", ex->packet.len, least);
	out_list_begin(&ex->haadm->out);
	ret = ask(ex, bytes, len, ex->has_lladdr ? ex->lladdr : NULL, &err);
	out_list_end(&ex->haadm->out);
	return ended(ex, ret, &err);
}

/* Explains one packet of a file. Reports and skips a packet that is too long, truncated, or not an IP packet. */
static enum status explain_one(struct explaining *ex, const struct pcap_packet *packet)
{
	size_t len = packet->len < HASWITCH_EXPLAIN_MAX ? packet->len : HASWITCH_EXPLAIN_MAX;
	struct hasw_error err = { .code = 0 };
	int ret;

	if (!packet->ip)
		return haadm_complain(ex->haadm, STATUS_OK, "packet %lu: no IP packet; it is passed over", ex->number);
	if (packet->cut || packet->len > len || len < 20)
		return haadm_complain(ex->haadm, STATUS_OK, "packet %lu: %s; it is passed over", ex->number,
				      packet->cut ? "the file has only a part of it" :
				      len < 20 ? "too short for an IP packet" : "longer than 2048 bytes");
	if (packet->ip[0] >> 4 != 4 && (packet->ip[0] >> 4 != 6 || len < 40))
		return haadm_complain(ex->haadm, STATUS_OK, "packet %lu: no IP header; it is passed over", ex->number);
	ret = ask(ex, packet->ip, len, ex->local ? NULL : packet->lladdr, &err);
	/* The kernel has no IPv6; the file's IPv4 packets can still be explained. */
	if (ret == -EAFNOSUPPORT)
		return haadm_complain(ex->haadm, STATUS_OK, "packet %lu: %s; it is passed over", ex->number, err.text);
	return ended(ex, ret, &err);
}

static enum status explain_packets(struct explaining *ex, struct pcap *pcap, const char *name)
{
	struct pcap_packet packet;
	enum status status;
	int ret;

	while ((ret = pcap_next(pcap, &packet)) > 0) {
		ex->number = pcap->number;
		status = explain_one(ex, &packet);
		if (status)
			return status;
	}
	return ret ? haadm_complain(ex->haadm, STATUS_USAGE, "%s: %s", name, pcap->text) : STATUS_OK;
}

static enum status explain_file(struct explaining *ex)
{
	const char *name = ex->req->names[1];
	enum status status = words_parse(ex, true);
	struct pcap *pcap;
	FILE *file;

	if (status)
		return status;
	file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	if (!file)
		return haadm_complain(ex->haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(errno));
	pcap = malloc(sizeof(*pcap));
	if (!pcap) {
		status = haadm_complain(ex->haadm, STATUS_USAGE, "%s", strerror(ENOMEM));
	} else if (pcap_begin(pcap, file)) {
		status = haadm_complain(ex->haadm, STATUS_USAGE, "%s: %s", name, pcap->text);
	} else {
		out_list_begin(&ex->haadm->out);
		status = explain_packets(ex, pcap, name);
		out_list_end(&ex->haadm->out);
	}
	free(pcap);
	if (file != stdin)
		fclose(file);
	return status;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct explaining ex = { .haadm = haadm, .req = req, .ends = (const char *const *)req->names };
	bool file = req->n_names && !strcmp(req->names[0], "pcap");

	if (req->n_names < 2)
		return complain(&ex, file ? "FILE is missing" : req->n_names ? "VIP is missing" : "SRC is missing");
	return file ? explain_file(&ex) : explain_described(&ex);
}

static const struct verb verbs[] = {
	{ NULL, "{ SRC[:PORT] VIP[:PORT][/PROTO] [ from MAC ] [ syn | ack | rst | fin ]... [ ttl N ] [ len N ] [ df ] | pcap { FILE | - } }\n"
	  "                     [ in DEV | local ] [ came { link | stray | tunnel } ]",
	  HASWITCH_CMD_EXPLAIN, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct shape shape_explain = { "explain", HASWITCH_CMD_EXPLAIN, fields, N_FIELDS(fields), true,
	"packet? i, dev? s, hop_dev? s" };
const struct object object_explain = { "explain", "what would become of a packet, and why", verbs };
