/* spell.h: words of a policy file that could name what a finding objects to.
 *
 * A guess from what the finding shows and what stands in the body: whoever asks has to try them,
 * in their order, from the least to the widest, with the filter's own judgement (ctl/scratch.h). */
#ifndef DSP_CTL_SPELL_H
#define DSP_CTL_SPELL_H

#include <jansson.h>

#include "inspect/inspect.h"

enum { SPELLINGS_MAX = 24 };

struct spellings {
    char *at[SPELLINGS_MAX];
    size_t n;
};

/* ${value} is what stands in the body where ${finding} says, or NULL. */
void spell(const struct finding *finding, const json_t *value, struct spellings *spellings);
void spell_free(struct spellings *spellings);

/* A word for all that ${key} can name; NULL where there is none. */
const char *spell_all(enum policy_key key);

#endif
