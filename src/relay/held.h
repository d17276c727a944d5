/* held.h: a request whose body is read whole before any of it goes to the engine. */
#ifndef DSP_RELAY_HELD_H
#define DSP_RELAY_HELD_H

#include "docker/operation.h"
#include "http/body.h"
#include "http/request.h"
#include "relay/session.h"

struct held {
    char *head; /* a copy: reading on moves what is in the client's buffer */
    size_t head_n;
    char *body;
    size_t body_n, body_cap;
};

/* Refuses a body that dockerd would not decode as JSON, or would decode after another did. */
struct refusal held_check_media(const struct request *request);

/* Whether the body of that request is read and not forwarded. */
bool held_leaves_out_body(const struct operation *op, const struct request *request);

/* Takes the head, the first ${length} bytes of the client's rx, out of it. Returns false when
 * memory is out. */
bool held_take_head(struct held *held, struct session *s, size_t length);

/* Reads the body, framed as ${framing} says, up to ${max} bytes of it, and leaves what follows it in
 * the client's rx. ${wants_continue}: the client sends it once it is told to (RFC 9110 section
 * 10.1.1). A client that sends nothing for head-timeout, or takes longer than idle-timeout, is
 * refused with 408. */
struct refusal held_read_body(struct held *held, struct session *s, struct body_framing framing,
                              uint64_t max, bool wants_continue);

void held_free(struct held *held);

#endif
