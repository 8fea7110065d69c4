// SPDX-License-Identifier: GPL-2.0
/* The agent's codecs in the model: what is sent and what is stored goes through their bytes. */
#include <string.h>

#include "haagentd/vote/vote_image.h"
#include "haagentd/vote/vote_wire.h"
#include "model.h"

#define MAPS 256

_Static_assert(MODEL_IMAGE >= STORE_IMAGE, "room for an image");

/* The nodes of each voter set of this schedule. */
static struct vote_map maps[MAPS];
static unsigned int known_maps;

/* Which fields a message of this kind has (vote_wire.h). The receiver knows sender and holder from the session. */
static int same_message(const struct hasw_vote_msg *a, const struct hasw_vote_msg *b)
{
	int lease = a->type == HASW_VOTE_READ || a->type == HASW_VOTE_GRANT || a->type == HASW_VOTE_RELEASE;

	if (a->type != b->type || a->answer != b->answer || a->cut != b->cut || a->life != b->life ||
	    a->lease != b->lease || a->generation != b->generation || a->sequence != b->sequence ||
	    a->epoch != b->epoch || a->length != b->length)
		return 0;
	if (lease && a->answer == HASW_VOTE_ASK)
		return 1;
	if (a->type == HASW_VOTE_RESIGNED)
		return a->node == b->node && a->panic == b->panic;
	if (a->epoch_max != b->epoch_max || a->remaining != b->remaining)
		return 0;
	return lease || (a->voters == b->voters && a->map == b->map && a->ballot == b->ballot && a->acked == b->acked &&
			 a->conf.epoch == b->conf.epoch && a->conf.generation == b->conf.generation &&
			 a->conf.blob == b->conf.blob);
}

/* What is received of a message. */
void codec_message(const struct hasw_vote_msg *sent, struct hasw_vote_msg *received)
{
	static struct hasw_vote_msg last_sent, last_received;
	uint8_t bytes[VOTE_WIRE_SET];
	size_t size;

	/* Most questions go to several nodes. */
	if (!memcmp(sent, &last_sent, sizeof(last_sent))) {
		*received = last_received;
		return;
	}
	size = vote_wire_put(sent, bytes, sizeof(bytes));
	if (!size || vote_wire_get(bytes, size, received) != size) {
		violation("a message does not pass the wire");
		return;
	}
	if (!same_message(sent, received)) {
		violation("a message arrives as another one");
		return;
	}
	last_sent = *sent;
	last_received = *received;
}

/* A schedule begins: no voter set is known. */
void codec_reset(void)
{
	known_maps = 0;
}

/* The nodes of a voter set. @number: makes it another one than all before. Return: their hash. */
u64 codec_map(u32 number, u32 voters)
{
	struct vote_map *map = &maps[known_maps];

	if (known_maps == MAPS) {
		violation("the model has no room for more voter sets");
		return 0;
	}
	known_maps++;
	memset(map, 0, sizeof(*map));
	map->n = (unsigned int)world.nodes;
	for (unsigned int i = 0; i < map->n; i++)
		snprintf(map->names[i], sizeof(map->names[i]), "node%u", i);
	map->voters = voters;
	/* Nobody asks whether there is a node of that id. */
	map->witnesses = number;
	vote_map_seal(map);
	return map->hash;
}

static const struct vote_map *map_of(u64 hash)
{
	for (unsigned int i = known_maps; i--;)
		if (maps[i].hash == hash)
			return &maps[i];
	violation("nobody knows the nodes of a voter set");
	return &maps[0];
}

static int same_conf(const struct hasw_vote_conf *a, const struct hasw_vote_conf *b)
{
	return a->epoch == b->epoch && a->generation == b->generation && a->blob == b->blob;
}

/* Of each lease that one of them has. The order is nobody's. */
static int same_met(const struct hasw_voter_disk *a, const struct hasw_voter_disk *b)
{
	for (u32 i = 0; i < a->met_count; i++)
		if (!hasw_voter_met(b, a->met_lease[i]))
			return 0;
	return a->met == b->met && a->met_count == b->met_count;
}

/* Return: whether two images say the same. */
int codec_same(const struct hasw_voter_disk *a, const struct hasw_voter_disk *b)
{
	for (int i = 0; i < HASW_VOTE_LEASES; i++) {
		const struct hasw_voter_long *x = &a->longs[i], *y = &b->longs[i];

		if (x->epoch != y->epoch)
			return 0;
		if (x->epoch && (x->length != y->length || x->lease != y->lease || x->holder != y->holder))
			return 0;
	}
	return a->ceiling == b->ceiling && a->known == b->known && a->settling == b->settling &&
	       a->generation == b->generation && a->voters == b->voters && a->map == b->map &&
	       a->committed == b->committed && a->before == b->before && a->ballot == b->ballot &&
	       a->acked == b->acked && same_met(a, b) && same_conf(&a->conf, &b->conf);
}

static int same_set(const struct hasw_vote_set *a, const struct hasw_vote_set *b)
{
	return a->generation == b->generation && a->voters == b->voters && a->map == b->map && a->epoch == b->epoch &&
	       same_conf(&a->conf, &b->conf);
}

/* An image in bytes, which say what it said. Return: how many. */
size_t codec_image(const struct hasw_voter_disk *disk, const struct hasw_vote_set *set, u8 *bytes)
{
	struct vote_image image = { .disk = *disk, .set = *set, .map = *map_of(set->map), .next = *map_of(disk->map) };
	size_t size = vote_image_put(&image, bytes);
	struct hasw_voter_disk read;
	struct hasw_vote_set read_set;

	if (codec_read(bytes, size, &read, &read_set) && (!codec_same(disk, &read) || !same_set(set, &read_set)))
		violation("an image is read as another one");
	return size;
}

/* Return: whether these bytes are an image. */
int codec_read(const u8 *bytes, size_t size, struct hasw_voter_disk *disk, struct hasw_vote_set *set)
{
	struct vote_image image;

	if (vote_image_get(bytes, size, &image)) {
		violation("an image is none");
		return 0;
	}
	*disk = image.disk;
	*set = image.set;
	return 1;
}
