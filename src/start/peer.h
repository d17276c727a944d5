/* peer.h: finding out who the client is, for [clients] and for the log. */
#ifndef DSP_START_PEER_H
#define DSP_START_PEER_H

#include "log/record.h"
#include "policy/clients.h"

/* Finds out who is at the other end of ${fd}, and adds it to ${text}, which descriptors_peer()
 * wrote.
 *
 * Always: SO_PEERCRED and the like, and the address; a locked process may do that. With
 * ${process} also the peer's unit and container, from /proc: before the lock-down. They stay unknown
 * where another process might have the number that the peer's had. Where this process was started
 * for ${one_connection} also what a parent such as stunnel or sslserver says in its environment. */
void peer_find(int fd, bool process, bool one_connection, struct peer *peer,
               struct record_text *text);

#endif
