#include "pool/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "pool/adapt.h"
#include "pool/children.h"
#include "pool/notify.h"
#include "pool/spare.h"
#include "relay/wire.h"
#include "sandbox/sandbox.h"
#include "sandbox/sealed.h"

enum {
    RENEWALS_MAX = 16,       /* in a row, for one client: a policy that never looks the same */
    CALM_MS = 1,             /* a request is served by then: forking would compete with it */
    SPARES_ENOUGH = 2,       /* so many can wait for that */
    FORK_AGAIN_MS = 100,     /* when there was no process to be had */
    CRASH_PENALTY_MS = 1000, /* for each crash of late, before the next spare is made, ... */
    CRASH_PENALTY_MAX = 60,  /* ... up to so many of them */
    CRASH_FORGIVEN_MS = 60 * 1000,
    TAKEN_LOOK_MS = 1000, /* between looks for a policy that allows more, while all are taken */
    LEAVE_MS = 1000,      /* spares are gone by then, but those that are stopped */
    DRAIN_MS = 5000       /* what SIGTERM leaves to connections; then they are ended */
};

enum stage {
    POOL_SERVING,
    POOL_LEAVING,  /* idle: the spares are sent home; a client that comes meanwhile ends it */
    POOL_STOPPING, /* SIGTERM */
    POOL_ENDING    /* and the connections' time is over */
};

struct pool {
    struct level level;
    const struct listeners *listeners;
    struct sink sink;
    struct children children;
    struct adapt adapt;
    struct notify notify;
    int reports[2], wake; /* what a spare has to say, and the timer that calls for it */
    pid_t self;
    enum stage stage;
    unsigned forked; /* counts up, so that each of the listeners comes first in turn */
    bool ahead;      /* the engine is there, as far as is known */
    bool extra;      /* a client may wait of which no spare knows */
    uint64_t served;
    unsigned renewals, crashes;
    int64_t crashed_ms, idle_since_ms, calm_ms, fork_after_ms, stop_ms;
};

static volatile sig_atomic_t sigterm_came;

static void note_signal(int signal_number)
{
    if (signal_number == SIGTERM)
        sigterm_came = 1;
}

/* Blocked, but while waiting. The children inherit that. */
static sigset_t set_signals(void)
{
    const struct sigaction note = {.sa_handler = note_signal}, ignore = {.sa_handler = SIG_IGN};
    sigset_t block, before;

    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGCHLD);
    sigaddset(&block, SPARE_GO_HOME);
    (void)sigprocmask(SIG_BLOCK, &block, &before);
    sigaddset(&before, SPARE_GO_HOME); /* it is for the children */
    sigdelset(&before, SIGTERM);
    sigdelset(&before, SIGCHLD);
    (void)sigaction(SIGTERM, &note, NULL);
    (void)sigaction(SIGCHLD, &note, NULL);
    (void)sigaction(SIGHUP, &ignore, NULL);
    return before;
}

static void say(const struct pool *p, int priority, const char *text)
{
    sink_message(&p->sink, priority, p->level.policy.name, str_of(text));
}

static unsigned count(const struct pool *p, enum child_state state)
{
    return p->children.count[state];
}

static size_t connections_max(const struct pool *p)
{
    size_t most = p->level.policy.limits.connections;

    return most < p->children.room ? most : p->children.room;
}

static bool is_full(const struct pool *p)
{
    return p->children.n >= connections_max(p);
}

/* As many connections as there may be: nobody looks at the policy then. */
static bool all_taken(const struct pool *p)
{
    return is_full(p) && count(p, CHILD_SPARE) == 0;
}

/* What the spares have to say, whether they called for it or not yet. */
static void hear(struct pool *p, int64_t now_ms)
{
    struct spare_report report;
    uint64_t calls;

    if (read(p->wake, &calls, sizeof(calls)) < 0)
        calls = 0; /* none was due */
    while (read(p->reports[0], &report, sizeof(report)) == sizeof(report)) {
        struct child *child = children_find(&p->children, report.pid);
        p->ahead = p->ahead || report.engine;
        if (child == NULL || child->state == CHILD_SERVING)
            continue;
        children_set(&p->children, child, CHILD_SERVING);
        p->calm_ms = now_ms + CALM_MS;
        adapt_taken(&p->adapt, count(p, CHILD_SPARE), report.more, now_ms);
        p->extra = p->extra || report.more;
        p->renewals = 0;
        p->idle_since_ms = now_ms; /* it may be over before anybody looks */
        if (p->stage == POOL_LEAVING)
            p->stage = POOL_SERVING;
    }
}

/* A crash may be somebody's try, and all children share their parent's address space layout: the
 * next try has to wait, longer each time, and there is one spare to try it with. */
