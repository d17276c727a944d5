/* target.c: the request target, taken apart, decoded once and written anew (docker/target.h). */
#include "docker/target.h"

#include "unit.h"

static struct target target;

static bool refused(struct str raw)
{
    struct refusal no = target_parse(raw, &target);

    CHECK(no.status == 0 || (no.status == 400 && no.reason != NULL), "status %u", no.status);
    return no.status != 0;
}

UNIT(parts)
{
    assert_false(refused(STR("/v1.41/containers/a%20b/json?all=1&x=%2f?")));
    CHECK_STR(target.version, "v1.41");
    assert_int_equal(target.api.major, 1);
    assert_int_equal(target.api.minor, 41);
    CHECK_STR(target.path, "/containers/a b/json");
    assert_int_equal(target.n, 3);
    CHECK_STR(target.segments[0], "containers");
    CHECK_STR(target.segments[1], "a b");
    CHECK_STR(target.segments[2], "json");
    CHECK_STR(target.query, "all=1&x=%2f?");
    assert_false(target.trailing_slash);
    /* Nothing of it is left for the next one. */
    assert_false(refused(STR("/")));
    assert_true(target.version.n == 0 && target.query.n == 0 && target.n == 0 &&
                !target.trailing_slash);
    assert_true(target.api.major == 0 && target.api.minor == 0);
    CHECK_STR(target.path, "/");
}

UNIT(written_anew)
{
    static const struct {
        const char *raw, *written;
    } rows[] = {
        {"/", "/"},
        {"/networks/", "/networks/"},
        {"/v1.41/networks/", "/v1.41/networks/"},
        {"/%63ontainers/%6Ason", "/containers/json"},
        {"/%76%31%2e41/_ping", "/v1.41/_ping"},
        {"/a%20b", "/a%20b"},
        {"/a%3fb%3b%23", "/a%3Fb%3B%23"},
        {"/%c3%a4/%E2%82%AC", "/%C3%A4/%E2%82%AC"},
        {"/!$&'()*+,=:@-._~", "/!$&'()*+,=:@-._~"},
        {"/a?", "/a"},
        {"/a??", "/a??"},
        {"/a?x={\"y\":[1]}&z=a+b|^`\\<>", "/a?x={\"y\":[1]}&z=a+b|^`\\<>"},
        {"/a?x=%zz", NULL},
        {"/v4.0.0/libpod/info", "/v4.0.0/libpod/info"},
        {"/v1.41/v1.41/x", "/v1.41/v1.41/x"},
        {"/images/a/...", "/images/a/..."},
        {"/images/.a/a.", "/images/.a/a."},
    };
    char text[256];

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(refused(str_of(rows[i].raw)) == (rows[i].written == NULL), "%s", rows[i].raw);
        if (rows[i].written == NULL)
            continue;
        struct writer w = writer_over(text, sizeof(text));
        target_write(&target, &w);
        CHECK_STR(writer_view(&w), rows[i].written);
    }
}

