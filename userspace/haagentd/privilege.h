/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's capabilities. */
#ifndef HAAGENTD_PRIVILEGE_H
#define HAAGENTD_PRIVILEGE_H

void privilege_need_none(void);
void privilege_drop(void);

#endif
