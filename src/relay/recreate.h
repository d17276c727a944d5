/* recreate.h: [workload] recreate = yes, on a connection: which container a body stands for.
 *
 * A ContainerCreate stands for the container that was stopped, killed, renamed or removed under its
 * name on this connection (recall.h), once; or else for the one that has its name when the engine is
 * asked. A NetworkConnect stands for the one that its container was made anew of. */
#ifndef DSP_RELAY_RECREATE_H
#define DSP_RELAY_RECREATE_H

#include "inspect/inspect.h"
#include "relay/session.h"

/* Before a request that is allowed goes to the engine: asks about the container that it ends or
 * renames, and keeps the answer. */
void recreate_note(struct session *s, const struct operation *op, const struct target *target);

/* Judges a body that was refused once more. Returns whether it is allowed then; else ${finding} says
 * why not. */
bool recreate_allows(struct session *s, const struct operation *op, const struct target *target,
                     struct str body, struct finding *finding);

/* Behind a request that recreate_allows() let pass: ${status} is what it was answered, 0 for not. */
void recreate_done(struct session *s, const struct operation *op, const struct target *target,
                   unsigned status);

#endif
