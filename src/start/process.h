/* process.h: what /proc says of a process, read from its text. Pure. */
#ifndef DSP_START_PROCESS_H
#define DSP_START_PROCESS_H

#include "base/str.h"

/* The effective user and group in a /proc/PID/status. Returns false when they are not there. */
bool process_read_user(struct str text, uint64_t *uid, uint64_t *gid);

/* The start in a /proc/PID/stat, in ticks since the boot. Returns false when it is not there. */
bool process_read_start(struct str text, uint64_t *ticks);

#endif
