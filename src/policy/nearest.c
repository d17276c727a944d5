#include "policy/nearest.h"

/* Names longer than this are nobody's typing error. */
enum { NAME_MAX_LENGTH = 48 };

struct nearest nearest_to(struct str wanted)
{
    return (struct nearest){.wanted = wanted, .distance = SIZE_MAX};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(struct str a, size_t i, struct str b, size_t j)
{
    return str_equal_nocase((struct str){a.p + i, 1}, (struct str){b.p + j, 1});
}

/* Damerau's distance: a letter too many, too few or another one, or two neighbours swapped. Only
 * the last three rows of the matrix are needed. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t rows[3][NAME_MAX_LENGTH + 1];

    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t cost = above[j - 1] + (same(a, i - 1, b, j - 1) ? 0 : 1);
            cost = least(cost, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1))
                cost = least(cost, higher[j - 2] + 1);
            row[j] = cost;
        }
    }
    return rows[a.n % 3][b.n];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    struct str offer = str_of(name);
    size_t longer = offer.n > nearest->wanted.n ? offer.n : nearest->wanted.n;

    if (longer > NAME_MAX_LENGTH || offer.n == 0)
        return;
    size_t distance = edit_distance(nearest->wanted, offer);
    if (distance < nearest->distance && distance * 3 <= longer) {
        nearest->best = name;
        nearest->distance = distance;
    }
}
