/* wire.h: the two ends of the relay, each a pair of descriptors with a buffer either way.
 *
 * All reading, writing and waiting of a locked process is in wire.c. */
#ifndef DSP_RELAY_WIRE_H
#define DSP_RELAY_WIRE_H

#include "relay/buffer.h"

struct wire {
    int in, out;      /* non-blocking; the same for a socket, -1 for none */
    bool in_eof;      /* the other side sends no more */
    bool out_shut;    /* dsp sends no more */
    bool reset;       /* its input ended in an error, not in an end */
    bool gone;        /* it takes no more: it has closed, or a write failed; what it sent before
                            can still be there to read */
    uint64_t moved;   /* bytes read and written so far */
    struct buffer rx; /* read, not yet looked at */
    struct buffer tx; /* to be written */
};

/* The monotonic clock. */
int64_t wire_now_usec(void);
int64_t wire_now_ms(void);

/* A moment that never comes. */
#define WIRE_NEVER INT64_MAX

/* Writes what tx holds, as far as it goes without waiting. */
void wire_flush(struct wire *w);

/* Says that no more will be sent: shutdown() on a socket, close() on anything else. */
void wire_shut(struct wire *w);

/* Makes SIGTERM end waiting: from then on the client counts as gone, so that the request under way
 * is recorded before the process ends. To be called once, before the first wait. */
void wires_end_on_sigterm(void);

/* Whether it came. */
bool wires_ended(void);

/* Waits until something can be read or written, or ${deadline} (of wire_now_ms()), and does it:
 * reads into rx where ${read_client} and ${read_engine} say so, writes from tx, notices who is
 * gone. Returns false when the deadline passed and nothing else happened. */
bool wires_wait(struct wire *client, bool read_client, struct wire *engine, bool read_engine,
                int64_t deadline);

#endif
