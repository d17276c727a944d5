/* json.h: the JSON of a request body, read so that no other reader can read it otherwise.
 *
 * dockerd decodes with Go's encoding/json: of a key that stands twice scalars take the last value
 * but objects are merged, invalid UTF-8 and lone surrogates become U+FFFD, and engines up to 20.10
 * ignore what follows the value (api/server/httputils/httputils.go). All of these are refused. */
#ifndef DSP_INSPECT_JSON_H
#define DSP_INSPECT_JSON_H

#include <jansson.h>

#include "base/str.h"

/* Go takes nesting up to 10000; no type of the API needs a fifth of this. */
enum { JSON_DEPTH_MAX = 64 };

/* What the values of one body may cost in memory, by the estimate in json.c, the bytes of its strings
 * not counted: with the body itself and its copy in strings a body of 1 MiB stays within 8 MiB. An
 * answer of the engine's, read while there is a body, has some hundreds of values. */
enum { JSON_MEMORY_MAX = 3 * 1024 * 1024, JSON_ANSWER_MEMORY_MAX = 512 * 1024 };

/* Parses ${text}, whose values may cost ${memory}. Returns the value, which the caller owns; or NULL
 * and the ${flaw}, a phrase. */
json_t *json_read_within(struct str text, size_t memory, const char **flaw);

/* The same of a body. */
json_t *json_read(struct str text, const char **flaw);

/* The bytes of a string value, or of nothing. */
struct str json_str(const json_t *value);

/* Whether dockerd takes ${value}, not NULL, for absent, as a rule: null, false, 0, "", [] or {}. */
bool json_is_zero(const json_t *value);

#endif
