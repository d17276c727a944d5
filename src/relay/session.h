/* session.h: one connection of a client, from its first request to its end. */
#ifndef DSP_RELAY_SESSION_H
#define DSP_RELAY_SESSION_H

#include "log/sink.h"
#include "policy/policy.h"
#include "relay/recall.h"
#include "relay/wire.h"

struct session {
    const struct policy *policy;
    bool policy_broken;       /* every request is answered with 503 */
    bool policy_changed;      /* since it was read: every request is answered with 503 */
    bool stranger;            /* [clients] does not let it in: every request is answered with 403 */
    const char *engine_error; /* why there is no engine, as a phrase; NULL when there is one */
    const struct sink *sink;
    struct record_text peer;
    struct wire client, engine; /* engine.in is -1 when there is none */
    struct recall recall;
};

/* Serves requests until the client or the engine ends it. Nothing is opened on the way: it runs
 * in the locked process. */
void session_run(struct session *session);

#endif
