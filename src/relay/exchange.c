#include "relay/exchange.h"

#include "relay/heads.h"

/* Room for a chunk's size line and its end. */
enum { CHUNK_OVERHEAD = 32 };

void exchange_init(struct exchange *x, const struct request *request, const struct operation *op,
                   struct wire *client, struct wire *engine)
{
    *x = (struct exchange){
        .method = request->method,
        .stream = op == NULL ? STREAM_PLAIN : op->stream,
        .http10 = request->minor == 0,
        .close = request->close,
        .expect_continue = request->expect_continue,
        .upgrade = heads_upgrade(request, op) != NULL,
        .body_max = UINT64_MAX,
        .client = client,
        .engine = engine,
        .phase = AWAIT_HEAD,
        .up = body_reader_of(request->body),
        .up_chunked = request->body.kind == BODY_CHUNKED,
    };
}

void exchange_hold(struct exchange *x, struct str body)
{
    x->held = body;
    x->up = body_reader_of((struct body_framing){.kind = BODY_NONE});
    x->up_chunked = false;
}

static void fail(struct exchange *x, enum exchange_end end)
{
    x->failed = true;
    x->end = end;
    /* What is still to be written might be the end of a body that must not end. */
    x->engine->tx.start = x->engine->tx.end = 0;
}

static void add_piece(struct buffer *to, bool chunked, struct str data)
{
    char line[CHUNK_OVERHEAD];
    struct writer w = writer_over(line, sizeof(line));

    if (chunked) {
        writer_hex(&w, data.n);
        writer_text(&w, "\r\n");
        buffer_add(to, writer_view(&w));
    }
    buffer_add(to, data);
    if (chunked)
        buffer_add(to, STR("\r\n"));
}

/* Moves pieces of a body from ${from} to ${to}, framed anew. Returns BODY_END once, after the
 * last piece and the last chunk; BODY_MORE when either buffer has to wait. */
static enum body_step move_body(struct body_reader *reader, struct buffer *from, struct buffer *to,
                                bool chunked, uint64_t *count, struct writer *heard)
{
    for (;;) {
        struct str data;
        size_t consumed, room = buffer_make_room(to);
        if (room <= CHUNK_OVERHEAD)
            return BODY_MORE;
        enum body_step step =
            body_read(reader, buffer_view(from), room - CHUNK_OVERHEAD, &consumed, &data);
        if (step == BODY_DATA) {
            add_piece(to, chunked, data);
            *count += data.n;
            if (heard != NULL)
                writer_str(heard, data);
        }
        if (step == BODY_END && chunked)
            buffer_add(to, STR("0\r\n\r\n"));
        buffer_consume(from, consumed);
        if (step != BODY_DATA)
            return step;
    }
}

static void move_held(struct exchange *x)
{
    size_t n = buffer_make_room(&x->engine->tx);

    if (n > x->held.n)
        n = x->held.n;
    buffer_add(&x->engine->tx, str_slice(x->held, 0, n));
    x->held = str_slice(x->held, n, x->held.n);
    x->bytes_in += n;
}

static void move_up(struct exchange *x)
{
    enum body_step step;

    if (x->held.n > 0)
        move_held(x);
    if (x->up_done || x->held.n > 0)
        return;
    step = move_body(&x->up, &x->client->rx, &x->engine->tx, x->up_chunked, &x->bytes_in, NULL);
    x->up_done = step == BODY_END;
    if (step == BODY_BAD)
        fail(x, x->phase == AWAIT_HEAD ? EXCHANGE_BAD_BODY : EXCHANGE_CUT);
    else if (x->bytes_in > x->body_max)
        fail(x, x->phase == AWAIT_HEAD ? EXCHANGE_BIG_BODY : EXCHANGE_CUT);
}

/* dockerd hijacks attach and exec start without an Upgrade field as well: the answer is then 200
 * with one of its stream types and no framing (moby container_routes.go, exec.go). */
