// The files of Sources/aifw-apid/Page/files, put into the program as they are (`#embed` of C23), so that there is nothing to
// install and nothing to be changed on the host. A new file is an array here and a row of the table below.
#include "page.h"

#define HTML "text/html; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define PICTURE "image/svg+xml"

static const unsigned char index_html[] = {
#embed "../aifw-apid/Page/files/index.html"
};
static const unsigned char style_css[] = {
#embed "../aifw-apid/Page/files/style.css"
};
static const unsigned char icon_svg[] = {
#embed "../aifw-apid/Page/files/icon.svg"
};
static const unsigned char app_js[] = {
#embed "../aifw-apid/Page/files/app.js"
};

#define CONTENT(array) array, sizeof array

static const struct page_file table[] = {
    {"index.html", HTML, CONTENT(index_html)},
    {"style.css", STYLE, CONTENT(style_css)},
    {"icon.svg", PICTURE, CONTENT(icon_svg)},
    {"app.js", SCRIPT, CONTENT(app_js)},
};

const struct page_file *const page_files = table;
const size_t page_file_count = sizeof table / sizeof *table;
