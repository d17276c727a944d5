#include "ctl/policies.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

static const struct str suffix = {".ini", 4};

static int is_policy(const struct dirent *entry)
{
    struct str name = str_of(entry->d_name);

    return name.n > suffix.n && name.p[0] != '.' &&
           str_equal(str_slice(name, name.n - suffix.n, name.n), suffix);
}

void policies_in(const char *folder, struct policies *policies)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_policy, alphasort);

    *policies = (struct policies){0};
    policies->at = text_must(calloc(n > 0 ? (size_t)n : 1, sizeof(*policies->at)));
    for (int i = 0; i < n; i++) {
        struct str name = str_of(entries[i]->d_name);
        policies->at[policies->n++] = text_of("%.*s", (int)(name.n - suffix.n), name.p);
        free(entries[i]);
    }
    free(entries);
}

void policies_free(struct policies *policies)
{
    for (size_t i = 0; i < policies->n; i++)
        free(policies->at[i]);
    free(policies->at);
    *policies = (struct policies){0};
}
