/* contents.h: what [workload] and its like mean, in plain words. */
#ifndef DSP_CTL_CONTENTS_H
#define DSP_CTL_CONTENTS_H

#include <jansson.h>

#include "ctl/level.h"

/* Whether the policy allows operations that ${key} speaks of. */
bool contents_matter(const struct level *level, enum policy_key key);

/* What ${key} says, to go on behind "may", "only" or "must", as its sense is: "mount of the host". */
const char *contents_words(enum policy_key key);

/* Prints, of the operations that are allowed, what they may contain. */
void contents_print(const struct level *level);

/* The values that stand for ${key}, a list; NULL where the key does not stand. */
json_t *contents_values(const struct policy *policy, enum policy_key key);

/* {"[workload] ports": ["8080"], ...} of the keys that stand in the policy. */
json_t *contents_json(const struct policy *policy);

#endif
