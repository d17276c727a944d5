/* query.h: the query of a request as dockerd reads it (Go's net/url ParseQuery). */
#ifndef DSP_DOCKER_QUERY_H
#define DSP_DOCKER_QUERY_H

#include <jansson.h>

#include "base/str.h"

/* Newer Go drops whatever stands behind 10,000 pairs; no client of Docker's sends a tenth. */
enum { QUERY_PAIRS_MAX = 1000, QUERY_BYTES_MAX = 64 * 1024, QUERY_FILTERS_MAX = 4 };

struct query {
    /* What two readers could take for different things: no condition that allows holds on it, and
     * every one that denies does. */
    bool unreadable;
    size_t n;
    struct query_pair {
        struct str name, value; /* decoded; into bytes */
    } * pairs;
    size_t filters_n;
    json_t *filters[QUERY_FILTERS_MAX]; /* each value of `filters`, in their order; see filters.h */
    char *bytes;
};

/* Decodes ${raw}, the part behind the "?". Free it. Unreadable: a ';' or a bad escape (Go drops
 * that pair and goes on), a name that is not ASCII, more bytes or pairs than
 * the bounds or the memory that there is, and `filters` that dockerd would not parse. */
void query_parse(struct str raw, struct query *query);
void query_free(struct query *query);

#endif
