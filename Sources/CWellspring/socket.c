// Socket calls that sit behind _GNU_SOURCE or in macros: accept4, ppoll, SO_PEERCRED, CMSG_*.
// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "socket.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { most_descriptors = 253 /* SCM_MAX_FD of the kernel's net/scm.h */ };

int ws_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

bool ws_peer_credentials(int fd, struct ws_peer *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &length) == 0 && length == sizeof *peer;
}

int ws_peer_groups(int fd, uint32_t *groups, int count) {
    socklen_t length = (socklen_t)((size_t)count * sizeof *groups);
    return getsockopt(fd, SOL_SOCKET, 59 /* SO_PEERGROUPS */, groups, &length) == 0
        ? (int)(length / sizeof *groups) : 0;
}

int ws_poll(void *fds, unsigned int count, int64_t nanoseconds) {
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return ppoll(fds, count, nanoseconds < 0 ? NULL : &limit, NULL);
}

ssize_t ws_send_descriptors(int fd, const void *bytes, size_t byte_count, const int *descriptors,
    int count, const void *to, uint32_t to_length) {
    struct iovec part = {(void *)bytes, byte_count};
    union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int) * most_descriptors)]; } control;
    struct msghdr message = {.msg_name = (void *)to, .msg_namelen = to_length, .msg_iov = &part, .msg_iovlen = 1};
    if (count < 0 || count > most_descriptors) return errno = EINVAL, -1;
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

ssize_t ws_receive_descriptors(int fd, void *bytes, size_t byte_count, int *descriptors, int *count) {
    struct iovec part = {bytes, byte_count};
    union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int) * most_descriptors)]; } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
        .msg_controllen = sizeof control};
    int room = *count;
    *count = 0;
    ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int arrived = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < arrived; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + (size_t)i * sizeof(int), sizeof descriptor);
            if (*count < room) descriptors[(*count)++] = descriptor;
            else close(descriptor);
        }
    }
    return received;
}