static void punish(struct pool *p, int64_t now_ms)
{
    if (p->crashes < CRASH_PENALTY_MAX)
        p->crashes++;
    p->crashed_ms = now_ms;
    p->fork_after_ms = now_ms + (int64_t)p->crashes * CRASH_PENALTY_MS;
    children_signal(&p->children, CHILD_SPARE, SPARE_GO_HOME, p->children.n);
}

static bool is_crash(int status)
{
    if (!WIFSIGNALED(status))
        return WIFEXITED(status) && WEXITSTATUS(status) == EX_OSERR;
    return WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGTERM;
}

static void bury(struct pool *p, struct child *child, int status, int64_t now_ms)
{
    char text[96];
    enum child_state was = child->state;

    children_remove(&p->children, child);
    if (was == CHILD_SERVING)
        p->served++;
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
        p->extra = true; /* it may have been woken for a client that no other spare was told of */
    /* Of one that has a client the status is the client's, if it could take the process over. */
    if (was != CHILD_SERVING && WIFEXITED(status) && WEXITSTATUS(status) == SPARE_AWAY)
        p->ahead = false;
    if (was != CHILD_SERVING && WIFEXITED(status) && WEXITSTATUS(status) == SPARE_RENEW)
        p->renewals++;
    if (!is_crash(status))
        return;
    punish(p, now_ms);
    if (WIFSIGNALED(status)) {
        (void)snprintf(text, sizeof(text), "a connection's process died of signal %d (%s)",
                       WTERMSIG(status), strsignal(WTERMSIG(status)));
        say(p, LOG_ERR, text);
    }
}

static void reap(struct pool *p, int64_t now_ms)
{
    int status;
    pid_t pid;

    hear(p, now_ms);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        hear(p, now_ms); /* what it said comes before its death */
        struct child *child = children_find(&p->children, pid);
        if (child != NULL)
            bury(p, child, status, now_ms);
    }
}

/* The log may be another one now. */
static void renew_level(struct pool *p)
{
    if (!level_renew(&p->level))
        return;
    sink_close(&p->sink);
    p->sink = level_open_sink(&p->level, p->listeners->fds, p->listeners->n);
    level_report(&p->level, &p->sink);
}

static void make_spare(struct pool *p, int64_t now_ms)
{
    renew_level(p);
    const struct spare spare = {
        .level = &p->level,
        .listeners = p->listeners,
        .first = p->forked++,
        .oldest = p->renewals < RENEWALS_MAX ? POLICY_UNSETTLED : POLICY_OLD,
        .ahead = p->ahead,
        .report = p->reports[1],
        .wake = p->wake,
        .parent = p->self,
    };
    pid_t pid = fork();
    if (pid == 0)
        spare_run(&spare);
    if (pid < 0) {
        p->fork_after_ms = now_ms + FORK_AGAIN_MS;
        return;
    }
    children_add(&p->children, pid);
    p->extra = false; /* a new one sees every client that waits */
}

/* Has as many spares as are wanted now. */
static void staff(struct pool *p, int64_t now_ms)
{
    unsigned ahead = adapt_ahead(&p->adapt, now_ms), spares = count(p, CHILD_SPARE);

    if (now_ms - p->crashed_ms > CRASH_FORGIVEN_MS)
        p->crashes = 0;
    if (p->crashes > 0)
        ahead = 1;
    if (p->stage != POOL_SERVING) {
        children_signal(&p->children, CHILD_SPARE, SPARE_GO_HOME, p->children.n);
        return;
    }
    if (spares > ahead && !p->extra)
        children_signal(&p->children, CHILD_SPARE, SPARE_GO_HOME, spares - ahead);
    if (all_taken(p) && level_age(&p->level) == POLICY_OLD)
        renew_level(p);
    if (!p->extra && now_ms < p->calm_ms && spares >= SPARES_ENOUGH)
        return;
    while ((p->extra || count(p, CHILD_SPARE) < ahead) && now_ms >= p->fork_after_ms &&
           !is_full(p)) {
        make_spare(p, now_ms);
    }
}

static void enter(struct pool *p, enum stage stage, int64_t now_ms)
{
    p->stage = stage;
    p->stop_ms = now_ms + (stage == POOL_LEAVING ? LEAVE_MS : DRAIN_MS);
}

/* Spares that do not go when they are told to: stopped, or held up by an engine that is. */
static void end_spares(struct pool *p)
{
    children_signal(&p->children, CHILD_SPARE, SIGKILL, p->children.n);
    children_signal(&p->children, CHILD_SENT_HOME, SIGKILL, p->children.n);
}

static bool idles_too_long(const struct pool *p, int64_t now_ms)
{
    return p->stage == POOL_SERVING && count(p, CHILD_SERVING) == 0 &&
           now_ms - p->idle_since_ms >= p->level.policy.limits.idle_exit_ms;
}

