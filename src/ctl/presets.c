#include "ctl/presets.h"

#include <stdlib.h>

#include "ctl/policies.h"
#include "ctl/text.h"

void presets_load(struct presets *presets)
{
    struct policies names;

    policies_in(DSP_POLICYDIR, &names);
    *presets = (struct presets){.n = names.n};
    presets->at = text_must(calloc(names.n > 0 ? names.n : 1, sizeof(*presets->at)));
    for (size_t i = 0; i < names.n; i++) {
        char *path = text_of(DSP_POLICYDIR "/%s.ini", names.at[i]);
        (void)level_load(path, &presets->at[i]);
        free(path);
    }
    policies_free(&names);
}

void presets_free(struct presets *presets)
{
    for (size_t i = 0; i < presets->n; i++)
        level_free(&presets->at[i]);
    free(presets->at);
    *presets = (struct presets){0};
}
