/* SPDX-License-Identifier: GPL-2.0 */
/* Real-time scheduling and locked memory for the agent. */
#ifndef HAAGENTD_REALTIME_H
#define HAAGENTD_REALTIME_H

void realtime_enter(void);
void realtime_try(void);
void realtime_thread(void);

#endif
