#include "pool/adapt.h"

enum { QUIET_MS = 2000 };

void adapt_init(struct adapt *adapt, int64_t now_ms)
{
    *adapt = (struct adapt){.ahead = ADAPT_LEAST, .since_ms = now_ms};
}

void adapt_taken(struct adapt *adapt, unsigned idle, int more, int64_t now_ms)
{
    /* A client that waits while spares do may be one for whom a spare was woken already. */
    if (idle > 1 || (idle > 0 && !more))
        return;
    adapt->ahead = adapt->ahead * 2 > ADAPT_MOST ? ADAPT_MOST : adapt->ahead * 2;
    adapt->since_ms = now_ms;
}

unsigned adapt_ahead(struct adapt *adapt, int64_t now_ms)
{
    int64_t quiet = (now_ms - adapt->since_ms) / QUIET_MS;

    if (quiet <= 0)
        return adapt->ahead;
    adapt->since_ms += quiet * QUIET_MS;
    adapt->ahead = quiet > 8 ? 0 : adapt->ahead >> quiet;
    if (adapt->ahead < ADAPT_LEAST)
        adapt->ahead = ADAPT_LEAST;
    return adapt->ahead;
}
