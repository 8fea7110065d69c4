/* SPDX-License-Identifier: GPL-2.0 */
/* Which release this is. */

#ifndef HASW_VERSION_H
#define HASW_VERSION_H

#ifndef HASWITCH_VERSION
#define HASWITCH_VERSION "0.1"
#endif

#endif
