/* dangers.h: words of [workload] and the like that give away the host, or much of it. */
#ifndef DSP_CTL_DANGERS_H
#define DSP_CTL_DANGERS_H

#include "policy/policy.h"

/* What ${word} of ${key} gives away, as a phrase that goes on a warning; NULL for a word of no
 * danger. A pattern is as dangerous as the worst that it names. */
const char *danger_of(enum policy_key key, struct str word);

/* The same of a pattern that names everything, where that is no danger by itself. */
const char *danger_everything(enum policy_key key, struct str word);

#endif
