/* request_body.c: what a request says about its body and its connection (http/request.h). */
#include "http/request.h"

#include "unit.h"

static struct request request;

/* Parses a POST, HTTP/1.${minor}, with the field lines ${fields} (each with its CRLF). */
static unsigned post(char minor, const char *fields)
{
    char head[512];
    struct writer w = writer_over(head, sizeof(head));

    writer_text(&w, "POST /build HTTP/1.");
    writer_char(&w, minor);
    writer_text(&w, "\r\nHost: d\r\n");
    writer_text(&w, fields);
    writer_text(&w, "\r\n");
    CHECK(!w.overflow, "the head of a test is too long");
    return request_parse(writer_view(&w), &request).status;
}

UNIT(lengths)
{
    static const struct {
        const char *fields;
        enum body_kind kind;
        uint64_t length;
    } rows[] = {
        {"", BODY_NONE, 0},
        {"Content-Length: 0\r\n", BODY_NONE, 0},
        {"Content-Length: 1\r\n", BODY_LENGTH, 1},
        {"content-length:\t 0042 \r\n", BODY_LENGTH, 42},
        {"Content-Length: 9223372036854775807\r\n", BODY_LENGTH, INT64_MAX},
        {"Transfer-Encoding: chunked\r\n", BODY_CHUNKED, 0},
        {"transfer-encoding:CHUNKED\r\n", BODY_CHUNKED, 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(post('1', rows[i].fields) == 0, "%s", rows[i].fields);
        CHECK(request.body.kind == rows[i].kind, "%s", rows[i].fields);
        CHECK(request.body.length == rows[i].length, "%s", rows[i].fields);
    }
}

UNIT(ambiguous_framing)
{
    static const struct {
        unsigned status;
        char minor;
        const char *fields;
    } rows[] = {
        {400, '1', "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"},
        {400, '1', "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"},
        {400, '1', "Transfer-Encoding: identity\r\nContent-Length: 1\r\n"},
        {400, '1', "Content-Length: 1\r\nContent-Length: 1\r\n"},
        {400, '1', "Content-Length: 1\r\ncontent-length: 2\r\n"},
        {400, '1', "Content-Length: 1, 1\r\n"},
        {400, '1', "Content-Length:\r\n"},
        {400, '1', "Content-Length: +1\r\n"},
        {400, '1', "Content-Length: -1\r\n"},
        {400, '1', "Content-Length: 0x1\r\n"},
        {400, '1', "Content-Length: 1 3\r\n"},
        {400, '1', "Content-Length: 1;\r\n"},
        {400, '1', "Content-Length: 9223372036854775808\r\n"},
        {400, '1', "Content-Length: 18446744073709551616\r\n"},
        {400, '0', "Content-Length: a\r\n"},
        {400, '1', "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
        {400, '0', "Transfer-Encoding: chunked\r\n"},
        {400, '0', "Transfer-Encoding: identity\r\n"},
        {501, '1', "Transfer-Encoding:\r\n"},
        {501, '1', "Transfer-Encoding: identity\r\n"},
        {501, '1', "Transfer-Encoding: gzip, chunked\r\n"},
        {501, '1', "Transfer-Encoding: chunked, chunked\r\n"},
        {501, '1', "Transfer-Encoding: \"chunked\"\r\n"},
        {501, '1', "Transfer-Encoding: chunked;a=b\r\n"},
        {501, '1', "Transfer-Encoding: xchunked\r\n"},
        {501, '1', "Transfer-Encoding: chunked\x80\r\n"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        unsigned status = post(rows[i].minor, rows[i].fields);
        CHECK(status == rows[i].status, "HTTP/1.%c %s gets %u", rows[i].minor, rows[i].fields,
              status);
    }
}

UNIT(types)
{
    static const struct {
        unsigned status;
        const char *fields;
    } rows[] = {
        {0, "Content-Type: application/json\r\n"},
        {0, "Content-Type: plain/text\r\n"},
        {0, "Content-Type: application/json; charset=utf-8\r\n"},
        {0, "Content-Type: application/json ;charset=utf-8\r\n"},
        {400, "Content-Type:\r\n"},
        {400, "Content-Type: json\r\n"},
        {400, "Content-Type: a/\r\n"},
        {400, "Content-Type: /a\r\n"},
        {400, "Content-Type: a/b/c\r\n"},
        {400, "Content-Type: a /b\r\n"},
        {400, "Content-Type: application/json, text/plain\r\n"},
        {400, "Content-Type: application/\xc5\xbfson\r\n"},
        {400, "Content-Type: ;application/json\r\n"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(post('1', rows[i].fields) == rows[i].status, "%s", rows[i].fields);
}

UNIT(forms)
{
    static const char *const types[] = {
        "application/x-www-form-urlencoded",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "application/x-www-form-urlencoded; charset=utf-8",
        "application/x-www-form-urlencoded;;=",
        "application/x-www-form-urlencoded ;a",
        "multipart/form-data; boundary=a",
        "Multipart/mixed",
        "multipart/x",
    };
    static const char *const bodies[] = {"Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n"};
    char fields[160];

    for (size_t i = 0; i < COUNT(types); i++) {
        for (size_t k = 0; k <= COUNT(bodies); k++) {
            struct writer w = writer_over(fields, sizeof(fields) - 1);
            writer_text(&w, "Content-Type: ");
            writer_text(&w, types[i]);
            writer_text(&w, "\r\n");
            writer_text(&w, k < COUNT(bodies) ? bodies[k] : "Content-Length: 0\r\n");
            fields[w.n] = '\0';
            CHECK(post('1', fields) == (k < COUNT(bodies) ? 415 : 0), "%s", fields);
        }
    }
}

UNIT(expectations)
{
    assert_int_equal(post('1', "Expect: 100-Continue\r\n"), 0);
    assert_true(request.expect_continue);
    assert_int_equal(post('1', "Expect: 200-ok\r\n"), 417);
    assert_int_equal(post('1', "Expect:\r\n"), 417);
    assert_int_equal(post('1', "Expect: 100-continue, x\r\n"), 417);
    assert_int_equal(post('0', "Expect: 100-continue\r\n"), 0);
    assert_false(request.expect_continue);
}

UNIT(closing)
{
    static const struct {
        char minor;
        const char *fields;
        bool close;
    } rows[] = {
        {'1', "", false},
        {'1', "Connection: keep-alive\r\n", false},
        {'1', "Connection: close\r\n", true},
        {'1', "Connection: Upgrade, Close\r\n", true},
        {'1', "Connection: closed\r\n", false},
        {'0', "", true},
        {'0', "Connection: keep-alive\r\n", true},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(post(rows[i].minor, rows[i].fields) == 0, "row %zu", i);
        CHECK(request.close == rows[i].close, "HTTP/1.%c %s", rows[i].minor, rows[i].fields);
    }
}

UNIT(upgrades)
{
    assert_int_equal(post('1', "Connection: Upgrade\r\nUpgrade: tcp\r\n"), 0);
    assert_true(request.upgrade);
    CHECK_STR(request.upgrade_to, "tcp");
    assert_int_equal(post('1', "Upgrade: h2c\r\n"), 0);
    assert_true(request.upgrade);
    assert_int_equal(post('0', "Connection: Upgrade\r\nUpgrade: tcp\r\n"), 0);
    assert_false(request.upgrade);
    assert_int_equal(post('1', "Upgrade:\r\n"), 0); /* dockerd's attach takes that for one */
    assert_true(request.upgrade && request.upgrade_to.n == 0);
    assert_int_equal(post('1', ""), 0);
    assert_false(request.upgrade);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a body is framed by one Content-Length or by chunked, else there is none",
                lengths),
        PROMISE("framing that two readers could read differently is refused", ambiguous_framing),
        PROMISE("a Content-Type is token/token with any parameters, else refused with 400", types),
        PROMISE("a body of form type is refused with 415, in any spelling", forms),
        PROMISE("Expect is 100-continue, of HTTP/1.1 only, and anything else gets 417",
                expectations),
        PROMISE("the connection closes when the client says so or is HTTP/1.0", closing),
        PROMISE("an upgrade is what an Upgrade field says, whatever that is, in HTTP/1.1 only",
                upgrades),
    };

    return RUN("request_body", tests);
}
