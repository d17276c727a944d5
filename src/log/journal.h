/* journal.h: the way to the journal: one datagram a record, and no library between.
 *
 * The socket is connected before the lock-down. A record is then a plain write(): the process
 * needs no call that could also send a descriptor or address another socket. */
#ifndef DSP_LOG_JOURNAL_H
#define DSP_LOG_JOURNAL_H

#include "log/entry.h"

/* Connects to the journal. Returns a descriptor that only writes and never waits; or -1: there is
 * no journal here. */
int journal_open(void);

/* Sends ${entry}. One that cannot be taken now (the journal is stopped, full, or gone) is lost:
 * an answer never waits for its record. */
void journal_send(int fd, const struct entry *entry);

#endif
