/* Kernel headers that Glibc's module map leaves out. <netinet/in.h> first: after any <linux/...> network header the
   two would define the same types twice. */
#include <netinet/in.h>
#include <sys/pidfd.h>

#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
