// SPDX-License-Identifier: GPL-2.0
/* How two clusters meet, lose and find each other again. */
#include <linux/rtnetlink.h>

#include "agent_pair.h"
#include "haagentd/peer/link_watch.h"

static void meet_and_stay(void **state)
{
	(void)state;
	met();
	beats(500);
	assert_int_equal(told_a.changes, 1);
	assert_int_equal(told_b.changes, 1);
	assert_int_equal(told_a.refusals + told_b.refusals, 0);
	part();
}

static void one_heartbeat_is_enough_to_meet(void **state)
{
	(void)state;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	cluster_send(&a, 0, now);
	exchange();
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_int_equal(told_b.state, PEER_HEARD);
	part();
}

static void silence_is_noticed_after_suspect(void **state)
{
	(void)state;
	met();
	quiet_beats(&a, 3);
	assert_int_equal(told_a.changes, 1);
	quiet_beats(&a, 1);
	assert_int_equal(told_a.state, PEER_SILENT);
	beats(1);
	assert_int_equal(told_a.state, PEER_HEARD);
	part();
}

static void late_peers_are_waited_for(void **state)
{
	(void)state;
	conf_a.suspect_most = 500 * MS;
	met();
	assert_true(cluster_suspect(&a, &a.peers[0]) == 30 * MS);
	/* It stalls for 60 ms once, and is out. From then on such a stall is no end of it, nor is a longer one. */
	quiet_beats(&a, 6);
	assert_int_equal(told_a.state, PEER_SILENT);
	beats(1);
	assert_int_equal(told_a.changes, 3);
	assert_true(cluster_suspect(&a, &a.peers[0]) == 180 * MS);
	quiet_beats(&a, 15);
	beats(1);
	assert_int_equal(told_a.changes, 3);
	/* Each end for itself: b heard a all the time. */
	assert_true(cluster_suspect(&b, &b.peers[0]) == 30 * MS);
	/* A minute later it is half of that, and then none of it is left. */
	now += 60 * S;
	cluster_judge(&a, now);
	cluster_judge(&a, now + 60 * S);
	assert_true(cluster_suspect(&a, &a.peers[0]) == 3 * 150 / 2 * MS);
	cluster_judge(&a, now + 600 * S);
	assert_true(cluster_suspect(&a, &a.peers[0]) == 30 * MS);
	conf_a.suspect_most = 0;
	part();
}

static void who_was_away_was_not_late(void **state)
{
	(void)state;
	conf_a.suspect_most = 500 * MS;
	met();
	quiet_beats(&a, 52);
	beats(3);
	assert_int_equal(told_a.state, PEER_HEARD);
	cluster_close(&b);
	quiet_beats(&a, 20);
	begin(&b, &conf_b, &told_b);
	beats(1);
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_true(a.peers[0].late.worst == 0);
	/* But its own stalls count for all. */
	lateness_note(&a.late, 20 * MS, now);
	assert_true(cluster_suspect(&a, &a.peers[0]) == 60 * MS);
	conf_a.suspect_most = 0;
	part();
}

static void restart_is_believed_at_once(void **state)
{
	(void)state;
	met();
	cluster_close(&b);
	quiet_beats(&a, 10);
	assert_int_equal(told_a.state, PEER_SILENT);
	begin(&b, &conf_b, &told_b);
	beats(1);
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_int_equal(told_b.state, PEER_HEARD);
	beats(100);
	assert_int_equal(told_a.refusals + told_b.refusals, 0);
	part();
}

static void one_path_is_enough(void **state)
{
	(void)state;
	met();
	close(b.paths[0].fd);
	b.paths[0].fd = -1;
	beats(50);
	assert_int_equal(told_a.changes, 1);
	assert_int_equal(a.peers[0].peer.paths[0].way, PEER_WAY_SILENT);
	assert_int_equal(a.peers[0].peer.paths[1].way, PEER_WAY_GOOD);
	part();
}

static void static_is_answered_by_nothing(void **state)
{
	int i;

	(void)state;
	met();
	for (i = 0; i < 3; i++) {
		cluster_send(&b, WIRE_STATIC, now);
		cluster_drain(&a, now);
	}
	assert_int_equal(told_a.state, PEER_STATIC);
	quiet_beats(&a, 900);
	cluster_drain(&b, now);
	assert_int_equal(told_a.state, PEER_STATIC);
	assert_true(peer_named(&a.peers[0].peer));
	quiet_beats(&a, 101);
	assert_int_equal(told_a.state, PEER_SILENT);
	part();
}

