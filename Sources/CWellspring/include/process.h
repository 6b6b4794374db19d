// Identity and privileges of this process: calls that are variadic or hidden behind _GNU_SOURCE, where Swift cannot reach.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// Names the calling thread (15 bytes are kept), as ps -L and top -H show it.
static inline void ws_name_thread(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}

/// Forbids core dumps and ptrace by other users for this process. Cleared by execve and by a change of uid.
static inline int ws_set_undumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// After this no execve can gain privileges.
static inline int ws_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// Keeps permitted capabilities over the next change from uid 0 to another.
static inline int ws_keep_capabilities(bool keep) {
    return prctl(PR_SET_KEEPCAPS, keep ? 1 : 0, 0, 0, 0);
}

/// The calling process gets `signal_number` when the thread that created it ends.
static inline int ws_signal_on_parent_death(int signal_number) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal_number, 0, 0, 0);
}

/// The effective capabilities of the calling thread as a bit set; 0 when they cannot be read.
static inline uint64_t ws_effective_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capget, &header, data) != 0) return 0;
    return ((uint64_t)data[1].effective << 32) | data[0].effective;
}

/// Sets effective and permitted capabilities of the calling thread to exactly `set`, inheritable to none.
static inline int ws_set_capabilities(uint64_t set) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)set, (uint32_t)set, 0}, {(uint32_t)(set >> 32), (uint32_t)(set >> 32), 0}};
    return (int)syscall(SYS_capset, &header, data);
}

/// Bit number of the capability that RNDADDENTROPY and RNDRESEEDCRNG need.
static const int WS_CAP_SYS_ADMIN = CAP_SYS_ADMIN;

/// Closes every descriptor from `first` upwards; close_range(2) where the kernel has it, else one by one up to 65,535.
static inline void ws_close_from(unsigned int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0u, 0) == 0) return;
#endif
    for (unsigned int fd = first; fd < 65536; fd++) close((int)fd);
}

static inline bool ws_wait_exited(int status) { return WIFEXITED(status); }
static inline int ws_wait_exit_code(int status) { return WEXITSTATUS(status); }
static inline int ws_wait_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

/// Unmaps the program's own code from memory; what is needed again comes back from the page cache by itself. For programs
/// that run much code once and little ever after. Swift has no way to name the linker's symbols.
static inline void ws_release_code_pages(void) {
    extern const char __executable_start[], etext[];
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)__executable_start + page - 1) & ~(page - 1);
    uintptr_t end = (uintptr_t)etext & ~(page - 1);
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
}
