/* writer.h: text into a buffer of fixed size, where running out of room is remembered, not
 * overrun. The caller asks once, at the end, whether everything fitted. */
#ifndef DSP_BASE_WRITER_H
#define DSP_BASE_WRITER_H

#include "base/str.h"

struct writer {
    char *p;
    size_t cap;
    size_t n;      /* bytes written, never above cap */
    bool overflow; /* something did not fit; what was written is then a prefix */
};

struct writer writer_over(char *p, size_t cap);

void writer_str(struct writer *w, struct str s);
void writer_text(struct writer *w, const char *text);
void writer_char(struct writer *w, char c);
void writer_decimal(struct writer *w, uint64_t value);
void writer_hex(struct writer *w, uint64_t value); /* lower case, no prefix */

/* ${s} with every byte that is not printable ASCII, and the backslash, as \xNN: no line break,
 * no terminal control and no invalid UTF-8 can pass into a log record or a JSON text. */
void writer_escaped(struct writer *w, struct str s);

struct str writer_view(const struct writer *w);

#endif
