#include "docker/query.h"

#include <stdlib.h>

#include "docker/filters.h"
#include "http/grammar.h"

/* Go's unescape in its query mode. Returns false for an escape that it would not take. What it
 * makes is never longer than ${raw}, so that a query fits into as many bytes as it has itself. */
static bool decode(struct str raw, struct query *query, size_t *used, struct str *decoded)
{
    char *out = query->bytes + *used;
    size_t n = 0;

    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c == ';')
            return false;
        if (c == '%') {
            int high = raw.n - i < 3 ? -1 : http_hex_value(raw.p[i + 1]);
            int low = raw.n - i < 3 ? -1 : http_hex_value(raw.p[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    *decoded = (struct str){out, n};
    *used += n;
    return true;
}

static bool add_pair(struct query *query, struct str pair, size_t *used)
{
    size_t equals = str_index(pair, '=');
    struct query_pair *to = &query->pairs[query->n];

    if (query->n == QUERY_PAIRS_MAX || !decode(str_slice(pair, 0, equals), query, used, &to->name))
        return false;
    if (equals < pair.n)
        equals++;
    if (!decode(str_slice(pair, equals, pair.n), query, used, &to->value))
        return false;
    /* Podman folds the case of names by Unicode, and no parameter's name is anything but ASCII. */
    for (size_t i = 0; i < to->name.n; i++)
        if ((unsigned char)to->name.p[i] >= 0x80)
            return false;
    query->n++;
    return true;
}

static bool add_filters(struct query *query)
{
    for (size_t i = 0; i < query->n; i++) {
        if (!str_equal(query->pairs[i].name, STR("filters")))
            continue;
        if (query->filters_n == QUERY_FILTERS_MAX)
            return false;
        json_t *filters = filters_parse(query->pairs[i].value);
        if (filters == NULL)
            return false;
        query->filters[query->filters_n++] = filters;
    }
    return true;
}

/* Not of a fixed size: it is as good as never large, and touching memory takes time. */
static bool make_room(struct str raw, struct query *query)
{
    size_t pairs = 1;

    for (size_t i = 0; i < raw.n && pairs < QUERY_PAIRS_MAX; i++)
        pairs += raw.p[i] == '&';
    query->pairs = malloc(pairs * sizeof(*query->pairs));
    query->bytes = malloc(raw.n + 1);
    return raw.n <= QUERY_BYTES_MAX && query->pairs != NULL && query->bytes != NULL;
}

void query_parse(struct str raw, struct query *query)
{
    size_t used = 0;

    *query = (struct query){0};
    query->unreadable = !make_room(raw, query);
    while (raw.n > 0 && !query->unreadable) {
        size_t end = str_index(raw, '&');
        if (end > 0)
            query->unreadable = !add_pair(query, str_slice(raw, 0, end), &used);
        raw = str_slice(raw, end < raw.n ? end + 1 : end, raw.n);
    }
    query->unreadable = query->unreadable || !add_filters(query);
}

void query_free(struct query *query)
{
    while (query->filters_n > 0)
        json_decref(query->filters[--query->filters_n]);
    free(query->pairs);
    free(query->bytes);
}
