#include "relay/heads.h"

/* What of a client's request dockerd has a use for (moby daemon/server/router). Everything else
 * is dropped: cookies, proxies' fields, trace contexts, and whatever a later engine might obey. */
static const char *const request_fields[] = {
    "Accept",                       /* chooses a stream's format: events, attach */
    "Accept-Encoding",              /* GET archive is compressed if it may be */
    "Content-Type",                 /* JSON routes require it */
    "Expect",                       /* 100-continue is the engine's to answer */
    "User-Agent",                   /* dockerd's log; Docker's own clients are told apart by it */
    "X-Registry-Auth",              /* credentials of pull, push, service create */
    "X-Registry-Config",            /* credentials of build */
    "X-Docker-Expose-Session-Uuid", /* /session: who offers which services */
    "X-Docker-Expose-Session-Name",
    "X-Docker-Expose-Session-Sharedkey",
    "X-Docker-Expose-Session-Grpc-Method", /* stands once for each method */
    "Sec-WebSocket-Key",                   /* attach/ws */
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
};

/* Fields of a response that speak of one connection, or of the framing (RFC 9110 section 7.6.1). */
static const char *const connection_fields[] = {
    "Connection", "Content-Length", "Keep-Alive",        "Proxy-Connection",
    "TE",         "Trailer",        "Transfer-Encoding", "Upgrade",
};

static bool is_listed(struct str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal_nocase(name, str_of(list[i])))
            return true;
    return false;
}

#define IS_LISTED(name, list) is_listed((name), (list), sizeof(list) / sizeof(*(list)))

static void write_field(struct writer *w, struct str name, struct str value)
{
    writer_str(w, name);
    writer_text(w, ": ");
    writer_str(w, value);
    writer_text(w, "\r\n");
}

static void write_framing(struct writer *w, struct body_framing body)
{
    if (body.kind == BODY_CHUNKED)
        writer_text(w, "Transfer-Encoding: chunked\r\n");
    if (body.kind == BODY_LENGTH) {
        writer_text(w, "Content-Length: ");
        writer_decimal(w, body.length);
        writer_text(w, "\r\n");
    }
}

const char *heads_upgrade(const struct request *request, const struct operation *op)
{
    if (!request->upgrade || op == NULL)
        return NULL;
    switch (op->stream) {
    case STREAM_HIJACK:
        return "tcp";
    case STREAM_H2C:
        return str_equal(request->upgrade_to, STR("h2c")) ? "h2c" : NULL;
    case STREAM_WEBSOCKET:
        return str_equal_nocase(request->upgrade_to, STR("websocket")) ? "websocket" : NULL;
    case STREAM_PLAIN:
        break;
    }
    return NULL;
}

void heads_write_request(const struct request *request, const struct target *target,
                         const struct operation *op, struct writer *w)
{
    const char *upgrade = heads_upgrade(request, op);
    struct str length;

    writer_str(w, request->method_name);
    writer_char(w, ' ');
    target_write(target, w);
    writer_text(w, " HTTP/1.1\r\nHost: docker\r\n");
    for (size_t i = 0; i < request->fields.n; i++) {
        const struct http_field *field = &request->fields.at[i];
        bool expect = str_equal_nocase(field->name, STR("Expect"));
        bool type = str_equal_nocase(field->name, STR("Content-Type"));
        if (!IS_LISTED(field->name, request_fields) || (expect && !request->expect_continue))
            continue;
        /* What Connection names is for one connection (RFC 9110 section 7.6.1). */
        if (http_fields_list_has(&request->fields, STR("Connection"), field->name))
            continue;
        /* Without a body the type says nothing, and could be a form's. */
        if (type && request->body.kind == BODY_NONE)
            continue;
        write_field(w, field->name, field->value);
    }
    write_framing(w, request->body);
    if (request->body.kind == BODY_NONE &&
        http_fields_find(&request->fields, STR("Content-Length"), &length) > 0)
        writer_text(w, "Content-Length: 0\r\n");
    if (upgrade != NULL) {
        writer_text(w, "Connection: Upgrade\r\nUpgrade: ");
        writer_text(w, upgrade);
        writer_text(w, "\r\n");
    }
    writer_text(w, "\r\n");
}

static void write_response_fields(const struct response *response, const struct response_form *form,
                                  struct writer *w)
{
    struct str value;

    for (size_t i = 0; i < response->fields.n; i++) {
        const struct http_field *field = &response->fields.at[i];
        if (!IS_LISTED(field->name, connection_fields))
            write_field(w, field->name, field->value);
    }
    if (form->switching) {
        writer_text(w, "Connection: Upgrade\r\n");
        if (http_fields_find(&response->fields, STR("Upgrade"), &value) > 0)
            write_field(w, STR("Upgrade"), value);
    }
    /* A length of a response without a body (HEAD, 304) tells what GET would give. */
    if (response->body.kind == BODY_NONE && response->status >= 200 && response->status != 204 &&
        http_fields_find(&response->fields, STR("Content-Length"), &value) > 0)
        write_field(w, STR("Content-Length"), value);
}

void heads_write_response(const struct response *response, const struct response_form *form,
                          struct writer *w)
{
    struct body_framing body = response->body;

    if (form->http10 && body.kind == BODY_CHUNKED)
        body.kind = BODY_UNTIL_CLOSE;
    writer_text(w, form->http10 ? "HTTP/1.0 " : "HTTP/1.1 ");
    writer_decimal(w, response->status);
    writer_char(w, ' ');
    writer_str(w, response->reason);
    writer_text(w, "\r\n");
    write_response_fields(response, form, w);
    if (!form->switching && !form->raw && response->status >= 200) {
        write_framing(w, body);
        if (form->close)
            writer_text(w, "Connection: close\r\n");
    }
    writer_text(w, "\r\n");
}
