#include "http/head.h"

#include "http/grammar.h"

enum head_scan head_scan(struct str bytes, size_t *checked, size_t *length)
{
    for (size_t i = *checked; i < bytes.n; i++) {
        char c = bytes.p[i];
        bool after_cr = i > 0 && bytes.p[i - 1] == '\r';

        *checked = i + 1;
        if (after_cr != (c == '\n'))
            return HEAD_MALFORMED; /* a bare CR or a bare LF */
        if (c == '\n' && i == 1)
            return HEAD_MALFORMED; /* an empty line before the first one */
        if (c == '\n' && i >= 3 && bytes.p[i - 2] == '\n') {
            *length = i + 1;
            return HEAD_COMPLETE;
        }
        if (c != '\r' && c != '\n' && !http_is_field_char(c))
            return HEAD_MALFORMED;
    }
    return HEAD_MORE;
}

/* Cuts a line off ${rest}, which holds whole lines only: head_scan() has seen their CRLF. */
static struct str cut_line(struct str *rest)
{
    size_t end = str_index(*rest, '\r');
    struct str line = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + 2, rest->n);
    return line;
}

struct str head_first_line(struct str head, struct str *rest)
{
    *rest = head;
    return cut_line(rest);
}

static struct refusal parse_field(struct str line, struct http_field *field)
{
    size_t colon = str_index(line, ':');

    if (line.p[0] == ' ' || line.p[0] == '\t')
        return (struct refusal){400, "folded header field"};
    if (colon == line.n)
        return (struct refusal){400, "header field without a colon"};
    field->name = str_slice(line, 0, colon);
    field->value = str_trim(str_slice(line, colon + 1, line.n));
    if (!http_is_token(field->name))
        return (struct refusal){400, "malformed header field name"};
    for (size_t i = 0; i < field->value.n; i++)
        if (!http_is_field_char(field->value.p[i]))
            return (struct refusal){400, "control character in a header field"};
    return (struct refusal){0};
}

struct refusal head_fields(struct str lines, struct http_fields *fields)
{
    fields->n = 0;
    for (;;) {
        struct str line = cut_line(&lines);
        if (line.n == 0)
            return (struct refusal){0};
        if (fields->n == HTTP_FIELDS_MAX)
            return (struct refusal){431, "too many header fields"};
        struct refusal no = parse_field(line, &fields->at[fields->n++]);
        if (no.status != 0)
            return no;
    }
}

size_t http_fields_find(const struct http_fields *fields, struct str name, struct str *value)
{
    size_t found = 0;

    for (size_t i = 0; i < fields->n; i++)
        if (str_equal_nocase(fields->at[i].name, name) && found++ == 0)
            *value = fields->at[i].value;
    return found;
}

static bool list_has(struct str list, struct str token)
{
    while (list.n > 0) {
        size_t comma = str_index(list, ',');
        if (str_equal_nocase(str_trim(str_slice(list, 0, comma)), token))
            return true;
        list = str_slice(list, comma < list.n ? comma + 1 : comma, list.n);
    }
    return false;
}

bool http_fields_list_has(const struct http_fields *fields, struct str name, struct str token)
{
    for (size_t i = 0; i < fields->n; i++)
        if (str_equal_nocase(fields->at[i].name, name) && list_has(fields->at[i].value, token))
            return true;
    return false;
}
