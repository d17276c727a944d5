/* exec.h: an exec is started only when what the engine has on record of it is allowed.
 *
 * Whoever may start an exec names it by its id alone. It can have been made on another connection,
 * through another policy or at the engine itself. */
#ifndef DSP_RELAY_EXEC_H
#define DSP_RELAY_EXEC_H

#include "inspect/inspect.h"
#include "relay/session.h"

/* Asks the engine for the record of the exec that ${target}, of ExecStart, names, and judges it. Returns whether
 * it is allowed. If not, ${finding} says why; or ${no} does, where there is no record to judge. */
bool exec_may_start(struct session *s, const struct operation *op, const struct target *target,
                    struct finding *finding, struct refusal *no);

#endif
