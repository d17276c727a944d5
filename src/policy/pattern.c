#include "policy/pattern.h"

#include "base/glob.h"
#include "base/utf8.h"

bool pattern_matches(const char *pattern, const struct str *segments, size_t n)
{
    struct str rest = str_of(pattern);

    for (size_t i = 0; i < n; i++) {
        if (rest.n == 0)
            return false;
        struct str segment = path_cut_segment(&rest);
        if (str_equal(segment, STR("**")))
            return true;
        if (!glob_matches(segment, segments[i]))
            return false;
    }
    return rest.n == 0;
}

/* dsp compares without the version, so a pattern that names one, "/v1.41" or "/v1.*", could never
 * match, and a deny of that kind would deny nothing. */
static bool is_version(struct str segment)
{
    bool digit = false;

    if (segment.n < 2 || segment.p[0] != 'v')
        return false;
    for (size_t i = 1; i < segment.n; i++) {
        char c = segment.p[i];
        if ((c < '0' || c > '9') && c != '.' && c != '*')
            return false;
        digit = digit || c != '*';
    }
    return digit;
}

const char *pattern_flaw(struct str pattern)
{
    bool first = true;

    if (pattern.n < 2 || pattern.p[0] != '/')
        return "a path pattern begins with '/'";
    if (!utf8_is_clean(pattern))
        return "not UTF-8";
    while (pattern.n > 0) {
        struct str segment = path_cut_segment(&pattern);
        if (segment.n == 0)
            return "a path pattern has no empty segment and no '/' at its end";
        if (str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
            return "'.' and '..' never match";
        if (first && is_version(segment))
            return "leave out the API version: a pattern matches every version";
        if (str_index(segment, ',') < segment.n || str_index(segment, ';') < segment.n)
            return "rules in one line are separated by blanks, without ',' or ';'";
        for (size_t i = 0; i < segment.n; i++)
            if (segment.p[i] == '%' || segment.p[i] == '?' || segment.p[i] == '\\' ||
                segment.p[i] == '#')
                return "'%', '?', '#', '\\' never match: write the decoded path, without a query";
        for (size_t i = 1; i < segment.n; i++)
            if (segment.p[i] == '*' && segment.p[i - 1] == '*' && (segment.n > 2 || pattern.n > 0))
                return "'**' can only be the whole last segment";
        first = false;
    }
    return NULL;
}

static struct str cut_at_slash(struct str *rest)
{
    size_t slash = str_index(*rest, '/');
    struct str piece = str_slice(*rest, 0, slash);

    *rest = str_slice(*rest, slash < rest->n ? slash + 1 : slash, rest->n);
    return piece;
}

static bool goes_up(struct str text)
{
    while (text.n > 0)
        if (str_equal(cut_at_slash(&text), STR("..")))
            return true;
    return false;
}

/* A pattern of a path would else name what lies above it: "/srv/" and then two stars names "/srv/../etc". */
bool pattern_matches_text(struct str pattern, struct str text)
{
    if (str_equal(pattern, STR("**")))
        return text.n > 0;
    for (;;) {
        bool last = str_index(pattern, '/') == pattern.n;
        bool text_last = str_index(text, '/') == text.n;
        struct str glob = cut_at_slash(&pattern), piece;
        if (last && str_equal(glob, STR("**")))
            return text.n > 0 && !goes_up(text);
        piece = cut_at_slash(&text);
        if (str_equal(piece, STR("..")) ? !str_equal(glob, piece) : !glob_matches(glob, piece))
            return false;
        if (last != text_last)
            return false;
        if (last)
            return true;
    }
}
