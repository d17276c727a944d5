/* condition.h: what a rule wants of a request's query: "follow=no".
 *
 * A parameter is read as dockerd reads it. Of one that stands more than once, every value must fit
 * for an allow, and one is enough for a deny. One that is absent counts as what dockerd takes then
 * (parameters.h). A query that dsp and dockerd might read differently allows nothing, and is hit by
 * every deny that looks at it. */
#ifndef DSP_POLICY_CONDITION_H
#define DSP_POLICY_CONDITION_H

#include "docker/parameters.h"
#include "docker/query.h"

struct condition {
    char *name;    /* of the parameter; of a filter "filters" */
    char *filter;  /* "label" of filters.label, else NULL */
    char *pattern; /* as condition_flaw() took it */
};

/* The longest pattern, and the longest value that is compared with one. */
enum { CONDITION_PATTERN_MAX = 512 };

/* Why ${pattern} is none for a parameter of that kind, as a phrase; NULL when it is one. */
const char *condition_flaw(enum parameter_kind kind, struct str pattern);

/* Whether ${condition} holds on ${query}, of a request for ${op} (NULL: no operation), in a rule
 * that denies or one that allows. */
bool condition_holds(const struct condition *condition, bool deny, const struct operation *op,
                     const struct query *query);

#endif