static bool is_bare_stream(const struct exchange *x, const struct response *response)
{
    struct str type = {0};

    return x->stream == STREAM_HIJACK && response->status == 200 &&
           response->body.kind == BODY_UNTIL_CLOSE &&
           http_fields_find(&response->fields, STR("Content-Type"), &type) == 1 &&
           (str_equal(type, STR("application/vnd.docker.raw-stream")) ||
            str_equal(type, STR("application/vnd.docker.multiplexed-stream")));
}

/* Passes a final response's head on and settles how its body moves. */
static void begin_response(struct exchange *x, const struct response *response)
{
    struct response_form form = {
        .http10 = x->http10,
        .switching = response->status == 101,
        .raw = is_bare_stream(x, response),
    };
    struct buffer *tx = &x->client->tx;
    struct writer w = writer_over(tx->p, sizeof(tx->p));

    /* A client that was not told to continue may send its body or not: nobody can know where the
     * next request would begin. */
    x->engine_closes = response->close || (x->expect_continue && !x->up_done && x->bytes_in == 0);
    form.close = x->close || x->engine_closes;
    /* Nor when an upgrade was not taken: the client may have sent what is meant for a process. It
     * is not told, since Docker's client up to 20.10 takes an answer that says "close" for the
     * upgrade, whatever its status (net/http/httputil ErrPersistEOF in client/hijack.go). */
    x->engine_closes = x->engine_closes || x->upgrade;
    heads_write_response(response, &form, &w);
    if (w.overflow) {
        fail(x, EXCHANGE_BAD_ANSWER);
        return;
    }
    tx->end = w.n;
    x->status = response->status;
    x->phase = form.switching || form.raw ? TUNNEL : RELAY_BODY;
    x->down = body_reader_of(response->body);
    x->down_chunked = response->body.kind == BODY_CHUNKED && !x->http10;
}

/* Looks for a response head in what the engine sent. */
static void move_head(struct exchange *x)
{
    struct response response;
    size_t length;

    /* An interim response that is still to be written keeps the buffer. */
    while (x->phase == AWAIT_HEAD && !x->failed && buffer_empty(&x->client->tx)) {
        struct str bytes = buffer_view(&x->engine->rx);
        enum head_scan scan = head_scan(bytes, &x->head_checked, &length);
        if (scan == HEAD_MORE && bytes.n < HTTP_HEAD_MAX)
            return;
        if (scan != HEAD_COMPLETE ||
            !response_parse(str_slice(bytes, 0, length), x->method, &response) ||
            (response.status == 101 && !x->upgrade)) {
            fail(x, EXCHANGE_BAD_ANSWER);
            return;
        }
        if (response.status < 200 && response.status != 101) {
            const struct response_form interim = {0};
            struct writer w = writer_over(x->client->tx.p, sizeof(x->client->tx.p));
            heads_write_response(&response, &interim, &w);
            x->client->tx.end = x->http10 || w.overflow ? 0 : w.n;
            x->expect_continue = x->expect_continue && response.status != 100;
        } else {
            begin_response(x, &response);
        }
        buffer_consume(&x->engine->rx, length);
        x->head_checked = 0;
        if (x->phase == AWAIT_HEAD)
            wire_flush(x->client);
    }
}

static void move_down(struct exchange *x)
{
    enum body_step step;

    if (x->down_done)
        return;
    step = move_body(&x->down, &x->engine->rx, &x->client->tx, x->down_chunked, &x->bytes_out,
                     x->heard);
    x->down_done = step == BODY_END;
    if (step == BODY_BAD)
        fail(x, EXCHANGE_CUT);
    if (!x->down_done && x->engine->in_eof && buffer_empty(&x->engine->rx)) {
        if (x->down.kind == BODY_UNTIL_CLOSE && !x->engine->reset)
            x->down_done = true;
        else if (!x->failed)
            fail(x, EXCHANGE_CUT);
    }
}

/* The client's half-close, once everything before it is with the engine. dockerd ends an event
 * stream on it, and a process in a container reads its end of input from it. */
