/* scratch.h: a policy of which single words can be taken and given, to see what each lets pass.
 *
 * The filter's own functions judge with it, so that what is found out is what the filter does. */
#ifndef DSP_CTL_SCRATCH_H
#define DSP_CTL_SCRATCH_H

#include "policy/policy.h"

struct scratch {
    struct policy
        policy; /* to judge with; its keys of contents are its own, the rest is borrowed */
};

enum { SCRATCH_EVERY_BASE = ~0U };

/* Copies ${policy}, which must stay. ${bare}: without the words of keys that
 * widen, but unrestricted, with which nothing is judged. */
void scratch_init(struct scratch *scratch, const struct policy *policy, bool bare);
void scratch_free(struct scratch *scratch);

/* Adds ${word}, as a policy file has it, as one of the policy itself; or with ${depth}
 * SCRATCH_EVERY_BASE as one of each base too, which is what it takes where bases narrow. Returns
 * false when it is no word of ${key}. */
bool scratch_add(struct scratch *scratch, enum policy_key key, struct str word, unsigned depth);

/* Adds the words [from, to) that ${policy} has for ${key}; of a key of one value that one. */
void scratch_add_own(struct scratch *scratch, const struct policy *policy, enum policy_key key,
                     size_t from, size_t to);

/* What ${key} says now, for scratch_restore() to go back to. Words may only have been added since. */
struct scratch_mark {
    size_t n;
    bool on;
    int64_t bound;
    unsigned line;
};
struct scratch_mark scratch_now(const struct scratch *scratch, enum policy_key key);
void scratch_restore(struct scratch *scratch, enum policy_key key, struct scratch_mark mark);

/* Takes all that ${key} says: what it narrows or requires. */
void scratch_clear(struct scratch *scratch, enum policy_key key);

/* Takes one of its words. */
void scratch_drop(struct scratch *scratch, enum policy_key key, size_t index);

#endif
