/* answer.h: the answers that are dsp's own, in Docker's error form. */
#ifndef DSP_RELAY_ANSWER_H
#define DSP_RELAY_ANSWER_H

#include "base/writer.h"

struct answer {
    unsigned status;
    const char *message; /* printable ASCII */
    bool head;           /* to a HEAD request: no body */
    bool http10;         /* to an HTTP/1.0 client */
    bool close;          /* says that the connection ends */
};

/* Writes head and body: {"message": ...} as application/json, which `docker` prints as it prints
 * the engine's own errors. */
void answer_write(const struct answer *answer, struct writer *w);

#endif
