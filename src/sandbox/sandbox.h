/* sandbox.h: giving everything up.
 *
 * Called when all that a connection needs is open and before the first byte of the client is
 * read. Afterwards the process can read and write its few descriptors, send datagrams on the
 * journal's socket, wait, and end: it cannot open, connect, execute, fork, trace or signal,
 * whatever its memory has been made to hold. */
#ifndef DSP_SANDBOX_SANDBOX_H
#define DSP_SANDBOX_SANDBOX_H

#include <stddef.h>

/* Closes all descriptors but the ${n} of ${keep} (negative ones are skipped), drops the
 * environment, bounds the resources (no process, no file, no core, no descriptor beyond those,
 * little memory), sets no_new_privs, hides the process from ptrace and /proc, shuts the file
 * system and TCP with Landlock where the kernel has it, and installs the system-call filter.
 *
 * Returns NULL; or what failed, as a phrase, with errno. Then the process must not serve. Only
 * Landlock's absence is no failure: the filter alone denies what it denies. */
enum sandbox_role { SANDBOX_CONNECTION, SANDBOX_SPARE, SANDBOX_PARENT };
const char *sandbox_enter(enum sandbox_role role, const int *keep, size_t n);
const char *sandbox_narrow(void);

#endif