static void pass_client_eof(struct exchange *x)
{
    bool held = x->phase == AWAIT_HEAD && x->stream != STREAM_PLAIN && x->up_done;

    if (x->client->in_eof && !held && buffer_empty(&x->client->rx) && buffer_empty(&x->engine->tx))
        wire_shut(x->engine);
}

static void move_tunnel(struct exchange *x)
{
    x->bytes_in += buffer_move(&x->engine->tx, &x->client->rx);
    x->bytes_out += buffer_move(&x->client->tx, &x->engine->rx);
    if (x->engine->in_eof && buffer_empty(&x->engine->rx) && buffer_empty(&x->client->tx))
        wire_shut(x->client);
    if (x->client->gone) /* what it sent before it left is the engine's all the same */
        x->engine->rx.start = x->engine->rx.end = x->client->tx.start = x->client->tx.end = 0;
}

static void move_once(struct exchange *x)
{
    if (x->phase != TUNNEL)
        move_up(x);
    wire_flush(x->engine);
    if (x->phase == AWAIT_HEAD && !x->failed)
        move_head(x);
    if (x->phase == RELAY_BODY && !x->failed)
        move_down(x);
    if (x->phase == TUNNEL)
        move_tunnel(x);
    wire_flush(x->client);
    wire_flush(x->engine);
    pass_client_eof(x);
}

/* Moves all that can move without waiting: what one step made room for, the next step fills. When
 * nothing moves any more, some descriptor is what is waited for. */
static void move(struct exchange *x)
{
    uint64_t before;

    do {
        before = x->client->moved + x->engine->moved;
        move_once(x);
    } while (!x->failed && x->client->moved + x->engine->moved != before);
}

static bool response_written(const struct exchange *x)
{
    return x->phase == RELAY_BODY && x->down_done && buffer_empty(&x->client->tx);
}

/* Both directions of a tunnel have ended: each by its sender's end, or because nobody takes it. */
static bool tunnel_over(const struct exchange *x)
{
    bool up_over = x->engine->gone || (x->client->in_eof && x->engine->out_shut);
    bool down_over = x->client->gone || x->client->out_shut;

    return up_over && down_over;
}

/* Whether the exchange is over; ${x->end} then says how. */
static bool is_over(struct exchange *x)
{
    if (x->failed)
        return true;
    if (wires_ended()) {
        x->end = EXCHANGE_ABANDONED;
        return true;
    }
    if (x->phase == TUNNEL) {
        x->end = x->client->gone && !x->engine->in_eof ? EXCHANGE_ABANDONED : EXCHANGE_TUNNEL_END;
        return tunnel_over(x);
    }
    if (x->client->gone) {
        x->end = EXCHANGE_ABANDONED;
        return true;
    }
    if (x->phase == AWAIT_HEAD && x->engine->in_eof) {
        x->end = EXCHANGE_NO_ANSWER;
        return buffer_empty(&x->client->tx);
    }
    if (!response_written(x))
        return false;
    x->end = x->close || x->engine_closes || x->http10 || x->engine->gone || x->engine->in_eof
                 ? EXCHANGE_CLOSE
                 : EXCHANGE_COMPLETE;
    return x->end == EXCHANGE_CLOSE || (x->up_done && buffer_empty(&x->engine->tx));
}

/* The client is owed nothing more: from then on its silence is bounded. */
static bool client_has_all(const struct exchange *x)
{
    return response_written(x) || (x->phase == TUNNEL && (x->client->out_shut || x->client->gone));
}

enum exchange_end exchange_run(struct exchange *x)
{
    int64_t deadline = WIRE_NEVER;
    uint64_t seen = 0;

    for (;;) {
        move(x);
        if (is_over(x))
            break;
        if (!client_has_all(x))
            deadline = WIRE_NEVER;
        else if (deadline == WIRE_NEVER || x->bytes_in != seen)
            deadline = wire_now_ms() + x->patience_ms;
        seen = x->bytes_in;
        if (!wires_wait(x->client, true, x->engine, true, deadline)) {
            x->end = x->phase == TUNNEL ? EXCHANGE_TUNNEL_END : EXCHANGE_CLOSE;
            break;
        }
    }
    return x->end;
}
