/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's JSON writer for tests of haadm: it is compiled for them with another name for what jansson has, too. */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#define json_object json_writer_object
#include "haagentd/json.h"
#undef json_object

#endif
