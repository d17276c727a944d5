/* words.h: what the operations mean, in plain words. */
#ifndef DSP_CTL_WORDS_H
#define DSP_CTL_WORDS_H

#include "docker/operation.h"

struct operation_words {
    const char *name;
    const char *does;
    const char *risk; /* what of it does not meet the eye; NULL when nothing */
};

/* Every operation has words. */
const struct operation_words *operation_words(const struct operation *op);

/* Whether the row before has the same name: such rows follow one another. */
bool operation_repeats(const struct operation *op);

#endif
