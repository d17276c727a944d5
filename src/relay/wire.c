#include "relay/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t wire_now_usec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t wire_now_ms(void)
{
    return wire_now_usec() / 1000;
}

static bool would_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

void wire_flush(struct wire *w)
{
    while (!w->gone && !w->out_shut && !buffer_empty(&w->tx)) {
        struct str bytes = buffer_view(&w->tx);
        ssize_t n = write(w->out, bytes.p, bytes.n);
        if (n < 0 && would_wait())
            return;
        if (n < 0) {
            w->gone = true;
            return;
        }
        buffer_consume(&w->tx, (size_t)n);
        w->moved += (uint64_t)n;
    }
}

void wire_shut(struct wire *w)
{
    if (w->out_shut)
        return;
    w->out_shut = true;
    if (w->out >= 0 && shutdown(w->out, SHUT_WR) != 0 && errno == ENOTSOCK && w->out != w->in) {
        close(w->out);
        w->out = -1;
    }
}

static void fill(struct wire *w)
{
    size_t room = buffer_make_room(&w->rx);
    ssize_t n = read(w->in, w->rx.p + w->rx.end, room);

    if (n > 0) {
        w->rx.end += (size_t)n;
        w->moved += (uint64_t)n;
    } else if (n == 0 || !would_wait()) {
        w->in_eof = true;
        w->reset = n < 0;
    }
}

static bool is_full(const struct buffer *b)
{
    return b->end - b->start == sizeof(b->p);
}

/* The poll entries of one wire: [0] its input, [1] its output. One descriptor serves as both for
 * a socket, and then entry [1] is not used. An entry stays while there is something to notice: a
 * socket of which nothing is wanted still tells when the other side has closed it. */
static void ask(const struct wire *w, bool want_read, struct pollfd entries[2])
{
    short write_events = w->gone || w->out_shut || buffer_empty(&w->tx) ? 0 : POLLOUT;

    want_read = want_read && !w->in_eof && !is_full(&w->rx);
    entries[0] = (struct pollfd){.fd = want_read ? w->in : -1, .events = POLLIN};
    entries[1] = (struct pollfd){.fd = w->gone ? -1 : w->out, .events = write_events};
    if (w->in == w->out) {
        entries[0].fd = want_read || !w->gone ? w->in : -1;
        entries[0].events = (short)((want_read ? POLLIN : 0) | write_events);
        entries[1].fd = -1;
    }
}

static void answer(struct wire *w, bool want_read, const struct pollfd entries[2])
{
    short in = entries[0].fd < 0 ? 0 : entries[0].revents;
    short out = entries[1].fd < 0 ? 0 : entries[1].revents;

    want_read = want_read && !w->in_eof && !is_full(&w->rx);
    if (w->in == w->out)
        out = in;
    if (want_read && (in & (POLLIN | POLLHUP | POLLERR)) != 0)
        fill(w);
    if ((out & POLLOUT) != 0)
        wire_flush(w);
    /* POLLHUP of a socket: both directions are over. What it still holds can be read first. */
    if ((out & (POLLERR | POLLNVAL)) != 0 || ((out & POLLHUP) != 0 && (w->in_eof || !want_read)))
        w->gone = true;
}

static volatile sig_atomic_t sigterm_came;
static sigset_t wait_mask; /* while waiting, and only then, SIGTERM is let in */

static void note_sigterm(int signal_number)
{
    (void)signal_number;
    sigterm_came = 1;
}

void wires_end_on_sigterm(void)
{
    const struct sigaction action = {.sa_handler = note_sigterm};
    sigset_t block;

    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &block, &wait_mask);
    sigdelset(&wait_mask, SIGTERM);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool wires_ended(void)
{
    return sigterm_came != 0;
}

bool wires_wait(struct wire *client, bool read_client, struct wire *engine, bool read_engine,
                int64_t deadline)
{
    struct pollfd entries[4];
    struct timespec left = {0}, *timeout = NULL;

    ask(client, read_client, entries);
    ask(engine, read_engine, entries + 2);
    if (deadline != WIRE_NEVER) {
        int64_t ms = deadline - wire_now_ms();
        if (ms < 0)
            ms = 0;
        left = (struct timespec){.tv_sec = (time_t)(ms / 1000),
                                 .tv_nsec = (long)(ms % 1000 * 1000000)};
        timeout = &left;
    }
    int n = ppoll(entries, 4, timeout, &wait_mask);
    if (wires_ended() || (n < 0 && errno != EINTR))
        client->gone = client->in_eof = true;
    if (n <= 0)
        return n < 0 || deadline == WIRE_NEVER || wire_now_ms() < deadline;
    answer(client, read_client, entries);
    answer(engine, read_engine, entries + 2);
    return true;
}
