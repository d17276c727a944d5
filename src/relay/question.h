/* question.h: what dsp itself asks the engine, on the session's own connection to it, between two
 * exchanges of the client's.
 *
 * A question is a GET that shows one thing (a container, an image, an exec), under the API version
 * of the request that it is about: the engine then tells what it tells the client. Its answer must
 * be complete within head-timeout and QUESTION_BYTES_MAX, and be JSON that all readers read alike. */
#ifndef DSP_RELAY_QUESTION_H
#define DSP_RELAY_QUESTION_H

#include <jansson.h>

#include "docker/target.h"
#include "relay/session.h"

/* Bytes of an answer. An inspected container has a few KiB, and up to five outputs of its health
 * check of 4 KiB each. */
enum { QUESTION_BYTES_MAX = 256 * 1024 };

/* Asks for /KIND/NAME/json: ${kind} is "containers", "images" or "exec"; ${name} is decoded.
 * ${about} is the target of the request at hand. Returns the answer's JSON, which the caller owns;
 * or NULL, and then ${status} is what the engine answered, 200 for an answer that cannot be read, or
 * 0 when the connection is of no use any more: the session's engine is given up then. Nothing of
 * the client's is read or moved. */
json_t *question_ask(struct session *s, const struct target *about, const char *kind,
                     struct str name, unsigned *status);

#endif
