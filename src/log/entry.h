/* entry.h: a record in the form that the journal reads. Pure: journal.h sends it.
 *
 * systemd's JOURNAL_NATIVE_PROTOCOL: a datagram of fields, each "NAME=value\n"; or, where the
 * value has a line break, "NAME\n", the value's length as 64 bits little-endian, value, "\n". */
#ifndef DSP_LOG_ENTRY_H
#define DSP_LOG_ENTRY_H

#include "base/str.h"

struct entry {
    char p[16 * 1024];
    size_t n;
};

/* Adds a field, whole or not at all: returns false when there is no room for it. ${name} has
 * capital letters, digits and underscores. */
bool entry_add(struct entry *entry, const char *name, struct str value);

bool entry_add_number(struct entry *entry, const char *name, uint64_t value);

#endif
