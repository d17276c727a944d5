/* yaml_text.h: what a line of YAML is made of. */
#ifndef DSP_CTL_YAML_TEXT_H
#define DSP_CTL_YAML_TEXT_H

#include "base/str.h"

/* Where a quoted scalar at the beginning of ${s} ends, behind its quote; 0 when it does not. */
size_t yaml_quoted_length(struct str s);

/* Where the key of "KEY: VALUE" ends; s.n when this is none. */
size_t yaml_key_end(struct str s);

/* Whether it is "- VALUE", of a sequence. */
bool yaml_is_item(struct str s);

struct str yaml_without_comment(struct str s);

/* What a plain or quoted scalar says; the caller frees it. */
char *yaml_scalar(struct str s);

#endif
