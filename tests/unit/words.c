/* words.c: the small parts of the policy language: patterns, quantities, nearest names, lines. */
#include "policy/lines.h"
#include "policy/nearest.h"
#include "policy/pattern.h"
#include "policy/quantity.h"
#include "unit.h"

UNIT(patterns_match)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        {"/_ping", "/_ping", true},
        {"/_ping", "/_pin", false},
        {"/_ping", "/_pingx", false},
        {"/_ping", "/_ping/x", false},
        {"/_ping", "/_PING", false},
        {"/a/*", "/a/b", true},
        {"/a/*", "/a", false},
        {"/a/*", "/a/b/c", false},
        {"/*/b", "/a/b", true},
        {"/a/**", "/a/b", true},
        {"/a/**", "/a/b/c/d", true},
        {"/a/**", "/a", false},
        {"/a/**", "/ab/c", false},
        {"/**", "/a", true},
        {"/**", "/", false},
        {"/web-*", "/web-", true},
        {"/web-*", "/web-1", true},
        {"/web-*", "/web", false},
        {"/*-web", "/a-web", true},
        {"/*-web", "/a-web-web", true},
        {"/*-web", "/a-webx", false},
        {"/a*b*c", "/abc", true},
        {"/a*b*c", "/aXbYbZc", true},
        {"/a*b*c", "/aXc", false},
        {"/a*b*c", "/aXbYbZcd", false},
        {"/*", "/a", true},
        {"/*a*", "/bab", true},
        {"/*a*", "/bbb", false},
        {"/a.c", "/abc", false},
        {"/a+", "/aa", false},
        {"/[ab]", "/a", false},
        {"/*", "/%2a%3f", true},
        {"/x/*/y", "/x/a/y", true},
        {"/x/*/y", "/x/a/b/y", false},
    };
    static struct target target;

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(target_parse(str_of(rows[i].path), &target).status, 0);
        CHECK(pattern_matches(rows[i].pattern, target.segments, target.n) == rows[i].matches,
              "%s, %s", rows[i].pattern, rows[i].path);
    }
}

UNIT(many_stars)
{
    static char text[2000];
    struct str segment = {text, sizeof(text)};

    memset(text, 'a', sizeof(text));
    assert_false(pattern_matches("/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", &segment, 1));
    assert_true(pattern_matches("/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a", &segment, 1));
}

