/* sink.h: where records go: the journal, else standard error, else nowhere.
 *
 * A sink is opened before the lock-down; afterwards writing a record opens nothing, and never
 * waits: a journal that is stopped or full costs records, not answers. */
#ifndef DSP_LOG_SINK_H
#define DSP_LOG_SINK_H

#include "log/record.h"

enum sink_kind { SINK_NONE, SINK_JOURNAL, SINK_STDERR };

struct sink {
    enum sink_kind kind;
    int fd; /* to be kept open through the lock-down; -1 for none */
};

/* Once, before any sink: makes writing to standard error wait for nobody, where several processes
 * share it. */
void sink_prepare(void);

/* Opens the journal if ${journal} says so and there is one; else standard error if
 * ${standard_error} says so, unless it is one of the ${n} descriptors ${others}: the client, or a
 * listening socket (inetd makes it so). Waits for nothing. */
struct sink sink_open(bool journal, bool standard_error, const int *others, size_t n);

/* Standard error stays open. */
void sink_close(struct sink *sink);

void sink_record(const struct sink *sink, const struct record *record);

/* A line that is about no request: "FILE:LINE: unknown key". ${priority} is syslog's; ${text} is
 * printable. */
void sink_message(const struct sink *sink, int priority, const char *policy, struct str text);

#endif
