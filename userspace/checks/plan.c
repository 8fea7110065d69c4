// SPDX-License-Identifier: GPL-2.0
/* What the agent tells haagentd-checks, and what it is told: the bytes of both. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/plain.h"
#include "checks/plan.h"
#include "haagentd/check/rise_fall.h"

static const char *const kinds[PLAN_KINDS] = {
	[PLAN_TCP] = "tcp",
	[PLAN_HTTP] = "http",
	[PLAN_HTTPS] = "https",
	[PLAN_EXEC] = "exec",
	[PLAN_ICMP] = "icmp",
	[PLAN_UDP] = "udp",
	[PLAN_DNS] = "dns",
	[PLAN_AGENT] = "agent",
};

/* Least number of words of each kind; exec has a command at least. */
static const unsigned int words_least[PLAN_KINDS] = {
	[PLAN_TCP] = PLAN_FIRST,
	[PLAN_HTTP] = PLAN_BODY + 1,
	[PLAN_HTTPS] = PLAN_BODY + 1,
	[PLAN_EXEC] = PLAN_FIRST + 1,
	[PLAN_ICMP] = PLAN_FIRST,
	[PLAN_UDP] = PLAN_EXPECT + 1,
	[PLAN_DNS] = PLAN_NAME + 1,
	[PLAN_AGENT] = PLAN_SEND + 1,
};

/**
 * plan_kind_word - name a kind of check
 * @kind:	the kind
 *
 * Return: its word in haagentd.conf
 */
const char *plan_kind_word(enum plan_kind kind)
{
	return kinds[kind];
}

/**
 * plan_kind_find - find a kind of check by its word
 * @word:	the word in haagentd.conf
 *
 * Return: the kind, or PLAN_KINDS
 */
enum plan_kind plan_kind_find(const char *word)
{
	enum plan_kind kind = PLAN_TCP;

	while (kind < PLAN_KINDS && strcmp(kinds[kind], word))
		kind++;
	return kind;
}

/**
 * plan_put - append bytes
 * @b:		where to
 * @bytes:	the bytes
 * @size:	number of bytes
 *
 * When memory is short, @b->failed is set and nothing is appended any more.
 */
void plan_put(struct plan_buf *b, const void *bytes, size_t size)
{
	size_t room = b->room ? b->room : 4096;
	uint8_t *at;

	while (room < b->size + size)
		room *= 2;
	if (room != b->room && !b->failed) {
		at = realloc(b->at, room);
		b->failed = !at;
		if (at) {
			b->at = at;
			b->room = room;
		}
	}
	if (b->failed)
		return;
	memcpy(b->at + b->size, bytes, size);
	b->size += size;
}

static bool sound_family(const struct hasw_addr *addr)
{
	return !addr->family || addr->family == AF_INET || addr->family == AF_INET6;
}

/**
 * plan_fits_vip - return whether checks of a kind can go through the vip
 * @kind:	the kind
 *
 * One packet and its answer are made by hand, and so is a connection of HTTP. All else needs a connection of the
 * kernel, whose packets to the vip go to any member.
 *
 * Return: yes or no
 */
bool plan_fits_vip(enum plan_kind kind)
{
	return kind != PLAN_HTTPS && kind != PLAN_EXEC && kind != PLAN_AGENT;
}

static bool sound_way(const struct plan *p)
{
	if (p->way == PLAN_PLAIN)
		return p->kind != PLAN_TCP;
	return p->way < PLAN_WAYS && plan_fits_vip(p->kind) && p->vip.family && sound_family(&p->vip) &&
	       sound_family(&p->own);
}

static bool sound(const struct plan *p)
{
	return p->kind < PLAN_KINDS && sound_way(p) && p->interval && p->timeout &&
	       p->rise && p->fall && p->health <= JUDGE_DOWN && p->share <= 100 && p->n_words <= PLAN_WORDS &&
	       p->n_words >= words_least[p->kind] + (p->kind == PLAN_EXEC && p->from) && p->size <= PLAN_BYTES &&
	       sound_family(&p->address) && memchr(p->dev, 0, sizeof(p->dev));
}

/**
 * plan_take - read a plan and its words
 * @at:		the bytes
 * @size:	number of bytes
 * @plan:	receives the plan
 * @words:	receives the words, which lie in @at, and a NULL after the last one
 *
 * Return: number of bytes that the plan has taken; 0 if they are no plan
 */
size_t plan_take(const uint8_t *at, size_t size, struct plan *plan,
		 const char *words[PLAN_WORDS + 1])
{
	const char *text, *end;
	unsigned int i;

	if (size < sizeof(*plan))
		return 0;
	memcpy(plan, at, sizeof(*plan));
	if (!sound(plan) || size - sizeof(*plan) < plan->size)
		return 0;
	text = (const char *)at + sizeof(*plan);
	end = text + plan->size;
	for (i = 0; i < plan->n_words; i++) {
		size_t length = strnlen(text, (size_t)(end - text));

		if (text + length >= end)
			return 0;
		words[i] = text;
		text += length + 1;
	}
	words[i] = NULL;
	return text == end ? sizeof(*plan) + plan->size : 0;
}

/**
 * plan_plain - show what a terminal or a log would take for a command
 * @text:	the text of a result, which is changed: \x1b for each byte of what is not plain
 */
void plan_plain(char text[PLAN_TEXT])
{
	char foreign[PLAN_TEXT];

	memcpy(foreign, text, PLAN_TEXT);
	hasw_plain_put(text, PLAN_TEXT, foreign);
}

/**
 * plan_result_sound - look whether a message is a result
 * @result:	the message; its text is made plain
 * @size:	its size, bytes
 *
 * haagentd-checks reads what servers send, so the agent believes nothing of it unseen.
 *
 * Return: yes or no
 */
bool plan_result_sound(struct plan_result *result, size_t size)
{
	if (size != sizeof(*result) || result->outcome >= PLAN_OUTCOMES ||
	    result->health > JUDGE_DOWN || result->share > 100 || result->wrong > 1 ||
	    !memchr(result->text, 0, sizeof(result->text)))
		return false;
	plan_plain(result->text);
	return true;
}
