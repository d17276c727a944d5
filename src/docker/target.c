#include "docker/target.h"

#include <string.h>

#include "base/utf8.h"
#include "http/grammar.h"

#define MALFORMED(why) ((struct refusal){400, (why)})

static struct refusal check_query(struct str query)
{
    for (size_t i = 0; i < query.n; i++) {
        char c = query.p[i];
        if (c <= 0x20 || c >= 0x7f)
            return MALFORMED("character not allowed in a query");
        if (c == ';' || c == '#')
            return MALFORMED("';' or '#' in a query");
        if (c == '%' && (query.n - i < 3 || http_hex_value(query.p[i + 1]) < 0 ||
                         http_hex_value(query.p[i + 2]) < 0))
            return MALFORMED("bad escape in the query");
    }
    return (struct refusal){0};
}

/* Decodes one byte of ${raw} at ${i}, which moves on. Slashes stand for themselves only. */
static struct refusal decode_byte(struct str raw, size_t *i, char *out)
{
    char c = raw.p[*i];

    if (c != '%') {
        *i += 1;
        *out = c;
        return http_is_pchar(c) || c == '/' ? (struct refusal){0}
                                            : MALFORMED("character not allowed in a path");
    }
    if (raw.n - *i < 3)
        return MALFORMED("bad escape in the path");
    int high = http_hex_value(raw.p[*i + 1]), low = http_hex_value(raw.p[*i + 2]);
    if (high < 0 || low < 0)
        return MALFORMED("bad escape in the path");
    unsigned char byte = (unsigned char)(high * 16 + low);
    if (byte == '/' || byte == '%' || byte == '\\')
        return MALFORMED("encoded '/', '%' or '\\' in the path");
    if (byte < 0x20 || byte == 0x7f)
        return MALFORMED("encoded control character in the path");
    *i += 3;
    *out = (char)byte;
    return (struct refusal){0};
}

struct str path_cut_segment(struct str *path)
{
    struct str rest = str_slice(*path, 1, path->n);
    size_t slash = str_index(rest, '/');

    *path = str_slice(rest, slash, rest.n);
    return str_slice(rest, 0, slash);
}

/* Cuts the decoded path, which begins with a slash, into segments. */
static struct refusal split(struct target *target)
{
    struct str rest = target->path;

    if (rest.n == 1)
        return (struct refusal){0};
    while (rest.n > 0) {
        struct str segment = path_cut_segment(&rest);
        if (segment.n == 0 && rest.n == 0) {
            target->trailing_slash = true;
            break;
        }
        if (segment.n == 0)
            return MALFORMED("'//' in the path");
        if (str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
            return MALFORMED("'.' or '..' in the path");
        if (target->n == TARGET_SEGMENTS_MAX)
            return MALFORMED("too many path segments");
        target->segments[target->n++] = segment;
    }
    return (struct refusal){0};
}

bool api_version_parse(struct str text, struct api_version *version)
{
    uint64_t parts[3] = {0};
    size_t n = 0;

    for (;;) {
        size_t dot = str_index(text, '.');
        struct str digits = str_slice(text, 0, dot);
        if (n == 3 || (digits.n > 1 && digits.p[0] == '0') || !str_decimal(digits, 9999, &parts[n]))
            return false;
        n++;
        if (dot == text.n)
            break;
        text = str_slice(text, dot + 1, text.n);
    }
    *version = (struct api_version){(unsigned)parts[0], (unsigned)parts[1]};
    return true;
}

int api_version_compare(struct api_version a, struct api_version b)
{
    if (a.major != b.major)
        return a.major < b.major ? -1 : 1;
    return a.minor < b.minor ? -1 : a.minor > b.minor;
}

bool target_is_since(const struct target *target, unsigned minor)
{
    const struct api_version since = {1, minor};

    return target->version.n > 0 && api_version_compare(target->api, since) >= 0;
}

/* dockerd takes `v` and any run of digits and dots as a version ("/v{version:[0-9.]+}"), compares
 * it as numbers and so reads v1.041 as 1.41; Podman takes letters and dashes as well. dsp takes one
 * spelling, and nothing else that either would. */
static struct refusal take_version(struct target *target)
{
    struct str first = target->n > 0 ? target->segments[0] : (struct str){0};

    if (first.n < 2 || first.p[0] != 'v' ||
        (first.p[1] != '.' && (first.p[1] < '0' || first.p[1] > '9')))
        return (struct refusal){0};
    if (!api_version_parse(str_slice(first, 1, first.n), &target->api))
        return MALFORMED("malformed API version");
    target->version = first;
    target->path = str_slice(target->path, 1 + first.n, target->path.n);
    target->n--;
    memmove(target->segments, target->segments + 1, target->n * sizeof(*target->segments));
    if (target->path.n == 0)
        return MALFORMED("API version without a path");
    if (target->n == 0)
        target->trailing_slash = false; /* the path is just "/" */
    return (struct refusal){0};
}

struct refusal target_parse(struct str raw, struct target *target)
{
    size_t mark = str_index(raw, '?');
    struct str path = str_slice(raw, 0, mark);
    size_t n = 0;

    target->version = target->path = target->query = (struct str){0};
    target->api = (struct api_version){0};
    target->n = 0;
    target->trailing_slash = false;
    if (path.n == 0 || path.p[0] != '/')
        return MALFORMED("request target is not in origin-form");
    for (size_t i = 0; i < path.n; n++) {
        if (n == TARGET_PATH_MAX)
            return MALFORMED("path too long");
        struct refusal no = decode_byte(path, &i, &target->decoded[n]);
        if (no.status != 0)
            return no;
    }
    target->path = (struct str){target->decoded, n};
    if (mark < raw.n)
        target->query = str_slice(raw, mark + 1, raw.n);
    if (!utf8_is_clean(target->path))
        return MALFORMED("path is not UTF-8");

    struct refusal no = split(target);
    if (no.status == 0)
        no = take_version(target);
    return no.status != 0 ? no : check_query(target->query);
}

void target_write(const struct target *target, struct writer *w)
{
    if (target->version.n > 0)
        writer_char(w, '/');
    writer_str(w, target->version);
    for (size_t i = 0; i < target->path.n; i++) {
        char c = target->path.p[i];
        if (http_is_pchar(c) || c == '/') {
            writer_char(w, c);
            continue;
        }
        unsigned char byte = (unsigned char)c;
        char escape[3] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
        writer_str(w, (struct str){escape, sizeof(escape)});
    }
    if (target->query.n > 0)
        writer_char(w, '?');
    writer_str(w, target->query);
}
