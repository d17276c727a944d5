/* glob.h: `*` stands for any run of bytes. Linear in both lengths: the text is a client's. */
#ifndef DSP_BASE_GLOB_H
#define DSP_BASE_GLOB_H

#include "base/str.h"

bool glob_matches(struct str glob, struct str text);

#endif
