/* values.h: the parameters of a query that say what an operation is used on. */
#ifndef DSP_CTL_VALUES_H
#define DSP_CTL_VALUES_H

#include "docker/operation.h"

/* The condition of the policy language (dsp.ini(5)) that ${query} meets, with its values of those
 * parameters of ${op} that matter: "fromImage=nginx tag=1.27". Returns an empty string when the
 * operation has no such parameter, and NULL when the query has none of them, or a value that a
 * condition cannot spell. The caller frees it. */
char *values_condition(const struct operation *op, struct str query);

/* Whether policies can have conditions at all. */
bool values_are_supported(void);

#endif
