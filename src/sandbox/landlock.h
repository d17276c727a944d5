/* landlock.h: no file system, no TCP, no abstract sockets, no signals (Linux's Landlock). */
#ifndef DSP_SANDBOX_LANDLOCK_H
#define DSP_SANDBOX_LANDLOCK_H

#include <stdbool.h>

#include "sandbox/sandbox.h"

/* Denies all that this kernel's Landlock can deny, with no exception; to a parent, whose children
 * read the policy, all but reading. Needs no_new_privs. Returns true as well when there is none to be had: an older kernel, one with it switched off, or a
 * container that forbids to ask. */
bool landlock_enter(enum sandbox_role role);

#endif
