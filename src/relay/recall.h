/* recall.h: the containers that were about to end or to lose their name on this connection, as they
 * were then, and what was made of them.
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

/* So many containers of so many bytes in all; those of which one was made are forgotten first, and of
 * them the oldest; and for so long: a tool that updates all containers of a host stops one after the
 * other before it creates the first. */
enum { RECALL_MAX = 64, RECALL_BYTES_MAX = 512 * 1024, RECALL_MS = 15 * 60 * 1000 };

struct recall {
    struct recalled {
        char *name, *id, *text;
        size_t n;      /* bytes of the text */
        int64_t until; /* of the monotonic clock, in ms */
        bool spent;    /* a container was made of it: */
        char *made;    /* the id of that one; NULL when it is not known */
    } at[RECALL_MAX];  /* the oldest first */
    size_t n, bytes;
};

/* Keeps what same_keep() made, in the place of what was kept of that name. Of a container that is known
 * already the networks stay as they were: one that is stopped has no addresses. */
void recall_keep(struct recall *recall, const json_t *container, int64_t now_ms);

/* What is kept, and not spent, of ${name}; and as number ${i} of all. The caller owns it. NULL when
 * there is nothing, or no more. */
json_t *recall_find(struct recall *recall, struct str name, int64_t now_ms);
json_t *recall_number(struct recall *recall, size_t i, int64_t now_ms);

/* The same of the container ${id}, or of the one that it was made of, spent or not. */
json_t *recall_of(struct recall *recall, struct str id, int64_t now_ms);

/* A container was made of ${id}: ${made}, empty when its id is not known. */
void recall_spend(struct recall *recall, struct str id, struct str made);

/* The id of the container that was made of ${id}, and of the one that ${id} was made of; or empty. */
struct str recall_successor(const struct recall *recall, struct str id);
struct str recall_origin(const struct recall *recall, struct str id);

void recall_free(struct recall *recall);

#endif
