/* pattern.h: the path patterns of rules, such as "/containers/web-*".
 *
 * `*` stands for any run of characters within one segment, a last segment `**` for one segment or
 * more. Patterns are compared with the decoded path, without the API version. No regular
 * expressions: their alternatives and anchors are how other proxies were bypassed. */
#ifndef DSP_POLICY_PATTERN_H
#define DSP_POLICY_PATTERN_H

#include "docker/target.h"

/* Why ${pattern} is none, as a phrase; NULL when it is one. */
const char *pattern_flaw(struct str pattern);

/* Whether ${pattern} is what ${n} path segments say. */
bool pattern_matches(const char *pattern, const struct str *segments, size_t n);

/* Whether ${pattern} is what ${text} says, where `*` does not pass a '/' and a last `**` does. Neither
 * stands for a segment "..", but for `**` alone, which is everything. */
bool pattern_matches_text(struct str pattern, struct str text);

#endif
