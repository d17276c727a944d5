/* record.h: what is told of one request, and how it reads. Pure: sink.h writes it. */
#ifndef DSP_LOG_RECORD_H
#define DSP_LOG_RECORD_H

#include "base/writer.h"

enum verdict {
    VERDICT_ALLOWED,
    VERDICT_DENIED,
    VERDICT_WOULD_DENY, /* audit mode let it through */
    VERDICT_REFUSED,    /* malformed, too large, too slow: no policy was asked */
    VERDICT_FAILED      /* the engine or the policy is out of order */
};

/* Text of a record that comes from outside is bounded and escaped when it is stored, so no
 * record can be forged or blown up. */
struct record_text {
    char p[2048];
    size_t n;
};

struct record {
    enum verdict verdict;
    const char *policy;    /* its name */
    const char *operation; /* a name of the table, or "-" */
    struct record_text method, target, rule, peer;
    const char *reason;           /* a phrase, or NULL */
    bool names_peer;              /* the line says who it was: what decided is who asked */
    unsigned status;              /* sent to the client; 0: none was */
    uint64_t bytes_in, bytes_out; /* of the bodies */
    uint64_t duration_usec;
};

/* Stores ${s}, escaped. What does not fit ends in "...". */
void record_text_set(struct record_text *text, struct str s);

/* Adds ${s} in the same way behind what it has. */
void record_text_add(struct record_text *text, struct str s);

const char *record_verdict_name(enum verdict verdict);

/* syslog's priority: warning (4) for what did not pass, or would not have; notice (5) else. */
int record_priority(const struct record *record);

/* One line for people:
 * "traefik: allowed ContainerList GET /v1.41/containers/json 200 in=0 out=2 1.3ms FILE:LINE: RULE",
 * then "(REASON)", and of a client that [clients] leaves out "from pid=1 uid=2 gid=3".
 */
void record_line(const struct record *record, struct writer *w);

#endif
