/* objection.h: what becomes of a request that is allowed but for what is in it. */
#ifndef DSP_RELAY_OBJECTION_H
#define DSP_RELAY_OBJECTION_H

#include "inspect/inspect.h"
#include "relay/session.h"

enum { OBJECTION_MAX = 1024 };

/* Puts the ${finding} into the ${record}, with its verdict, and writes the ${message} for the client
 * ("dsp: ..."), of OBJECTION_MAX bytes at most. Returns the status to answer with; or 0 where the
 * policy lets the request pass all the same (audit). */
unsigned objection_raise(const struct policy *policy, const struct finding *finding,
                         struct record *record, char *message);

/* Puts ${why} a request cannot be judged into the ${record}, where the policy lets it pass (audit). */
void objection_pass(const char *why, struct record *record);

#endif
