/* descriptors.h: what dsp was started with, found out from the descriptors and not from a flag. */
#ifndef DSP_START_DESCRIPTORS_H
#define DSP_START_DESCRIPTORS_H

#include "log/record.h"
#include "relay/wire.h"
#include "start/activation.h"

enum start_mode {
    START_CONNECTION, /* one socket or any other pair: systemd Accept=yes, inetd, ssh, ... */
    START_LISTENER,   /* a listening socket: systemd Accept=no, inetd wait; not served yet */
    START_IMPOSSIBLE  /* descriptors that cannot be served */
};

/* Opens /dev/null in place of standard descriptors that are closed, so that nothing opened later
 * passes for one. Returns false when that fails. */
bool descriptors_secure(void);

/* Finds the client: the first of the ${passed} that is not the engine; else descriptors 0 and 1.
 * Makes them non-blocking. ${client} gets the descriptors; its buffers are not touched. */
enum start_mode descriptors_client(const struct activation *passed, struct wire *client);

/* Who is at the other end, for the log: "pid=1 uid=0 gid=0", "tcp=[::1]:4711" or "-". */
void descriptors_peer(int fd, struct record_text *peer);

/* Reaches the engine: by the connection that was ${passed} under the name "engine", "docker.sock"
 * or "podman.sock", else by the Unix socket at ${path}. Returns NULL and a non-blocking ${engine};
 * or why not, as a phrase for the client, and -1 in ${engine}. */
const char *descriptors_engine(const struct activation *passed, const char *path,
                               struct wire *engine);

#endif
