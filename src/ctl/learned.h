/* learned.h: what a level was asked for, and the least policy that allows it.
 *
 * An operation is allowed by its name. Where it changes something and was asked for a few things
 * by their names, only these are allowed; ids are not kept, since they are others tomorrow. */
#ifndef DSP_CTL_LEARNED_H
#define DSP_CTL_LEARNED_H

#include "ctl/level.h"
#include "ctl/seen.h"

/* So many different names, or values of a parameter, are kept apart; with more it is any. */
enum { LEARNED_NAMES_MAX = 5 };

struct learned_names {
    char *at[LEARNED_NAMES_MAX];
    size_t n;
    bool any;
};

struct learned_operation {
    uint64_t seen, refused;
    struct learned_names paths; /* decoded, without the version */
};

/* A request that is no operation of the API. */
struct learned_other {
    char *text; /* "GET /libpod/info" */
    uint64_t seen;
};

struct learned {
    const char *name;          /* of the level */
    const struct level *today; /* its policy, or NULL */
    bool add;                  /* only what today's policy refuses */
    uint64_t requests, malformed, passed_over;
    uint64_t first, last; /* times of the records; 0 where they have none */
    uint64_t other_lines, other_levels;
    struct learned_operation operations[OPERATIONS_MAX];
    struct learned_other *others;
    size_t others_n;
};

void learned_init(struct learned *learned, const char *name, const struct level *today, bool add);
void learned_free(struct learned *learned);

/* Adds one request; ${usec} is when, or 0. */
void learned_add(struct learned *learned, const struct seen *seen, uint64_t usec);

/* Prints the policy. */
void learned_print(const struct learned *learned);

#endif
