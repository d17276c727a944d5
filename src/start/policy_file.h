/* policy_file.h: finding and reading the policy of a level. */
#ifndef DSP_START_POLICY_FILE_H
#define DSP_START_POLICY_FILE_H

#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>

#include "policy/policy.h"
#include "start/options.h"

/* The files that one policy and its bases were looked for in: an operator's and a preset each. */
enum { POLICY_STAMP_FILES = 2 * (POLICY_BASES_MAX + 1) };

/* What the file system said of these files just before they were read. */
struct policy_stamp {
    size_t n;
    bool settled; /* a later change cannot look the same */
    struct policy_stamp_file {
        char path[PATH_MAX];
        struct policy_looks {
            struct policy_look {
                int error; /* errno, or 0 */
                struct stat st;
            } name, file; /* lstat(2), stat(2): a link that leads nowhere is there, its file not */
        } looks;
    } files[POLICY_STAMP_FILES];
};

/* How much of it is in use, in bytes. */
static inline size_t policy_stamp_size(const struct policy_stamp *stamp)
{
    return offsetof(struct policy_stamp, files) + stamp->n * sizeof(*stamp->files);
}

/* Reads the policy that ${options} name into ${policy}: the given file; or the operator's of that
 * level, and only when there is none, the preset; and what it extends. A base that is wrong, too
 * deep or one of its own bases is an error. Returns 0, or -1 and ${error}: the policy is
 * then good for its name only. Free it with policy_free() in either case. ${stamp} is filled in
 * either case, too. */
int policy_file_load(const struct options *options, struct policy *policy,
                     struct policy_error *error, struct policy_stamp *stamp);

/* The same with every error. */
int policy_file_load_all(const struct options *options, struct policy *policy,
                         struct policy_errors *errors, struct policy_stamp *stamp);

enum policy_age {
    POLICY_CURRENT,
    POLICY_UNSETTLED, /* the files look the same, but changed in the last moment before they were
                         read, or could not be read for want of memory or descriptors */
    POLICY_OLD
};

/* What reading the policy again would find: told by stat(2) and nothing else. */
enum policy_age policy_stamp_age(const struct policy_stamp *stamp);

#endif
