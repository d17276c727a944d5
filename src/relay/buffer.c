#include "relay/buffer.h"

#include <string.h>

struct str buffer_view(const struct buffer *b)
{
    return (struct str){b->p + b->start, b->end - b->start};
}

bool buffer_empty(const struct buffer *b)
{
    return b->start == b->end;
}

void buffer_consume(struct buffer *b, size_t n)
{
    b->start += n;
    if (b->start == b->end)
        b->start = b->end = 0;
}

size_t buffer_make_room(struct buffer *b)
{
    if (b->start > 0) {
        memmove(b->p, b->p + b->start, b->end - b->start);
        b->end -= b->start;
        b->start = 0;
    }
    return sizeof(b->p) - b->end;
}

void buffer_add(struct buffer *b, struct str bytes)
{
    if (bytes.n > 0)
        memcpy(b->p + b->end, bytes.p, bytes.n);
    b->end += bytes.n;
}

size_t buffer_move(struct buffer *to, struct buffer *from)
{
    size_t n = buffer_make_room(to);

    if (n > from->end - from->start)
        n = from->end - from->start;
    buffer_add(to, str_slice(buffer_view(from), 0, n));
    buffer_consume(from, n);
    return n;
}
