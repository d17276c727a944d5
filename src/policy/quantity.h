/* quantity.h: durations and sizes as policy files write them. */
#ifndef DSP_POLICY_QUANTITY_H
#define DSP_POLICY_QUANTITY_H

#include "base/str.h"

/* "500ms", "10s", "5min", "1h": a whole number and its unit, 100 ms to 24 h. */
bool quantity_duration_ms(struct str text, unsigned *ms);

/* "65536", "64K", "1M": bytes, with powers of 1024, 1 byte to 1 GiB. */
bool quantity_bytes(struct str text, uint64_t *bytes);

#endif
