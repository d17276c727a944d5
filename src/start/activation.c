#include "start/activation.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* The last ${n} of the names. systemd 257 lists the name of a connection that is standard input
 * (StandardInput=socket) before those of OpenFile=, but does not pass it among the descriptors. */
static struct str last_names(struct str names, int n)
{
    size_t start = names.n;

    for (; start > 0; start--)
        if (names.p[start - 1] == ':' && --n == 0)
            break;
    return str_slice(names, start, names.n);
}

struct activation activation_parse(const char *listen_pid, const char *listen_fds,
                                   const char *listen_fdnames, pid_t self)
{
    struct activation none = {0}, broken = {.n = ACTIVATION_BROKEN};
    uint64_t pid, n;

    if (listen_pid == NULL || listen_fds == NULL)
        return none;
    if (!str_decimal(str_of(listen_pid), INT_MAX, &pid) || pid == 0)
        return broken;
    if (pid != (uint64_t)self)
        return none; /* a parent's, which it forgot to take away */
    if (!str_decimal(str_of(listen_fds), INT_MAX - ACTIVATION_FIRST, &n) || n == 0)
        return broken;
    return (struct activation){.n = (int)n, .names = last_names(str_of(listen_fdnames), (int)n)};
}

int activation_index(const struct activation *a, struct str name)
{
    struct str rest = a->names;

    for (int i = 0; i < a->n; i++) {
        size_t end = str_index(rest, ':');
        if (str_equal(str_slice(rest, 0, end), name))
            return i;
        if (end == rest.n)
            return -1;
        rest = str_slice(rest, end + 1, rest.n);
    }
    return -1;
}

static bool set_close_on_exec(int n)
{
    for (int i = 0; i < n; i++) {
        int flags = fcntl(ACTIVATION_FIRST + i, F_GETFD);
        if (flags < 0 || fcntl(ACTIVATION_FIRST + i, F_SETFD, flags | FD_CLOEXEC) != 0)
            return false;
    }
    return true;
}

struct activation activation_take(void)
{
    struct activation a = activation_parse(getenv("LISTEN_PID"), getenv("LISTEN_FDS"),
                                           getenv("LISTEN_FDNAMES"), getpid());

    return set_close_on_exec(a.n) ? a : (struct activation){.n = ACTIVATION_BROKEN};
}
