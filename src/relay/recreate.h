/* recreate.h: [workload] recreate = yes, on a connection: which container a body stands for.
 *
 * A ContainerCreate stands for the container that was stopped, killed, renamed or removed under its
 * name on this connection (recall.h), once; or else for the one that has its name when the engine is
 * asked. One without a name stands for any that was stopped so, once. A NetworkConnect stands for the
 * container that it connects, or for the one that this was made anew of.
 *
 * Other containers that a body names - those whose network it joins, whose mounts it has, whom it is
 * linked to - are asked for, and their ids put in the place of their names: the engine looks names up
 * a moment later, when they can be others'. */
#ifndef DSP_RELAY_RECREATE_H
#define DSP_RELAY_RECREATE_H

#include "inspect/inspect.h"
#include "inspect/refs.h"
#include "relay/held.h"
#include "relay/session.h"

/* What a request makes anew. */
struct making {
    char id[REF_ID_MAX + 1]; /* of the container that it stands for; empty when there is none */
    char room[1024];
    struct writer answer; /* the beginning of what the engine answers, for recreate_done() */
};

/* Before a request that is allowed goes to the engine: asks about the container that it ends or
 * renames, and keeps the answer. */
void recreate_note(struct session *s, const struct operation *op, const struct target *target);

/* Judges what is ${held} and was refused, as ${finding} says, once more; or, where it was not, just
 * looks which container it stands for. Returns whether it is allowed then; else ${finding} says why
 * not. ${held} can have another body then. */
bool recreate_allows(struct session *s, const struct operation *op, const struct target *target,
                     struct held *held, struct making *making, struct finding *finding);

/* Behind a request that recreate_allows() let pass: ${status} is what it was answered, 0 for not. */
void recreate_done(struct session *s, const struct making *making, unsigned status);

#endif
