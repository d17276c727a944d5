/* descriptors.h: what dsp was started with, found out from the descriptors and not from a flag. */
#ifndef DSP_START_DESCRIPTORS_H
#define DSP_START_DESCRIPTORS_H

#include "log/record.h"
#include "relay/wire.h"

enum start_mode {
    START_CONNECTION, /* one socket or any other pair: systemd Accept=yes, inetd, ssh, ... */
    START_LISTENER,   /* a listening socket: systemd Accept=no, inetd wait; not served yet */
    START_IMPOSSIBLE  /* descriptors that cannot be served */
};

/* Opens /dev/null in place of standard descriptors that are closed, so that nothing opened later
 * passes for one. Returns false when that fails. */
bool descriptors_secure(void);

/* Finds the client: descriptor 0 and 1, or the one socket passed by LISTEN_FDS (sd_listen_fds(3)).
 * Makes them non-blocking. ${client} gets the descriptors; its buffers are not touched. */
enum start_mode descriptors_client(struct wire *client);

/* Who is at the other end, for the log: "pid=1 uid=0 gid=0", "tcp=[::1]:4711" or "-". */
void descriptors_peer(int fd, struct record_text *peer);

/* Connects to the engine's Unix socket. Returns NULL and a non-blocking ${engine}; or why not, as
 * a phrase for the client. */
const char *descriptors_connect(const char *path, struct wire *engine);

#endif
