// libcap, and the calls of process startup that Swift can't make itself: variadic ones, macros, and fork(2), which its
// Glibc module hides because a program with threads must not use it. The helper has one thread.
//
// SwiftGlibc first: see CLinux/shim.h.
#pragma clang module import SwiftGlibc
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <spawn.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <linux/memfd.h>
#include <linux/securebits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc has these for _GNU_SOURCE only, which Swift does not set; the manual pages named tell the declarations.
int setresuid(uid_t real, uid_t effective, uid_t saved);  // setresuid(2)
int setresgid(gid_t real, gid_t effective, gid_t saved);
int close_range(unsigned first, unsigned last, int flags);                                     // close_range(2)
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
static const short AIFW_SPAWN_SETSID = 0x80;        // spawn.h
static const short AIFW_POLLRDHUP = 0x2000;         // poll(2)

static inline pid_t aifw_fork(void) { return fork(); }

static inline int aifw_prctl(int option, unsigned long argument) { return prctl(option, argument, 0UL, 0UL, 0UL); }

static inline int aifw_ambient(unsigned long operation, unsigned long capability) {
    return prctl(PR_CAP_AMBIENT, operation, capability, 0UL, 0UL);
}

static inline int aifw_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0U); }

/// A file in memory that is gone with its last descriptor (memfd_create(2)); close-on-exec.
static inline int aifw_memory_file(void) {
    return (int)syscall(SYS_memfd_create, "aifw", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/// Has such a file keep its size: a write beyond it fails, a resize too (fcntl(2), F_ADD_SEALS of linux/fcntl.h).
static inline int aifw_keep_size(int descriptor) {
    const int F_ADD_SEALS_ = 1033, F_SEAL_SEAL_ = 1, F_SEAL_SHRINK_ = 2, F_SEAL_GROW_ = 4;
    return fcntl(descriptor, F_ADD_SEALS_, F_SEAL_SEAL_ | F_SEAL_SHRINK_ | F_SEAL_GROW_);
}

/// The most bytes of a core file, soft and hard.
static inline int aifw_limit_core(unsigned long bytes) {
    const struct rlimit limit = {bytes, bytes};
    return setrlimit(RLIMIT_CORE, &limit);
}

/// Closes every descriptor above `last`.
static inline int aifw_close_above(int last) { return close_range((unsigned)last + 1, ~0U, 0); }

/// The soft limit of descriptors becomes the hard one.
static inline int aifw_raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

/// Exit status (0 and up) of a wait status; -1 if it was a signal.
static inline int aifw_exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

/// Signal that ended it, of a wait status.
static inline int aifw_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

static const unsigned long AIFW_SECUREBITS_NEEDED =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED;
static const unsigned long AIFW_SECUREBITS_ALL =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED
    | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

/// Close-on-exec and non-blocking, for a descriptor that was passed to us.
static inline int aifw_fd_private(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -1;
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}
