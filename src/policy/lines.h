/* lines.h: the physical lines of a policy file, checked before inih sees them.
 *
 * inih is made to get along: it splits lines that are too long, cuts names that are too long,
 * joins indented lines, takes ':' for '=', ignores what stands behind ']' and drops a value's
 * tail behind " ;". In a policy each of these changes what is allowed without a word, so a line
 * on which inih would have to be lenient is an error here. */
#ifndef DSP_POLICY_LINES_H
#define DSP_POLICY_LINES_H

#include "base/str.h"

/* The longest name of a section or a key; inih holds 49 characters of either. */
enum { LINE_NAME_MAX = 48 };

/* Why inih must not see ${line} (without its line break), as a phrase; NULL when it may. On a
 * section header ${section} becomes the name in the brackets, else it is empty. */
const char *line_flaw(struct str line, struct str *section);

#endif