UNIT(refused_paths)
{
    static const struct str rows[] = {
        BYTES(""),          BYTES("*"),       BYTES("a"),         BYTES("?a"),
        BYTES("http://a/"), BYTES("//"),      BYTES("//a"),       BYTES("/a//b"),
        BYTES("/a//"),      BYTES("/."),      BYTES("/.."),       BYTES("/a/./b"),
        BYTES("/a/../b"),   BYTES("/a/.."),   BYTES("/a/../"),    BYTES("/%2e%2e/a"),
        BYTES("/a/%2e/b"),  BYTES("/.%2E/a"), BYTES("/a%2fb"),    BYTES("/a%2Fb"),
        BYTES("/a%5cb"),    BYTES("/a\\b"),   BYTES("/a%25b"),    BYTES("/a%252fb"),
        BYTES("/a%00"),     BYTES("/a%0a"),   BYTES("/a%1f"),     BYTES("/a%7f"),
        BYTES("/a%"),       BYTES("/a%4"),    BYTES("/a%4g"),     BYTES("/a%g4"),
        BYTES("/a%%41"),    BYTES("/a;b"),    BYTES("/a#b"),      BYTES("/a b"),
        BYTES("/a\"b"),     BYTES("/a<b"),    BYTES("/a^b"),      BYTES("/a`b"),
        BYTES("/a{b"),      BYTES("/a|b"),    BYTES("/a[b]"),     BYTES("/a\tb"),
        BYTES("/a\0b"),     BYTES("/a\x7f"),  BYTES("/\xc3\xa4"), BYTES("/a%2"),
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(refused(rows[i]), "\"%.*s\" passes", STR_ARG(rows[i]));
}

UNIT(refused_queries)
{
    static const struct str rows[] = {
        BYTES("/a?b;c"),   BYTES("/a?;"),        BYTES("/a?b#c"), BYTES("/a?%"),
        BYTES("/a?%4"),    BYTES("/a?%4g"),      BYTES("/a?%g4"), BYTES("/a?b c"),
        BYTES("/a?b\x7f"), BYTES("/a?\xc3\xa4"), BYTES("/a?\t"),  BYTES("/a?b\0c"),
        BYTES("/a?\x1f"),  BYTES("/a?a=%4"),
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(refused(rows[i]), "\"%.*s\" passes", STR_ARG(rows[i]));
    assert_false(refused(STR("/a?!~%41%00")));
}

UNIT(utf8)
{
    static const struct {
        const char *raw;
        bool good;
    } rows[] = {
        {"/%7e", true},
        {"/%80", false},
        {"/%bf", false},
        {"/%c0%80", false},
        {"/%c1%bf", false},
        {"/%c2%80", false}, /* C1 */
        {"/%c2%85", false},
        {"/%c2%9f", false},
        {"/%c2%a0", true},
        {"/%c2%bf", true},
        {"/%c2%c0", false},
        {"/%c2", false},
        {"/%c2a", false},
        {"/%c3%80", true},
        {"/%df%bf", true},
        {"/%e0%9f%bf", false},
        {"/%e0%a0%80", true},
        {"/%e0%a0", false},
        {"/%e1%80%80", true},
        {"/%e1%80%7e", false},
        {"/%ec%bf%bf", true},
        {"/%ed%9f%bf", true},
        {"/%ed%a0%80", false},
        {"/%ed%bf%bf", false},
        {"/%ee%80%80", true},
        {"/%ef%bf%bf", true},
        {"/%f0%8f%bf%bf", false},
        {"/%f0%90%80%80", true},
        {"/%f0%90%80", false},
        {"/%f3%bf%bf%bf", true},
        {"/%f4%8f%bf%bf", true},
        {"/%f4%90%80%80", false},
        {"/%f5%80%80%80", false},
        {"/%ff", false},
        {"/%fe", false},
        {"/%c3/%a4", false},
        {"/%f0%90%80%80%80", false},
        {"/%c3%a4%e2%82%ac", true},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(refused(str_of(rows[i].raw)) != rows[i].good, "%s", rows[i].raw);
}

UNIT(versions)
{
    static const struct {
        const char *text;
        bool good;
        unsigned major, minor;
    } rows[] = {
        {"1.24", true, 1, 24},
        {"1.56", true, 1, 56},
        {"1", true, 1, 0},
        {"0.0", true, 0, 0},
        {"4.0.0", true, 4, 0},
        {"1.41.9999", true, 1, 41},
        {"9999.9999", true, 9999, 9999},
        {"10000", false, 0, 0},
        {"1.10000", false, 0, 0},
        {"", false, 0, 0},
        {".", false, 0, 0},
        {"1.", false, 0, 0},
        {".1", false, 0, 0},
        {"1..41", false, 0, 0},
        {"1.041", false, 0, 0},
        {"01.41", false, 0, 0},
        {"00", false, 0, 0},
        {"1.2.3.4", false, 0, 0},
        {"1.2.3.", false, 0, 0},
        {"v1.41", false, 0, 0},
        {"1.41a", false, 0, 0},
        {"-1.41", false, 0, 0},
        {" 1.41", false, 0, 0},
        {"1,41", false, 0, 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct api_version version = {47, 11};
        bool good = api_version_parse(str_of(rows[i].text), &version);
        CHECK(good == rows[i].good, "\"%s\"", rows[i].text);
        CHECK(!good || (version.major == rows[i].major && version.minor == rows[i].minor), "\"%s\"",
              rows[i].text);
    }
}

UNIT(version_order)
{
    static const struct api_version rising[] = {{0, 0},  {0, 9},   {1, 0}, {1, 9},
                                                {1, 24}, {1, 100}, {2, 0}};

    for (size_t i = 0; i < COUNT(rising); i++)
        for (size_t k = 0; k < COUNT(rising); k++) {
            int order = api_version_compare(rising[i], rising[k]);
            CHECK((order < 0) == (i < k) && (order > 0) == (i > k), "%zu and %zu: %d", i, k, order);
        }
}

UNIT(version_prefixes)
{
    static const struct {
        const char *raw, *version; /* NULL: refused */
    } rows[] = {
        {"/v1.41/info", "v1.41"},     {"/v1/info", "v1"},
        {"/v1.24.5/info", "v1.24.5"}, {"/info", ""},
        {"/V1.41/info", ""},          {"/v/info", ""},
        {"/v1.41a/info", NULL},       {"/version", ""},
        {"/info/v1.41", ""},          {"/v1.041/info", NULL},
        {"/v01.41/info", NULL},       {"/v./info", NULL},
        {"/v1./info", NULL},          {"/v.1/info", NULL},
        {"/v1..41/info", NULL},       {"/v1.2.3.4/info", NULL},
        {"/v99999/info", NULL},       {"/v1.41", NULL},
        {"/v1.41-x/info", NULL},      {"/v4.0.0-dev/info", NULL},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(refused(str_of(rows[i].raw)) == (rows[i].version == NULL), "%s", rows[i].raw);
        if (rows[i].version != NULL)
            CHECK_STR(target.version, rows[i].version);
    }
}

UNIT(longest)
{
    static char raw[TARGET_PATH_MAX * 3 + 8];

    for (size_t n = TARGET_PATH_MAX; n <= TARGET_PATH_MAX + 1; n++) {
        memset(raw, 'a', n);
        raw[0] = '/';
        assert_int_equal(refused((struct str){raw, n}), n > TARGET_PATH_MAX);
    }
    /* It is the decoded bytes that count. */
    for (size_t n = TARGET_PATH_MAX; n <= TARGET_PATH_MAX + 1; n++) {
        struct writer w = writer_over(raw, sizeof(raw));
        writer_char(&w, '/');
        for (size_t i = 1; i < n; i++)
            writer_text(&w, "%20");
        assert_int_equal(refused(writer_view(&w)), n > TARGET_PATH_MAX);
    }
    for (size_t n = TARGET_SEGMENTS_MAX; n <= TARGET_SEGMENTS_MAX + 1; n++) {
        for (size_t i = 0; i < n; i++)
            memcpy(raw + 2 * i, "/a", 2);
        assert_int_equal(refused((struct str){raw, 2 * n}), n > TARGET_SEGMENTS_MAX);
    }
    assert_false(refused((struct str){raw, 2 * TARGET_SEGMENTS_MAX}));
    assert_int_equal(target.n, TARGET_SEGMENTS_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a target is version, decoded path, segments and query", parts),
        PROMISE("a target is written anew, with escapes only where they are needed", written_anew),
        PROMISE("a path that two readers could read differently is refused", refused_paths),
        PROMISE("a query is visible ASCII with whole escapes, without ';' and '#'",
                refused_queries),
        PROMISE("a path is well-formed UTF-8 without control characters", utf8),
        PROMISE("a version is one to three numbers without leading zeros", versions),
        PROMISE("versions are compared as numbers", version_order),
        PROMISE("a version prefix has one spelling, and others are refused or no version",
                version_prefixes),
        PROMISE("4096 decoded bytes and 64 segments pass, and not one more", longest),
    };

    return RUN("target", tests);
}
