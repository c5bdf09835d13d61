/* SwiftGlibc first: see CLinux/shim.h. */
#pragma clang module import SwiftGlibc
#include <nftables/libnftables.h>
