/* SPDX-License-Identifier: GPL-2.0 */
/* The holder of a vip tells the other nodes what its checks have found, so that these check seldom. */
#ifndef HAAGENTD_SHARE_H
#define HAAGENTD_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct check;
struct checks;
struct cluster;
struct wire_record;

uint64_t share_key(const struct check *c);
int share_sort(struct checks *all);
bool share_look(struct checks *all, unsigned int most);
void share_lease(struct checks *all, const char *lease, bool held);
void share_tick(struct checks *all, struct cluster *cluster, uint64_t now);
void share_take(struct checks *all, const char *from, const struct wire_record *record, uint64_t now);

#endif
