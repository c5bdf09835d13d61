#ifndef AIFW_PAGE_H
#define AIFW_PAGE_H

#include <stddef.h>

/// A file of the web page, as it is in the program: path below `/page/`, media type, content.
struct page_file {
    const char *path;
    const char *type;
    const unsigned char *bytes;
    size_t length;
};

/// All of them.
extern const struct page_file *const page_files;
extern const size_t page_file_count;

#endif
