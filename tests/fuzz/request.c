/* request.c: a request head. What is forwarded for it must say to a second reader what it said to dsp. */
#include "docker/operation.h"
#include "fuzz.h"
#include "relay/heads.h"

const char *const fuzz_name = "request";
const unsigned long fuzz_count = 400000;
#define API "/v1.41/containers/"
const struct str fuzz_seeds[] = {
    SEED("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"),
    SEED("HEAD /_ping HTTP/1.0\r\n\r\n"),
    SEED(
        "GET " API
        "json?all=1&filters={\"a\":[\"b\"]} HTTP/1.1\r\nHost:\r\nUser-Agent: x\r\nCookie: a\r\n\r\n"),
    SEED("POST " API
         "create?name=x HTTP/1.1\r\nHost: a:80\r\nContent-Type: application/json; charset=utf-8\r\n"
         "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"),
    SEED("POST " API
         "a/attach?stream=1 HTTP/1.1\r\nHost: [::1]:2375\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
         "Content-Length: 0\r\n\r\n"),
    SEED("POST /session HTTP/1.1\r\nHost: d\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n"
         "X-Docker-Expose-Session-Uuid: 1\r\nX-Docker-Expose-Session-Grpc-Method: /a/b\r\n"
         "X-Docker-Expose-Session-Grpc-Method: /a/c\r\n\r\n"),
    SEED(
        "POST /build?t=x HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-tar\r\n"
        "X-Registry-Config: e30=\r\nTE: trailers\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
    SEED("GET " API
         "a/attach/ws HTTP/1.1\r\nHost: d\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Key: x==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
    SEED(
        "DELETE /images/a%20b/c HTTP/1.1\r\nHost: d\r\nAccept: */*\r\nContent-Type: multipart/form-data\r\n\r\n"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

static struct request request, again;
static struct target target, target_again;
static char out[HTTP_HEAD_MAX + 256];

static enum head_scan scan(struct str bytes, size_t *length)
{
    size_t checked = 0, bytewise = 0, other = 0;
    enum head_scan whole = head_scan(bytes, &checked, length), slow = HEAD_MORE;

    for (size_t n = 0; n <= bytes.n && slow == HEAD_MORE; n++)
        slow = head_scan((struct str){bytes.p, n}, &bytewise, &other);
    MUST(slow == whole && (whole != HEAD_COMPLETE || other == *length));
    return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size < HTTP_HEAD_MAX ? size : HTTP_HEAD_MAX};
    size_t length = 0;

    if (scan(bytes, &length) != HEAD_COMPLETE ||
        request_parse(str_slice(bytes, 0, length), &request).status != 0 ||
        target_parse(request.target, &target).status != 0)
        return 0;
    const struct operation *op = operation_resolve(request.method, &target);
    const char *upgrade = heads_upgrade(&request, op);
    struct writer w = writer_over(out, sizeof(out));
    heads_write_request(&request, &target, op, &w);

    MUST(!w.overflow);
    MUST(scan(writer_view(&w), &length) == HEAD_COMPLETE && length == w.n);
    struct refusal no = request_parse(writer_view(&w), &again);
    if (no.status == 431 && request.fields.n + 3 > HTTP_FIELDS_MAX)
        return 0;
    MUST(no.status == 0);
    MUST(again.minor == 1 && str_equal(again.method_name, request.method_name));
    MUST(again.body.kind == request.body.kind && again.body.length == request.body.length);
    MUST(again.expect_continue == request.expect_continue && !again.close);
    MUST(again.upgrade == (upgrade != NULL));
    MUST(upgrade == NULL || (op != NULL && op->stream != STREAM_PLAIN && request.minor == 1));
    MUST(target_parse(again.target, &target_again).status == 0);
    MUST(str_equal(target.path, target_again.path) && str_equal(target.query, target_again.query));
    MUST(operation_resolve(again.method, &target_again) == op);
    return 0;
}
