#include "pool/spare.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "pool/warm.h"
#include "relay/session.h"
#include "sandbox/sandbox.h"
#include "sandbox/sealed.h"
#include "start/container_name.h"
#include "start/peer.h"

enum {
    SHORTAGE_MS = 100, /* a spare that is out of descriptors or memory accepts again after this */
    ENGINE_STAYS_MS = 1000, /* an engine that ends an idle connection sooner is as good as away */
    CALM_NS =
        5 * 1000 * 1000 /* beyond a tick of the kernel: a timer that is due before costs ten times
                                 as much to set, in the client's way */
};

static struct session session; /* its buffers are too large for a stack */
static struct sink sink;
static const struct policy_stamp *stamp; /* of the policy that it serves by */
static pid_t self;
static sigset_t while_waiting;
static volatile sig_atomic_t go_home;

_Static_assert(sizeof(*stamp) <= SEALED_SIZE, "a stamp can be sealed");

static void note_go_home(int signal_number)
{
    (void)signal_number;
    go_home = 1;
}

/* SIGTERM comes through to both; SPARE_GO_HOME only while there is no client. */
static void set_signals(void)
{
    const struct sigaction action = {.sa_handler = note_go_home};

    wires_end_on_sigterm();
    (void)sigaction(SPARE_GO_HOME, &action, NULL);
    (void)sigprocmask(SIG_BLOCK, NULL, &while_waiting);
    sigdelset(&while_waiting, SIGTERM);
    sigdelset(&while_waiting, SPARE_GO_HOME);
}

_Noreturn static void fail(const struct spare *spare, const char *what)
{
    char text[128];

    (void)snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
    sink_message(&sink, LOG_ERR, spare->level->policy.name, str_of(text));
    _exit(EX_OSERR);
}

/* Each spare is woken for clients of its own: without EPOLLEXCLUSIVE one client would wake all. */
static void watch(const struct spare *spare, int epoll, int fd, bool listener)
{
    struct epoll_event event = {.events = EPOLLIN | (listener ? EPOLLEXCLUSIVE : EPOLLRDHUP),
                                .data.fd = fd};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        fail(spare, "cannot wait for clients");
}

static int watch_listeners(const struct spare *spare)
{
    const struct listeners *listeners = spare->listeners;
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (epoll < 0)
        fail(spare, "cannot wait for clients");
    for (size_t i = 0; i < listeners->n; i++)
        watch(spare, epoll, listeners->fds[(spare->first + i) % listeners->n], true);
    return epoll;
}

static void connect_engine(const struct spare *spare)
{
    session.engine_error = descriptors_engine(-1, spare->level->policy.socket, &session.engine);
}

/* The standard descriptors stay taken: a client or an engine that got number 2 would be written
 * to as standard error. */
static void lock_down(const struct spare *spare, int epoll)
{
    int keep[LISTENERS_MAX + 8] = {STDIN_FILENO,  STDOUT_FILENO, STDERR_FILENO,     epoll,
                                   spare->report, spare->wake,   session.engine.in, sink.fd};
    const struct listeners *listeners = spare->listeners;

    memcpy(keep + 8, listeners->fds, listeners->n * sizeof(*keep));
    stamp = sealed_copy(stamp, policy_stamp_size(stamp));
    if (stamp == NULL)
        fail(spare, "cannot seal the policy's names");
    const char *failed = sandbox_enter(SANDBOX_SPARE, keep, listeners->n + 8);
    if (failed != NULL)
        fail(spare, failed);
}

/* Returns the descriptor that has something, one at a time: a second event would be lost to the
 * other spares when this one goes on with the first. ${waited} becomes true when it was not there
 * at once. */
static int next_event(int epoll, bool *waited)
{
    struct epoll_event event;

    for (;;) {
        /* First without waiting: what this spare was woken for is nobody else's. */
        int n = epoll_pwait(epoll, &event, 1, 0, NULL);
        if (n == 0 && (go_home || wires_ended()))
            _exit(EXIT_SUCCESS);
        if (n == 0) {
            *waited = true;
            n = epoll_pwait(epoll, &event, 1, -1, &while_waiting);
        }
        if (n > 0)
            return event.data.fd;
        if (n < 0 && errno != EINTR)
            _exit(EX_OSERR);
    }
}

_Noreturn static void lose_engine(int64_t connected_ms)
{
    _exit(wire_now_ms() - connected_ms < ENGINE_STAYS_MS ? SPARE_AWAY : SPARE_LOST);
}

/* Waits for a client. Returns its descriptor.
 *
 * The policy must be as it is when the client comes. An unsettled one is read again by the next
 * spare, in which the client is there at once: that was just read then, and looks the same still. */
