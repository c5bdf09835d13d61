// Stands in pfctl's place: a test's launcher runs it with DEVICE (a file that stands for /dev/pf) and MARKER (a text that
// no rule may have) compiled in. It takes the three command lines that the launcher has for it and no other, checks of a
// ruleset what pf itself is strict about, keeps the last good one in DEVICE, and prints it as pfctl does: rules that
// translate apart from the others, with the kind of their pool, and a rule of two ports as two lines with one label.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 8 << 20 };
static char text[ROOM];

static int is(int count, char **words, int wanted, const char *const *them) {
    if (count != wanted) return 0;
    for (int index = 0; index < count; index++)
        if (strcmp(words[index], them[index]) != 0) return 0;
    return 1;
}

static int refuse(const char *words) {
    fprintf(stderr, "%s\npfctl: Syntax error in config file: pf rules not loaded\n", words);
    return 1;
}

static int is_nat(const char *line) { return strncmp(line, "nat ", 4) == 0; }

/// The fault of a line; NULL if it has none that is looked for.
static const char *fault(const char *line) {
    const char *label = strstr(line, " label \"");
    if (strstr(line, MARKER) != NULL) return "syntax error";
    if (is_nat(line)) {
        // A rule that translates has no label in pf's grammar, but may have a tag, and then says what to translate to.
        const char *tag = strstr(line, " tag "), *arrow = strstr(line, " -> ");
        if (label != NULL || tag == NULL || arrow == NULL || arrow < tag) return "syntax error";
        if (strcspn(tag + 5, " ") > 63) return "tag too long, max 63 chars";
        return NULL;
    }
    if (strncmp(line, "pass ", 5) != 0) return "syntax error: neither a pass rule nor one that translates";
    if (label == NULL) return "no label";
    label += 8;
    const char *end = strchr(label, '"');
    if (end == NULL || end - label > 63 || end[1] != 0) return "rule label too long (max 63 chars)";
    return NULL;
}

static int load(void) {
    size_t length = fread(text, 1, ROOM - 1, stdin);
    if (length > 0 && text[length - 1] != '\n') return refuse("stdin:1: syntax error: no end of line");
    text[length] = 0;
    int number = 0, filters = 0;
    char *copy = strdup(text);
    for (char *rest = copy, *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;) {
        const char *words = fault(line);
        if (words == NULL && is_nat(line) && filters) words = "Rules must be in order: translation, filtering";
        filters |= !is_nat(line);
        char where[256];
        number++;
        snprintf(where, sizeof where, "stdin:%d: %s", number, words == NULL ? "" : words);
        if (words != NULL) return refuse(where);
    }
    int device = open(DEVICE, O_RDWR);
    // With its NUL: the rest of the file is that of a longer text.
    if (device < 0 || pwrite(device, text, length + 1, 0) != (ssize_t)length + 1) {
        fprintf(stderr, "pfctl: " DEVICE ": %s\n", strerror(errno));
        return 1;
    }
    return 0;
}

static int show(int nat) {
    int device = open(DEVICE, O_RDONLY);
    ssize_t length = device < 0 ? -1 : pread(device, text, ROOM - 1, 0);
    if (length < 0) {
        fprintf(stderr, "pfctl: " DEVICE ": %s\n", strerror(errno));
        return 1;
    }
    text[length] = 0;
    // What a pfctl without ALTQ says every time, and means no harm by.
    fputs("No ALTQ support in kernel\nALTQ related functions disabled\n", stderr);
    const char *const list = " port { 500 4500 }";
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;) {
        char *ports = strstr(line, list);
        if (is_nat(line) != nat) continue;
        if (nat) {
            printf("%s%s\n", line, strstr(line, " round-robin") == NULL ? " round-robin" : "");
        } else if (ports == NULL) {
            puts(line);
        } else {
            const char *tail = ports + strlen(list);
            printf("%.*s port = 500%s\n", (int)(ports - line), line, tail);
            printf("%.*s port = 4500%s\n", (int)(ports - line), line, tail);
        }
    }
    return 0;
}

int main(int count, char **words) {
    static const char *const loads[] = {"pfctl", "-a", "aifw-vpn", "-f", "-"};
    static const char *const shows[] = {"pfctl", "-a", "aifw-vpn", "-P", "-s", "rules"};
    static const char *const translations[] = {"pfctl", "-a", "aifw-vpn", "-P", "-s", "nat"};
    extern char **environ;
    if (environ != NULL && environ[0] != NULL) return refuse("an environment that should be empty");
    if (is(count, words, 5, loads)) return load();
    if (is(count, words, 6, shows)) return show(0);
    if (is(count, words, 6, translations)) return show(1);
    return refuse("usage: pfctl -a aifw-vpn -f - | pfctl -a aifw-vpn -P -s rules | pfctl -a aifw-vpn -P -s nat");
}
