/* str.c: bytes with their length (base/str.h). */
#include "base/str.h"

#include "unit.h"

UNIT(views)
{
    static const char nul[] = {'a', '\0', 'b'};

    assert_int_equal(str_of("abc").n, 3);
    assert_int_equal(str_of("").n, 0);
    assert_int_equal(str_of(NULL).n, 0);
    assert_int_equal(STR("a\0b").n, 3);
    CHECK_STR(str_slice(STR("abcdef"), 2, 4), "cd");
    assert_int_equal(str_slice(STR("abc"), 3, 3).n, 0);
    assert_false(str_equal((struct str){nul, 3}, STR("a")));
    assert_false(str_equal((struct str){nul, 3}, STR("a\0c")));
    assert_true(str_equal((struct str){nul, 3}, STR("a\0b")));
}

UNIT(equality)
{
    assert_true(str_equal(STR("abc"), STR("abc")));
    assert_false(str_equal(STR("abc"), STR("abd")));
    assert_false(str_equal(STR("abc"), STR("abcd")));
    assert_false(str_equal(STR("abc"), STR("ABC")));
    assert_true(str_equal(str_of(NULL), STR("")));
}

UNIT(case_folding)
{
    static const struct {
        struct str a, b;
        bool equal;
    } rows[] = {
        {BYTES("Content-Length"), BYTES("cONTENT-lENGTH"), true},
        {BYTES("azAZ"), BYTES("AZaz"), true},
        {BYTES("abc"), BYTES("abcd"), false},
        {BYTES("@"), BYTES("`"), false},
        {BYTES("["), BYTES("{"), false},
        {BYTES("1"), BYTES("\x11"), false},
        {BYTES("bind\xc5\xbf"), BYTES("binds"), false}, /* U+017F */
        {BYTES("\xe2\x84\xaa"
               "ey"),
         BYTES("key"), false}, /* U+212A */
        {BYTES("\xc3\x84"), BYTES("\xc3\xa4"), false},
        {BYTES("a\0B"), BYTES("A\0b"), true},
        {BYTES("a\0b"), BYTES("a\0c"), false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(str_equal_nocase(rows[i].a, rows[i].b) == rows[i].equal, "row %zu", i);
        CHECK(str_equal_nocase(rows[i].b, rows[i].a) == rows[i].equal, "row %zu, turned", i);
    }
}

UNIT(prefix)
{
    assert_true(str_starts(STR("HTTP/1.1"), STR("HTTP/")));
    assert_true(str_starts(STR("abc"), STR("abc")));
    assert_true(str_starts(STR("abc"), STR("")));
    assert_false(str_starts(STR("ab"), STR("abc")));
    assert_false(str_starts(STR("xab"), STR("ab")));
}

UNIT(index_of)
{
    assert_int_equal(str_index(STR("a=b=c"), '='), 1);
    assert_int_equal(str_index(STR("abc"), '='), 3);
    assert_int_equal(str_index(STR(""), '='), 0);
    assert_int_equal(str_index(str_of(NULL), '='), 0);
    assert_int_equal(str_index(STR("a\0b"), 'b'), 2);
    assert_int_equal(str_index(str_slice(STR("abc"), 0, 1), 'c'), 1);
}

UNIT(trim)
{
    CHECK_STR(str_trim(STR(" \t a b\t ")), "a b");
    CHECK_STR(str_trim(STR("a")), "a");
    CHECK_STR(str_trim(STR(" \t ")), "");
    CHECK_STR(str_trim(STR("")), "");
    CHECK_STR(str_trim(STR("\r\na\v\f")), "\r\na\v\f");
    assert_int_equal(str_trim(STR(" \xc2\xa0 ")).n, 2); /* U+00A0 is no blank */
}

UNIT(decimal)
{
    static const struct {
        const char *text;
        uint64_t max, value;
        bool good;
    } rows[] = {
        {"0", 0, 0, true},
        {"1", 0, 0, false},
        {"007", 10, 7, true},
        {"10", 10, 10, true},
        {"11", 10, 0, false},
        {"100", 10, 0, false},
        {"9", 5, 0, false},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, 0, false},
        {"99999999999999999999", UINT64_MAX, 0, false},
        {"9223372036854775807", INT64_MAX, INT64_MAX, true},
        {"9223372036854775808", INT64_MAX, 0, false},
        {"", 10, 0, false},
        {"+1", 10, 0, false},
        {"-1", 10, 0, false},
        {" 1", 10, 0, false},
        {"1 ", 10, 0, false},
        {"1 3", 1000, 0, false},
        {"1,1", 1000, 0, false},
        {"0x1", 1000, 0, false},
        {"1a", 1000, 0, false},
        {"1.0", 1000, 0, false},
        {"1e1", 1000, 0, false},
        {"\xd9\xa1", 1000, 0, false}, /* ARABIC-INDIC DIGIT ONE */
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t value = 4711;
        bool good = str_decimal(str_of(rows[i].text), rows[i].max, &value);
        CHECK(good == rows[i].good, "\"%s\"", rows[i].text);
        CHECK(value == (good ? rows[i].value : 4711), "\"%s\" gives another value", rows[i].text);
    }
    uint64_t value = 1;
    assert_false(str_decimal(STR("1\0"), 10, &value));
}

UNIT(words)
{
    struct str rest = STR("  one\ttwo \t three "), word;

    assert_true(str_word(&rest, &word));
    CHECK_STR(word, "one");
    assert_true(str_word(&rest, &word));
    CHECK_STR(word, "two");
    assert_true(str_word(&rest, &word));
    CHECK_STR(word, "three");
    assert_false(str_word(&rest, &word));
    rest = STR(" \t ");
    assert_false(str_word(&rest, &word));
    rest = STR("");
    assert_false(str_word(&rest, &word));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a view carries its length, and a NUL in it is a byte like any other", views),
        PROMISE("equal are the same bytes and no others", equality),
        PROMISE("without case only ASCII letters are folded", case_folding),
        PROMISE("a prefix is found at the beginning only", prefix),
        PROMISE("an index is that of the first, or the length", index_of),
        PROMISE("trimming takes blanks and tabs off both ends and nothing else", trim),
        PROMISE("a number is digits only, within its bound, or the value is left alone", decimal),
        PROMISE("words are cut at runs of blanks and tabs", words),
    };

    return RUN("str", tests);
}
