/* seen.h: a request that somebody wrote down: a line of a log. */
#ifndef DSP_CTL_SEEN_H
#define DSP_CTL_SEEN_H

#include "base/str.h"

struct seen {
    char method[32];
    char target[4096];
    char policy[80];  /* the level, where a record of dsp's says so; else empty */
    char verdict[16]; /* "denied", where a record of dsp's says so; else empty */
};

/* Finds the request in a line of a log. It knows dsp's own records (plain, or as journalctl -o json
 * writes them), what dockerd logs with debug ("Calling GET /version"), the common log format and
 * whatever else has METHOD /TARGET in it, and JSON lines with a method and a uri (Caddy, Traefik).
 * Returns false when there is none, or one that is too long. */
bool seen_in_line(struct str line, struct seen *seen);

/* The body in a JSON line that has one beside its method: a string with the bytes as they were, or
 * the JSON itself. The caller frees it. Returns NULL when there is none. */
char *seen_body(struct str line);

/* Sets the target as a record of dsp's has it, escaped and perhaps cut. Returns false when it is
 * empty or too long; it is empty then. */
bool seen_set_target(struct seen *seen, struct str target);

#endif
