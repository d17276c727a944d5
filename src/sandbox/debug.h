/* debug.h: only in a build of ./configure --enable-seccomp-debug, which is for finding out what the
 * tables lack: a forbidden system call is named on standard error and fails with EPERM. It keeps
 * nothing out, and says so. */
#ifndef DSP_SANDBOX_DEBUG_H
#define DSP_SANDBOX_DEBUG_H

#include <stdbool.h>

#ifdef DSP_SECCOMP_DEBUG
#    define SANDBOX_VERSION \
        "\nNOT FOR USE: seccomp-debug: forbidden system calls are logged, not fatal"
#else
#    define SANDBOX_VERSION ""
#endif

/* To be called before the filter is entered, with standard error open. */
bool debug_enter(void);

#endif
