/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the agent's store calls of the system, replaced by the model's disks: it is included before store.c is compiled.
 */
#ifndef MODEL_DISK_CALLS_H
#define MODEL_DISK_CALLS_H

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int disk_call_open(const char *path, int flags, ...);
int disk_call_close(int fd);
int disk_call_lock(int fd, int how);
int disk_call_stat(int fd, struct stat *st);
int disk_call_truncate(int fd, off_t size);
int disk_call_sync(int fd);
int disk_call_rename(const char *path, const char *to);
int disk_call_unlink(const char *path);
int disk_call_event(unsigned int count, int flags);
int disk_call_join(pthread_t thread, void **result);
ssize_t disk_call_pread(int fd, void *to, size_t size, off_t at);
ssize_t disk_call_pwrite(int fd, const void *from, size_t size, off_t at);
ssize_t disk_call_read(int fd, void *to, size_t size);
ssize_t disk_call_write(int fd, const void *from, size_t size);

#define open(...)	disk_call_open(__VA_ARGS__)
#define close(fd)	disk_call_close(fd)
#define flock(fd, how)	disk_call_lock(fd, how)
#define fstat(fd, st)	disk_call_stat(fd, st)
#define ftruncate(fd, size) disk_call_truncate(fd, size)
#define fsync(fd)	disk_call_sync(fd)
#define fdatasync(fd)	disk_call_sync(fd)
#define rename(path, to) disk_call_rename(path, to)
#define unlink(path)	disk_call_unlink(path)
#define eventfd(count, flags) disk_call_event(count, flags)
#define pthread_join(thread, result) disk_call_join(thread, result)
#define pread(fd, to, size, at) disk_call_pread(fd, to, size, at)
#define pwrite(fd, from, size, at) disk_call_pwrite(fd, from, size, at)
#define read(fd, to, size) disk_call_read(fd, to, size)
#define write(fd, from, size) disk_call_write(fd, from, size)

#endif
