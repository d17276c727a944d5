#include "pool/warm.h"

#include <stddef.h>

#include "start/peer.h"

enum {
    PAGE = 4096,           /* a larger one is touched more than once, which costs nothing */
    HEAD = PAGE,           /* an ordinary head, and the beginning of an answer */
    STACK_USED = 32 * 1024 /* by the deepest calls of a turn, with their buffers */
};

/* One access that reads and writes: to read first would be a fault of its own. */
static void touch_byte(char *byte)
{
    (void)__atomic_fetch_or(byte, 0, __ATOMIC_RELAXED);
}

static void touch(void *from, size_t n)
{
    char *bytes = from;

    for (size_t i = 0; i < n; i += PAGE)
        touch_byte(bytes + i);
    touch_byte(bytes + n - 1);
}

static void touch_buffer(struct buffer *buffer)
{
    touch(buffer, offsetof(struct buffer, p) + HEAD);
}

static void touch_wire(struct wire *wire)
{
    touch(wire, offsetof(struct wire, rx));
    touch_buffer(&wire->rx);
    touch_buffer(&wire->tx);
}

/* In a frame of its own, which later calls use again. */
__attribute__((noinline)) static void touch_stack(void)
{
    char frame[STACK_USED] = "";

    touch(frame, sizeof(frame));
}

/* Code has pages, too: the engine is asked who it is, as the client will be. */
static void touch_questions(const struct session *session)
{
    struct peer peer;
    struct record_text text = {0};

    (void)peer_find(session->engine.in, false, false, &peer, &text);
    (void)policy_admits(session->policy, &peer);
}

void warm_up(struct session *session)
{
    touch_questions(session);
    touch(session, offsetof(struct session, client));
    touch_wire(&session->client);
    touch_wire(&session->engine);
    touch_stack();
}
