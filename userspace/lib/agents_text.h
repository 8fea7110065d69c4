/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agents' settings within the text of a configuration of the cluster. Each of their lines is a comment line there,
 * "#haagentd: LINE", so whatever restores the text ignores them, and one text with one hash has both. So are the entries of
 * nodes that came by invitations to a cluster whose agents have a list of nodes, "#haagentd-node: { name = "NAME"; ... }".
 */
#ifndef HASW_AGENTS_TEXT_H
#define HASW_AGENTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define AGENTS_TEXT_MARK	"#haagentd:"
#define AGENTS_TEXT_NODE	"#haagentd-node:"
#define AGENTS_TEXT_NAME	"agents' settings"	/* what errors in settings that are not committed yet call the file */

bool agents_text_has(const char *text, size_t size);
int agents_text_split(const char *text, size_t size, char **part, size_t *part_size);
bool agents_text_has_nodes(const char *text, size_t size);
int agents_text_nodes(const char *text, size_t size, char **part, size_t *part_size);
const char *agents_text_nodes_fault(const char *text, size_t size);
bool agents_text_adds(const char *text, size_t size, const char *name, size_t length);
int agents_text_keep_nodes(const char *text, size_t size, const char *old, size_t old_size, char **whole, size_t *whole_size);
int agents_text_join(const char *text, size_t size, const char *part, size_t part_size, char **whole, size_t *whole_size);

#endif
