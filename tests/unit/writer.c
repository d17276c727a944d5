/* writer.c: text into a buffer of fixed size (base/writer.h). */
#include "base/writer.h"

#include <stdio.h>

#include "unit.h"

UNIT(everything_fits)
{
    char buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));

    writer_str(&w, STR("a\0b"));
    writer_text(&w, "cd");
    writer_char(&w, ' ');
    writer_decimal(&w, 1234567890);
    writer_char(&w, ' ');
    writer_hex(&w, 0xbeef);
    assert_true(str_equal(writer_view(&w), STR("a\0bcd 1234567890 beef")));
    assert_false(w.overflow);
}

UNIT(exactly_full)
{
    char buffer[5] = "....";
    struct writer w = writer_over(buffer, 4);

    writer_text(&w, "ab");
    writer_text(&w, "cd");
    assert_false(w.overflow);
    writer_text(&w, "");
    assert_false(w.overflow);
    writer_char(&w, 'e');
    assert_true(w.overflow);
    CHECK_STR(writer_view(&w), "abcd");
    assert_int_equal(buffer[4], '\0');
}

UNIT(overrun)
{
    char buffer[4] = {'x', 'x', 'x', 'x'};
    struct writer w = writer_over(buffer, 3);

    writer_text(&w, "a");
    writer_text(&w, "bcdef");
    assert_true(w.overflow);
    CHECK_STR(writer_view(&w), "abc");
    assert_int_equal(buffer[3], 'x');
    writer_text(&w, "");
    assert_true(w.overflow);
}

UNIT(no_room_at_all)
{
    char nothing[1] = {'x'};
    struct writer w = writer_over(nothing, 0);

    writer_text(&w, "");
    assert_false(w.overflow);
    writer_decimal(&w, 1);
    assert_true(w.overflow);
    assert_int_equal(w.n, 0);
    assert_int_equal(nothing[0], 'x');
}

UNIT(numbers)
{
    static const struct {
        uint64_t value;
        const char *decimal, *hex;
    } rows[] = {
        {0, "0", "0"},
        {9, "9", "9"},
        {10, "10", "a"},
        {4096, "4096", "1000"},
        {INT64_MAX, "9223372036854775807", "7fffffffffffffff"},
        {UINT64_MAX, "18446744073709551615", "ffffffffffffffff"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char buffer[32];
        struct writer w = writer_over(buffer, sizeof(buffer));
        writer_decimal(&w, rows[i].value);
        CHECK_STR(writer_view(&w), rows[i].decimal);
        w = writer_over(buffer, sizeof(buffer));
        writer_hex(&w, rows[i].value);
        CHECK_STR(writer_view(&w), rows[i].hex);
    }
}

UNIT(escapes)
{
    char buffer[4 * 256];

    for (unsigned c = 0; c < 256; c++) {
        char byte = (char)c;
        struct writer w = writer_over(buffer, sizeof(buffer));
        writer_escaped(&w, (struct str){&byte, 1});
        if (c >= 0x20 && c < 0x7f && c != '\\') {
            CHECK(w.n == 1 && buffer[0] == byte, "byte %u", c);
            continue;
        }
        char want[8];
        (void)snprintf(want, sizeof(want), "\\x%02x", c);
        CHECK_STR(writer_view(&w), want);
    }
    struct writer w = writer_over(buffer, sizeof(buffer));
    writer_escaped(&w, STR("a\n\\\x1b[0m\xc3\xa4\x7f\""));
    CHECK_STR(writer_view(&w), "a\\x0a\\x5c\\x1b[0m\\xc3\\xa4\\x7f\"");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("pieces are written one after the other, NULs included", everything_fits),
        PROMISE("a buffer can be filled to its last byte", exactly_full),
        PROMISE("what does not fit is cut off and remembered, never overrun", overrun),
        PROMISE("a buffer of no bytes takes none", no_room_at_all),
        PROMISE("numbers are written whole, hexadecimal ones in lower case", numbers),
        PROMISE("all but printable ASCII, and the backslash, are written as \\xNN", escapes),
    };

    return RUN("writer", tests);
}