static void leave_arrives(void **state)
{
	(void)state;
	met();
	cluster_send(&b, WIRE_LEAVE, now);
	cluster_drain(&a, now);
	assert_int_equal(told_a.state, PEER_LEFT);
	assert_false(peer_named(&a.peers[0].peer));
	part();
}

/* Others do not wait for a node that asks for no lease, but go on to hear it. */
static void unable_arrives(void **state)
{
	(void)state;
	met();
	assert_false(a.peers[0].unable);
	b.unable = true;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_true(a.peers[0].unable);
	assert_int_equal(told_a.state, PEER_HEARD);
	b.unable = false;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_false(a.peers[0].unable);
	part();
}

/* A node hears from each other one whether it is held there, and whether that one is held anywhere. */
static void held_arrives(void **state)
{
	(void)state;
	met();
	assert_false(a.peers[0].held_here);
	b.peers[0].held = true;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_true(a.peers[0].held_here);
	assert_int_equal(told_a.state, PEER_HEARD);
	b.peers[0].held = false;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_false(a.peers[0].held_here);
	assert_false(a.peers[0].returned);
	b.returned = true;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_true(a.peers[0].returned);
	b.returned = false;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_false(a.peers[0].returned);
	part();
}

static void another_key_is_refused(void **state)
{
	uint8_t bytes[KEY_BYTES] = { 1 };
	struct conf other = conf_b;

	(void)state;
	key_from_bytes(&other.keys.key[0], bytes);
	begin(&a, &conf_a, &told_a);
	begin(&b, &other, &told_b);
	beats(20);
	assert_int_equal(told_a.changes + told_b.changes, 0);
	/* Twenty heartbeats on two paths, and one line about them. */
	assert_int_equal(told_a.refusals, 1);
	assert_true(a.peers[0].refused.total[REFUSED_KEY] == 40);
	assert_non_null(strstr(told_a.refused, "another key"));
	now += 10 * S;
	cluster_judge(&a, now);
	assert_int_equal(told_a.refusals, 2);
	assert_non_null(strstr(told_a.refused, "39 sealed with another key"));
	part();
}

static void mixed_up_addresses_are_named(void **state)
{
	struct conf other = conf_b;
	struct conf_node wrong[2];

	(void)state;
	/* b believes that a's address is that of a third node. */
	memcpy(wrong, nodes, sizeof(wrong));
	strcpy(wrong[0].name, "c");
	other.nodes = wrong;
	begin(&a, &conf_a, &told_a);
	begin(&b, &other, &told_b);
	beats(2);
	assert_non_null(strstr(told_a.refused, "meant for another node"));
	assert_non_null(strstr(told_b.refused, "does not name"));
	part();
}

static void name_used_twice_is_told(void **state)
{
	struct conf other = conf_b;
	struct conf_node wrong[2];

	(void)state;
	/* The other machine, too, is called a. */
	memcpy(wrong, nodes, sizeof(wrong));
	strcpy(wrong[1].name, "a");
	strcpy(wrong[0].name, "b");
	other.nodes = wrong;
	begin(&a, &conf_a, &told_a);
	begin(&b, &other, &told_b);
	beats(1);
	assert_non_null(strstr(told_a.refused, "used twice"));
	part();
}

static void reload_keeps_what_is_known(void **state)
{
	struct conf other = conf_a, taken;
	char why[256];

	(void)state;
	met();
	other.n_paths = 1;
	other.paths[0] = conf_a.paths[1];
	other.nodes = calloc(2, sizeof(*other.nodes));
	memcpy(other.nodes, nodes, 2 * sizeof(*nodes));
	other.nodes[0].at[0] = nodes[0].at[1];
	other.nodes[1].at[0] = nodes[1].at[1];
	assert_int_equal(cluster_reload(&a, &other, now, why, sizeof(why)), 0);
	assert_int_equal(a.n_paths, 1);
	beats(50);
	assert_int_equal(told_a.changes, 1);
	assert_int_equal(told_b.changes, 1);
	assert_int_equal(told_a.refusals + told_b.refusals, 0);

	/* A file that cannot be gone over to leaves all as it is. */
	taken = conf_b;
	taken.paths[0].local = conf_a.paths[1].local;
	assert_int_not_equal(cluster_reload(&b, &taken, now, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "another program does"));
	beats(50);
	assert_int_equal(told_b.changes, 1);
	free(other.nodes);
	part();
}

