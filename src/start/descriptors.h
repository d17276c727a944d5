/* descriptors.h: what dsp was started with, found out from the descriptors and not from a flag. */
#ifndef DSP_START_DESCRIPTORS_H
#define DSP_START_DESCRIPTORS_H

#include "log/record.h"
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

/* What dsp was started with: the sockets passed by LISTEN_FDS (sd_listen_fds(3)), else descriptors 0
 * and 1. Fills ${client} with the descriptors of a connection, made non-blocking, or ${listeners}.
 * On START_IMPOSSIBLE ${why} becomes the reason, as a phrase. */
enum start_mode descriptors_find(struct wire *client, struct listeners *listeners,
                                 const char **why);

/* Who is at the other end, for the log: "pid=1 uid=0 gid=0", "tcp=[::1]:4711" or "-". Returns false
 * for a socket that has no other end (any more). */
bool descriptors_peer(int fd, struct record_text *peer);

/* Makes an accepted, non-blocking socket the ${client}. As descriptors_peer(). */
bool descriptors_adopt(int fd, struct wire *client, struct record_text *peer);

/* Connects to the engine's Unix socket. Returns NULL and a non-blocking ${engine}; or why not, as
 * a phrase for the client. */
const char *descriptors_connect(const char *path, struct wire *engine);

#endif
