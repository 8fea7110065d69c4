/* SPDX-License-Identifier: GPL-2.0 */
/* Threads of the agent, for work that waits for the disk or the module. */
#ifndef HAAGENTD_THREAD_H
#define HAAGENTD_THREAD_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

void thread_lock_init(pthread_mutex_t *lock);
void thread_cond_init(pthread_cond_t *cond);
struct timespec thread_end(uint64_t ns);
int thread_begin(pthread_t *thread, void *(*work)(void *arg), void *arg);

#endif
