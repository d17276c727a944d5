#include "relay/intake.h"

#include "http/head.h"

/* How long a closing connection is read on. */
enum { LINGER_MS = 2000 };

enum head_result intake_head(struct session *s, size_t *length, int64_t *began_usec)
{
    const struct policy_limits *limits = &s->policy->limits;
    int64_t deadline = wire_now_ms() + limits->idle_timeout_ms;
    bool begun = false;
    size_t checked = 0;

    for (;;) {
        struct str bytes = buffer_view(&s->client.rx);
        if (bytes.n > 0 && !begun) {
            begun = true;
            *began_usec = wire_now_usec();
            deadline = *began_usec / 1000 + limits->head_timeout_ms;
        }
        enum head_scan scan = head_scan(bytes, &checked, length);
        if (scan == HEAD_COMPLETE && *length <= HTTP_HEAD_MAX)
            return HEAD_READ;
        if (scan == HEAD_MALFORMED)
            return HEAD_BAD;
        if (bytes.n >= HTTP_HEAD_MAX)
            return HEAD_BIG;
        if (s->client.in_eof || s->client.gone)
            return begun && !s->client.gone ? HEAD_CUT_SHORT : HEAD_CLIENT_LEFT;
        /* Nothing is asked and nobody could answer. A first request is owed an answer, though. */
        if (!begun && s->engine.in_eof && s->client.moved > 0)
            return HEAD_CLIENT_LEFT;
        if (wire_now_ms() >= deadline)
            return begun ? HEAD_SLOW : HEAD_CLIENT_LEFT;
        wires_wait(&s->client, true, &s->engine, s->engine.in >= 0, deadline);
    }
}

struct refusal intake_refusal(enum head_result result)
{
    switch (result) {
    case HEAD_SLOW:
        return (struct refusal){408, "the request head was not complete in time"};
    case HEAD_BIG:
        return (struct refusal){431, "request head too large"};
    case HEAD_CUT_SHORT:
        return (struct refusal){400, "incomplete request head"};
    case HEAD_BAD:
        return (struct refusal){400, "malformed request head"};
    case HEAD_READ:
    case HEAD_CLIENT_LEFT:
        break;
    }
    return (struct refusal){0};
}

bool intake_can_skip(const struct session *s, size_t head_length, struct body_framing body)
{
    struct body_reader reader = body_reader_of(body);
    struct str rest = buffer_view(&s->client.rx), data;
    enum body_step step = BODY_DATA;
    size_t consumed;

    if (body.kind != BODY_CHUNKED)
        return body.kind == BODY_NONE || body.length <= INTAKE_SKIP_MAX;
    rest = str_slice(rest, head_length, rest.n);
    while (step == BODY_DATA) {
        step = body_read(&reader, rest, INTAKE_SKIP_MAX, &consumed, &data);
        rest = str_slice(rest, consumed, rest.n);
    }
    return step == BODY_END;
}

bool intake_skip(struct session *s, struct body_framing body)
{
    struct body_reader reader = body_reader_of(body);
    int64_t deadline = wire_now_ms() + s->policy->limits.head_timeout_ms;

    for (;;) {
        struct str data;
        size_t consumed;
        enum body_step step =
            body_read(&reader, buffer_view(&s->client.rx), INTAKE_SKIP_MAX, &consumed, &data);
        buffer_consume(&s->client.rx, consumed);
        if (step == BODY_END || step == BODY_BAD)
            return step == BODY_END;
        if (step == BODY_MORE && (s->client.in_eof || s->client.gone || wire_now_ms() >= deadline))
            return false;
        if (step == BODY_MORE)
            wires_wait(&s->client, true, &s->engine, false, deadline);
    }
}

void intake_linger(struct session *s)
{
    int64_t deadline = wire_now_ms() + LINGER_MS;

    wire_flush(&s->client);
    wire_shut(&s->client);
    while (!s->client.in_eof && !s->client.gone && wire_now_ms() < deadline) {
        s->client.rx.start = s->client.rx.end = 0;
        wires_wait(&s->client, true, &s->engine, false, deadline);
    }
}