static int take_client(const struct spare *spare, int epoll, int64_t connected_ms)
{
    bool waited = false;

    for (;;) {
        int ready = next_event(epoll, &waited);
        if (ready == session.engine.in)
            lose_engine(connected_ms);
        if (policy_stamp_age(stamp) > (waited ? POLICY_CURRENT : spare->oldest))
            _exit(waited ? SPARE_STALE : SPARE_RENEW);
        int fd = accept4(ready, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            /* Whom accept gives may have come after that look, and after an edit. */
            session.policy_changed =
                policy_stamp_age(stamp) == POLICY_OLD && (waited || spare->oldest < POLICY_OLD);
            return fd;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            (void)ppoll(NULL, 0, &(struct timespec){.tv_nsec = SHORTAGE_MS * 1000000L}, NULL);
        else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED && errno != EPROTO)
            fail(spare, "cannot accept");
    }
}

/* Whether a further client waits: not the engine's end. */
static bool sees_more(int epoll)
{
    struct epoll_event events[2];
    int n = epoll_pwait(epoll, events, 2, 0, NULL);

    for (int i = 0; i < n; i++)
        if (events[i].data.fd != session.engine.in)
            return true;
    return false;
}

/* Wakes the parent: at once when a further client waits, and else a little later, since it would
 * compete with the request for the processor. What is due, or soon will be, is not put off. */
static void wake(const struct spare *spare, bool now)
{
    const struct itimerspec due = {.it_value.tv_nsec = now ? 1 : CALM_NS};
    struct pollfd expired = {.fd = spare->wake, .events = POLLIN};
    struct itimerspec left;

    if (ppoll(&expired, 1, &(struct timespec){0}, NULL) > 0)
        return;
    if (!now && timerfd_gettime(spare->wake, &left) == 0 && left.it_value.tv_nsec > 0)
        return;
    (void)timerfd_settime(spare->wake, 0, &due, NULL);
}

/* Tells the parent. One that is gone does not matter any more. */
static void report(const struct spare *spare, bool more)
{
    const struct spare_report report = {
        .pid = self, .more = more, .engine = session.engine.in >= 0};

    if (write(spare->report, &report, sizeof(report)) == sizeof(report))
        wake(spare, more);
}

/* A spare whose parent dies goes home, so that nobody is left who accepts. */
static void end_with_parent(const struct spare *spare)
{
    if (prctl(PR_SET_PDEATHSIG, SPARE_GO_HOME, 0, 0, 0) != 0)
        fail(spare, "cannot follow the parent");
    if (getppid() != spare->parent)
        _exit(EXIT_SUCCESS);
}

/* Who the client is, and whether [clients] lets it in. The environment is the parent's, not that of
 * one connection. Returns false when it was reset before it was accepted. */
static bool find_peer(int fd, const struct policy *policy)
{
    struct peer peer;

    if (!peer_find(fd, policy_needs_peer_process(policy), false, &peer, &session.peer))
        return false;
    container_name_find(policy, &peer, &session.peer);
    session.stranger = !policy_admits(policy, &peer);
    descriptors_adopt(fd, peer.has_address, &session.client);
    return true;
}

_Noreturn void spare_run(const struct spare *spare)
{
    struct level *level = spare->level;

    self = getpid();
    stamp = &level->stamp;
    set_signals();
    end_with_parent(spare);
    sink = level_open_sink(level, spare->listeners->fds, spare->listeners->n);
    session.policy = &level->policy;
    session.policy_broken = level->broken;
    session.sink = &sink;
    session.engine.in = session.engine.out = -1;
    json_object_seed(0); /* reads the system's random source, once */

    /* What is asked of /proc must be asked between the accept and the lock-down. */
    bool late = !spare->ahead || policy_needs_peer_process(&level->policy);
    bool ahead = level->broken || !late;
    int64_t connected_ms = wire_now_ms();
    int epoll = watch_listeners(spare);
    if (ahead && !level->broken) {
        connect_engine(spare);
        if (session.engine_error != NULL)
            _exit(SPARE_AWAY);
        watch(spare, epoll, session.engine.in, false);
    }
    warm_up(&session);
    if (ahead)
        lock_down(spare, epoll);

    int client = take_client(spare, epoll, connected_ms);
    report(spare, sees_more(epoll));
    if (!find_peer(client, &level->policy))
        _exit(EXIT_SUCCESS);
    if (!ahead && !session.stranger) {
        connect_engine(spare);
        report(spare, false);
    }
    const int keep[] = {client, session.engine.in, sink.fd};
    const char *failed =
        ahead ? sandbox_take_client(keep, 3) : sandbox_enter(SANDBOX_CONNECTION, keep, 3);
    if (failed != NULL)
        fail(spare, failed);
    session_run(&session);
    _exit(EXIT_SUCCESS);
}
