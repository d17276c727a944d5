/* learned.h: what a level was asked for, and the least policy that allows it.
 *
 * An operation is allowed by its name. Where it changes something and was used on a few things by
 * their names, only these are allowed; ids are not kept, since they are others tomorrow. Where its
 * query says what it is used on (ctl/values.h), only these values are. */
#ifndef DSP_CTL_LEARNED_H
#define DSP_CTL_LEARNED_H

#include "ctl/level.h"
#include "ctl/recorded.h"
#include "ctl/seen.h"

/* So many different rules are kept for one operation; with more it is allowed as a whole. */
enum { LEARNED_RULES_MAX = 5 };

/* So many different requests that are no operation are told; the others are counted. */
enum { LEARNED_OTHERS_MAX = 1000 };

struct learned_operation {
    uint64_t seen, refused;
    char
        *rules[LEARNED_RULES_MAX]; /* "POST /containers/web/restart", "ImageCreate ? fromImage=x" */
    size_t n;
    bool whole; /* there are no rules: the operation's name is the rule */
};

/* A request that is no operation of the API. */
struct learned_other {
    char *text; /* "GET /libpod/info" */
    uint64_t seen;
};

struct learned {
    const char *name;          /* of the level */
    const struct level *today; /* its policy, or NULL */
    bool conditions;           /* rules can have them */
    bool add;                  /* only what today's policy refuses */
    uint64_t requests, malformed, passed_over;
    uint64_t first, last; /* times of the records; 0 where they have none */
    uint64_t other_lines, other_levels;
    struct learned_operation operations[OPERATIONS_MAX];
    struct learned_other *others;
    size_t others_n;
    uint64_t others_more;
    struct recorded contents; /* of the requests that are operations */
};

void learned_init(struct learned *learned, const char *name, const struct level *today, bool add);
void learned_free(struct learned *learned);

/* Adds one request, with its ${body} or NULL where that is not known; ${usec} is when, or 0. */
void learned_add(struct learned *learned, const struct seen *seen, const char *body, uint64_t usec);

/* Prints the policy. */
void learned_print(struct learned *learned);

#endif
