/* recall.h: the containers that were about to end or to lose their name on this connection, as they
 * were then.
 *
 * A tool that makes a container anew stops, renames or removes the old one first, so that there is
 * none of that name any more when the new one is created. dsp asks the engine about it before it
 * forwards the stop, kill, rename or removal, and keeps the answer for this connection alone: no
 * other process has it, and it is gone with this one. */
#ifndef DSP_RELAY_RECALL_H
#define DSP_RELAY_RECALL_H

#include <jansson.h>
#include <stdint.h>

#include "base/str.h"

/* So many containers of so many bytes in all, the oldest is forgotten first; and for so long: a tool
 * that updates all containers of a host stops one after the other before it creates the first. */
enum { RECALL_MAX = 64, RECALL_BYTES_MAX = 512 * 1024, RECALL_MS = 15 * 60 * 1000 };

struct recall {
    struct recalled {
        char *name, *text;
        size_t n;      /* bytes of the text */
        int64_t until; /* of the monotonic clock, in ms */
        bool spent;    /* a container was made of it */
    } at[RECALL_MAX];  /* the oldest first */
    size_t n, bytes;
};

/* Keeps what same_keep() made, in the place of what was kept of that name. Of a container that is known
 * already the networks stay as they were: one that is stopped has no addresses. */
void recall_keep(struct recall *recall, const json_t *container, int64_t now_ms);

/* What is kept of ${name}; the caller owns it. NULL when there is nothing, or no more, or, unless
 * ${spent}, when a container was made of it. */
json_t *recall_find(struct recall *recall, struct str name, bool spent, int64_t now_ms);

/* A container was made of it. */
void recall_spend(struct recall *recall, struct str name);

void recall_free(struct recall *recall);

#endif
