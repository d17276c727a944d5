#include "relay/session.h"

#include "relay/intake.h"
#include "relay/turn.h"

static void log_turn(const struct session *s, struct turn *turn, int64_t began_usec)
{
    turn->record.duration_usec = (uint64_t)(wire_now_usec() - began_usec);
    if (s->policy->log_requests == LOG_REQUESTS_NONE ||
        (s->policy->log_requests == LOG_REQUESTS_DENIED && turn->record.verdict == VERDICT_ALLOWED))
        return;
    sink_record(s->sink, &turn->record);
}

/* Serves one request. Returns whether another may follow. */
static bool serve_next(struct session *s)
{
    struct turn turn = {
        .request = {.minor = 1},
        .record = {.policy = s->policy->name, .operation = "-", .peer = s->peer},
    };
    int64_t began_usec = 0;
    size_t length;

    enum head_result result = intake_head(s, &length, &began_usec);
    if (result == HEAD_CLIENT_LEFT)
        return false;
    if (result == HEAD_READ)
        turn_serve(s, &turn, length);
    else if (turn_all_refused(s))
        turn_refuse_all(s, &turn);
    else
        turn_refuse(s, &turn, intake_refusal(result), VERDICT_REFUSED);
    log_turn(s, &turn, began_usec);
    return turn.keep;
}

void session_run(struct session *s)
{
    while (serve_next(s))
        continue;
    recall_free(&s->recall);
    if (!s->client.gone)
        intake_linger(s);
}