static void new_key_begins_a_new_life(void **state)
{
	uint8_t bytes[KEY_BYTES] = { 7 };
	struct conf other_a = conf_a, other_b = conf_b;
	char why[256];

	(void)state;
	met();
	key_from_bytes(&other_a.keys.key[0], bytes);
	other_b.keys = other_a.keys;
	assert_int_equal(cluster_reload(&a, &other_a, now, why, sizeof(why)), 0);
	assert_int_equal(cluster_reload(&b, &other_b, now, why, sizeof(why)), 0);
	beats(50);
	assert_int_equal(told_a.changes, 1);
	assert_int_equal(told_b.changes, 1);
	part();
}

static void own_sleep_is_forgiven(void **state)
{
	(void)state;
	met();
	/* Both slept, as guests of one host do; a wakes first. */
	now += 5 * S;
	cluster_drain(&a, now);
	cluster_forgive(&a, 5 * S - 10 * MS, now);
	cluster_judge(&a, now);
	assert_int_equal(told_a.changes, 1);
	part();
}

static void trouble_is_told_once_a_peer(void **state)
{
	struct path_trouble good = { 0 }, bad = { 0 };
	uint8_t packet[WIRE_PACKET] = { 0 };
	struct sockaddr_storage nowhere;
	uint64_t start = now;
	int i;

	(void)state;
	begin(&a, &conf_a, &told_a);
	/* Broadcasting was never asked for, so that this fails. */
	address(&nowhere, 0xffffffff);
	for (i = 0; i < 500; i++) {
		path_send(&a.paths[0], &nowhere, packet, sizeof(packet), &bad, now);
		path_send(&a.paths[0], &nodes[1].at[0], packet, sizeof(packet), &good, now);
		now += 10 * MS;
	}
	assert_int_equal(bad.err, EACCES);
	assert_true(bad.told == start);
	assert_true(good.told == 0);
	/* Over at once, it is told so only later: it may come and go. */
	path_send(&a.paths[0], &nodes[1].at[0], packet, sizeof(packet), &bad, now);
	assert_int_equal(bad.err, EACCES);
	now += 10 * S;
	path_send(&a.paths[0], &nodes[1].at[0], packet, sizeof(packet), &bad, now);
	assert_int_equal(bad.err, 0);
	assert_true(bad.told == now);
	cluster_close(&a);
}

static void other_addresses_are_dropped(void **state)
{
	struct conf other = conf_b;
	struct conf_node moved[2];

	(void)state;
	/* b has the key and the name, but is not where a's file says. */
	memcpy(moved, nodes, sizeof(moved));
	address(&moved[1].at[0], 0x7f000009);
	address(&moved[1].at[1], 0x7f000109);
	other.nodes = moved;
	other.paths[0].local = moved[1].at[0];
	other.paths[1].local = moved[1].at[1];
	begin(&a, &conf_a, &told_a);
	begin(&b, &other, &told_b);
	quiet_beats(&b, 20);
	cluster_drain(&a, now);
	assert_int_equal(told_a.changes, 0);
	assert_non_null(strstr(told_a.refused, "from an address"));
	assert_true(a.strangers.total[REFUSED_ADDRESS] == 40);
	part();
}

static unsigned int waiting(struct cluster *c, unsigned int path)
{
	struct path_batch batch;
	unsigned int n = 0, got;

	do {
		got = path_receive(&c->paths[path], &batch);
		n += got;
	} while (got == PATH_BATCH);
	return n;
}

static void hellos_are_answered_now_and_then(void **state)
{
	int i;

	(void)state;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	for (i = 0; i < 30; i++)
		cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_int_equal(waiting(&b, 0), 1);
	assert_int_equal(waiting(&b, 1), 1);
	now += 9 * MS;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_int_equal(waiting(&b, 0), 0);
	now += MS;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_int_equal(waiting(&b, 0), 1);
	part();
}

