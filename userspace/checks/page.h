/* SPDX-License-Identifier: GPL-2.0 */
/* A page that a server has sent for a check by HTTP, and whether it is good. */
#ifndef CHECKS_PAGE_H
#define CHECKS_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "checks/plan.h"

#define PAGE_MOST	65536	/* so much of a page's body is read, and no more */
#define PAGE_WHY	128	/* room for the reason of page_judge() */

/**
 * struct page - a page
 * @wanted:	text that the body must have; "": any body is good
 * @status:	the status
 * @body:	what came of the body, if @wanted is looked for there
 * @size:	how much of the body came, bytes
 * @full:	more of the body came than is read
 * @starved:	there was no memory for @body
 */
struct page {
	const char *wanted;
	long status;
	char *body;
	size_t size;
	bool full;
	bool starved;
};

void page_begin(struct page *p, const char *wanted);
bool page_take(struct page *p, const void *at, size_t size);
enum plan_outcome page_judge(const struct page *p, const struct plan *plan, char why[PAGE_WHY]);
void page_free(struct page *p);

#endif
