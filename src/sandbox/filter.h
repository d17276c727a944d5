/* filter.h: the system-call filters, one for each role (Linux's seccomp). */
#ifndef DSP_SANDBOX_FILTER_H
#define DSP_SANDBOX_FILTER_H

#include <stdbool.h>

#include "sandbox/sandbox.h"

/* Adds the filter of ${role} to those that are in force. Needs no_new_privs. */
bool filter_enter(enum sandbox_role role);

#endif
