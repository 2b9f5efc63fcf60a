// SPDX-License-Identifier: Apache-2.0
//
// What Linux has and Swift's Glibc module leaves out: epoll, eventfd, signalfd, names of threads.
//
// _GNU_SOURCE would change structures that the Glibc module has defined without it, so what needs it is declared here.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/// Names the thread that calls, for the system's tools.
static inline void linux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// Asks the kernel to begin writing the dirty pages of a range, without waiting for them; 0, or -1 with `errno`.
static inline int linux_start_writeback(int descriptor, int64_t offset, int64_t count) {
    return (int)syscall(SYS_sync_file_range, descriptor, offset, count, 2 /* SYNC_FILE_RANGE_WRITE */);
}
