// SPDX-License-Identifier: GPL-2.0
/* A page that a server has sent for a check by HTTP, and whether it is good. Whoever fetches it, it is judged here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks/page.h"

/**
 * page_begin - begin with a page; page_free() ends it
 * @p:		the page, which is initialized here
 * @wanted:	text that the body must have; "": any body is good
 */
void page_begin(struct page *p, const char *wanted)
{
	*p = (struct page){ .wanted = wanted };
}

/**
 * page_take - take what comes next of the body
 * @p:		the page
 * @at:		the bytes
 * @size:	their number
 *
 * Return: whether more of the body is wanted
 */
bool page_take(struct page *p, const void *at, size_t size)
{
	size_t room = PAGE_MOST - p->size;

	p->full = size > room;
	if (p->full)
		size = room;
	if (p->wanted[0] && size) {
		if (!p->body)
			p->body = malloc(PAGE_MOST);
		p->starved = !p->body;
		if (p->starved)
			return false;
		memcpy(p->body + p->size, at, size);
	}
	p->size += size;
	return !p->full;
}

/**
 * page_judge - judge a page that has come as far as it is read
 * @p:		the page
 * @plan:	which statuses are good
 * @why:	receives the reason
 *
 * Return: the outcome
 */
enum plan_outcome page_judge(const struct page *p, const struct plan *plan, char why[PAGE_WHY])
{
	bool good = p->status >= plan->from && p->status <= plan->to;

	if (p->starved) {
		snprintf(why, PAGE_WHY, "out of memory");
		return PLAN_UNSURE;
	}
	if (!good) {
		snprintf(why, PAGE_WHY, "status %ld; good ones are %u to %u", p->status, plan->from, plan->to);
		return PLAN_BAD;
	}
	if (p->wanted[0] && !(p->size && memmem(p->body, p->size, p->wanted, strlen(p->wanted)))) {
		snprintf(why, PAGE_WHY, "status %ld, but \"%.64s\" is not in %s of the body", p->status, p->wanted,
			 p->full ? "the first 64 KiB" : "the text");
		return PLAN_BAD;
	}
	snprintf(why, PAGE_WHY, "status %ld", p->status);
	return PLAN_GOOD;
}

/**
 * page_free - free the body
 * @p:	the page, which page_begin() has initialized, or all zero
 */
void page_free(struct page *p)
{
	free(p->body);
	p->body = NULL;
}
