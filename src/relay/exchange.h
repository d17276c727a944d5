/* exchange.h: one allowed request, to the engine and back.
 *
 * Both bodies move at the same time, each piece at once: a build's output comes while its context
 * is still sent, `docker run` waits for a response head before it goes on, and an event is of use
 * now. No time limit applies while the engine may still answer. */
#ifndef DSP_RELAY_EXCHANGE_H
#define DSP_RELAY_EXCHANGE_H

#include "docker/operation.h"
#include "http/request.h"
#include "http/response.h"
#include "relay/wire.h"

enum exchange_end {
    EXCHANGE_COMPLETE,   /* the response is with the client; both connections can go on */
    EXCHANGE_CLOSE,      /* the response is with the client; the connections cannot go on */
    EXCHANGE_TUNNEL_END, /* the upgraded connection is over */
    EXCHANGE_CUT,        /* the response cannot be finished: close without an end */
    EXCHANGE_ABANDONED,  /* the client is gone */
    /* Nothing has gone to the client yet, so it can be told: */
    EXCHANGE_NO_ANSWER,  /* the engine closed before it answered */
    EXCHANGE_BAD_ANSWER, /* the engine's answer is no HTTP, or switches protocols unasked */
    EXCHANGE_BAD_BODY,   /* the request's chunked coding is broken */
    EXCHANGE_BIG_BODY    /* the request's body is larger than it may be */
};

struct exchange {
    /* What the loop needs to know of the request, whose head is no longer in the buffer. */
    enum http_method method;
    enum stream_kind stream;
    bool http10, close, expect_continue, upgrade;
    uint64_t body_max;    /* bytes of the request body */
    unsigned patience_ms; /* silence of a client that is owed nothing more: it is to send the rest
                             of a body that is answered, or to end a tunnel that the engine ended */

    struct wire *client, *engine;
    enum { AWAIT_HEAD, RELAY_BODY, TUNNEL } phase;
    struct str held; /* of the request's body: read before, to be sent on */
    struct body_reader up, down;
    bool up_chunked, up_done, down_chunked, down_done;
    bool engine_closes; /* after this response neither connection goes on */
    size_t head_checked;
    bool failed; /* ${end} says how */
    enum exchange_end end;

    unsigned status;              /* of the response; 0 before it */
    uint64_t bytes_in, bytes_out; /* of the bodies, or through the tunnel */
    struct writer *heard;         /* the beginning of the response's body goes here, too; or NULL */
};

/* Prepares the exchange of a request whose head, written anew, is in ${engine}'s tx. */
void exchange_init(struct exchange *x, const struct request *request, const struct operation *op,
                   struct wire *client, struct wire *engine);

/* Gives it the whole body, which was read before: its head says so many bytes of Content-Length. The
 * bytes must stay until the exchange is over. */
void exchange_hold(struct exchange *x, struct str body);

/* Runs it to its end. */
enum exchange_end exchange_run(struct exchange *x);

#endif
