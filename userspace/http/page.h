/* SPDX-License-Identifier: GPL-2.0 */
/* The status page. */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include "buf.h"
#include "collect.h"

#define PAGE_VIPS	1000	/* most vips that are served and are shown */

void page_write(struct buf *to, const struct collected *c);

#endif
