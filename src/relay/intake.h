/* intake.h: what is read of the client outside of an exchange: a request head, and what is only
 * read past. Every wait here is bounded: the client decides how long it lasts otherwise. */
#ifndef DSP_RELAY_INTAKE_H
#define DSP_RELAY_INTAKE_H

#include "http/body.h"
#include "http/refusal.h"
#include "relay/session.h"

/* Bytes of a denied request's body that are read past to keep the connection. */
enum { INTAKE_SKIP_MAX = 64 * 1024 };

enum head_result {
    HEAD_READ,
    HEAD_CLIENT_LEFT, /* between requests, or for good: nothing to answer */
    HEAD_SLOW,        /* head-timeout passed since the first byte */
    HEAD_CUT_SHORT,   /* the client ended its input within the head */
    HEAD_BAD,         /* holds a byte that no head may hold */
    HEAD_BIG          /* longer than HTTP_HEAD_MAX */
};

/* Waits for a request head. On HEAD_READ its ${length} bytes are at the front of the client's rx.
 * ${began_usec} is when its first byte was there. */
enum head_result intake_head(struct session *s, size_t *length, int64_t *began_usec);

/* What a result other than HEAD_READ and HEAD_CLIENT_LEFT is answered with. */
struct refusal intake_refusal(enum head_result result);

/* Whether a body behind the first ${head_length} bytes of the client's rx can be read past cheaply:
 * a short one of known length, or a chunked one that is there already. */
bool intake_can_skip(const struct session *s, size_t head_length, struct body_framing body);

/* Reads past a body that goes nowhere. Returns whether its end was reached, so that the next
 * request is next. */
bool intake_skip(struct session *s, struct body_framing body);

/* Ends the connection so that the client can read its last answer: closing a socket that holds
 * unread bytes would reset it. */
void intake_linger(struct session *s);

#endif
