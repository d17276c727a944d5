/* nearest.h: what the operator may have meant. */
#ifndef DSP_POLICY_NEAREST_H
#define DSP_POLICY_NEAREST_H

#include "base/str.h"

struct nearest {
    struct str wanted;
    const char *best; /* NULL while nothing is near enough */
    size_t distance;
};

struct nearest nearest_to(struct str wanted);

/* Offers a valid name; it stays when it is nearer than the best so far. Near enough is an edit
 * distance (case aside) of at most a third of the longer name. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
