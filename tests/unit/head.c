/* head.c: the end of a message head, and its field lines (http/head.h). */
#include "http/head.h"

#include "unit.h"

static struct http_fields fields;

/* Scans ${bytes} as they arrive: ${first} of them, then ${step} more at a time. */
static enum head_scan scan_in_steps(struct str bytes, size_t first, size_t step, size_t *length)
{
    size_t checked = 0, n = first;

    for (;;) {
        enum head_scan result = head_scan(str_slice(bytes, 0, n), &checked, length);
        if (result != HEAD_MORE || n == bytes.n)
            return result;
        n = bytes.n - n < step ? bytes.n : n + step;
    }
}

/* Scans ${bytes} at once, and sees to it that byte by byte and cut in two anywhere they are read
 * in the same way. */
static enum head_scan scan(struct str bytes, size_t *length)
{
    enum head_scan whole = scan_in_steps(bytes, bytes.n, bytes.n, length);

    for (size_t first = 0; first <= bytes.n; first++) {
        size_t other = 0;
        CHECK(scan_in_steps(bytes, first, first == 0 ? 1 : bytes.n, &other) == whole &&
                  (whole != HEAD_COMPLETE || other == *length),
              "cut at %zu, \"%.*s\" is read differently", first, STR_ARG(bytes));
    }
    return whole;
}

