// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of the host names in corosync's nodelist. Each name is looked up once, and only a failed one again.
 * What the agent was told must not change because the resolver fails later, or gives the addresses in another order.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

/**
 * struct name - a host name
 * @next:	the next one in the list
 * @since:	when it was first asked for, ns
 * @used:	when it was last asked for, ns
 * @again:	when it may be looked up again if it has no address, ns
 * @wanted:	it is to be looked up
 * @answered:	it was looked up
 * @at:		its address; family 0: none is known
 * @text:	the name
 */
struct name {
	struct name *next;
	uint64_t since;
	uint64_t used;
	uint64_t again;
	bool wanted;
	bool answered;
	struct hasw_addr at;
	char text[];
};

/* @lock is for all but @lookup and @runs, which the main thread alone sets. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct name *list;
	names_lookup lookup;
	bool runs;
} names = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

static struct name *find(const char *text)
{
	struct name *name;

	for (name = names.list; name; name = name->next)
		if (!strcmp(name->text, text))
			return name;
	return NULL;
}

static struct name *next_wanted(void)
{
	struct name *name;

	for (name = names.list; name; name = name->next)
		if (name->wanted)
			return name;
	return NULL;
}

/* The thread. It holds no lock while it looks a name up, and the name can leave the list meanwhile. */
static void *look_up(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&names.lock);
	for (;;) {
		struct name *name = next_wanted();
		struct hasw_addr at = { 0 };
		char *text;

		if (!name) {
			pthread_cond_wait(&names.more, &names.lock);
			continue;
		}
		name->wanted = false;
		text = strdup(name->text);
		if (text) {
			pthread_mutex_unlock(&names.lock);
			names.lookup(text, &at);
			pthread_mutex_lock(&names.lock);
			name = find(text);
			free(text);
		}
		if (!name)
			continue;
		name->at = at;
		name->answered = true;
	}
	return NULL;
}

static void start(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, look_up, NULL))
		return;
	pthread_detach(thread);
	names.runs = true;
}

/**
 * names_begin - say how names are looked up
 * @lookup:	is called in the thread, for one name at a time
 */
void names_begin(names_lookup lookup)
{
	names.lookup = lookup;
}

/* Adds a name to the list. Returns NULL if memory is short. */
static struct name *add(const char *text, uint64_t now)
{
	struct name *name = calloc(1, sizeof(*name) + strlen(text) + 1);

	if (!name)
		return NULL;
	strcpy(name->text, text);
	name->since = now;
	name->next = names.list;
	names.list = name;
	return name;
}

/**
 * names_find - return what is known of a host name, and have it looked up if it is new
 * @text:	the name
 * @now:	current time, ns
 * @at:		set to its address; family 0: none is known
 *
 * Return: false if an answer is still to be waited for
 */
bool names_find(const char *text, uint64_t now, struct hasw_addr *at)
{
	struct name *name;
	bool settled = true;

	memset(at, 0, sizeof(*at));
	pthread_mutex_lock(&names.lock);
	name = find(text);
	if (!name)
		name = add(text, now);
	if (name) {
		if (!name->at.family && now >= name->again) {
			name->wanted = true;
			name->again = now + NAMES_RETRY;
			pthread_cond_signal(&names.more);
		}
		name->used = now;
		*at = name->at;
		settled = name->answered || now >= name->since + NAMES_WAIT;
	}
	pthread_mutex_unlock(&names.lock);
	if (!names.runs)
		start();
	return settled;
}

/**
 * names_forget_others - forget the names that the nodelist does not have any more
 * @now:	the time with which names_find() was called for each name of the nodelist
 *
 * A name that comes back later is looked up anew.
 */
void names_forget_others(uint64_t now)
{
	struct name **at = &names.list;

	pthread_mutex_lock(&names.lock);
	while (*at) {
		struct name *name = *at;

		if (name->used == now) {
			at = &name->next;
			continue;
		}
		*at = name->next;
		free(name);
	}
	pthread_mutex_unlock(&names.lock);
}
