#include "base/writer.h"

#include <string.h>

struct writer writer_over(char *p, size_t cap)
{
    return (struct writer){.p = p, .cap = cap};
}

void writer_str(struct writer *w, struct str s)
{
    size_t room = w->cap - w->n;

    if (s.n > room) {
        w->overflow = true;
        s.n = room;
    }
    if (s.n > 0)
        memcpy(w->p + w->n, s.p, s.n);
    w->n += s.n;
}

void writer_text(struct writer *w, const char *text)
{
    writer_str(w, str_of(text));
}

void writer_char(struct writer *w, char c)
{
    writer_str(w, (struct str){&c, 1});
}

static void write_number(struct writer *w, uint64_t value, unsigned base)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    writer_str(w, (struct str){digits + at, sizeof(digits) - at});
}

void writer_decimal(struct writer *w, uint64_t value)
{
    write_number(w, value, 10);
}

void writer_hex(struct writer *w, uint64_t value)
{
    write_number(w, value, 16);
}

void writer_escaped(struct writer *w, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            writer_char(w, (char)c);
            continue;
        }
        char hex[4] = {'\\', 'x', "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]};
        writer_str(w, (struct str){hex, sizeof(hex)});
    }
}

struct str writer_view(const struct writer *w)
{
    return (struct str){w->p, w->n};
}
