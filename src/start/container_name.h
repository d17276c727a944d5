/* container_name.h: the name of the client's container, which only the engine knows. */
#ifndef DSP_START_CONTAINER_NAME_H
#define DSP_START_CONTAINER_NAME_H

#include "log/record.h"
#include "policy/policy.h"

/* Asks the engine for the name of ${peer}'s container, where a policy has names in [clients], on a
 * connection of its own and before the lock-down; adds it to ${text}. It stays empty when the client
 * is in no container, and when the engine does not tell within two seconds. */
void container_name_find(const struct policy *policy, struct peer *peer, struct record_text *text);

#endif
