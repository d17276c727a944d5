#include "relay/held.h"

#include <stdlib.h>
#include <string.h>

/* dockerd decodes a body of Content-Type application/json and no other, as it is: it does not undo
 * a Content-Encoding (moby daemon/server/httputils CheckForJSON, ReadJSON). */
struct refusal held_check_media(const struct request *request)
{
    struct str value = {0};

    if (request->body.kind == BODY_NONE)
        return (struct refusal){0};
    (void)http_fields_find(&request->fields, STR("Content-Type"), &value);
    if (!str_equal_nocase(str_trim(str_slice(value, 0, str_index(value, ';'))),
                          STR("application/json")))
        return (struct refusal){415, "the body of this operation is of type application/json"};
    if (http_fields_find(&request->fields, STR("Content-Encoding"), &value) > 0 &&
        !str_equal_nocase(value, STR("identity")))
        return (struct refusal){415, "a body that is judged has no Content-Encoding"};
    return (struct refusal){0};
}

/* dockerode says its options once more in a body of attach. dockerd decodes none there: what of it came
 * with the head is lost in its buffer, and the rest would be the process's input (moby
 * daemon/server/httputils HijackConnection). */
bool held_leaves_out_body(const struct operation *op, const struct request *request)
{
    return op != NULL && strcmp(op->name, "ContainerAttach") == 0 &&
           request->body.kind == BODY_LENGTH && held_check_media(request).status == 0;
}

bool held_take_head(struct held *held, struct session *s, size_t length)
{
    held->head = malloc(length);
    if (held->head == NULL)
        return false;
    memcpy(held->head, buffer_view(&s->client.rx).p, length);
    held->head_n = length;
    buffer_consume(&s->client.rx, length);
    return true;
}

/* At the end of the heap a block grows where it is. */
static bool add(struct held *held, struct str data)
{
    if (held->body_cap - held->body_n < data.n) {
        size_t cap =
            held->body_cap * 2 > held->body_n + data.n ? held->body_cap * 2 : held->body_n + data.n;
        char *body = realloc(held->body, cap);
        if (body == NULL)
            return false;
        held->body = body;
        held->body_cap = cap;
    }
    memcpy(held->body + held->body_n, data.p, data.n);
    held->body_n += data.n;
    return true;
}

static bool say_continue(struct session *s)
{
    const struct str text = STR("HTTP/1.1 100 Continue\r\n\r\n");

    if (buffer_make_room(&s->client.tx) < text.n)
        return false;
    buffer_add(&s->client.tx, text);
    wire_flush(&s->client);
    return true;
}

/* Takes what is there. Returns BODY_MORE when it has to wait. */
static enum body_step take(struct held *held, struct session *s, struct body_reader *reader,
                           uint64_t max, struct refusal *no)
{
    for (;;) {
        struct str data;
        size_t consumed;
        enum body_step step =
            body_read(reader, buffer_view(&s->client.rx), sizeof(s->client.rx.p), &consumed, &data);
        if (step == BODY_DATA && held->body_n + data.n > max)
            *no = (struct refusal){413, "request body too large"};
        else if (step == BODY_DATA && !add(held, data))
            *no = (struct refusal){503, "no memory for the request body"};
        buffer_consume(&s->client.rx, consumed);
        if (step == BODY_BAD)
            *no = (struct refusal){400, "malformed chunked body"};
        if (step != BODY_DATA || no->status != 0)
            return step;
    }
}

struct refusal held_read_body(struct held *held, struct session *s, struct body_framing framing,
                              uint64_t max, bool wants_continue)
{
    struct body_reader reader = body_reader_of(framing);
    const struct policy_limits *limits = &s->policy->limits;
    int64_t last = wire_now_ms() + limits->idle_timeout_ms;
    struct refusal no = {0};

    if (framing.kind == BODY_LENGTH && framing.length > max)
        return (struct refusal){413, "request body too large"};
    if (wants_continue && buffer_empty(&s->client.rx) && !say_continue(s))
        return (struct refusal){503, "no room for an answer"};
    while (take(held, s, &reader, max, &no) == BODY_MORE && no.status == 0) {
        int64_t deadline = wire_now_ms() + limits->head_timeout_ms;
        if (s->client.in_eof || s->client.gone)
            return (struct refusal){400, "incomplete request body"};
        if (deadline > last)
            deadline = last;
        size_t before = s->client.rx.end;
        while (s->client.rx.end == before && !s->client.in_eof && !s->client.gone &&
               wire_now_ms() < deadline)
            wires_wait(&s->client, true, &s->engine, false, deadline);
        if (s->client.rx.end == before && !s->client.in_eof && !s->client.gone)
            return (struct refusal){408, "the request body was not complete in time"};
    }
    return no;
}

void held_free(struct held *held)
{
    free(held->head);
    free(held->body);
    *held = (struct held){0};
}
