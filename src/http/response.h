/* response.h: a response head of the engine, parsed.
 *
 * The engine is trusted with the host, not with dsp's framing: what it sends must parse, or the
 * response is given up. */
#ifndef DSP_HTTP_RESPONSE_H
#define DSP_HTTP_RESPONSE_H

#include "http/body.h"
#include "http/head.h"
#include "http/method.h"

struct response {
    unsigned status; /* 100..599 */
    struct str reason;
    struct http_fields fields;
    struct body_framing body;
    bool close; /* the engine closes its connection after this response */
};

/* Parses ${head}, complete as head_scan() found it, as the answer to a ${method} request. The
 * body's framing follows RFC 9112 section 6.3: none for HEAD, 1xx, 204 and 304; else chunked, a
 * length, or the end of the connection. Returns false when the head is malformed. */
bool response_parse(struct str head, enum http_method method, struct response *response);

#endif
