/* level.h: the policy at hand, and whether it is still what stands on disk. */
#ifndef DSP_START_LEVEL_H
#define DSP_START_LEVEL_H

#include "log/sink.h"
#include "start/policy_file.h"

struct level {
    const struct options *options;
    struct policy policy;
    struct policy_error error; /* when it is broken */
    bool broken;               /* every request is answered with 503 */
    struct policy_stamp stamp;
};

/* Reads the policy that the options mean. Always leaves a policy that can be served, if only to
 * answer 503. */
void level_load(struct level *level, const struct options *options);

/* Whether the files are those that were read. */
enum policy_age level_age(const struct level *level);

/* Reads it again when it is not. Returns whether it was read. */
bool level_renew(struct level *level);

/* The sink that its policy wants, for a process whose other descriptors are ${fds}. */
struct sink level_open_sink(const struct level *level, const int *fds, size_t n);

/* Says in the log what the operator must know of the policy: that it is in audit mode, or why it is
 * broken. */
void level_report(const struct level *level, const struct sink *sink);

#endif
