/* SPDX-License-Identifier: GPL-2.0 */
/* The log: readable lines on stderr. */
#ifndef HAAGENTD_LOG_H
#define HAAGENTD_LOG_H

#include <stdbool.h>

/* The values are the syslog priorities, so that the journal understands them. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

void log_open(bool debug);
bool log_debugging(void);
void log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)		log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...)	log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)		log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)		log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) \
	do { if (log_debugging()) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__); } while (0)

#endif
