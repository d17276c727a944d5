#include "base/glob.h"

#include <string.h>

/* The first place of a run without stars that is as early as can be is as good as any other, so
 * nothing is tried twice; memmem is linear. */
bool glob_matches(struct str glob, struct str text)
{
    size_t star = str_index(glob, '*');
    struct str piece = str_slice(glob, 0, star);

    if (star == glob.n)
        return str_equal(glob, text);
    if (!str_starts(text, piece))
        return false;
    text = str_slice(text, star, text.n);
    glob = str_slice(glob, star + 1, glob.n);
    while ((star = str_index(glob, '*')) < glob.n) {
        const char *found = star == 0 ? text.p : memmem(text.p, text.n, glob.p, star);
        if (found == NULL && star > 0)
            return false;
        if (star > 0)
            text = str_slice(text, (size_t)(found - text.p) + star, text.n);
        glob = str_slice(glob, star + 1, glob.n);
    }
    return text.n >= glob.n && str_equal(glob, str_slice(text, text.n - glob.n, text.n));
}
