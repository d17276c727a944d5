/* turn.h: one request of a client: understood, judged, answered or forwarded. */
#ifndef DSP_RELAY_TURN_H
#define DSP_RELAY_TURN_H

#include "http/request.h"
#include "relay/recreate.h"

struct turn {
    struct request request; /* its views are void once the head is consumed */
    struct target target;
    const struct operation *op; /* NULL: no operation of the API */
    struct record record;
    bool keep; /* the connection can go on after it */
    struct making making;
};

/* Serves the request whose head is the first ${head_length} bytes of the client's rx: one answer
 * is sent, dsp's or the engine's, and the record says what became of it. */
void turn_serve(struct session *s, struct turn *turn, size_t head_length);

/* Answers with "dsp: REASON" and closes: for what no policy can judge. */
void turn_refuse(struct session *s, struct turn *turn, struct refusal refusal,
                 enum verdict verdict);

/* Whether no request of the connection is judged: turn_refuse_all() says why. */
bool turn_all_refused(const struct session *s);

/* Answers any request of a level whose policy is broken, or of a client that is not let in. */
void turn_refuse_all(struct session *s, struct turn *turn);

#endif
