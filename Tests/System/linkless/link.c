// Preloaded, it makes every file system one without links, as FAT is.
#include <errno.h>
#include <unistd.h>

int link(const char *from, const char *to) {
    (void)from;
    (void)to;
    errno = EPERM;
    return -1;
}
