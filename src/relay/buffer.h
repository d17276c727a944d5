/* buffer.h: a queue of bytes in fixed storage. */
#ifndef DSP_RELAY_BUFFER_H
#define DSP_RELAY_BUFFER_H

#include "base/writer.h"

/* Holds a head of HTTP_HEAD_MAX, or one that dsp wrote anew with its own fields added. */
enum { BUFFER_SIZE = 80 * 1024 };

struct buffer {
    size_t start, end; /* the bytes are [start, end) */
    char p[BUFFER_SIZE];
};

struct str buffer_view(const struct buffer *b);
bool buffer_empty(const struct buffer *b);

/* Drops the first ${n} bytes, which must be there. */
void buffer_consume(struct buffer *b, size_t n);

/* How many bytes can be added. Moves what is there to the front, so that views into the buffer
 * are void afterwards. */
size_t buffer_make_room(struct buffer *b);

/* Adds bytes for which buffer_make_room() said that there is room. */
void buffer_add(struct buffer *b, struct str bytes);

/* Moves as many bytes as fit. Returns how many. */
size_t buffer_move(struct buffer *to, struct buffer *from);

#endif
