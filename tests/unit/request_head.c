/* request_head.c: the request that the engine gets (relay/heads.h). */
#include "relay/heads.h"

#include "unit.h"

#define HOST "Host: evil\r\n"
#define START "POST /containers/a/start HTTP/1.1\r\n"
#define ATTACH "POST /v1.41/containers/a/attach HTTP/1.1\r\n"
#define TOP "Host: docker\r\n"

static struct request request;
static struct target target;
static char out[16384];

/* What the engine gets for ${head}. */
static struct str forwarded(struct str head)
{
    struct refusal no = request_parse(head, &request);

    if (no.status == 0)
        no = target_parse(request.target, &target);
    CHECK(no.status == 0, "\"%.*s\": %s", STR_ARG(head), no.reason);
    struct writer w = writer_over(out, sizeof(out));
    heads_write_request(&request, &target, operation_resolve(request.method, &target), &w);
    CHECK(!w.overflow, "a head that does not fit");
    return writer_view(&w);
}

struct row {
    struct str head;
    const char *forwarded;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        CHECK_STR(forwarded(rows[i].head), rows[i].forwarded);
}

UNIT(written_anew)
{
    static const struct row rows[] = {
        {BYTES("GET /%5Fping? HTTP/1.0\r\n\r\n"), "GET /_ping HTTP/1.1\r\n" TOP "\r\n"},
        {BYTES("GET /v1.41/x%20y?a=%41+{} HTTP/1.1\r\nhost: h\r\n\r\n"),
         "GET /v1.41/x%20y?a=%41+{} HTTP/1.1\r\n" TOP "\r\n"},
        {BYTES("G!T /x HTTP/1.1\r\nHost:\r\n\r\n"), "G!T /x HTTP/1.1\r\n" TOP "\r\n"},
        {BYTES(START HOST "accept:  a  \r\nAccept:b\r\n\r\n"),
         START TOP "accept: a\r\nAccept: b\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(fields_that_pass)
{
    static const char *const rows[] = {
        "Accept",
        "accept-encoding",
        "USER-AGENT",
        "X-Registry-Auth",
        "X-Registry-Config",
        "X-Docker-Expose-Session-Uuid",
        "X-Docker-Expose-Session-Name",
        "X-Docker-Expose-Session-Sharedkey",
        "X-Docker-Expose-Session-Grpc-Method",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char head[256], want[256];
        struct writer h = writer_over(head, sizeof(head)), w = writer_over(want, sizeof(want));
        writer_text(&h, START HOST);
        writer_text(&w, START TOP);
        writer_text(&h, rows[i]);
        writer_text(&w, rows[i]);
        writer_text(&h, ": x\r\n\r\n");
        writer_text(&w, ": x\r\n\r\n");
        writer_char(&w, '\0');
        CHECK_STR(forwarded(writer_view(&h)), want);
    }
}

UNIT(fields_that_do_not)
{
    static const char *const rows[] = {
        "Cookie",
        "Authorization",
        "X-Forwarded-For",
        "Forwarded",
        "Via",
        "Traceparent",
        "X-HTTP-Method-Override",
        "Referer",
        "Origin",
        "Range",
        "If-None-Match",
        "Keep-Alive",
        "Proxy-Connection",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "HTTP2-Settings",
        "Content-Encoding",
        "Content-Language",
        "Accept-Language",
        "Date",
        "X-Registry-Aut",
        "X-Registry-Authx",
        "X-Docker-Expose-Session",
        "X-Custom",
        "Content_Length",
        "Transfer_Encoding",
        "Api-Version",
        "Connection",
        "Upgrade",
        "Sec-WebSocket-Extensions",
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char head[256];
        struct writer w = writer_over(head, sizeof(head));
        writer_text(&w, START HOST);
        writer_text(&w, rows[i]);
        writer_text(&w, ": x\r\n\r\n");
        CHECK_STR(forwarded(writer_view(&w)), START TOP "\r\n");
    }
}

UNIT(framing)
{
    static const struct row rows[] = {
        {BYTES(START HOST "content-length: 007\r\n\r\n"), START TOP "Content-Length: 7\r\n\r\n"},
        {BYTES(START HOST "content-LENGTH: 00\r\n\r\n"), START TOP "Content-Length: 0\r\n\r\n"},
        {BYTES(START HOST "\r\n"), START TOP "\r\n"},
        {BYTES(START HOST "transfer-encoding: CHUNKED\r\nTrailer: a\r\n\r\n"),
         START TOP "Transfer-Encoding: chunked\r\n\r\n"},
        {BYTES(START HOST "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n"),
         START TOP "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"},
        {BYTES(START HOST "Content-Type: multipart/form-data\r\n\r\n"), START TOP "\r\n"},
        {BYTES(START HOST "Content-Length: 0\r\nContent-Type: application/json\r\n\r\n"),
         START TOP "Content-Length: 0\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(expectation)
{
    static const struct row rows[] = {
        {BYTES(START HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
         START TOP "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"},
        {BYTES(
             "POST /containers/a/start HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
         START TOP "Content-Length: 1\r\n\r\n"},
        {BYTES("POST /containers/a/start HTTP/1.0\r\nExpect: x\r\n\r\n"), START TOP "\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

#define UP "Connection: Upgrade\r\nUpgrade: "
#define SWITCH(line, to, as)                                         \
    {                                                                \
        BYTES(line HOST UP to "\r\n\r\n"), line TOP UP as "\r\n\r\n" \
    }
#define STAY(line, to)                                     \
    {                                                      \
        BYTES(line HOST UP to "\r\n\r\n"), line TOP "\r\n" \
    }

UNIT(upgrades)
{
    static const struct row rows[] = {
        SWITCH(ATTACH, "tcp", "tcp"),
        SWITCH(ATTACH, "anything", "tcp"),
        SWITCH(ATTACH, "h2c", "tcp"),
        SWITCH("POST /exec/a/start HTTP/1.1\r\n", "tcp", "tcp"),
        SWITCH("POST /session HTTP/1.1\r\n", "h2c", "h2c"),
        SWITCH("POST /grpc HTTP/1.1\r\n", "h2c", "h2c"),
        SWITCH("GET /containers/a/attach/ws HTTP/1.1\r\n", "WebSocket", "websocket"),
        STAY("POST /session HTTP/1.1\r\n", "H2C"),
        STAY("POST /grpc HTTP/1.1\r\n", "tcp"),
        STAY("GET /containers/a/attach/ws HTTP/1.1\r\n", "tcp"),
        STAY("GET /containers/a/attach/ws HTTP/1.1\r\n", "h2c"),
        STAY(START, "tcp"),
        STAY(START, "h2c"),
        STAY("GET /_ping HTTP/1.1\r\n", "h2c"),
        STAY("GET /nosuch HTTP/1.1\r\n", "h2c"),
        STAY("GET /containers/a/attach HTTP/1.1\r\n", "tcp"),
        {BYTES(ATTACH HOST "\r\n"), ATTACH TOP "\r\n"},
        {BYTES(ATTACH HOST "Connection: Upgrade\r\n\r\n"), ATTACH TOP "\r\n"},
        {BYTES("POST /v1.41/containers/a/attach HTTP/1.0\r\n" UP "tcp\r\n\r\n"), ATTACH TOP "\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(kinds)
{
    /* Every row of the table, asked to switch to each protocol. */
    static const char *const asked[] = {"tcp", "h2c", "websocket"};

    for (size_t i = 0; i < docker_operations_count * COUNT(asked); i++) {
        const struct operation *op = &docker_operations[i / COUNT(asked)];
        const char *to = asked[i % COUNT(asked)];
        request = (struct request){.minor = 1, .upgrade = true, .upgrade_to = str_of(to)};
        const char *got = heads_upgrade(&request, op);
        bool attach =
            strcmp(op->name, "ContainerAttach") == 0 || strcmp(op->name, "ExecStart") == 0;
        bool h2c = strcmp(op->name, "Session") == 0 || strcmp(op->name, "Grpc") == 0;
        bool ws = strcmp(op->name, "ContainerAttachWebsocket") == 0;
        const char *want = attach                               ? "tcp"
                           : h2c && strcmp(to, "h2c") == 0      ? "h2c"
                           : ws && strcmp(to, "websocket") == 0 ? "websocket"
                                                                : NULL;
        CHECK_STR(str_of(got), want);
        CHECK((got == NULL) == (want == NULL), "%s, %s", op->name, to);
        request.upgrade = false;
        assert_null(heads_upgrade(&request, op));
    }
    request.upgrade = true;
    assert_null(heads_upgrade(&request, NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("the request line and Host are dsp's own", written_anew),
        PROMISE("what the engine has a use for passes, in any case", fields_that_pass),
        PROMISE("every other field is dropped", fields_that_do_not),
        PROMISE("the framing is written anew, and no type without a body", framing),
        PROMISE("Expect passes in HTTP/1.1", expectation),
        PROMISE("Connection and Upgrade stand only where the operation switches", upgrades),
        PROMISE("only attach, exec start, session and grpc switch, each to its protocol", kinds),
    };

    return RUN("request_head", tests);
}
