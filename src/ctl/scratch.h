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

/* Copies ${policy}, which must stay. ${bare}: of keys that widen without their words, but unrestricted,
 * with which nothing is judged; and of those that narrow with a word in place of theirs that names
 * nothing. */
void scratch_init(struct scratch *scratch, const struct policy *policy, bool bare);
void scratch_free(struct scratch *scratch);

/* Adds ${word}, as a policy file has it, as one of the policy itself; ${bases}: and of each of its
 * bases that has some, which is what it takes where bases narrow. Returns false when it is no word of
 * ${key}. */
bool scratch_add(struct scratch *scratch, enum policy_key key, struct str word, bool bases);

/* A word of ${key} that names nothing: with it a key that narrows lets nothing pass. */
struct str scratch_no_word(enum policy_key key);

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
