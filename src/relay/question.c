#include "relay/question.h"

#include <stdlib.h>
#include <string.h>

#include "http/body.h"
#include "http/head.h"
#include "http/response.h"
#include "inspect/json.h"

/* An answer under way. */
struct reply {
    unsigned status; /* 0 before its head */
    struct body_reader body;
    bool close; /* the engine closes behind it */
    size_t checked;
    char *text;
    size_t n, cap;
    bool broken;
};

/* Writes the question. Returns false when it does not fit anywhere near a request. */
static bool write_question(struct session *s, const struct target *about, const char *kind,
                           struct str name)
{
    char path[TARGET_PATH_MAX];
    struct writer p = writer_over(path, sizeof(path));
    struct writer w = writer_over(s->engine.tx.p, sizeof(s->engine.tx.p));

    writer_char(&p, '/');
    writer_text(&p, kind);
    writer_char(&p, '/');
    writer_str(&p, name);
    writer_text(&p, "/json");
    const struct target target = {.version = about->version, .path = writer_view(&p)};
    writer_text(&w, "GET ");
    target_write(&target, &w);
    writer_text(&w, " HTTP/1.1\r\nHost: docker\r\n\r\n");
    s->engine.tx.start = 0;
    s->engine.tx.end = w.n;
    return !p.overflow && !w.overflow;
}

/* Looks for the head of the final answer. */
static void take_head(struct wire *engine, struct reply *reply)
{
    struct response response;
    size_t length;

    while (reply->status == 0 && !reply->broken) {
        struct str bytes = buffer_view(&engine->rx);
        enum head_scan scan = head_scan(bytes, &reply->checked, &length);
        if (scan == HEAD_MORE && bytes.n < HTTP_HEAD_MAX)
            return;
        reply->broken = scan != HEAD_COMPLETE ||
                        !response_parse(str_slice(bytes, 0, length), METHOD_GET, &response) ||
                        response.status == 101;
        if (reply->broken)
            return;
        if (response.status >= 200) {
            reply->status = response.status;
            reply->close = response.close;
            reply->body = body_reader_of(response.body);
        }
        reply->checked = 0;
        buffer_consume(&engine->rx, length);
    }
}

static bool add(struct reply *reply, struct str data)
{
    if (reply->n + data.n > QUESTION_BYTES_MAX)
        return false;
    if (reply->cap - reply->n < data.n) {
        size_t cap = reply->cap * 2 > reply->n + data.n ? reply->cap * 2 : reply->n + data.n;
        char *text = realloc(reply->text, cap);
        if (text == NULL)
            return false;
        reply->text = text;
        reply->cap = cap;
    }
    memcpy(reply->text + reply->n, data.p, data.n);
    reply->n += data.n;
    return true;
}

/* Takes what is there of the body. Returns whether that was all. */
static bool take_body(struct wire *engine, struct reply *reply)
{
    for (;;) {
        struct str data;
        size_t consumed;
        enum body_step step = body_read(&reply->body, buffer_view(&engine->rx),
                                        sizeof(engine->rx.p), &consumed, &data);
        reply->broken = step == BODY_BAD || (step == BODY_DATA && !add(reply, data));
        buffer_consume(&engine->rx, consumed);
        if (step == BODY_MORE && engine->in_eof && reply->body.kind == BODY_UNTIL_CLOSE)
            return !engine->reset;
        if (step != BODY_DATA || reply->broken)
            return step == BODY_END;
    }
}

/* Waits for the answer. Returns whether it is complete, so that the connection can go on. */
static bool read_reply(struct session *s, struct reply *reply)
{
    int64_t deadline = wire_now_ms() + s->policy->limits.head_timeout_ms;

    for (;;) {
        wire_flush(&s->engine);
        take_head(&s->engine, reply);
        if (reply->status != 0 && take_body(&s->engine, reply))
            return true;
        if (reply->broken || s->engine.in_eof || s->engine.gone || s->client.gone ||
            wire_now_ms() >= deadline)
            return false;
        wires_wait(&s->client, false, &s->engine, true, deadline);
    }
}

json_t *question_ask(struct session *s, const struct target *about, const char *kind,
                     struct str name, unsigned *status)
{
    struct reply reply = {0};
    const char *flaw;
    json_t *value = NULL;

    *status = 0;
    if (s->engine_error != NULL || s->engine.gone || s->engine.in_eof ||
        !buffer_empty(&s->engine.rx))
        return NULL;
    bool complete = write_question(s, about, kind, name) && read_reply(s, &reply) &&
                    buffer_empty(&s->engine.rx);
    if (!complete) {
        s->engine.tx.start = s->engine.tx.end = 0;
        s->engine_error = "the Docker engine did not answer what dsp asked it";
    } else {
        *status = reply.status;
        s->engine.gone = s->engine.gone || reply.close;
        if (reply.status == 200)
            value =
                json_read_within((struct str){reply.text, reply.n}, JSON_ANSWER_MEMORY_MAX, &flaw);
    }
    free(reply.text);
    return value;
}
