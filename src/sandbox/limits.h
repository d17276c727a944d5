/* limits.h: resources that a locked process does not need (setrlimit(2)). */
#ifndef DSP_SANDBOX_LIMITS_H
#define DSP_SANDBOX_LIMITS_H

#include <stdbool.h>

#include "sandbox/sandbox.h"

/* No core, no growing file, no locked memory, no message queue, little address space; and but for
 * a parent no process and no descriptor beyond the ${n} of ${keep} and a spare's client. */
bool limits_enter(enum sandbox_role role, const int *keep, size_t n);

#endif
