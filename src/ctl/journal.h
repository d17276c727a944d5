/* journal.h: dsp's records in the journal.
 *
 * Read with libsystemd, which dspctl is built with where there is one; without it journal_open()
 * fails and says so. */
#ifndef DSP_CTL_JOURNAL_H
#define DSP_CTL_JOURNAL_H

#include <stdint.h>

#include "base/str.h"

struct journal; /* opaque */

/* Opens the journal for the records of the level ${policy}, NULL for all levels. Returns NULL when
 * there is none or it was not built in; the reason was printed. */
struct journal *journal_open(const char *policy);
void journal_close(struct journal *journal);

/* What may be the reason when there is nothing: a sentence to add, or an empty one. */
const char *journal_hint(void);

/* Goes to where journal_next() gives the first record from ${usec} of the wall clock on (0: of all). */
void journal_since(struct journal *journal, uint64_t usec);

/* Goes to the end, from where journal_previous() goes back. */
void journal_end(struct journal *journal);

/* The next record, the one before. Returns false when there is none. Records of processes that are
 * neither of a unit dsp-* nor, where the journal does not know the unit, root or a dynamic user are
 * left out: anybody may write to the journal. */
bool journal_next(struct journal *journal);
bool journal_previous(struct journal *journal);

/* Waits for more. */
void journal_wait(struct journal *journal);

/* A field of the record at hand; empty when it has none. Good until the next call. */
struct str journal_field(struct journal *journal, const char *name);

/* When the record was written, of the wall clock. */
uint64_t journal_time(struct journal *journal);

#endif