/* Which stage it is. */
static void advance(struct pool *p, int64_t now_ms)
{
    if (count(p, CHILD_SERVING) > 0)
        p->idle_since_ms = now_ms;
    if (sigterm_came && p->stage < POOL_STOPPING)
        enter(p, POOL_STOPPING, now_ms);
    if (idles_too_long(p, now_ms))
        renew_level(p); /* it may stay longer now */
    if (idles_too_long(p, now_ms))
        enter(p, POOL_LEAVING, now_ms);
    if (p->stage == POOL_SERVING || now_ms < p->stop_ms)
        return;
    end_spares(p);
    if (p->stage == POOL_STOPPING)
        children_signal(&p->children, CHILD_SERVING, SIGTERM, p->children.n);
    if (p->stage == POOL_ENDING)
        children_signal(&p->children, CHILD_SERVING, SIGKILL, p->children.n);
    enter(p, p->stage == POOL_STOPPING ? POOL_ENDING : p->stage, now_ms);
}

static void sooner(int64_t *next, int64_t than)
{
    if (than < *next)
        *next = than;
}

/* Waits for the call for reports, a death, SIGTERM, or until something is due. */
static void await(struct pool *p, const sigset_t *mask, int64_t now_ms)
{
    const struct notify_state state = {
        .ready = true,
        .stopping = p->stage >= POOL_STOPPING,
        .connections = count(p, CHILD_SERVING),
        .served = p->served,
    };
    struct pollfd call = {.fd = p->wake, .events = POLLIN};
    int64_t next = notify_tell(&p->notify, &state, now_ms);

    if (p->stage == POOL_SERVING && count(p, CHILD_SERVING) == 0)
        sooner(&next, p->idle_since_ms + p->level.policy.limits.idle_exit_ms);
    if (p->stage == POOL_SERVING && p->fork_after_ms > now_ms)
        sooner(&next, p->fork_after_ms);
    if (p->stage == POOL_SERVING && p->calm_ms > now_ms)
        sooner(&next, p->calm_ms);
    if (p->stage == POOL_SERVING && (p->adapt.ahead > ADAPT_LEAST || p->crashes > 0))
        sooner(&next, now_ms + 1000);
    if (p->stage == POOL_SERVING && all_taken(p))
        sooner(&next, now_ms + TAKEN_LOOK_MS);
    if (p->stage != POOL_SERVING)
        sooner(&next, p->stop_ms);

    int64_t ms = next > now_ms ? next - now_ms : 0;
    const struct timespec left = {.tv_sec = (time_t)(ms / 1000),
                                  .tv_nsec = (long)(ms % 1000 * 1000000)};
    (void)ppoll(&call, 1, next == INT64_MAX ? NULL : &left, mask);
}

static const char *prepare(struct pool *p, const struct options *options,
                           const struct listeners *listeners)
{
    level_load(&p->level, options);
    p->sink = level_open_sink(&p->level, listeners->fds, listeners->n);
    level_report(&p->level, &p->sink);
    p->notify = notify_open();
    for (size_t i = 0; i < listeners->n; i++)
        if (fcntl(listeners->fds[i], F_SETFL, fcntl(listeners->fds[i], F_GETFL) | O_NONBLOCK) != 0)
            return "cannot make a listening socket non-blocking";
    if (children_init(&p->children, CONNECTIONS_MAX) != 0)
        return "cannot keep count of connections";
    if (pipe2(p->reports, O_CLOEXEC) != 0 || fcntl(p->reports[0], F_SETFL, O_NONBLOCK) != 0)
        return "cannot make a pipe";
    p->wake = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (p->wake < 0)
        return "cannot make a timer";

    if (!sealed_make())
        return "cannot make a place for the policy's names";

    int keep[LISTENERS_MAX + 8] = {STDIN_FILENO,  STDOUT_FILENO, STDERR_FILENO, p->reports[0],
                                   p->reports[1], p->wake,       p->sink.fd,    p->notify.fd};
    memcpy(keep + 8, listeners->fds, listeners->n * sizeof(*keep));
    return sandbox_enter(SANDBOX_PARENT, keep, listeners->n + 8);
}

int pool_run(const struct options *options, const struct listeners *listeners)
{
    static struct pool pool; /* a policy's stamp is large */
    struct pool *p = &pool;
    int64_t now = wire_now_ms();
    const sigset_t mask = set_signals();

    *p = (struct pool){
        .listeners = listeners, .self = getpid(), .ahead = true, .idle_since_ms = now};
    adapt_init(&p->adapt, now);
    const char *failed = prepare(p, options, listeners);
    if (failed != NULL) {
        char text[128];
        (void)snprintf(text, sizeof(text), "%s: %s", failed, strerror(errno));
        say(p, LOG_ERR, text);
        return EX_OSERR;
    }
    for (;;) {
        now = wire_now_ms();
        reap(p, now);
        advance(p, now);
        if (p->stage != POOL_SERVING && p->children.n == 0)
            break;
        staff(p, now);
        await(p, &mask, now);
    }
    children_free(&p->children);
    policy_free(&p->level.policy);
    return EXIT_SUCCESS;
}
