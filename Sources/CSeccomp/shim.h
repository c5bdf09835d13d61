// libseccomp (seccomp_init(3) and its neighbours), and Landlock's three system calls, which glibc has no functions for
// (landlock(7)).
//
// SwiftGlibc first: see CLinux/shim.h.
#pragma clang module import SwiftGlibc
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What libseccomp's function-like macro makes: a system call that is not let through fails with `code`.
static inline uint32_t aifw_fails_with(uint32_t code) { return SCMP_ACT_ERRNO(code); }

/// struct landlock_ruleset_attr of linux/landlock.h, as of ABI 6; older kernels take it if what they do not know is 0.
struct aifw_landlock_rules {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

/// The kernel's Landlock ABI, 1 and up; -1 and ENOSYS or EOPNOTSUPP where it has none.
static inline int aifw_landlock_abi(void) { return (int)syscall(SYS_landlock_create_ruleset, (void *)0, 0UL, 1U); }

static inline int aifw_landlock_create(const struct aifw_landlock_rules *rules) {
    return (int)syscall(SYS_landlock_create_ruleset, rules, sizeof *rules, 0U);
}

/// Lets `rights` be used on what `path` names, and beneath it if that is a folder.
static inline int aifw_landlock_allow(int ruleset, int path, uint64_t rights) {
    struct {
        uint64_t rights;
        int32_t path;
    } __attribute__((packed)) rule = {rights, path};  // struct landlock_path_beneath_attr
    return (int)syscall(SYS_landlock_add_rule, ruleset, 1U, &rule, 0U);
}

static inline int aifw_landlock_restrict(int ruleset) { return (int)syscall(SYS_landlock_restrict_self, ruleset, 0U); }

// open(2); glibc has it for _GNU_SOURCE only.
static const int AIFW_PATH_ONLY = 010000000 /* O_PATH */ | 02000000 /* O_CLOEXEC */;

/// Whether the filter answers a call with ENOSYS. It is tried with arguments that none of the calls asked for can use.
static inline bool aifw_is_shut(long number) {
    errno = 0;
    return syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 && errno == ENOSYS;
}
