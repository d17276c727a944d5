/* peer.h: finding out who the client is, for [clients] and for the log. */
#ifndef DSP_START_PEER_H
#define DSP_START_PEER_H

#include "log/record.h"
#include "policy/clients.h"

/* Finds out who is at the other end of ${fd}, and writes it for the log: "pid=1 uid=0 gid=0",
 * "tcp=[::1]:4711" or "-", and more where more is known. Returns false when nobody is there any
 * more, or it is no socket.
 *
 * Always: SO_PEERCRED and the like, and the address; a locked process may do that. With
 * ${process} also the peer's unit and container, from /proc: before the lock-down. They stay unknown
 * where another process might have the number that the peer's had. Where this process was started
 * for ${one_connection} also what a parent such as stunnel, sslserver or sshd says in its
 * environment (forwarded.h). */
bool peer_find(int fd, bool process, bool one_connection, struct peer *peer,
               struct record_text *text);

#endif