/* A packet that says something is a heartbeat, too, so none follows at once; and who leaves one out is not late. */
static void records_take_the_place_of_a_heartbeat(void **state)
{
	uint8_t text[4] = { 0 }, records[WIRE_RECORDS_MAX];
	const struct wire_record record = { .type = 77, .data = text, .size = sizeof(text) };
	size_t size = wire_record_put(&record, records, sizeof(records));

	(void)state;
	met();
	for (int i = 0; i < 20; i++) {
		now += 8 * MS;
		cluster_send_records(&b, &b.peers[0], records, size, now);
		cluster_drain(&a, now);
		now += 2 * MS;
		cluster_send(&b, 0, now);
		cluster_send(&a, 0, now);
		assert_int_equal(waiting(&b, 0), 1);
		assert_int_equal(waiting(&b, 1), 1);
		cluster_drain(&a, now);
		cluster_judge(&a, now);
	}
	assert_int_equal(told_a.said, 40);
	assert_int_equal(told_a.changes, 1);
	now += 10 * MS;
	cluster_send(&b, 0, now);
	cluster_drain(&a, now);
	assert_true(a.peers[0].late.worst == 0);
	/* Neither 3 ms later, nor when it says that it goes. */
	cluster_send_records(&b, &b.peers[0], records, size, now);
	assert_int_equal(waiting(&a, 0), 1);
	cluster_send(&b, 0, now + 2 * MS);
	assert_int_equal(waiting(&a, 0), 0);
	cluster_send(&b, 0, now + 3 * MS);
	assert_int_equal(waiting(&a, 0), 1);
	cluster_send_records(&b, &b.peers[0], records, size, now);
	assert_int_equal(waiting(&a, 0), 1);
	cluster_send(&b, WIRE_LEAVE, now);
	assert_int_equal(waiting(&a, 0), 1);
	part();
}

/* What one says comes to the other on each path, once, and to nobody who does not know it. */
static void records_travel(void **state)
{
	uint8_t text[WIRE_RECORDS_MAX], records[WIRE_RECORDS_MAX];
	struct wire_record record = { .type = 77, .data = text };
	size_t size;

	(void)state;
	memset(text, 'v', sizeof(text));
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	record.size = 5;
	size = wire_record_put(&record, records, sizeof(records));
	assert_int_equal(size, 9);
	cluster_send_records(&a, &a.peers[0], records, size, now);
	exchange();
	assert_int_equal(told_b.said, 0);
	beats(3);
	assert_int_equal(told_a.said + told_b.said, 0);
	cluster_send_records(&a, &a.peers[0], records, size, now);
	exchange();
	assert_int_equal(told_b.said, 2);
	assert_int_equal(told_b.said_type, 77);
	assert_int_equal(told_b.said_size, 5);
	assert_memory_equal(told_b.said_data, text, 5);

	/* Two in one packet, and as much as there is room for. */
	record.size = 100;
	size = wire_record_put(&record, records, sizeof(records));
	record.size = sizeof(records) - size - 4;
	size += wire_record_put(&record, records + size, sizeof(records) - size);
	assert_int_equal(size, sizeof(records));
	record.size++;
	assert_int_equal(wire_record_put(&record, records, sizeof(records) - 104), 0);
	cluster_send_records(&b, &b.peers[0], records, size, now);
	exchange();
	assert_int_equal(told_a.said, 4);
	assert_int_equal(told_a.said_size, sizeof(records) - 108);
	assert_int_equal(told_a.refusals + told_b.refusals, 0);
	/* It was a heartbeat, too. */
	beats(5);
	assert_int_equal(told_a.changes + told_b.changes, 2);
	part();
}

