#include "relay/turn.h"

#include <stdio.h>
#include <string.h>

#include "relay/answer.h"
#include "relay/exchange.h"
#include "relay/exec.h"
#include "relay/heads.h"
#include "relay/held.h"
#include "relay/intake.h"
#include "relay/objection.h"

/* Waits until the client has taken what there is for it; but one that takes nothing for as long as
 * a head may take counts as gone. */
static void deliver(struct session *s)
{
    wire_flush(&s->client);
    while (!buffer_empty(&s->client.tx) && !s->client.gone) {
        uint64_t before = s->client.moved;
        int64_t deadline = wire_now_ms() + s->policy->limits.head_timeout_ms;
        while (s->client.moved == before && !s->client.gone && wire_now_ms() < deadline)
            wires_wait(&s->client, false, &s->engine, false, deadline);
        s->client.gone = s->client.gone || s->client.moved == before;
    }
}

/* Whether the client is about to use the connection for something else than requests. */
static bool asks_to_switch(const struct turn *turn)
{
    return turn->request.upgrade && turn->op != NULL && turn->op->stream != STREAM_PLAIN;
}

static void send_answer(struct session *s, struct turn *turn, unsigned status, const char *message)
{
    const struct answer answer = {
        .status = status,
        .message = message,
        .head = turn->request.method == METHOD_HEAD,
        .http10 = turn->request.minor == 0,
        /* Docker's client up to 20.10 takes an answer that says "close" for the upgrade (exchange.c):
         * it is not told of the end. */
        .close = !turn->keep && !asks_to_switch(turn),
    };
    char text[4096];
    struct writer w = writer_over(text, sizeof(text));

    deliver(s); /* what an interim response has left in the buffer */
    answer_write(&answer, &w);
    turn->record.status = status;
    if (buffer_make_room(&s->client.tx) >= w.n)
        buffer_add(&s->client.tx, writer_view(&w));
    deliver(s);
    turn->keep = turn->keep && !s->client.gone;
}

void turn_refuse(struct session *s, struct turn *turn, struct refusal refusal, enum verdict verdict)
{
    char message[256];

    (void)snprintf(message, sizeof(message), "dsp: %s", refusal.reason);
    turn->record.verdict = verdict;
    turn->record.reason = refusal.reason;
    turn->keep = false;
    send_answer(s, turn, refusal.status, message);
}

void turn_refuse_all(struct session *s, struct turn *turn)
{
    const struct refusal broken = {503, "the policy of this socket is invalid; the log says why"};
    const struct refusal changed = {503, "the policy of this socket has just changed; try again"};
    const struct refusal stranger = {403, "this client may not use this socket ([clients])"};

    turn->record.names_peer = !s->policy_broken && !s->policy_changed;
    if (s->policy_broken || s->policy_changed)
        turn_refuse(s, turn, s->policy_broken ? broken : changed, VERDICT_FAILED);
    else
        turn_refuse(s, turn, stranger, VERDICT_DENIED);
}

bool turn_all_refused(const struct session *s)
{
    return s->policy_broken || s->policy_changed || s->stranger;
}

/* What an allowed request must be like to be forwarded. dockerd's hijacking takes what follows the
 * head for the process's input, framing included (moby daemon/server/httputils HijackConnection). */
static struct refusal check_body(const struct session *s, const struct turn *turn)
{
    const struct body_framing *body = &turn->request.body;
    const struct operation *op = turn->op;

    if (op == NULL)
        return (struct refusal){0};
    if (op->stream != STREAM_PLAIN && body->kind == BODY_CHUNKED)
        return (struct refusal){411, "a request that may switch protocols needs a Content-Length"};
    if (op->stream != STREAM_PLAIN && body->kind != BODY_NONE && op->content == CONTENT_NONE &&
        !held_leaves_out_body(op, &turn->request))
        return (struct refusal){400, "a request that switches protocols has no body here"};
    if (op->content == CONTENT_JSON && body->length > s->policy->limits.body_max)
        return (struct refusal){413, "request body too large"};
    return (struct refusal){0};
}

