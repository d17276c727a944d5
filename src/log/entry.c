#include "log/entry.h"

#include "base/writer.h"

static void write_length(struct writer *w, uint64_t n)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        writer_char(w, (char)(n >> shift & 0xff));
}

bool entry_add(struct entry *entry, const char *name, struct str value)
{
    struct writer w = writer_over(entry->p + entry->n, sizeof(entry->p) - entry->n);
    bool one_line = str_index(value, '\n') == value.n;

    writer_text(&w, name);
    writer_char(&w, one_line ? '=' : '\n');
    if (!one_line)
        write_length(&w, value.n);
    writer_str(&w, value);
    writer_char(&w, '\n');
    if (w.overflow)
        return false;
    entry->n += w.n;
    return true;
}

bool entry_add_number(struct entry *entry, const char *name, uint64_t value)
{
    char digits[20];
    struct writer w = writer_over(digits, sizeof(digits));

    writer_decimal(&w, value);
    return entry_add(entry, name, writer_view(&w));
}
