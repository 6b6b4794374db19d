// The kernel's messages about devices that come and go (netlink(7), NETLINK_KOBJECT_UEVENT).
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// struct sockaddr_nl and its constants are not in Swift's module of the C library. The calls are made by
// number, as <sys/socket.h> must stay out of these headers (socket.h says why).

/// A non-blocking, close-on-exec socket that receives what the kernel itself announces (group 1); -1 with errno.
static inline int ws_uevent_socket(void) {
    int type = 2 /* SOCK_DGRAM */ | O_NONBLOCK | O_CLOEXEC; // which are SOCK_NONBLOCK and SOCK_CLOEXEC
    struct sockaddr_nl address = {.nl_family = 16 /* AF_NETLINK */, .nl_groups = 1};
    int fd = (int)syscall(SYS_socket, address.nl_family, type, NETLINK_KOBJECT_UEVENT);
    if (fd >= 0 && syscall(SYS_bind, fd, &address, sizeof address) != 0) {
        int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

/// Receives one message, cut to `count` bytes, and who sent it: 0 is the kernel. As recvfrom(2).
static inline ssize_t ws_uevent_receive(int fd, void *bytes, size_t count, uint32_t *sender) {
    struct sockaddr_nl address = {0};
    uint32_t length = sizeof address;
    ssize_t received = syscall(SYS_recvfrom, fd, bytes, count, 0, &address, &length);
    *sender = length == sizeof address ? address.nl_pid : UINT32_MAX;
    return received;
}
