/* response.c: a response head of the engine, parsed (http/response.h). */
#include "http/response.h"

#include "unit.h"

static struct response response;

UNIT(parts)
{
    assert_true(response_parse(STR("HTTP/1.1 404 Not  Found \r\nA: b\r\nContent-Length: 3\r\n\r\n"),
                               METHOD_GET, &response));
    assert_int_equal(response.status, 404);
    CHECK_STR(response.reason, "Not  Found ");
    assert_int_equal(response.fields.n, 2);
    assert_int_equal(response.body.kind, BODY_LENGTH);
    assert_int_equal(response.body.length, 3);
    assert_false(response.close);
}

UNIT(status_lines)
{
    static const struct {
        struct str head;
        unsigned status; /* 0: malformed */
    } rows[] = {
        {BYTES("HTTP/1.1 200 OK\r\n\r\n"), 200}, {BYTES("HTTP/1.1 200\r\n\r\n"), 200},
        {BYTES("HTTP/1.1 200 \r\n\r\n"), 200},   {BYTES("HTTP/1.0 200 OK\r\n\r\n"), 200},
        {BYTES("HTTP/1.9 100 x\r\n\r\n"), 100},  {BYTES("HTTP/1.1 599 x\r\n\r\n"), 599},
        {BYTES("HTTP/1.1 099 x\r\n\r\n"), 0},    {BYTES("HTTP/1.1 600 x\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 20 OK\r\n\r\n"), 0},    {BYTES("HTTP/1.1 2000 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 200OK\r\n\r\n"), 0},    {BYTES("HTTP/1.1  200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 +20 OK\r\n\r\n"), 0},   {BYTES("HTTP/2.0 200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.10 200 OK\r\n\r\n"), 0},  {BYTES("HTTP/1.x 200 OK\r\n\r\n"), 0},
        {BYTES("http/1.1 200 OK\r\n\r\n"), 0},   {BYTES("HTTP/1.1\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 200\tOK\r\n\r\n"), 0},  {BYTES("x\r\n\r\n"), 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        bool good = response_parse(rows[i].head, METHOD_GET, &response);
        CHECK(good == (rows[i].status != 0), "\"%.*s\"", STR_ARG(rows[i].head));
        CHECK(!good || response.status == rows[i].status, "\"%.*s\"", STR_ARG(rows[i].head));
    }
}

#define LENGTH "Content-Length: 7\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

UNIT(framing)
{
    static const struct {
        enum http_method method;
        struct str head;
        enum body_kind kind;
    } rows[] = {
        {METHOD_GET, BYTES("HTTP/1.1 200 OK\r\n" LENGTH), BODY_LENGTH},
        {METHOD_GET, BYTES("HTTP/1.1 200 OK\r\n" CHUNKED), BODY_CHUNKED},
        {METHOD_GET, BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"), BODY_CHUNKED},
        {METHOD_GET, BYTES("HTTP/1.1 200 OK\r\n\r\n"), BODY_UNTIL_CLOSE},
        {METHOD_GET, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), BODY_NONE},
        {METHOD_POST, BYTES("HTTP/1.1 500 x\r\n" LENGTH), BODY_LENGTH},
        {METHOD_HEAD, BYTES("HTTP/1.1 200 OK\r\n" LENGTH), BODY_NONE},
        {METHOD_HEAD, BYTES("HTTP/1.1 200 OK\r\n" CHUNKED), BODY_NONE},
        {METHOD_HEAD, BYTES("HTTP/1.1 404 OK\r\n\r\n"), BODY_NONE},
        {METHOD_GET, BYTES("HTTP/1.1 100 x\r\n\r\n"), BODY_NONE},
        {METHOD_GET, BYTES("HTTP/1.1 101 x\r\n" LENGTH), BODY_NONE},
        {METHOD_GET, BYTES("HTTP/1.1 199 x\r\n\r\n"), BODY_NONE},
        {METHOD_GET, BYTES("HTTP/1.1 204 x\r\n" LENGTH), BODY_NONE},
        {METHOD_GET, BYTES("HTTP/1.1 304 x\r\n" LENGTH), BODY_NONE},
        {METHOD_GET, BYTES("HTTP/1.1 205 x\r\n" LENGTH), BODY_LENGTH},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(response_parse(rows[i].head, rows[i].method, &response), "row %zu", i);
        CHECK(response.body.kind == rows[i].kind, "row %zu: kind %d", i, (int)response.body.kind);
        CHECK(response.body.kind != BODY_LENGTH || response.body.length == 7, "row %zu", i);
    }
}

UNIT(malformed)
{
    static const struct str rows[] = {
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        BYTES(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\r\nA\r\n\r\n"),
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(!response_parse(rows[i], METHOD_GET, &response), "\"%.*s\"", STR_ARG(rows[i]));
        CHECK(!response_parse(rows[i], METHOD_HEAD, &response), "to HEAD: \"%.*s\"",
              STR_ARG(rows[i]));
    }
}

UNIT(closing)
{
    static const struct {
        struct str head;
        bool close;
    } rows[] = {
        {BYTES("HTTP/1.1 200 OK\r\n" LENGTH), false},
        {BYTES("HTTP/1.1 204 OK\r\n\r\n"), false},
        {BYTES("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n" LENGTH), false},
        {BYTES("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n" LENGTH), true},
        {BYTES("HTTP/1.0 200 OK\r\n" LENGTH), true},
        {BYTES("HTTP/1.1 200 OK\r\n\r\n"), true},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(response_parse(rows[i].head, METHOD_GET, &response), "row %zu", i);
        CHECK(response.close == rows[i].close, "row %zu", i);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a response is taken apart into status, reason and fields", parts),
        PROMISE("a status line is HTTP/1.x and a status of 100 to 599", status_lines),
        PROMISE("the body is framed by RFC 9112 section 6.3", framing),
        PROMISE("a response whose framing or fields are unclear is malformed", malformed),
        PROMISE("the engine closes when it says so, is HTTP/1.0 or gives no length", closing),
    };

    return RUN("response", tests);
}
