#include "pool/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATUS_EVERY_MS = 1000, AGAIN_MS = 100 };

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);

    if ((path[0] != '/' && path[0] != '@') || n < 2 || n >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, n);
    if (path[0] == '@') /* an abstract socket */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
                           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Half of WATCHDOG_USEC, as sd_watchdog_enabled(3) advises; 0 when it is not meant for this process. */
static int64_t watchdog_interval(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end;

    if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    errno = 0;
    long long value = strtoll(usec, &end, 10);
    return errno != 0 || *end != '\0' || value < 2000 ? 0 : value / 2000;
}

struct notify notify_open(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct notify notify = {.fd = path == NULL ? -1 : connect_to(path)};

    if (notify.fd >= 0)
        notify.watchdog_ms = watchdog_interval();
    return notify;
}

/* Whether it is done with: taken, or not to be had any more. */
static bool say(const struct notify *notify, const char *text)
{
    return write(notify->fd, text, strlen(text)) >= 0 || (errno != EAGAIN && errno != ENOBUFS);
}

static void tell_status(struct notify *notify, const struct notify_state *state, int64_t now_ms)
{
    char text[128];

    if ((state->connections == notify->connections && state->served == notify->served) ||
        now_ms < notify->next_status_ms)
        return;
    (void)snprintf(text, sizeof(text), "STATUS=%u connection%s, %llu served", state->connections,
                   state->connections == 1 ? "" : "s", (unsigned long long)state->served);
    if (!say(notify, text))
        return;
    notify->connections = state->connections;
    notify->served = state->served;
    notify->next_status_ms = now_ms + STATUS_EVERY_MS;
}

int64_t notify_tell(struct notify *notify, const struct notify_state *state, int64_t now_ms)
{
    int64_t next = INT64_MAX;

    if (notify->fd < 0)
        return next;
    if (state->ready && !notify->ready_told)
        notify->ready_told = say(notify, "READY=1\nSTATUS=0 connections, 0 served");
    if (state->stopping && !notify->stopping_told)
        notify->stopping_told = say(notify, "STOPPING=1");
    tell_status(notify, state, now_ms);
    if (notify->watchdog_ms > 0 && now_ms >= notify->next_watchdog_ms && say(notify, "WATCHDOG=1"))
        notify->next_watchdog_ms = now_ms + notify->watchdog_ms;

    if ((state->ready && !notify->ready_told) || (state->stopping && !notify->stopping_told))
        next = now_ms + AGAIN_MS;
    if (state->connections != notify->connections || state->served != notify->served) {
        int64_t due = notify->next_status_ms > now_ms ? notify->next_status_ms : now_ms + AGAIN_MS;
        next = due < next ? due : next;
    }
    if (notify->watchdog_ms > 0 && notify->next_watchdog_ms < next)
        next = notify->next_watchdog_ms > now_ms ? notify->next_watchdog_ms : now_ms + AGAIN_MS;
    return next;
}
