#include "log/record.h"

void record_text_add(struct record_text *text, struct str s)
{
    const size_t most = sizeof(text->p) - 3;

    if (text->n > most) /* it ends in dots already */
        return;
    struct writer w = writer_over(text->p + text->n, most - text->n);
    writer_escaped(&w, s);
    text->n += w.n;
    if (!w.overflow)
        return;
    for (int i = 0; i < 3; i++)
        text->p[text->n++] = '.';
}

void record_text_set(struct record_text *text, struct str s)
{
    text->n = 0;
    record_text_add(text, s);
}

const char *record_verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_ALLOWED] = "allowed",       [VERDICT_DENIED] = "denied",
        [VERDICT_WOULD_DENY] = "would-deny", [VERDICT_REFUSED] = "refused",
        [VERDICT_FAILED] = "failed",
    };

    return names[verdict];
}

int record_priority(const struct record *record)
{
    return record->verdict == VERDICT_ALLOWED ? 5 : 4;
}

static void write_text(struct writer *w, const struct record_text *text)
{
    writer_char(w, ' ');
    writer_str(w, text->n > 0 ? (struct str){text->p, text->n} : STR("-"));
}

void record_line(const struct record *record, struct writer *w)
{
    writer_text(w, record->policy);
    writer_text(w, ": ");
    writer_text(w, record_verdict_name(record->verdict));
    writer_char(w, ' ');
    writer_text(w, record->operation);
    write_text(w, &record->method);
    write_text(w, &record->target);
    writer_char(w, ' ');
    writer_decimal(w, record->status);
    writer_text(w, " in=");
    writer_decimal(w, record->bytes_in);
    writer_text(w, " out=");
    writer_decimal(w, record->bytes_out);
    writer_char(w, ' ');
    writer_decimal(w, record->duration_usec / 1000);
    writer_char(w, '.');
    writer_decimal(w, record->duration_usec % 1000 / 100);
    writer_text(w, "ms");
    write_text(w, &record->rule);
    if (record->reason != NULL) {
        writer_text(w, " (");
        writer_text(w, record->reason);
        writer_char(w, ')');
    }
    if (record->names_peer) {
        writer_text(w, " from");
        write_text(w, &record->peer);
    }
}