/* Parses, routes and checks a head. On a refusal the record has what was read. */
static struct refusal understand(struct turn *turn, struct str head)
{
    struct refusal no = request_parse(head, &turn->request);

    record_text_set(&turn->record.method, turn->request.method_name);
    record_text_set(&turn->record.target, turn->request.target);
    if (no.status == 0)
        no = target_parse(turn->request.target, &turn->target);
    if (no.status != 0)
        return no;
    turn->op = operation_resolve(turn->request.method, &turn->target);
    if (turn->op != NULL)
        turn->record.operation = turn->op->name;
    else if (turn->target.trailing_slash)
        return (struct refusal){400, "'/' at the end of the path"};
    turn->keep = !turn->request.close;
    return no;
}

/* Answers a request that goes no further though it was well formed. The connection goes on when
 * the body can be skipped cheaply. It ends where nobody knows what comes next: a client that waits
 * for 100 may send its body or not, and one that wanted to upgrade may have sent what is meant for
 * a process, which must not be read as requests. */
static void decline(struct session *s, struct turn *turn, unsigned status, const char *message,
                    size_t head_length)
{
    const struct request *request = &turn->request;

    turn->keep = turn->keep && !request->expect_continue && !asks_to_switch(turn) &&
                 intake_can_skip(s, head_length, request->body);
    send_answer(s, turn, status, message);
    buffer_consume(&s->client.rx, head_length); /* the views of the request end here */
    turn->keep = turn->keep && intake_skip(s, request->body);
}

/* In the words of moby's daemon/server/middleware/version.go, which clients know. */
static void refuse_version(struct session *s, struct turn *turn, size_t head_length)
{
    const struct api_version min = s->policy->limits.min_api;
    char message[256];

    (void)snprintf(message, sizeof(message),
                   "client version %.*s is too old. Minimum supported API version is %u.%u, "
                   "please upgrade your client to a newer version",
                   (int)turn->target.version.n - 1, turn->target.version.p + 1, min.major,
                   min.minor);
    turn->record.verdict = VERDICT_REFUSED;
    turn->record.reason = "API version below min-api";
    decline(s, turn, 400, message, head_length);
}

static void deny(struct session *s, struct turn *turn, size_t head_length)
{
    char message[1024], path[512];
    struct writer w = writer_over(path, sizeof(path));
    struct str raw = turn->request.target, method = {turn->record.method.p, turn->record.method.n};

    /* The target without its query, which can be long and is not what was judged. */
    writer_escaped(&w, str_slice(raw, 0, str_index(raw, '?')));
    if (method.n > 32)
        method.n = 32;
    if (turn->op != NULL)
        (void)snprintf(message, sizeof(message), "dsp: %s (%.*s %.*s) is not allowed by policy %s",
                       turn->op->name, STR_ARG(method), STR_ARG(writer_view(&w)), s->policy->name);
    else
        (void)snprintf(message, sizeof(message),
                       "dsp: %.*s %.*s is no operation of the Docker Engine API and not allowed "
                       "by policy %s",
                       STR_ARG(method), STR_ARG(writer_view(&w)), s->policy->name);
    turn->record.verdict = VERDICT_DENIED;
    decline(s, turn, 403, message, head_length);
}

/* Turns the end of an exchange into the rest of its record, and into an answer where the client
 * has none yet. The engine has then seen the request's head, and perhaps some of its body. */
