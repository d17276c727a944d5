/* asked.h: a request as somebody types it, made to the head that a client would send. */
#ifndef DSP_CTL_ASKED_H
#define DSP_CTL_ASKED_H

#include "base/str.h"

/* Makes a request head of ${n} words: METHOD TARGET; "curl ..."; or a line of a log (ctl/seen.h),
 * in one word or in several. ${body} is the size of a body that is given beside, or -1; it is of
 * type JSON then. Returns the head, which the caller frees; or NULL and why. */
char *asked_head(const char *const *words, size_t n, long body, const char **why);

#endif