/* That the device is lo all the while does not matter: its number is another one. */
static void device_made_anew_is_listened_at(void **state)
{
	struct conf on_lo = conf_a;
	unsigned int index;

	(void)state;
	strcpy(on_lo.paths[0].device, "lo");
	begin(&a, &on_lo, &told_a);
	begin(&b, &conf_b, &told_b);
	beats(3);
	index = a.paths[0].index;
	assert_int_equal(index, if_nametoindex("lo"));
	assert_false(cluster_stale(&a, 0, false, now));
	a.paths[0].index++;
	assert_false(cluster_stale(&a, 0, false, now));
	/* Word of a link is followed at once; without any it looks once a second. */
	assert_true(cluster_stale(&a, 0, true, now));
	assert_false(cluster_stale(&a, 0, false, now));
	now += S;
	assert_true(cluster_stale(&a, 0, false, now));
	assert_false(cluster_stale(&a, 1, true, now));
	cluster_reopen(&a, 0);
	assert_int_equal(a.paths[0].index, index);
	assert_false(cluster_stale(&a, 0, true, now));
	beats(50);
	assert_int_equal(a.peers[0].peer.paths[0].way, PEER_WAY_GOOD);

	/* It could not be opened: that is tried again, not more than once a second. */
	path_close(&a.paths[0]);
	now += S;
	assert_true(cluster_stale(&a, 0, false, now));
	assert_false(cluster_stale(&a, 0, false, now + S / 2));
	part();
}

/* One of two networks is missing when the agent starts: it goes on with the other. */
static void device_may_come_later(void **state)
{
	struct conf without = conf_a;

	(void)state;
	strcpy(without.paths[0].device, "nowhere0");
	begin(&a, &without, &told_a);
	begin(&b, &conf_b, &told_b);
	assert_int_equal(a.paths[0].fd, -1);
	assert_int_equal(a.paths[0].trouble, ENODEV);
	beats(3);
	assert_int_equal(a.peers[0].peer.state, PEER_HEARD);
	assert_int_equal(a.peers[0].peer.paths[0].way, PEER_WAY_UNHEARD);
	assert_int_equal(a.peers[0].peer.paths[1].way, PEER_WAY_GOOD);
	assert_false(cluster_stale(&a, 0, true, now));

	strcpy(a.paths[0].conf.device, "lo");
	assert_true(cluster_stale(&a, 0, true, now));
	cluster_reopen(&a, 0);
	assert_int_equal(a.paths[0].trouble, 0);
	beats(50);
	assert_int_equal(a.peers[0].peer.paths[0].way, PEER_WAY_GOOD);
	part();
}

static void devices_have_numbers(void **state)
{
	struct link_watch watch = { 0 };

	(void)state;
	assert_int_equal(link_index("lo"), if_nametoindex("lo"));
	assert_int_equal(link_index("nowhere0"), 0);
	assert_int_equal(link_watch_open(&watch, RTMGRP_LINK), 0);
	assert_true(link_watch_fd(&watch) >= 0);
	assert_false(link_watch_take(&watch));
	link_watch_close(&watch);
	link_watch_close(&watch);
	assert_int_equal(link_watch_fd(&watch), -1);
}

static void listens_before_it_speaks(void **state)
{
	struct beat beat;
	uint64_t start;

	(void)state;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	beat_init(&beat, &conf_a, now);
	assert_true(beat_listening(&beat, &a, now));
	/* All are heard: there is nothing to wait for. */
	beats(1);
	assert_false(beat_listening(&beat, &a, now));
	part();

	/* Nobody is heard: it ends all the same, but not before the suspect time. */
	begin(&a, &conf_a, &told_a);
	beat_init(&beat, &conf_a, now);
	start = now;
	while (beat_listening(&beat, &a, now) && now < start + 10 * S)
		now += MS;
	assert_in_range(now - start, conf_a.suspect + 5 * conf_a.heartbeat, 1 * S);
	cluster_close(&a);
}

