/* activation.h: the descriptors that systemd passes, as sd_listen_fds(3) describes them.
 *
 * LISTEN_PID says whom they are for, LISTEN_FDS how many there are, LISTEN_FDNAMES what they are
 * called: "connection" or the socket unit's name, and what OpenFile= called its own. */
#ifndef DSP_START_ACTIVATION_H
#define DSP_START_ACTIVATION_H

#include <sys/types.h>

#include "base/str.h"

enum {
    ACTIVATION_FIRST = 3, /* the first descriptor; the others follow */
    ACTIVATION_BROKEN = -1
};

struct activation {
    int n;            /* how many; ACTIVATION_BROKEN: what the environment says is not so */
    struct str names; /* of all, in order, with colons between; of the environment's memory */
};

/* What the environment says, as values. Pure. NULL is a variable that is not set. */
struct activation activation_parse(const char *listen_pid, const char *listen_fds,
                                   const char *listen_fdnames, pid_t self);

/* The index of the first descriptor called ${name}, or -1. Pure. */
int activation_index(const struct activation *a, struct str name);

/* Reads the environment, and sets close-on-exec on each descriptor. What it returns is good until
 * the environment is wiped (sandbox.h). */
struct activation activation_take(void);

#endif