static void conclude(struct session *s, struct turn *turn, const struct exchange *x)
{
    turn->record.status = x->status;
    turn->record.bytes_in = x->bytes_in;
    turn->record.bytes_out = x->bytes_out;
    turn->keep = x->end == EXCHANGE_COMPLETE;
    switch (x->end) {
    case EXCHANGE_COMPLETE:
    case EXCHANGE_CLOSE:
    case EXCHANGE_TUNNEL_END:
        break;
    case EXCHANGE_ABANDONED:
        turn->record.reason = wires_ended() ? "stopped" : "the client left";
        break;
    case EXCHANGE_CUT:
        turn->record.reason = "cut short";
        deliver(s);
        s->client.gone = true; /* an orderly end would pass for the response's */
        break;
    case EXCHANGE_NO_ANSWER:
        turn_refuse(s, turn, (struct refusal){503, "the Docker engine closed the connection"},
                    VERDICT_FAILED);
        break;
    case EXCHANGE_BAD_ANSWER:
        turn_refuse(s, turn, (struct refusal){502, "the Docker engine sent a malformed response"},
                    VERDICT_FAILED);
        break;
    case EXCHANGE_BAD_BODY:
        turn_refuse(s, turn, (struct refusal){400, "malformed chunked body"}, VERDICT_FAILED);
        break;
    case EXCHANGE_BIG_BODY:
        turn_refuse(s, turn, (struct refusal){413, "request body too large"}, VERDICT_FAILED);
        break;
    }
}

static struct refusal check_engine(const struct session *s)
{
    if (s->engine_error != NULL)
        return (struct refusal){503, s->engine_error};
    if (!buffer_empty(&s->engine.rx))
        return (struct refusal){502, "the Docker engine answered unasked"};
    if (s->engine.gone || s->engine.in_eof)
        return (struct refusal){503, "the Docker engine closed the connection"};
    return (struct refusal){0};
}

/* With ${held} where the body was read before, else as it comes. */
static void forward(struct session *s, struct turn *turn, size_t head_length,
                    const struct held *held)
{
    struct exchange x;
    struct writer w = writer_over(s->engine.tx.p, sizeof(s->engine.tx.p));
    struct refusal no = check_body(s, turn), away = check_engine(s);

    heads_write_request(&turn->request, &turn->target, turn->op, &w);
    if (no.status == 0 && w.overflow)
        no = (struct refusal){431, "request head too large"};
    if (no.status != 0 || away.status != 0) {
        turn_refuse(s, turn, no.status != 0 ? no : away,
                    no.status != 0 ? VERDICT_REFUSED : VERDICT_FAILED);
        return;
    }
    s->engine.tx.end = w.n;
    exchange_init(&x, &turn->request, turn->op, &s->client, &s->engine);
    if (turn->op != NULL && turn->op->content == CONTENT_JSON)
        x.body_max = s->policy->limits.body_max;
    if (held != NULL)
        exchange_hold(&x, (struct str){held->body, held->body_n});
    if (turn->making.id[0] != '\0') {
        turn->making.answer = writer_over(turn->making.room, sizeof(turn->making.room));
        x.heard = &turn->making.answer;
    }
    x.patience_ms = s->policy->limits.idle_timeout_ms;
    buffer_consume(&s->client.rx, head_length); /* the views of the request end here */
    exchange_run(&x);
    conclude(s, turn, &x);
}

/* Reads the body of a request of which it must be judged, and makes its head say so. */
static struct refusal hold(struct session *s, struct turn *turn, size_t head_length,
                           enum inspect_need need, struct held *held)
{
    struct refusal no = check_body(s, turn);
    struct request *request = &turn->request;

    if (no.status == 0)
        no = held_check_media(request);
    if (no.status != 0)
        return no;
    if (!held_take_head(held, s, head_length))
        return (struct refusal){503, "no memory for the request"};
    no = understand(turn, (struct str){held->head, held->head_n});
    if (no.status == 0)
        no = held_read_body(held, s, request->body, s->policy->limits.body_max,
                            request->expect_continue);
    /* dockerd decodes nothing then, and takes every field for absent. */
    if (no.status == 0 && held->body_n == 0 && need == INSPECT_REQUIRED)
        no = (struct refusal){400, "this operation needs a body"};
    request->expect_continue = false;
    request->body.kind = held->body_n > 0 ? BODY_LENGTH : BODY_NONE;
    request->body.length = held->body_n;
    return no;
}

/* Forwards a request as one without the body that it has. */
static void forward_bare(struct session *s, struct turn *turn, size_t head_length)
{
    struct held held = {0};
    struct refusal no = hold(s, turn, head_length, INSPECT_IF_ANY, &held);

    held.body_n = 0;
    turn->request.body.kind = BODY_NONE;
    if (no.status != 0)
        turn_refuse(s, turn, no, VERDICT_REFUSED);
    else
        forward(s, turn, 0, &held);
    held_free(&held);
}

