/* address.c: rules on addresses of other hosts that the engine connects to. */
#include <string.h>

#include "inspect/checks.h"
#include "inspect/json.h"

const char address_says[] = "is an address that could be read in two ways";

/* "https://evil.example#.example.com/x", "/acme/%2e%2e/x": what is before the first slash may have a
 * user, but nothing of a query, a fragment or an escape (RFC 3986 section 3.2). */
bool address_is_plain(struct str text)
{
    const char *scheme = memmem(text.p, text.n, "://", 3);
    size_t from = scheme == NULL ? 0 : (size_t)(scheme - text.p) + 3;
    struct str rest = str_slice(text, from, text.n);
    struct str host = str_slice(rest, 0, str_index(rest, '/'));

    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] <= ' ' || (unsigned char)host.p[i] >= 0x7f ||
            str_index(STR("#?\\%"), host.p[i]) < 4)
            return false;
    for (size_t i = host.n; i + 3 <= rest.n; i++)
        if (str_equal_nocase(str_slice(rest, i, i + 3), STR("%2e")))
            return false;
    return true;
}

bool address_named(struct judge *j, enum policy_key key, struct str text)
{
    return judge_names(j, key, text) &&
           (address_is_plain(text) || judge_object(j, OBJECT_MALFORMED, text, address_says));
}

bool check_address(struct judge *j, const struct field *field, const json_t *value)
{
    return address_named(j, field->key, json_str(value));
}
