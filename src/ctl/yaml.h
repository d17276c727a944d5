/* yaml.h: the part of YAML that people write compose files in, read into JSON.
 *
 * Block and flow mappings and sequences, plain and quoted scalars (all of them strings here), block
 * scalars, comments, anchors, aliases and merge keys. What else there is in YAML is an error: half a
 * file would be another configuration. */
#ifndef DSP_CTL_YAML_H
#define DSP_CTL_YAML_H

#include <jansson.h>

#include "base/str.h"

/* Returns the first document of ${text}, or NULL and in ${why} what is not understood, with its line;
 * the caller frees either. */
json_t *yaml_read(struct str text, char **why);

#endif
