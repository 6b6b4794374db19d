// Event and socket calls whose types or constants sit behind _GNU_SOURCE.
// SPDX-License-Identifier: Apache-2.0
//
// <sys/socket.h>, <sys/un.h> and <poll.h> stay out of this header: Glibc's own module has them, and a
// structure that two modules declare belongs to whichever a compilation happens to load first.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/// accept4(2), close-on-exec and non-blocking.
int ws_accept(int listener);

struct ws_peer { int32_t pid; uint32_t uid; uint32_t gid; };

/// Who is at the other end of a connected Unix socket (SO_PEERCRED). False when the kernel does not say.
bool ws_peer_credentials(int fd, struct ws_peer *peer);

/// The supplementary groups of the process at the other end (SO_PEERGROUPS, since Linux 4.13): stores at
/// most `count` of them and returns their number, 0 when the kernel does not say.
int ws_peer_groups(int fd, uint32_t *groups, int count);

/// Sends `byte_count` bytes with `count` descriptors (at most 253, SCM_MAX_FD) as SCM_RIGHTS, or with none.
/// To the address at `to` where it is not NULL. As sendmsg(2).
ssize_t ws_send_descriptors(int fd, const void *bytes, size_t byte_count, const int *descriptors,
    int count, const void *to, uint32_t to_length);

/// Receives bytes and up to `*count` descriptors, close-on-exec; sets `*count`. As recvmsg(2).
ssize_t ws_receive_descriptors(int fd, void *bytes, size_t byte_count, int *descriptors, int *count);

/// recv(2) without flags and send(2), not being points where a thread can be cancelled: in a process with
/// several threads that costs the C library's own calls two locked instructions each.
static inline ssize_t ws_recv(int fd, void *bytes, size_t count) {
    return syscall(SYS_recvfrom, fd, bytes, count, 0, NULL, NULL);
}

static inline ssize_t ws_send(int fd, const void *bytes, size_t count, int flags) {
    return syscall(SYS_sendto, fd, bytes, count, flags, NULL, 0);
}

/// pipe2(2) with O_CLOEXEC.
static inline int ws_pipe(int *ends) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

/// poll(2) of `count` struct pollfd with a time-out in nanoseconds; negative waits for ever.
int ws_poll(void *fds, unsigned int count, int64_t nanoseconds);

/// memfd_create(2), close-on-exec: a file without a name, for facts that go to the next process.
static inline int ws_memory_file(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

/// EPOLLEXCLUSIVE: of several loops that watch one socket, not all are woken (Linux 4.5).
static const uint32_t WS_EPOLLEXCLUSIVE = 1u << 28;
