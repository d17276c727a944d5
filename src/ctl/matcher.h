/* matcher.h: the conditions of a web server's rule, as far as they are about method and path. */
#ifndef DSP_CTL_MATCHER_H
#define DSP_CTL_MATCHER_H

#include <regex.h>

#include "docker/operation.h"

enum path_kind { PATH_GLOB, PATH_EXACT, PATH_BEGIN, PATH_END, PATH_PART, PATH_REGEX };

struct path_pattern {
    enum path_kind kind;
    bool nocase;
    char *text;
    regex_t regex; /* of PATH_REGEX */
};

/* Any of the methods (none: all methods), and any of the patterns (none: all paths). */
struct matcher {
    char *name;       /* or NULL */
    unsigned methods; /* bit 1 << enum http_method */
    struct path_pattern *patterns;
    size_t n;
    char *flaw; /* what of it could not be read, or NULL */
};

void matcher_add(struct matcher *matcher, enum path_kind kind, bool nocase, struct str text);
void matcher_add_method(struct matcher *matcher, struct str method);
void matcher_set_flaw(struct matcher *matcher, const char *what, struct str text);
void matcher_free(struct matcher *matcher);

/* Whether some requests of ${op} meet all ${n} conditions, which are tried on samples. */
bool matchers_reach(const struct matcher *const *matchers, size_t n, const struct operation *op);

#endif
