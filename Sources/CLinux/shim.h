/* Kernel headers that Glibc's module map leaves out.

   SwiftGlibc first: with it imported, the C library's types are its own here. Included as text they would belong to this
   module as well, and which of the two Swift asks a file to import would hang on the order of all imports. */
#pragma clang module import SwiftGlibc
#include <malloc.h>
#include <sys/pidfd.h>

#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <linux/xfrm.h>

/* Sockets: what glibc has for _GNU_SOURCE only, which Swift does not set, and constants with their flags put together. */
#include <errno.h>

int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags); // accept(2)
static const int AIFW_TYPE_PACKETS = SOCK_SEQPACKET;
static const int AIFW_ACCEPTED = SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int AIFW_TYPE_STREAM = SOCK_STREAM;
static const int AIFW_NO_SIGNAL = MSG_NOSIGNAL;

/// SO_PEERCRED (unix(7)): who connected, at the time of connect(2).
static inline int aifw_peer(int socket, uid_t *user, pid_t *process) {
    // struct ucred of sys/socket.h, which is there only for _GNU_SOURCE.
    struct {
        pid_t process;
        uid_t user;
        gid_t group;
    } peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    if (length != sizeof peer) {
        errno = EPROTO;
        return -1;
    }
    *user = peer.user;
    *process = peer.process;
    return 0;
}
