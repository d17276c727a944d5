/* policy_file.h: finding and reading the policy of a level. */
#ifndef DSP_START_POLICY_FILE_H
#define DSP_START_POLICY_FILE_H

#include "policy/policy.h"
#include "start/options.h"

/* Reads the policy that ${options} name into ${policy}: the given file; or the operator's of that
 * level, and only when there is none, the preset. Returns 0, or -1 and ${error}: the policy is
 * then good for its name only. Free it with policy_free() in either case. */
int policy_file_load(const struct options *options, struct policy *policy,
                     struct policy_error *error);

#endif
