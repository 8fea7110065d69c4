/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ip(8) and its plug-ins share: these declarations are those of iproute2 5.0 and later, so that nothing of its source
 * is needed. ip exports the functions to its plug-ins.
 */

#ifndef HASW_IP_H
#define HASW_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rtattr;
struct nlmsghdr;

/* What ip looks up: the kind of device, and how its details are printed. */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n);
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f, struct rtattr *xstats);
	void (*print_help)(struct link_util *lu, int argc, char **argv, FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

#define PRINT_JSON	2
#define COLOR_NONE	6

bool is_json_context(void);
void open_json_object(const char *key);
void close_json_object(void);
void open_json_array(int type, const char *key);
void close_json_array(int type, const char *key);
int print_color_string(int type, int color, const char *key, const char *format, const char *value);
int print_color_u64(int type, int color, const char *key, const char *format, uint64_t value);

#endif
