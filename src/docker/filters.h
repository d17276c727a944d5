/* filters.h: the JSON of a `filters` parameter, as moby's filters.FromJSON reads it. */
#ifndef DSP_DOCKER_FILTERS_H
#define DSP_DOCKER_FILTERS_H

#include <jansson.h>

#include "base/str.h"

/* Parses {"label": {"a=b": true}} or, in the older form, {"label": ["a=b"]}. Returns an object with
 * a list of strings for each key, which the caller owns; NULL for anything else, for forms that are
 * mixed, for a key that stands twice and for a value that is false (what that means differs by
 * filter). Empty text and null are no filters. */
json_t *filters_parse(struct str text);

#endif
