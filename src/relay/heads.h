/* heads.h: heads written anew. Nothing of what was received is copied but the parts named here. */
#ifndef DSP_RELAY_HEADS_H
#define DSP_RELAY_HEADS_H

#include "base/writer.h"
#include "docker/operation.h"
#include "http/request.h"
#include "http/response.h"

/* The protocol that a request for ${op} may switch to, as dockerd wants it spelled, or NULL when
 * it asks for none, or for one that ${op} does not offer. dockerd's attach and exec start switch
 * to "tcp" whatever the client names (moby container_routes.go); /session and /grpc want exactly
 * "h2c". */
const char *heads_upgrade(const struct request *request, const struct operation *op);

/* Writes the request for the engine: the target from its decoded form, `Host: docker`, the
 * client's fields that are on the allow-list, dsp's own framing, and Connection and Upgrade only
 * where heads_upgrade() names a protocol. */
void heads_write_request(const struct request *request, const struct target *target,
                         const struct operation *op, struct writer *w);

/* How a response leaves dsp. */
struct response_form {
    bool http10;    /* the client is HTTP/1.0: it gets that version and no chunks */
    bool close;     /* "Connection: close" */
    bool switching; /* a 101: Connection and Upgrade pass */
    bool raw;       /* the bare 200 of a hijack: no framing, no Connection */
};

/* Writes ${response} for the client: all fields but those of the connection and the framing,
 * which are dsp's own. */
void heads_write_response(const struct response *response, const struct response_form *form,
                          struct writer *w);

#endif
