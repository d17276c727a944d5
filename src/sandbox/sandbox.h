/* sandbox.h: giving everything up.
 *
 * Called when all that the process needs is open and before the first byte of a client is read.
 * Afterwards a connection can read and write its few descriptors, wait, and end: it cannot open,
 * connect, send a descriptor, map memory, execute, fork, trace or signal, whatever its memory has
 * been made to hold. */
#ifndef DSP_SANDBOX_SANDBOX_H
#define DSP_SANDBOX_SANDBOX_H

#include <stddef.h>

enum sandbox_role {
    SANDBOX_CONNECTION, /* serves the client that it has */
    SANDBOX_SPARE,      /* waits for one client, then serves it */
    SANDBOX_PARENT      /* forks the spares, and has no client */
};

/* Closes all descriptors but the ${n} of ${keep} (negative ones are skipped), wipes the
 * environment, bounds the resources, sets no_new_privs, hides the process from ptrace and /proc,
 * shuts the file system and TCP with Landlock where the kernel has it, and installs the
 * system-call filter of ${role}: connection.def, spare.def or parent.def.
 *
 * A parent's children enter their role in full.
 *
 * Returns NULL; or what failed, as a phrase, with errno. Then the process must not serve. Only
 * Landlock's absence is no failure: the filter alone denies what it denies. */
const char *sandbox_enter(enum sandbox_role role, const int *keep, size_t n);

/* To be called by a process of SANDBOX_SPARE when it has its client, before it reads of it: closes
 * all descriptors but the ${n} of ${keep}, and so ends what it had beyond a connection. Returns as
 * sandbox_enter() does. */
const char *sandbox_take_client(const int *keep, size_t n);

#endif