UNIT(complete)
{
    static const struct {
        struct str bytes;
        size_t behind; /* bytes behind the head */
    } rows[] = {
        {BYTES("GET / HTTP/1.1\r\n\r\n"), 0},
        {BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0},
        {BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"), 4},
        {BYTES("GET / HTTP/1.1\r\n\r\n\r\n\r\n"), 4},
        {BYTES("GET / HTTP/1.1\r\n\r\n\n\0\r"), 3},
        {BYTES("x\r\n\r\n"), 0},
        {BYTES("A\tb \xff\x80\r\n\r\n"), 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t length = 0;
        CHECK(scan(rows[i].bytes, &length) == HEAD_COMPLETE, "row %zu", i);
        CHECK(length == rows[i].bytes.n - rows[i].behind, "row %zu: length %zu", i, length);
    }
}

UNIT(incomplete)
{
    struct str head = STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    size_t length;

    for (size_t n = 0; n < head.n; n++)
        CHECK(scan(str_slice(head, 0, n), &length) == HEAD_MORE, "%zu bytes", n);
}

UNIT(malformed)
{
    static const struct str rows[] = {
        BYTES("GET / HTTP/1.1\n"),
        BYTES("GET / HTTP/1.1\r\nA: b\n"),
        BYTES("GET / HTTP/1.1\r\n\n"),
        BYTES("GET / HTTP/1.1\rA"),
        BYTES("GET / HTTP/1.1\r\r\n"),
        BYTES("\r\n"),
        BYTES("\n"),
        BYTES("\r\nGET / HTTP/1.1\r\n\r\n"),
        BYTES("GET /\0 HTTP/1.1"),
        BYTES("GET /\x7f HTTP/1.1"),
        BYTES("GET /\x01 HTTP/1.1"),
        BYTES("GET / HTTP/1.1\r\nA: \x0b"),
        BYTES("GET / HTTP/1.1\r\nA: \x1b"),
        BYTES("GET / HTTP/1.1\r\nA: b\r\n\rX"),
    };
    size_t length;

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(scan(rows[i], &length) == HEAD_MALFORMED, "row %zu", i);
}

UNIT(first_line)
{
    struct str rest;

    CHECK_STR(head_first_line(STR("GET / HTTP/1.1\r\nA: b\r\n\r\n"), &rest), "GET / HTTP/1.1");
    CHECK_STR(rest, "A: b\r\n\r\n");
    CHECK_STR(head_first_line(STR("x\r\n\r\n"), &rest), "x");
    CHECK_STR(rest, "\r\n");
}

UNIT(field_lines)
{
    struct str value = {0};

    assert_int_equal(
        head_fields(STR("Host: a\r\nB:c\r\nD: \t e f\t \r\nG:\r\nX: a:b\r\n\r\n"), &fields).status,
        0);
    assert_int_equal(fields.n, 5);
    CHECK_STR(fields.at[0].name, "Host");
    CHECK_STR(fields.at[0].value, "a");
    CHECK_STR(fields.at[1].value, "c");
    CHECK_STR(fields.at[2].value, "e f");
    CHECK_STR(fields.at[3].value, "");
    CHECK_STR(fields.at[4].value, "a:b");
    assert_int_equal(http_fields_find(&fields, STR("hOST"), &value), 1);
    assert_int_equal(head_fields(STR("\r\n"), &fields).status, 0);
    assert_int_equal(fields.n, 0);
}

UNIT(bad_field_lines)
{
    static const struct str rows[] = {
        BYTES("Host\r\n\r\n"),           BYTES(": a\r\n\r\n"),       BYTES("Host : a\r\n\r\n"),
        BYTES("Host\t: a\r\n\r\n"),      BYTES(" Host: a\r\n\r\n"),  BYTES("A: b\r\n c\r\n\r\n"),
        BYTES("A: b\r\n\tc: d\r\n\r\n"), BYTES("A: b\r\n \r\n\r\n"), BYTES("H\xc3\xa4: a\r\n\r\n"),
        BYTES("A(b): c\r\n\r\n"),        BYTES("A b: c\r\n\r\n"),    BYTES("A: b\0\r\n\r\n"),
        BYTES("A: \x01\r\n\r\n"),        BYTES("A: b\x7f\r\n\r\n"),  BYTES("A\0: b\r\n\r\n"),
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct refusal no = head_fields(rows[i], &fields);
        CHECK(no.status == 400 && no.reason != NULL, "row %zu: status %u", i, no.status);
    }
}

UNIT(number_of_fields)
{
    static char text[HTTP_FIELDS_MAX * 6 + 16];
    struct writer w = writer_over(text, sizeof(text));

    for (int i = 0; i < HTTP_FIELDS_MAX; i++)
        writer_text(&w, "A: b\r\n");
    size_t n = w.n;
    writer_text(&w, "\r\n");
    assert_int_equal(head_fields(writer_view(&w), &fields).status, 0);
    assert_int_equal(fields.n, HTTP_FIELDS_MAX);
    w.n = n;
    writer_text(&w, "A: b\r\n\r\n");
    assert_int_equal(head_fields(writer_view(&w), &fields).status, 431);
}

UNIT(finding)
{
    struct str value = STR("untouched");

    assert_int_equal(head_fields(STR("A: 1\r\na: 2\r\nAA: 3\r\n\r\n"), &fields).status, 0);
    assert_int_equal(http_fields_find(&fields, STR("B"), &value), 0);
    CHECK_STR(value, "untouched");
    assert_int_equal(http_fields_find(&fields, STR("a"), &value), 2);
    CHECK_STR(value, "1");
    assert_int_equal(http_fields_find(&fields, STR("aA"), &value), 1);
    CHECK_STR(value, "3");
}

UNIT(lists)
{
    static const struct {
        struct str lines;
        bool has;
    } rows[] = {
        {BYTES("Connection: close\r\n\r\n"), true},
        {BYTES("connection: CLOSE\r\n\r\n"), true},
        {BYTES("Connection: Upgrade,close\r\n\r\n"), true},
        {BYTES("Connection: , \t close\t ,,x\r\n\r\n"), true},
        {BYTES("Connection: Upgrade\r\nConnection: close\r\n\r\n"), true},
        {BYTES("Connection: keep-alive\r\n\r\n"), false},
        {BYTES("Connection: closed\r\n\r\n"), false},
        {BYTES("Connection: not close\r\n\r\n"), false},
        {BYTES("Connection: clo\r\nConnection: se\r\n\r\n"), false},
        {BYTES("X-Connection: close\r\n\r\n"), false},
        {BYTES("Connection:\r\n\r\n"), false},
        {BYTES("\r\n"), false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(head_fields(rows[i].lines, &fields).status, 0);
        CHECK(http_fields_list_has(&fields, STR("Connection"), STR("close")) == rows[i].has,
              "row %zu", i);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a head ends with its first empty line, however it arrives", complete),
        PROMISE("until the empty line there is more to come", incomplete),
        PROMISE("a bare CR or LF, a control character and an empty first line are malformed",
                malformed),
        PROMISE("the first line is cut off without its CRLF", first_line),
        PROMISE("a field is a name, a colon and a value without the blanks around it", field_lines),
        PROMISE("a field line that could be read in two ways is refused with 400", bad_field_lines),
        PROMISE("100 field lines pass and the 101st is refused with 431", number_of_fields),
        PROMISE("a field is found by name, case aside, and its like are counted", finding),
        PROMISE("a list's member is found in any field of the name, whole, case aside", lists),
    };

    return RUN("head", tests);
}
