/* response.c: a response head of the engine. What the client gets for it must be framed the same. */
#include "fuzz.h"
#include "relay/heads.h"

const char *const fuzz_name = "response";
const unsigned long fuzz_count = 800000;
const struct str fuzz_seeds[] = {
    SEED(
        "gHTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n[]"),
    SEED("GHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"),
    SEED("hHTTP/1.1 200 OK\r\nContent-Length: 17\r\nServer: Docker/20.10 (linux)\r\n\r\n"),
    SEED(
        "pHTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\n"
        "Upgrade: tcp\r\n\r\n"),
    SEED("PHTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
    SEED("gHTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nno"),
    SEED("gHTTP/1.1 304\r\nContent-Length: 5\r\n\r\n"),
    SEED("qHTTP/1.1 100 Continue\r\n\r\n"),
    SEED("aHTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

static struct response response, again;
static char out[HTTP_HEAD_MAX + 256];

/* The first byte chooses how the response is asked for and how it leaves. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t length = 0, checked = 0;

    if (size < 1 || size > HTTP_HEAD_MAX)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    enum http_method method = (enum http_method)(data[0] & 7);
    struct response_form form = {.http10 = (data[0] & 8) != 0, .close = (data[0] & 16) != 0};
    if (head_scan(bytes, &checked, &length) != HEAD_COMPLETE ||
        !response_parse(str_slice(bytes, 0, length), method, &response))
        return 0;
    MUST(response.status >= 100 && response.status <= 599);
    bool none = method == METHOD_HEAD || response.status < 200 || response.status == 204 ||
                response.status == 304;
    MUST(!none || response.body.kind == BODY_NONE);
    MUST(response.body.kind != BODY_UNTIL_CLOSE || response.close);
    form.switching = response.status == 101;
    form.raw = response.status == 200 && (data[0] & 32) != 0;
    struct writer w = writer_over(out, sizeof(out));
    heads_write_response(&response, &form, &w);

    checked = 0;
    MUST(!w.overflow);
    MUST(head_scan(writer_view(&w), &checked, &length) == HEAD_COMPLETE && length == w.n);
    if (!response_parse(writer_view(&w), method, &again)) {
        MUST(response.fields.n + 2 > HTTP_FIELDS_MAX);
        return 0;
    }
    enum body_kind kind = response.body.kind;
    if (kind != BODY_NONE && (form.raw || (form.http10 && kind == BODY_CHUNKED)))
        kind = BODY_UNTIL_CLOSE;
    MUST(again.status == response.status && again.body.kind == kind);
    MUST(kind != BODY_LENGTH || again.body.length == response.body.length);
    MUST(str_equal(again.reason, response.reason));
    return 0;
}
