#include "start/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/policy.h"
#include "start/activation.h"

/* How long an engine whose backlog is full may take to accept. */
enum { CONNECT_TIMEOUT_S = 10 };

_Static_assert(POLICY_SOCKET_MAX == sizeof((struct sockaddr_un){0}.sun_path), "sockaddr_un");

bool descriptors_secure(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static bool is_socket(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* A socket option that is a number; -1 for what is no socket or has no such option. */
static int option(int fd, int name)
{
    int value = 0;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/* Over TCP a small write must not wait for the acknowledgement of the one before it; and a client
 * whose host has vanished must not hold a quiet event stream for ever: systemd sees to that
 * (KeepAlive=), most other parents do not. */
static void set_options(int fd)
{
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
}

/* What OpenFile= of the unit passes is the engine: called so, or as its file is called. */
static bool is_engine(const struct activation *passed, int fd)
{
    static const char *const names[] = {"engine", "docker.sock", "podman.sock"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (activation_index(passed, str_of(names[i])) == fd - ACTIVATION_FIRST)
            return true;
    return false;
}

static enum start_mode impossible(struct descriptors *d, const char *why)
{
    d->why = why;
    return START_IMPOSSIBLE;
}

static enum start_mode take_connection(struct descriptors *d, int in, int out)
{
    if (is_socket(in) && option(in, SO_TYPE) != SOCK_STREAM)
        return impossible(d, "the socket is no stream socket");
    if (!set_nonblocking(in) || !set_nonblocking(out))
        return impossible(d, "a descriptor cannot be made non-blocking");
    set_options(out);
    d->client_in = in;
    d->client_out = out;
    return START_CONNECTION;
}

static enum start_mode take_passed(struct descriptors *d, const int *fds, size_t n)
{
    if (n == 1 && option(fds[0], SO_ACCEPTCONN) == 0)
        return take_connection(d, fds[0], fds[0]);
    if (n > LISTENERS_MAX)
        return impossible(d, "more than 16 listening sockets");
    for (size_t i = 0; i < n; i++) {
        if (option(fds[i], SO_ACCEPTCONN) != 1 || option(fds[i], SO_TYPE) != SOCK_STREAM)
            return impossible(d, "what was passed is neither one connection nor listening stream "
                                 "sockets");
        d->listeners.fds[d->listeners.n++] = fds[i];
    }
    return START_LISTENERS;
}

/* inetd gives a listening socket as standard input, output and error. It moves up, and /dev/null
 * stays in its place for good: no connection may ever get a number that means something else. */
static enum start_mode take_standard_listener(struct descriptors *d)
{
    const int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0 || null < 0)
        return impossible(d, "there are no descriptors left");
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
        if (file_same(standard, fd) && dup2(null, standard) < 0)
            return impossible(d, "the standard descriptors cannot be taken");
    close(null);
    return take_passed(d, &fd, 1);
}

enum start_mode descriptors_find(struct descriptors *d)
{
    const struct activation passed = activation_take();
    int fds[LISTENERS_MAX + 1];
    size_t n = 0;

    *d = (struct descriptors){.client_in = -1, .client_out = -1, .engine = -1};
    if (passed.n == ACTIVATION_BROKEN)
        return impossible(d, "LISTEN_FDS and its like are not as systemd sets them");
    for (int fd = ACTIVATION_FIRST; fd < ACTIVATION_FIRST + passed.n; fd++) {
        if (d->engine < 0 && is_engine(&passed, fd))
            d->engine = fd;
        else if (n <= LISTENERS_MAX)
            fds[n++] = fd;
    }
    if (n > 0)
        return take_passed(d, fds, n);
    if (option(STDIN_FILENO, SO_ACCEPTCONN) == 1)
        return take_standard_listener(d);
    if (is_socket(STDIN_FILENO) && file_same(STDIN_FILENO, STDOUT_FILENO))
        return take_connection(d, STDIN_FILENO, STDIN_FILENO);
    return take_connection(d, STDIN_FILENO, STDOUT_FILENO);
}

void descriptors_adopt(int fd, bool tcp, struct wire *client)
{
    client->in = client->out = fd;
    if (tcp)
        set_options(fd);
}

/* Of a Unix socket nothing is left of a connect() that was interrupted, by a stop of the process. */
static bool connect_unix(int fd, const struct sockaddr_un *address)
{
    int result;

    do {
        result = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

static const char *connect_to(const char *path, struct wire *engine)
{
    static char why[160];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = CONNECT_TIMEOUT_S};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path) + 1);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
        connect_unix(fd, &address) && set_nonblocking(fd)) {
        engine->in = engine->out = fd;
        return NULL;
    }
    (void)snprintf(why, sizeof(why), "cannot reach the Docker engine: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return why;
}

static const char *take_engine(int fd, struct wire *engine)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);

    if (option(fd, SO_TYPE) != SOCK_STREAM ||
        getpeername(fd, (struct sockaddr *)&peer, &size) != 0 || !set_nonblocking(fd))
        return "cannot reach the Docker engine: the descriptor that was passed is no connection";
    engine->in = engine->out = fd;
    return NULL;
}

const char *descriptors_engine(int passed, const char *path, struct wire *engine)
{
    engine->in = engine->out = -1;
    return passed >= 0 ? take_engine(passed, engine) : connect_to(path, engine);
}
