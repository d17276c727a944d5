/* request.c: a request head, parsed (http/request.h): request line, Host and fields. Framing,
 * types and options are in request_body.c. */
#include "http/request.h"

#include "unit.h"

static struct request request;

static unsigned status_of(struct str head)
{
    struct refusal no = request_parse(head, &request);

    CHECK((no.status == 0) == (no.reason == NULL), "a refusal has a reason, and nothing else has");
    return no.status;
}

UNIT(parts)
{
    assert_int_equal(status_of(STR("POST /v1.41/x?a=b HTTP/1.1\r\nHost: d\r\nA: b\r\n\r\n")), 0);
    assert_int_equal(request.method, METHOD_POST);
    CHECK_STR(request.method_name, "POST");
    CHECK_STR(request.target, "/v1.41/x?a=b");
    assert_int_equal(request.minor, 1);
    assert_int_equal(request.fields.n, 2);
    assert_int_equal(request.body.kind, BODY_NONE);
    assert_false(request.close || request.expect_continue || request.upgrade);
}

UNIT(lines_that_pass)
{
    static const struct {
        struct str head;
        enum http_method method;
        const char *target;
    } rows[] = {
        {BYTES("GET / HTTP/1.1\r\nHost: d\r\n\r\n"), METHOD_GET, "/"},
        {BYTES("G!ET / HTTP/1.1\r\nHost: d\r\n\r\n"), METHOD_OTHER, "/"},
        {BYTES("get / HTTP/1.1\r\nHost: d\r\n\r\n"), METHOD_OTHER, "/"},
        {BYTES("OPTIONS * HTTP/1.1\r\nHost: d\r\n\r\n"), METHOD_OPTIONS, "*"},
        {BYTES("GET http://a/b HTTP/1.1\r\nHost: d\r\n\r\n"), METHOD_GET, "http://a/b"},
        {BYTES("GET /{}[]\"<> HTTP/1.1\r\nHost: d\r\n\r\n"), METHOD_GET, "/{}[]\"<>"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(status_of(rows[i].head) == 0, "row %zu", i);
        CHECK(request.method == rows[i].method, "row %zu", i);
        CHECK_STR(request.target, rows[i].target);
    }
}

UNIT(lines_that_do_not)
{
    static const struct str rows[] = {
        BYTES("GET /\r\nHost: d\r\n\r\n"),
        BYTES("GET\r\nHost: d\r\n\r\n"),
        BYTES("GET  / HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET /  HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/1.1 \r\nHost: d\r\n\r\n"),
        BYTES(" GET / HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET\t/ HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET /\tHTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET /a b HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES(" / HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("G(T / HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("G\xc3\x89T / HTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET / http/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/1.10\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/11\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/1\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/1,1\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/a.1\r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/1.a\r\nHost: d\r\n\r\n"),
        BYTES("GET / XTTP/1.1\r\nHost: d\r\n\r\n"),
        BYTES("GET / \r\nHost: d\r\n\r\n"),
        BYTES("GET / HTTP/+1.1\r\nHost: d\r\n\r\n"),
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(status_of(rows[i]) == 400, "\"%.*s\"", STR_ARG(rows[i]));
}

UNIT(versions)
{
    char head[] = "GET / HTTP/0.0\r\nHost: d\r\n\r\n";

    for (char major = '0'; major <= '9'; major++) {
        for (char minor = '0'; minor <= '9'; minor++) {
            head[11] = major;
            head[13] = minor;
            bool known = major == '1' && minor <= '1';
            CHECK(status_of(str_of(head)) == (known ? 0 : 505), "HTTP/%c.%c", major, minor);
            CHECK(!known || request.minor == (unsigned)(minor - '0'), "HTTP/%c.%c", major, minor);
        }
    }
    assert_int_equal(status_of(STR("PRI * HTTP/2.0\r\n\r\n")), 505);
}

UNIT(log_parts)
{
    assert_int_equal(status_of(STR("GET /x HTTP/2.0\r\n\r\n")), 505);
    CHECK_STR(request.method_name, "GET");
    CHECK_STR(request.target, "/x");
    assert_int_equal(status_of(STR("GET /x HTTP/1.1\r\nbad\r\n\r\n")), 400);
    CHECK_STR(request.target, "/x");
    assert_int_equal(status_of(STR("bad\r\n\r\n")), 400);
    assert_int_equal(request.method, METHOD_OTHER);
    assert_int_equal(request.target.n, 0);
}

UNIT(hosts_that_pass)
{
    static const struct str rows[] = {
        BYTES("GET / HTTP/1.1\r\nHost: docker\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nhost: a.b:2375\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]:1\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: %2Fvar%2Frun%2Fdocker.sock\r\n\r\n"),
        BYTES("GET / HTTP/1.0\r\n\r\n"),
        BYTES("GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(status_of(rows[i]) == 0, "\"%.*s\"", STR_ARG(rows[i]));
}

UNIT(hosts_that_do_not)
{
    static const struct str rows[] = {
        BYTES("GET / HTTP/1.1\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        BYTES("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: a#\r\n\r\n"),
        BYTES("GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n\r\n"),
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(status_of(rows[i]) == 400, "\"%.*s\"", STR_ARG(rows[i]));
}

UNIT(single_fields)
{
    static const char *const rows[] = {
        "Content-Type",
        "Expect",
        "Upgrade",
        "X-Registry-Auth",
        "X-Registry-Config",
        "X-Docker-Expose-Session-Uuid",
        "X-Docker-Expose-Session-Name",
        "X-Docker-Expose-Session-Sharedkey",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char head[256];
        /* A value that every one of them takes. */
        const char *value = i == 0 ? "a/b" : i == 1 ? "100-continue" : "x";
        struct writer w = writer_over(head, sizeof(head));
        writer_text(&w, "POST / HTTP/1.1\r\nHost: d\r\n");
        size_t start = w.n;
        for (int n = 1; n <= 2; n++) {
            writer_text(&w, rows[i]);
            writer_text(&w, ": ");
            writer_text(&w, value);
            writer_text(&w, "\r\n");
            size_t end = w.n;
            writer_text(&w, "\r\n");
            CHECK(status_of(writer_view(&w)) == (n == 1 ? 0 : 400), "%s, %d of them", rows[i], n);
            w.n = end;
        }
        head[start] ^= ' '; /* the first in another case */
        writer_text(&w, "\r\n");
        CHECK(status_of(writer_view(&w)) == 400, "%s in two cases", rows[i]);
    }
    assert_int_equal(status_of(STR("POST /session HTTP/1.1\r\nHost: d\r\n"
                                   "X-Docker-Expose-Session-Grpc-Method: /a/b\r\n"
                                   "X-Docker-Expose-Session-Grpc-Method: /a/c\r\n\r\n")),
                     0);
}

UNIT(too_many_fields)
{
    static char head[HTTP_FIELDS_MAX * 6 + 64];

    for (int n = HTTP_FIELDS_MAX; n <= HTTP_FIELDS_MAX + 1; n++) {
        struct writer w = writer_over(head, sizeof(head));
        writer_text(&w, "GET / HTTP/1.1\r\nHost: d\r\n");
        for (int i = 1; i < n; i++)
            writer_text(&w, "A: b\r\n");
        writer_text(&w, "\r\n");
        assert_int_equal(status_of(writer_view(&w)), n == HTTP_FIELDS_MAX ? 0 : 431);
    }
}

UNIT(nothing_kept)
{
    assert_int_equal(
        status_of(STR("POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\nUpgrade: x\r\n"
                      "Expect: 100-continue\r\nConnection: close\r\n\r\n")),
        0);
    assert_int_equal(status_of(STR("GET / HTTP/1.1\r\nHost: d\r\n\r\n")), 0);
    assert_int_equal(request.body.kind, BODY_NONE);
    assert_false(request.upgrade || request.close || request.expect_continue);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a request is taken apart into method, target, version and fields", parts),
        PROMISE("any token is a method, and the target is left as it was sent", lines_that_pass),
        PROMISE("a request line that is not token SP target SP version is refused with 400",
                lines_that_do_not),
        PROMISE("HTTP/1.0 and HTTP/1.1 are spoken, every other version gets 505", versions),
        PROMISE("of a refused request the line's parts are there for the log", log_parts),
        PROMISE("a Host may be empty, a name, an address, or missing in HTTP/1.0", hosts_that_pass),
        PROMISE("no Host, two, or one that no host is called is refused with 400",
                hosts_that_do_not),
        PROMISE("two fields of a kind that has one value are refused with 400", single_fields),
        PROMISE("100 fields pass and the 101st is refused with 431", too_many_fields),
        PROMISE("nothing of an earlier request is left in the struct", nothing_kept),
    };

    return RUN("request", tests);
}
