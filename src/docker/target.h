/* target.h: the request target, taken apart and decoded once.
 *
 * dockerd routes on the percent-decoded path and redirects what is not canonical; Podman routes
 * on the escaped path. dsp refuses every target on which the two could differ and forwards the
 * path encoded anew from what it judged. */
#ifndef DSP_DOCKER_TARGET_H
#define DSP_DOCKER_TARGET_H

#include "base/str.h"
#include "base/writer.h"
#include "http/refusal.h"

/* The decoded path's bytes and segments; no route of the API needs a tenth of it. */
enum { TARGET_PATH_MAX = 4096, TARGET_SEGMENTS_MAX = 64 };

struct api_version {
    unsigned major, minor; /* 0.0: the request names no version */
};

struct target {
    struct str version; /* "v1.41" as sent, or empty */
    struct api_version api;
    struct str path; /* "/containers/x/json": decoded, without the version */
    struct str segments[TARGET_SEGMENTS_MAX];
    size_t n;            /* segments */
    bool trailing_slash; /* the path ends in a slash (and is not just "/") */
    struct str query;    /* without the "?", as sent: not decoded */
    char decoded[TARGET_PATH_MAX];
};

/* Parses ${raw} into ${target}, which holds the decoded path; the query points into ${raw}.
 *
 * Refused with 400: anything but origin-form (RFC 9112 section 3.2); bytes that RFC 3986 does not
 * allow in a path, and in a query those that are not visible ASCII (Docker's clients send raw
 * {}[]" there) as well as ";" and "#"; a bad escape; in the decoded path "//", ".", "..", an
 * encoded slash, "%" or backslash, control characters, invalid UTF-8; a malformed version. */
struct refusal target_parse(struct str raw, struct target *target);

/* Writes the target anew, from the decoded path: "/v1.41/containers/x/json?all=1". Only what
 * needs an escape has one. An empty query loses its "?". */
void target_write(const struct target *target, struct writer *w);

/* Takes the first segment off a path or a pattern that begins with a slash: "a" of "/a/b", which
 * leaves "/b". */
struct str path_cut_segment(struct str *path);

/* Parses "1.41". One to three numbers of at most four digits, without leading zeros; only the
 * first two count, and one that is missing is 0 (as moby's versions package has it). */
bool api_version_parse(struct str text, struct api_version *version);

/* Less than 0, 0 or more than 0 as a is older than, the same as, or newer than b. */
int api_version_compare(struct api_version a, struct api_version b);

/* Whether the engine reads the request as one of API 1.${minor} or newer, whatever its own version. */
bool target_is_since(const struct target *target, unsigned minor);

#endif
