/* Stands in for wireguard-go: tries what a taken-over wireguard-go would like to do, and says in one line what worked.
   The compiler is given KEY, RUN, SOCKET, API, LAUNCHER (paths) and HELPER (a process id). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char line[2048] = "worked:";

static void tried(const char *what, int worked) {
    if (!worked) return;
    strcat(line, " ");
    strcat(line, what);
}

static int opens(const char *path, int flags) {
    int file = open(path, flags, 0600);
    if (file >= 0) close(file);
    return file >= 0;
}

static int connects(int family, int type, const struct sockaddr *address, socklen_t length) {
    int one = socket(family, type, 0);
    int worked = one >= 0 && connect(one, address, length) == 0;
    int code = errno;
    if (one >= 0) close(one);
    errno = code;
    return worked;
}

static int reaches(const char *path, int type) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return connects(AF_UNIX, type, (struct sockaddr *)&address, sizeof address);
}

/* Nobody listens there: to be told so is to have reached it. */
static int speaks_tcp(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connects(AF_INET, SOCK_STREAM, (struct sockaddr *)&address, sizeof address) || errno == ECONNREFUSED;
}

/* In a child, which a program that is executed replaces; its end tells. */
static int executes(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        char *words[] = {(char *)path, "-c", "exit 42", NULL};
        execv(path, words);
        _exit(1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static int traces_child(void) {
    pid_t child = fork();
    if (child == 0) _exit(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? 42 : 1);
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static int reads_helper(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {line, 1};
    return process_vm_readv(HELPER, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

int main(void) {
    char path[128];
    snprintf(path, sizeof path, "/proc/%d/mem", HELPER);
    tried("passwd", opens("/etc/passwd", O_RDONLY));
    tried("root", opens("/", O_RDONLY | O_DIRECTORY));
    tried("key", opens(KEY, O_RDONLY));
    tried("new-file", opens(RUN "/prisoner", O_WRONLY | O_CREAT));
    tried("new-folder", mkdirat(AT_FDCWD, RUN "/prisoner.d", 0700) == 0);
    tried("self", opens("/proc/self/status", O_RDONLY));
    tried("helper-memory", opens(path, O_RDONLY) || reads_helper());
    tried("helper-signal", kill(HELPER, 0) == 0);
    tried("helper-socket", reaches(SOCKET, SOCK_STREAM));
    tried("api-socket", reaches(API, SOCK_STREAM));
    tried("launcher-socket", reaches(LAUNCHER, SOCK_SEQPACKET));
    tried("sibling-socket", reaches(RUN "/wg1.sock", SOCK_STREAM));
    tried("tcp", speaks_tcp());
    tried("raw-packets", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
    tried("firewall", socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) >= 0);
    tried("ipsec", socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) >= 0);
    tried("generic-netlink", socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC) >= 0);
    tried("trace", traces_child() || ptrace(PTRACE_SEIZE, HELPER, 0, 0) == 0);
    tried("shell", executes("/bin/sh"));
    tried("namespace", syscall(SYS_unshare, CLONE_NEWUSER) == 0);
    tried("setuid", setuid(0) == 0 || getuid() == 0);
    tried("mount", mount("none", RUN, "tmpfs", 0, "") == 0);
    tried("capabilities", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0);
    tried("dumpable", prctl(PR_SET_DUMPABLE, 1) == 0);
    puts(line);
    fflush(stdout);
    return 3;
}
