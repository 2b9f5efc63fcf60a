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
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/// Names the thread that calls, for the system's tools.
static inline void linux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// Takes a connection from a listener's queue; it does not block and is not inherited.
static inline int linux_accept(int descriptor, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(descriptor, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// A socket that does not block and is not inherited.
static inline int linux_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

/// Asks the kernel to begin writing the dirty pages of a range, without waiting for them; 0, or -1 with `errno`.
static inline int linux_start_writeback(int descriptor, int64_t offset, int64_t count) {
    return (int)syscall(SYS_sync_file_range, descriptor, offset, count, 2 /* SYNC_FILE_RANGE_WRITE */);
}


/// Sends bytes; a closed connection is an error, not a signal. `more` says that further bytes follow at once.
static inline ssize_t linux_send(int descriptor, const void *bytes, size_t count, int more) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

/// How many bytes of a socket's output its peer has not taken yet; -1 where that is not known.
static inline int linux_undelivered(int descriptor) {
    int count;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -1;
}
