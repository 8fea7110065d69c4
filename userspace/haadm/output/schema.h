/* SPDX-License-Identifier: GPL-2.0 */
/* JSON Schema of what haadm prints. */

#ifndef HAADM_SCHEMA_H
#define HAADM_SCHEMA_H

#include "haadm/output/print.h"

/* Returns the schema of one object of a shape. */
json_t *schema_shape(const struct shape *shape);

/*
 * Returns the schema of an object that KEYS describes: "KEY TYPE, KEY? TYPE". A key with ? can be missing. TYPE is s
 * (string), i (integer), b (boolean), the name of another definition, [TYPE] (a list) or {TYPE} (an object with any
 * keys), and can end with |null. "..." at the end: there may be more keys.
 */
json_t *schema_keys(const char *keys);

#endif
