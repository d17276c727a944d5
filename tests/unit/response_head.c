/* response_head.c: the response that the client gets (relay/heads.h). */
#include "relay/heads.h"

#include "unit.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define HOP \
    "Connection: x\r\nkeep-alive: 5\r\nProxy-Connection: y\r\nTE: z\r\nTrailer: a\r\nUpgrade: b\r\n"

static struct response response;
static char out[8192];

static struct str sent(struct str head, enum http_method method, struct response_form form)
{
    CHECK(response_parse(head, method, &response), "\"%.*s\" is malformed", STR_ARG(head));
    struct writer w = writer_over(out, sizeof(out));
    heads_write_response(&response, &form, &w);
    CHECK(!w.overflow, "a head that does not fit");
    return writer_view(&w);
}

struct row {
    enum http_method method;
    struct response_form form;
    struct str head;
    const char *sent;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        CHECK_STR(sent(rows[i].head, rows[i].method, rows[i].form), rows[i].sent);
}

UNIT(fields)
{
    static const struct row rows[] = {
        {METHOD_GET,
         {0},
         BYTES(OK "Api-Version: 1.41\r\nserver:Docker\r\n" HOP
                  "X-A:  b \r\nContent-Length: 1\r\n\r\n"),
         OK "Api-Version: 1.41\r\nserver: Docker\r\nX-A: b\r\nContent-Length: 1\r\n\r\n"},
        {METHOD_GET,
         {0},
         BYTES("HTTP/1.0 404 Not  Found\r\ncontent-length: 1\r\n\r\n"),
         "HTTP/1.1 404 Not  Found\r\nContent-Length: 1\r\n\r\n"},
        {METHOD_GET,
         {0},
         BYTES("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n"),
         "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(framing)
{
    static const struct row rows[] = {
        {METHOD_GET,
         {0},
         BYTES(OK "transfer-encoding: Chunked\r\n\r\n"),
         OK "Transfer-Encoding: chunked\r\n\r\n"},
        {METHOD_GET, {0}, BYTES(OK "content-length: 007\r\n\r\n"), OK "Content-Length: 7\r\n\r\n"},
        {METHOD_GET, {0}, BYTES(OK "content-length: 0\r\n\r\n"), OK "Content-Length: 0\r\n\r\n"},
        {METHOD_GET, {.close = true}, BYTES(OK "\r\n"), OK "Connection: close\r\n\r\n"},
        {METHOD_GET,
         {.close = true},
         BYTES(OK "Content-Length: 7\r\n\r\n"),
         OK "Content-Length: 7\r\nConnection: close\r\n\r\n"},
        {METHOD_GET,
         {0},
         BYTES(OK "Connection: close\r\nContent-Length: 7\r\n\r\n"),
         OK "Content-Length: 7\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(no_body)
{
    static const struct row rows[] = {
        {METHOD_HEAD, {0}, BYTES(OK "Content-Length: 7\r\n\r\n"), OK "Content-Length: 7\r\n\r\n"},
        {METHOD_HEAD, {0}, BYTES(OK "Transfer-Encoding: chunked\r\n\r\n"), OK "\r\n"},
        {METHOD_HEAD, {.close = true}, BYTES(OK "\r\n"), OK "Connection: close\r\n\r\n"},
        {METHOD_GET,
         {0},
         BYTES("HTTP/1.1 304 x\r\nContent-Length: 7\r\n\r\n"),
         "HTTP/1.1 304 x\r\nContent-Length: 7\r\n\r\n"},
        {METHOD_GET,
         {0},
         BYTES("HTTP/1.1 204 x\r\nContent-Length: 7\r\n\r\n"),
         "HTTP/1.1 204 x\r\n\r\n"},
        {METHOD_POST,
         {.close = true},
         BYTES("HTTP/1.1 204 x\r\n\r\n"),
         "HTTP/1.1 204 x\r\nConnection: close\r\n\r\n"},
        {METHOD_POST,
         {.close = true},
         BYTES("HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n"),
         "HTTP/1.1 100 Continue\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(http10)
{
    static const struct row rows[] = {
        {METHOD_GET,
         {.http10 = true, .close = true},
         BYTES(OK "Transfer-Encoding: chunked\r\n\r\n"),
         "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n"},
        {METHOD_GET,
         {.http10 = true, .close = true},
         BYTES(OK "Content-Length: 7\r\n\r\n"),
         "HTTP/1.0 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

UNIT(switching)
{
    static const struct row rows[] = {
        {METHOD_POST,
         {.switching = true, .close = true},
         BYTES(
             "HTTP/1.1 101 UPGRADED\r\nContent-Type: a/b\r\nconnection: x, Upgrade\r\nupgrade: tcp\r\n"
             "Transfer-Encoding: chunked\r\n\r\n"),
         "HTTP/1.1 101 UPGRADED\r\nContent-Type: a/b\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"},
        {METHOD_POST,
         {.switching = true},
         BYTES("HTTP/1.1 101 x\r\n\r\n"),
         "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n"},
        {METHOD_POST,
         {0},
         BYTES("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"),
         "HTTP/1.1 101 x\r\n\r\n"},
        {METHOD_POST,
         {.raw = true, .close = true},
         BYTES(OK "Content-Type: a/b\r\nConnection: y\r\n\r\n"),
         OK "Content-Type: a/b\r\n\r\n"},
    };

    check_rows(rows, COUNT(rows));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("all fields pass but those of the connection and the framing", fields),
        PROMISE("the framing is written anew, and Connection: close where it is asked for",
                framing),
        PROMISE("a response without a body is not framed, but tells the length GET would have",
                no_body),
        PROMISE("an HTTP/1.0 client gets its version and no chunks", http10),
        PROMISE("Connection and Upgrade pass with a 101 that switches, a raw 200 has no framing",
                switching),
    };

    return RUN("response_head", tests);
}
