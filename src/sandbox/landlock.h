/* landlock.h: no file system, no TCP, no abstract sockets, no signals (Linux's Landlock). */
#ifndef DSP_SANDBOX_LANDLOCK_H
#define DSP_SANDBOX_LANDLOCK_H

#include <stdbool.h>

/* Denies all that this kernel's Landlock can deny, with no exception. Needs no_new_privs. Returns
 * true as well when the kernel has no Landlock or has it switched off. */
bool landlock_enter(void);

#endif
