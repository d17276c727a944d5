#include "policy/pattern.h"

#include "http/grammar.h"

/* Any run of characters for each `*`; the rest literally. */
static bool segment_matches(struct str glob, struct str text)
{
    size_t g = 0, t = 0;
    size_t star = glob.n, resume = 0; /* the last star, and where its run ends so far */

    while (t < text.n) {
        if (g < glob.n && glob.p[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.n && glob.p[g] == text.p[t]) {
            g++;
            t++;
        } else if (star < glob.n) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.n && glob.p[g] == '*')
        g++;
    return g == glob.n;
}

static struct str cut_segment(struct str *rest)
{
    *rest = str_slice(*rest, 1, rest->n);
    size_t slash = str_index(*rest, '/');
    struct str segment = str_slice(*rest, 0, slash);

    *rest = str_slice(*rest, slash, rest->n);
    return segment;
}

bool pattern_takes_rest(const char *pattern)
{
    struct str s = str_of(pattern), rest = STR("/**");

    return s.n >= rest.n && str_equal(str_slice(s, s.n - rest.n, s.n), rest);
}

bool pattern_matches(const char *pattern, const struct str *segments, size_t n)
{
    struct str rest = str_of(pattern);

    for (size_t i = 0; i < n; i++) {
        if (rest.n == 0)
            return false;
        struct str segment = cut_segment(&rest);
        if (str_equal(segment, STR("**")))
            return true;
        if (!segment_matches(segment, segments[i]))
            return false;
    }
    return rest.n == 0;
}

/* dsp compares without the version, so a pattern that names one could never match. */
static bool is_version(struct str segment)
{
    struct api_version version;

    return segment.n > 1 && segment.p[0] == 'v' &&
           api_version_parse(str_slice(segment, 1, segment.n), &version);
}

const char *pattern_flaw(struct str pattern)
{
    bool first = true;

    if (pattern.n < 2 || pattern.p[0] != '/')
        return "a path pattern begins with '/'";
    while (pattern.n > 0) {
        struct str segment = cut_segment(&pattern);
        if (segment.n == 0)
            return "a path pattern has no empty segment and no '/' at its end";
        if (str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
            return "'.' and '..' never match";
        if (first && is_version(segment))
            return "leave out the API version: a pattern matches every version";
        for (size_t i = 0; i < segment.n; i++)
            if (segment.p[i] == '%' || segment.p[i] == '?' || segment.p[i] == '\\' ||
                segment.p[i] == '#')
                return "'%', '?', '#' and '\\' never match: write the decoded path, without a query";
        for (size_t i = 1; i < segment.n; i++)
            if (segment.p[i] == '*' && segment.p[i - 1] == '*' && (segment.n > 2 || pattern.n > 0))
                return "'**' can only be the whole last segment";
        first = false;
    }
    return NULL;
}
