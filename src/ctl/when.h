/* when.h: points in time as people write them. */
#ifndef DSP_CTL_WHEN_H
#define DSP_CTL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* "30s", "30min", "2h", "3d" (so long before ${now}), "today", or "2026-11-28", with a clock time
 * "12:00" or "12:00:30" behind it, in local time. Times are microseconds of the wall clock. */
bool when_parse(const char *text, uint64_t now, uint64_t *usec);

uint64_t when_now(void);

#endif
