/* pool.h: the third start mode: a process that stays while there are connections, for levels that
 * have many.
 *
 * It is given the listening sockets and accepts nothing: it keeps a few processes ready (spare.h),
 * each of which takes one connection. It reads the policy, and never a byte of a client. */
#ifndef DSP_POOL_POOL_H
#define DSP_POOL_POOL_H

#include "start/descriptors.h"
#include "start/options.h"

/* Serves until there was no connection for idle-exit, or SIGTERM. Returns the exit status. */
int pool_run(const struct options *options, const struct listeners *listeners);

#endif
