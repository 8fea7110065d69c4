/* SPDX-License-Identifier: GPL-2.0 */
/* Being on time: scheduling class and locked memory. */
#ifndef HAAGENTD_REALTIME_H
#define HAAGENTD_REALTIME_H

void realtime_enter(void);
void realtime_try(void);

#endif
