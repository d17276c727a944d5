/* body.c: taking the frame off a body (http/body.h). */
#include "http/body.h"

#include "unit.h"

struct outcome {
    enum body_step last;
    size_t consumed, pieces;
    char data[8192];
    size_t n;
};

/* Decodes ${in}, which arrives as ${first} bytes and then ${step} at a time. */
static void decode(struct body_framing framing, struct str in, size_t first, size_t step,
                   size_t room, struct outcome *out)
{
    struct body_reader reader = body_reader_of(framing);
    size_t end = first;
    struct str data;

    memset(out, 0, sizeof(*out));
    for (;;) {
        size_t consumed = 4711;
        out->last = body_read(&reader, str_slice(in, out->consumed, end), room, &consumed, &data);
        CHECK(consumed <= end - out->consumed, "more is consumed than there is");
        out->consumed += consumed;
        if (out->last == BODY_DATA) {
            CHECK(data.n >= 1 && data.n <= room, "a piece has %zu bytes", data.n);
            CHECK(data.p >= in.p && data.p + data.n <= in.p + out->consumed, "data is no view");
            memcpy(out->data + out->n, data.p, data.n);
            out->n += data.n;
            out->pieces++;
            continue;
        }
        CHECK(out->last != BODY_MORE || out->consumed == end, "BODY_MORE with input left");
        if (out->last != BODY_MORE || end == in.n)
            return;
        end = in.n - end < step ? in.n : end + step;
    }
}

/* At once, and, to the same end, byte by byte and cut in two anywhere. */
static struct outcome *read_all(struct body_framing framing, struct str in)
{
    static struct outcome whole, other;

    decode(framing, in, in.n, 1, SIZE_MAX, &whole);
    for (size_t first = 0; first <= in.n; first++) {
        decode(framing, in, first, first == 0 ? 1 : in.n, first % 3 + 1, &other);
        CHECK(other.last == whole.last && other.consumed == whole.consumed && other.n == whole.n &&
                  memcmp(other.data, whole.data, whole.n) == 0,
              "cut at %zu, \"%.*s\" is read differently", first, STR_ARG(in));
    }
    return &whole;
}

static const struct body_framing chunked = {.kind = BODY_CHUNKED};

