/* utf8.h: text that every reader takes for the same characters. */
#ifndef DSP_BASE_UTF8_H
#define DSP_BASE_UTF8_H

#include "base/str.h"

/* Whether ${s} is well-formed UTF-8 (RFC 3629 section 4) without the C1 controls. */
bool utf8_is_clean(struct str s);

#endif
