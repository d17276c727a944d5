#include "ctl/presets.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

static int is_policy(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".ini") == 0;
}

void presets_load(struct presets *presets)
{
    struct dirent **entries = NULL;
    int n = scandir(DSP_POLICYDIR, &entries, is_policy, alphasort);

    *presets = (struct presets){0};
    presets->at = text_must(calloc(n > 0 ? (size_t)n : 1, sizeof(*presets->at)));
    for (int i = 0; i < n; i++) {
        char *path = text_of(DSP_POLICYDIR "/%s", entries[i]->d_name);
        (void)level_load(path, &presets->at[presets->n++]);
        free(path);
        free(entries[i]);
    }
    free(entries);
}

void presets_free(struct presets *presets)
{
    for (size_t i = 0; i < presets->n; i++)
        level_free(&presets->at[i]);
    free(presets->at);
    *presets = (struct presets){0};
}
