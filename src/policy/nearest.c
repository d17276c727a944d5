#include "policy/nearest.h"

/* Names longer than this are nobody's typing error. */
enum { NAME_MAX_LENGTH = 48 };

struct nearest nearest_to(struct str wanted)
{
    return (struct nearest){.wanted = wanted, .distance = SIZE_MAX};
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance, one row of the matrix at a time. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t row[NAME_MAX_LENGTH + 1];

    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            bool same = str_equal_nocase((struct str){a.p + i - 1, 1}, (struct str){b.p + j - 1, 1});
            size_t cost = least(row[j] + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1));
            diagonal = row[j];
            row[j] = cost;
        }
    }
    return row[b.n];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    struct str offer = str_of(name);
    size_t longer = offer.n > nearest->wanted.n ? offer.n : nearest->wanted.n;

    if (longer > NAME_MAX_LENGTH)
        return;
    size_t distance = edit_distance(nearest->wanted, offer);
    if (distance < nearest->distance && distance * 3 <= longer) {
        nearest->best = name;
        nearest->distance = distance;
    }
}