UNIT(patterns)
{
    static const struct {
        const char *pattern;
        bool good;
    } rows[] = {
        {"/a", true},        {"/a/*/b", true},   {"/a/**", true},      {"/**", true},
        {"/*", true},        {"/a*/b*c*", true}, {"/a b", true},       {"/a/v1.41", true},
        {"/version", true},  {"/v1x/a", true},   {"", false},          {"/", false},
        {"a/b", false},      {"*", false},       {"//", false},        {"/a/", false},
        {"/a//b", false},    {"/.", false},      {"/../a", false},     {"/a/./b", false},
        {"/v1.41/a", false}, {"/v1/a", false},   {"/a%20b", false},    {"/a?b", false},
        {"/a#", false},      {"/a\\b", false},   {"/**/a", false},     {"/a**", false},
        {"/**a", false},     {"/***", false},    {"/a/b**c/d", false},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK((pattern_flaw(str_of(rows[i].pattern)) == NULL) == rows[i].good, "%s",
              rows[i].pattern);
}

UNIT(durations)
{
    static const struct {
        const char *text;
        unsigned ms; /* 0: none */
    } rows[] = {
        {"100ms", 100},
        {"500ms", 500},
        {"10s", 10000},
        {"5min", 300000},
        {"1h", 3600000},
        {"24h", 86400000},
        {"86400s", 86400000},
        {"1440min", 86400000},
        {"86400000ms", 86400000},
        {"99ms", 0},
        {"0s", 0},
        {"25h", 0},
        {"86401s", 0},
        {"86400001ms", 0},
        {"10", 0},
        {"s", 0},
        {"", 0},
        {"10 s", 0},
        {"10S", 0},
        {"-1s", 0},
        {"1.5s", 0},
        {"10sec", 0},
        {"1h30min", 0},
        {"4294967296ms", 0},
        {"4294967295h", 0},
        {"99999999999999999999s", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned ms = 0;
        CHECK(quantity_duration_ms(str_of(rows[i].text), &ms) == (rows[i].ms != 0), "%s",
              rows[i].text);
        CHECK(ms == rows[i].ms, "%s: %u ms", rows[i].text, ms);
    }
}

UNIT(sizes)
{
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: none */
    } rows[] = {
        {"1", 1},
        {"65536", 65536},
        {"64K", 65536},
        {"1M", 1048576},
        {"1G", 1073741824},
        {"1024M", 1073741824},
        {"1073741824", 1073741824},
        {"1073741825", 0},
        {"2G", 0},
        {"1025M", 0},
        {"0", 0},
        {"0K", 0},
        {"", 0},
        {"K", 0},
        {"1k", 0},
        {"1KB", 0},
        {"1 K", 0},
        {"-1", 0},
        {"1T", 0},
        {"4294967295G", 0},
        {"18446744073709551617", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t bytes = 0;
        CHECK(quantity_bytes(str_of(rows[i].text), &bytes) == (rows[i].bytes != 0), "%s",
              rows[i].text);
        CHECK(bytes == rows[i].bytes, "%s", rows[i].text);
    }
}

UNIT(nearest_names)
{
    static const struct {
        const char *wanted, *offers[3], *best;
    } rows[] = {
        {"ContainerLst", {"ContainerLogs", "ContainerList", "ContainerStop"}, "ContainerList"},
        {"containerlist", {"ContainerStop", "ContainerList", NULL}, "ContainerList"},
        {"alow", {"deny", "allow", NULL}, "allow"},
        {"abc", {"abd", "abe", NULL}, "abd"},         /* of equals the first */
        {"abc", {"axy", NULL, NULL}, NULL},           /* 2 of 3 */
        {"abc", {"ab", NULL, NULL}, "ab"},            /* 1 of 3 */
        {"ab", {"ax", NULL, NULL}, NULL},             /* 1 of 2 */
        {"abcdef", {"abcdxx", NULL, NULL}, "abcdxx"}, /* 2 of 6 */
        {"zzz", {"abc", "def", "ghi"}, NULL},
        {"", {"abc", NULL, NULL}, NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, NULL},
         NULL},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct nearest nearest = nearest_to(str_of(rows[i].wanted));
        assert_null(nearest.best);
        for (size_t k = 0; k < 3 && rows[i].offers[k] != NULL; k++)
            nearest_offer(&nearest, rows[i].offers[k]);
        CHECK_STR(str_of(nearest.best), rows[i].best);
        CHECK((nearest.best == NULL) == (rows[i].best == NULL), "row %zu", i);
    }
}

#define N48 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"

UNIT(good_lines)
{
    static const struct {
        struct str line;
        const char *section;
    } rows[] = {
        {BYTES(""), ""},
        {BYTES(" \t "), ""},
        {BYTES("\r"), ""},
        {BYTES("; comment [a]"), ""},
        {BYTES("# comment"), ""},
        {BYTES("  ; indented"), ""},
        {BYTES("[rules]"), "rules"},
        {BYTES("[rules]\r"), "rules"},
        {BYTES("[rules] ; why"), "rules"},
        {BYTES("[rules]# why"), "rules"},
        {BYTES("[" N48 "]"), N48},
        {BYTES("a=b"), ""},
        {BYTES("a-b_C9 =\tb c "), ""},
        {BYTES("a = b ; why"), ""},
        {BYTES("a = b;c"), ""},
        {BYTES("a = b ;"), ""},
        {BYTES("a = b = c"), ""},
        {BYTES("a = [b]"), ""},
        {BYTES("a = \xc3\xa4"), ""},
        {BYTES(N48 " = 1"), ""},
        {BYTES("a = b:c"), ""},
    };
    struct str section;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *flaw = line_flaw(rows[i].line, &section);
        CHECK(flaw == NULL, "\"%.*s\": %s", STR_ARG(rows[i].line), flaw);
        CHECK_STR(section, rows[i].section);
    }
}

UNIT(flawed_lines)
{
    static const struct str rows[] = {
        BYTES("[rules"),
        BYTES("[]"),
        BYTES("[ rules ]"),
        BYTES("[ru les]"),
        BYTES("[rules]x"),
        BYTES("[rules] allow = x"),
        BYTES("[rules]]"),
        BYTES("[r;s]"),
        BYTES(" [rules]"),
        BYTES(" a = b"),
        BYTES("\ta = b"),
        BYTES("word"),
        BYTES("a: b"),
        BYTES("a : b = c"),
        BYTES("a:b=c"),
        BYTES("= b"),
        BYTES(" = b"),
        BYTES("a b = c"),
        BYTES("a.b = c"),
        BYTES("a[] = b"),
        BYTES("a = b ;c"),
        BYTES("a = b\t;c"),
        BYTES("a = ;b"),
        BYTES("a\0 = b"),
        BYTES("a = b\0"),
        BYTES("a = \x01"),
        BYTES("a = \x7f"),
        BYTES("a = b\rc"),
        BYTES("\r\r"),
        BYTES("; \x1b[0m"),
        BYTES("\xef\xbb\xbf[rules]"),
        BYTES("\"a\" = b"),
        BYTES(N48 "w = 1"),
        BYTES("[" N48 "w]"),
        BYTES("a = b ; c ;d"),
        BYTES("\xc3\xa4 = b"),
    };
    struct str section;

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(line_flaw(rows[i], &section) != NULL, "\"%.*s\" passes", STR_ARG(rows[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("* matches within a segment, a last ** the rest, all else literally",
                patterns_match),
        PROMISE("many stars take no more than linear patience", many_stars),
        PROMISE("a pattern that can never match is none", patterns),
        PROMISE("a duration is a whole number with a unit, 100 ms to 24 h", durations),
        PROMISE("a size is a whole number of bytes, K, M or G, 1 byte to 1 GiB", sizes),
        PROMISE("the nearest name is one with at most a third of its letters wrong", nearest_names),
        PROMISE("comments, headers and key = value are lines for inih", good_lines),
        PROMISE("a line on which inih would be lenient is flawed", flawed_lines),
    };

    return RUN("words", tests);
}
