/* warnings.h: where a valid policy is riskier than it looks. */
#ifndef DSP_CTL_WARNINGS_H
#define DSP_CTL_WARNINGS_H

#include "ctl/level.h"

struct warning {
    const char *id; /* of the kind, for programs: "root", "broad", ... */
    unsigned line;  /* of the policy; 0 for none */
    char *text;
};

struct warnings {
    struct warning *at;
    size_t n;
};

/* In the order of the policy's lines. */
void warnings_find(const struct level *level, struct warnings *warnings);
void warnings_free(struct warnings *warnings);

#endif