/* Judges a request that is read whole. ${no} is why it cannot be judged. */
static bool look_into(struct session *s, struct turn *turn, struct held *held,
                      struct finding *finding, struct refusal *no)
{
    struct str body = {held->body, held->body_n};

    (void)inspect_body(turn->op, &turn->target, body, s->policy, finding);
    if (!recreate_allows(s, turn->op, &turn->target, held, &turn->making, finding))
        return false;
    turn->request.body.length = held->body_n;
    return strcmp(turn->op->name, "ExecStart") != 0 ||
           exec_may_start(s, turn->op, &turn->target, finding, no);
}

static void forward_judged(struct session *s, struct turn *turn, size_t head_length,
                           enum inspect_need need)
{
    struct held held = {0};
    struct finding finding;
    char message[OBJECTION_MAX];
    unsigned status = 0;
    struct refusal no = hold(s, turn, head_length, need, &held);

    if (no.status != 0) {
        turn_refuse(s, turn, no, VERDICT_REFUSED);
        held_free(&held);
        return;
    }
    bool good = look_into(s, turn, &held, &finding, &no);
    if (no.status != 0 && s->policy->mode != POLICY_AUDIT) {
        turn_refuse(s, turn, no, VERDICT_FAILED);
        held_free(&held);
        return;
    }
    if (!good && no.status != 0)
        objection_pass(no.reason, &turn->record);
    else if (!good)
        status = objection_raise(s->policy, &finding, &turn->record, message);
    if (status == 0) {
        forward(s, turn, 0, &held);
    } else {
        turn->keep = turn->keep && !asks_to_switch(turn);
        send_answer(s, turn, status, message);
    }
    if (status == 0)
        recreate_done(s, &turn->making, turn->record.status);
    held_free(&held);
}

/* What is allowed as an operation: by its head, and by its body. */
static void judge_contents(struct session *s, struct turn *turn, size_t head_length)
{
    enum inspect_need need = inspect_need(turn->op, s->policy);
    struct finding finding;
    char message[OBJECTION_MAX];
    unsigned status = 0;

    if (!inspect_head(turn->op, &turn->target, &turn->request.fields, s->policy, &finding))
        status = objection_raise(s->policy, &finding, &turn->record, message);
    if (status != 0)
        decline(s, turn, status, message, head_length);
    else if (held_leaves_out_body(turn->op, &turn->request))
        forward_bare(s, turn, head_length);
    else if (need == INSPECT_NOT)
        forward(s, turn, head_length, NULL);
    else
        forward_judged(s, turn, head_length, need);
}

static void judge(struct session *s, struct turn *turn, size_t head_length)
{
    struct decision decision =
        policy_decide(s->policy, turn->request.method, &turn->target, turn->op);
    struct writer w = writer_over(turn->record.rule.p, sizeof(turn->record.rule.p));

    policy_describe(s->policy, &decision, &w);
    turn->record.rule.n = w.n;
    if (turn->target.version.n > 0 &&
        api_version_compare(turn->target.api, s->policy->limits.min_api) < 0) {
        refuse_version(s, turn, head_length);
    } else if (decision.allowed || s->policy->mode == POLICY_AUDIT) {
        turn->record.verdict = decision.allowed ? VERDICT_ALLOWED : VERDICT_WOULD_DENY;
        recreate_note(s, turn->op, &turn->target);
        judge_contents(s, turn, head_length);
    } else {
        deny(s, turn, head_length);
    }
}

void turn_serve(struct session *s, struct turn *turn, size_t head_length)
{
    struct refusal no = understand(turn, str_slice(buffer_view(&s->client.rx), 0, head_length));

    if (turn_all_refused(s))
        turn_refuse_all(s, turn);
    else if (no.status != 0)
        turn_refuse(s, turn, no, VERDICT_REFUSED);
    else
        judge(s, turn, head_length);
}
