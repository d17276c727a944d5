/* spare.h: a process that waits for a client, serves it, and ends: one connection each.
 *
 * Like a process that systemd or inetd starts for a connection it has its own connection to the
 * engine and to the log. As a rule it has them, and is locked down, before there is a client: what
 * it can do when one comes is to accept it, and it closes what it waited with before it reads the
 * first byte. While the engine is away, or where [clients] asks for the client's process, a spare
 * accepts first, and connects and locks itself down before it reads. */
#ifndef DSP_POOL_SPARE_H
#define DSP_POOL_SPARE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "start/descriptors.h"
#include "start/level.h"

/* How a spare ends that has had no client. With one it ends with EXIT_SUCCESS, as a spare does that
 * was sent home; EX_OSERR says that it could not be locked down. */
enum spare_exit {
    SPARE_RENEW = 101, /* its policy is out of date, though it was just read for its client */
    SPARE_STALE,       /* its policy is out of date */
    SPARE_LOST,        /* its connection to the engine has ended */
    SPARE_AWAY         /* there is no engine to be connected to ahead of a client */
};

/* Sends a spare home. Not SIGTERM, which ends a connection too. */
#define SPARE_GO_HOME SIGUSR1

/* What a spare tells its parent when it has taken a client, and again when it reaches the engine
 * only then. A write of one is atomic, and wakes nobody. */
struct spare_report {
    pid_t pid;
    bool more;   /* it saw another client wait */
    bool engine; /* it is connected to the engine */
};

struct spare {
    struct level *level;
    const struct listeners *listeners;
    unsigned first;         /* which of the listeners has precedence, so that none is starved */
    enum policy_age oldest; /* that a client who is there at once may be served by */
    bool ahead;             /* connect to the engine and lock down before there is a client */
    int report;             /* where struct spare_report goes, ... */
    int wake;               /* ... and the timer that makes the parent read it */
    pid_t parent;
};

/* Runs in a process of its own, in which SIGTERM, SIGCHLD and SPARE_GO_HOME are blocked. Ends it. */
_Noreturn void spare_run(const struct spare *spare);

#endif
