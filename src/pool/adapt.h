/* adapt.h: how many spares to hold ahead of need. Pure.
 *
 * A burst that finds no spare waits for a fork; spares that nobody needs cost memory. So the number
 * doubles when the last one was taken, and halves after two quiet seconds. */
#ifndef DSP_POOL_ADAPT_H
#define DSP_POOL_ADAPT_H

#include <stdint.h>

/* Held when nothing happens, and at most. */
enum { ADAPT_LEAST = 4, ADAPT_MOST = 64 };

struct adapt {
    unsigned ahead; /* spares to hold now */
    int64_t since_ms;
};

void adapt_init(struct adapt *adapt, int64_t now_ms);

/* A spare took a client, and ${idle} others are left; ${more} when it saw another client wait. */
void adapt_taken(struct adapt *adapt, unsigned idle, int more, int64_t now_ms);

/* To be asked now and then. Returns how many to hold. */
unsigned adapt_ahead(struct adapt *adapt, int64_t now_ms);

#endif
