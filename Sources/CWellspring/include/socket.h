// Event and socket calls whose types or constants sit behind _GNU_SOURCE.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/// accept4(2), close-on-exec and non-blocking.
static inline int ws_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

struct ws_peer { int32_t pid; uint32_t uid; uint32_t gid; };

/// Who is at the other end of a connected Unix socket (SO_PEERCRED). False when the kernel does not say.
static inline bool ws_peer_credentials(int fd, struct ws_peer *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, 17 /* SO_PEERCRED */, peer, &length) == 0
        && length == sizeof *peer;
}

/// pipe2(2) with O_CLOEXEC.
static inline int ws_pipe(int *ends) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

/// poll(2) with a time-out in nanoseconds (ppoll is hidden behind _GNU_SOURCE); negative waits for ever.
static inline int ws_poll(struct pollfd *fds, unsigned int count, int64_t nanoseconds) {
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return (int)syscall(SYS_ppoll, fds, (unsigned long)count, nanoseconds < 0 ? NULL : &limit, NULL, 8L);
}
