/* warm.h: memory that is there before it is needed.
 *
 * A process that was just forked shares its pages with its parent: the first write to each costs a
 * page fault, of which a short connection would have some twenty, as many microseconds as the whole
 * judging takes and more. A spare has them while nobody waits for it. */
#ifndef DSP_POOL_WARM_H
#define DSP_POOL_WARM_H

#include "relay/session.h"

/* Touches what serving an ordinary request of ${session} will write to: its beginning, the first
 * pages of its buffers, and the stack. Changes nothing. */
void warm_up(struct session *session);

#endif
