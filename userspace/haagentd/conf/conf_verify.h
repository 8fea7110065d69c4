/* SPDX-License-Identifier: GPL-2.0 */
/* Checks that the module has all nodes and all health-checked members of haagentd.conf. */
#ifndef HAAGENTD_VERIFY_H
#define HAAGENTD_VERIFY_H

#include "conf.h"
#include "haagentd/module/module.h"

int verify_nodes(const struct conf *conf, struct module *m,
		 conf_report_fn report, void *arg);
void verify_members(const struct conf *conf, struct module *m,
		    conf_report_fn warn, void *arg);

#endif