static void whom_an_earlier_agent_named_is_named(void **state)
{
	const struct module_node known[] = {
		{ .name = "a", .self = true, .alive = true },
		{ .name = "b", .alive = true },
		{ .name = "z", .alive = true },
	};
	const struct module_node lost[] = { { .name = "b" } };
	const char *names[CONF_NODES];
	struct beat beat;
	uint64_t end;

	(void)state;
	/* b's agent is starting, too, and comes long after the listening. */
	begin(&a, &conf_a, &told_a);
	beat_init(&beat, &conf_a, now);
	beat_presume(&beat, &a, known, 3);
	end = beat.listen_until + BEAT_PRESUME;
	assert_true(beat_listening(&beat, &a, now + 100 * MS));
	assert_false(beat_listening(&beat, &a, now + 300 * MS));
	while (now < end - 20 * MS) {
		quiet_beats(&a, 1);
		assert_int_equal(beat_names(&beat, &a, names), 2);
	}
	assert_int_equal(told_a.changes, 0);
	begin(&b, &conf_b, &told_b);
	beats(1);
	assert_int_equal(told_a.state, PEER_HEARD);
	/* From here on it is judged like any other. */
	quiet_beats(&a, 4);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	part();

	/* It never comes. */
	begin(&a, &conf_a, &told_a);
	beat_init(&beat, &conf_a, now);
	beat_presume(&beat, &a, known, 3);
	now = beat.listen_until + BEAT_PRESUME;
	cluster_judge(&a, now);
	assert_int_equal(told_a.state, PEER_SILENT);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	cluster_close(&a);

	/* The module lost it before, so that nobody brings it back but itself. */
	begin(&a, &conf_a, &told_a);
	beat_init(&beat, &conf_a, now);
	beat_presume(&beat, &a, lost, 1);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	cluster_close(&a);
}

static void names_who_is_alive(void **state)
{
	const char *names[CONF_NODES];
	struct beat beat = { 0 };

	(void)state;
	begin(&a, &conf_a, &told_a);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	assert_string_equal(names[0], "a");
	begin(&b, &conf_b, &told_b);
	beats(1);
	assert_int_equal(beat_names(&beat, &a, names), 2);
	assert_string_equal(names[1], "b");
	/* The module does not know b at present. */
	strcpy(beat.absent[beat.n_absent++], "b");
	assert_int_equal(beat_names(&beat, &a, names), 1);
	beat.n_absent = 0;
	quiet_beats(&a, 4);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	part();
}

/* A node that comes back and is behind is heard, and not named. One that is named already stays so. */
static void who_is_behind_is_not_named(void **state)
{
	const char *names[CONF_NODES];
	struct beat beat = { 0 };

	(void)state;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	b.behind = true;
	beats(3);
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_true(a.peers[0].waits);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	b.behind = false;
	beats(1);
	assert_false(a.peers[0].waits);
	assert_int_equal(beat_names(&beat, &a, names), 2);
	b.behind = true;
	beats(3);
	assert_int_equal(beat_names(&beat, &a, names), 2);
	/* It is lost, and comes back. */
	quiet_beats(&a, 20);
	assert_int_equal(told_a.state, PEER_SILENT);
	beats(1);
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_int_equal(beat_names(&beat, &a, names), 1);
	part();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meet_and_stay),
		cmocka_unit_test(one_heartbeat_is_enough_to_meet),
		cmocka_unit_test(silence_is_noticed_after_suspect),
		cmocka_unit_test(late_peers_are_waited_for),
		cmocka_unit_test(who_was_away_was_not_late),
		cmocka_unit_test(restart_is_believed_at_once),
		cmocka_unit_test(one_path_is_enough),
		cmocka_unit_test(static_is_answered_by_nothing),
		cmocka_unit_test(leave_arrives),
		cmocka_unit_test(unable_arrives),
		cmocka_unit_test(held_arrives),
		cmocka_unit_test(another_key_is_refused),
		cmocka_unit_test(mixed_up_addresses_are_named),
		cmocka_unit_test(name_used_twice_is_told),
		cmocka_unit_test(reload_keeps_what_is_known),
		cmocka_unit_test(new_key_begins_a_new_life),
		cmocka_unit_test(own_sleep_is_forgiven),
		cmocka_unit_test(trouble_is_told_once_a_peer),
		cmocka_unit_test(other_addresses_are_dropped),
		cmocka_unit_test(hellos_are_answered_now_and_then),
		cmocka_unit_test(device_made_anew_is_listened_at),
		cmocka_unit_test(device_may_come_later),
		cmocka_unit_test(devices_have_numbers),
		cmocka_unit_test(records_take_the_place_of_a_heartbeat),
		cmocka_unit_test(records_travel),
		cmocka_unit_test(listens_before_it_speaks),
		cmocka_unit_test(whom_an_earlier_agent_named_is_named),
		cmocka_unit_test(names_who_is_alive),
		cmocka_unit_test(who_is_behind_is_not_named),
	};

	return cmocka_run_group_tests_name("agent_cluster", tests, setup, NULL);
}
