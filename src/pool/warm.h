/* warm.h: memory that is there before it is needed.
 *
 * A process that was just forked shares its pages with its parent: the first write to each costs a
 * page fault, and so does the first use of some of its code: a short connection would have some
 * twenty, as many microseconds as the whole judging takes and more. A spare has them while nobody
 * waits for it. */
#ifndef DSP_POOL_WARM_H
#define DSP_POOL_WARM_H

#include "relay/session.h"

/* Touches what serving an ordinary request of ${session} will need: its beginning, the first pages of
 * its buffers, the stack, and the code that finds out who the client is. Changes nothing. */
void warm_up(struct session *session);

#endif
