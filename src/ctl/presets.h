/* presets.h: the policies that are installed with dsp. */
#ifndef DSP_CTL_PRESETS_H
#define DSP_CTL_PRESETS_H

#include "ctl/level.h"

struct presets {
    struct level *at; /* in the order of their names; some may have errors */
    size_t n;
};

void presets_load(struct presets *presets);
void presets_free(struct presets *presets);

#endif
