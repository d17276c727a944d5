/* descriptors.h: what dsp was started with, found out from the descriptors and not from a flag. */
#ifndef DSP_START_DESCRIPTORS_H
#define DSP_START_DESCRIPTORS_H

#include "relay/wire.h"

/* Listening sockets that one process serves. */
enum { LISTENERS_MAX = 16 };

struct listeners {
    int fds[LISTENERS_MAX];
    size_t n;
};

enum start_mode {
    START_CONNECTION, /* one socket or any other pair: systemd Accept=yes, inetd, ssh, ... */
    START_LISTENERS,  /* listening sockets: systemd Accept=no, inetd wait */
    START_IMPOSSIBLE  /* descriptors that cannot be served */
};

/* Opens /dev/null in place of standard descriptors that are closed, so that nothing opened later
 * passes for one. Returns false when that fails. */
bool descriptors_secure(void);

/* What dsp was started with. */
struct descriptors {
    int client_in, client_out;  /* of a connection; non-blocking */
    struct listeners listeners; /* else */
    int engine;                 /* passed by OpenFile=; -1: there is none */
    const char *why;            /* START_IMPOSSIBLE, as a phrase */
};

/* Finds them: those passed by LISTEN_FDS (activation.h), else descriptors 0 and 1. */
enum start_mode descriptors_find(struct descriptors *descriptors);

/* Makes an accepted, non-blocking socket the ${client}. ${tcp}: it is no Unix socket. Of use in the
 * sandbox. */
void descriptors_adopt(int fd, bool tcp, struct wire *client);

/* Reaches the engine: by the connection ${passed} to dsp, else (-1) by the Unix socket at ${path}.
 * Returns NULL and a non-blocking ${engine}; or why not, as a phrase for the client, and -1 in
 * ${engine}. */
const char *descriptors_engine(int passed, const char *path, struct wire *engine);

#endif