UNIT(good_chunks)
{
    static const struct {
        struct str in;
        const char *data;
        size_t behind; /* bytes behind the body */
    } rows[] = {
        {BYTES("0\r\n\r\n"), "", 0},
        {BYTES("5\r\nhello\r\n0\r\n\r\n"), "hello", 0},
        {BYTES("1\r\na\r\n2\r\nbc\r\n0\r\n\r\nGET / HTTP/1.1"), "abc", 14},
        {BYTES("0a\r\n0123456789\r\n00\r\n\r\n"), "0123456789", 0},
        {BYTES("A\r\n0123456789\r\n000000000000000\r\n\r\n"), "0123456789", 0},
        {BYTES("00000000000000a\r\n0123456789\r\n0\r\n\r\n"), "0123456789", 0},
        {BYTES("4\r\n\r\n\r\n\r\n0\r\n\r\n\r\n"), "\r\n\r\n", 2},
        {BYTES("1\r\n0\r\n0\r\nA: b\r\nC:\r\n\r\nx"), "0", 1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome *out = read_all(chunked, rows[i].in);
        CHECK(out->last == BODY_END, "row %zu ends with %d", i, (int)out->last);
        CHECK_STR(((struct str){out->data, out->n}), rows[i].data);
        CHECK(out->consumed == rows[i].in.n - rows[i].behind, "row %zu: %zu bytes", i,
              out->consumed);
    }
}

UNIT(bad_chunks)
{
    static const struct str rows[] = {
        BYTES("\r\n"),
        BYTES("g\r\n"),
        BYTES("-1\r\n"),
        BYTES("+1\r\na\r\n"),
        BYTES("0x1\r\na\r\n"),
        BYTES(" 1\r\na\r\n"),
        BYTES("1 \r\na\r\n"),
        BYTES("1;a=b\r\na\r\n"),
        BYTES("1;\r\na\r\n"),
        BYTES("1\na\r\n"),
        BYTES("1\ra"),
        BYTES("1\t\r\n"),
        BYTES("1\r\nab"),
        BYTES("1\r\na\n"),
        BYTES("1\r\na\rx"),
        BYTES("1\r\na0\r\n"),
        BYTES("0000000000000001\r\n"),
        BYTES("1000000000000000\r\n"),
        BYTES("0\r\n\n"),
        BYTES("0\n\r\n"),
        BYTES("0\r\n\rx"),
        BYTES("0\r\nA: b\n"),
        BYTES("0\r\nA: b\rx"),
        BYTES("0\r\nA: \0"),
        BYTES("0\r\nA: \x7f"),
        BYTES("1\r\na\r\n\r\n"),
        BYTES("\xc2\xb9\r\n"),
        BYTES("0\r\nA\r\n"),
        BYTES("0\r\n: b\r\n"),
        BYTES("0\r\n A: b\r\n"),
        BYTES("0\r\nA : b\r\n"),
        BYTES("0\r\nA: b\r\n c\r\n"),
        BYTES("0\r\nA b\r\n"),
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome *out = read_all(chunked, rows[i]);
        CHECK(out->last == BODY_BAD, "\"%.*s\" ends with %d", STR_ARG(rows[i]), (int)out->last);
    }
}

UNIT(unfinished_chunks)
{
    struct str in = STR("1\r\na\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n");

    for (size_t n = 0; n < in.n; n++)
        CHECK(read_all(chunked, str_slice(in, 0, n))->last == BODY_MORE, "%zu bytes", n);
}

UNIT(largest_chunk)
{
    struct body_reader reader = body_reader_of(chunked);
    size_t consumed;
    struct str data;

    assert_int_equal(body_read(&reader, STR("fffffffffffffff\r\nx"), 1, &consumed, &data),
                     BODY_DATA);
    assert_int_equal(consumed, 18);
    assert_true(reader.left == (UINT64_C(1) << 60) - 2);
}

UNIT(pieces)
{
    struct outcome out;
    struct str in = STR("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

    decode(chunked, in, in.n, 1, SIZE_MAX, &out);
    assert_int_equal(out.pieces, 2);
    decode(chunked, in, in.n, 1, 2, &out);
    assert_int_equal(out.pieces, 3);
    decode((struct body_framing){BODY_LENGTH, 5}, STR("abcdefg"), 7, 1, 2, &out);
    assert_int_equal(out.pieces, 3);
}

/* One trailer field whose line has ${line} bytes with its CRLF, behind the last chunk. */
static enum body_step read_trailer(size_t line)
{
    static char text[BODY_TRAILER_MAX + 64];
    struct writer w = writer_over(text, sizeof(text));

    writer_text(&w, "0\r\nA:");
    while (w.n < 3 + line - 2)
        writer_char(&w, 'x');
    writer_text(&w, "\r\n\r\n");
    struct body_reader reader = body_reader_of(chunked);
    size_t consumed;
    struct str data;
    return body_read(&reader, writer_view(&w), 1, &consumed, &data);
}

UNIT(trailer)
{
    assert_int_equal(read_trailer(BODY_TRAILER_MAX - 2), BODY_END);
    assert_int_equal(read_trailer(BODY_TRAILER_MAX + 1), BODY_BAD);
}

UNIT(by_length)
{
    static const struct {
        uint64_t length;
        struct str in;
        size_t n;
        enum body_step last;
    } rows[] = {
        {5, BYTES("hello"), 5, BODY_END}, {5, BYTES("helloGET"), 5, BODY_END},
        {5, BYTES("hell"), 4, BODY_MORE}, {5, BYTES(""), 0, BODY_MORE},
        {0, BYTES("x"), 0, BODY_END},     {INT64_MAX, BYTES("hello"), 5, BODY_MORE},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome *out =
            read_all((struct body_framing){BODY_LENGTH, rows[i].length}, rows[i].in);
        CHECK(out->last == rows[i].last && out->n == rows[i].n && out->consumed == out->n,
              "row %zu", i);
        CHECK(memcmp(out->data, rows[i].in.p, out->n) == 0, "row %zu", i);
    }
}

UNIT(no_frame)
{
    struct outcome *out = read_all((struct body_framing){.kind = BODY_NONE}, STR("GET"));

    assert_int_equal(out->last, BODY_END);
    assert_int_equal(out->consumed, 0);
    out = read_all((struct body_framing){.kind = BODY_UNTIL_CLOSE}, STR("0\r\n\r\nhello"));
    assert_int_equal(out->last, BODY_MORE);
    CHECK_STR(((struct str){out->data, out->n}), "0\r\n\r\nhello");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("chunks are decoded, and what stands behind the body is left", good_chunks),
        PROMISE(
            "an extension, a blank, a bare LF, a sign, a 16th digit or junk in the trailer breaks it",
            bad_chunks),
        PROMISE("before the last CRLF there is more to come", unfinished_chunks),
        PROMISE("a chunk may have 2^60 - 1 bytes", largest_chunk),
        PROMISE("a piece never spans two chunks and never exceeds the room", pieces),
        PROMISE("4 KiB of trailer are read past, and no more", trailer),
        PROMISE("a body with a length ends there", by_length),
        PROMISE("no body takes no byte, and one until the close takes all", no_frame),
    };

    return RUN("body", tests);
}
