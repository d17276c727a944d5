#include "start/descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/policy.h"

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

/* Over TCP a small write must not wait for the acknowledgement of the one before it. */
static void send_at_once(int fd)
{
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static enum start_mode take_connection(struct wire *client, const char **why)
{
    if (is_socket(client->in) && option(client->in, SO_TYPE) != SOCK_STREAM) {
        *why = "the socket is no stream socket";
        return START_IMPOSSIBLE;
    }
    if (!set_nonblocking(client->in) || !set_nonblocking(client->out)) {
        *why = "a descriptor cannot be made non-blocking";
        return START_IMPOSSIBLE;
    }
    send_at_once(client->out);
    return START_CONNECTION;
}

static enum start_mode take_passed(int n, struct wire *client, struct listeners *listeners,
                                   const char **why)
{
    const int first = SD_LISTEN_FDS_START;

    if (n == 1 && option(first, SO_ACCEPTCONN) == 0) {
        client->in = client->out = first;
        return take_connection(client, why);
    }
    if (n > LISTENERS_MAX) {
        *why = "more than 16 listening sockets";
        return START_IMPOSSIBLE;
    }
    for (int i = 0; i < n; i++) {
        if (option(first + i, SO_ACCEPTCONN) != 1 || option(first + i, SO_TYPE) != SOCK_STREAM) {
            *why = "what was passed is neither one connection nor listening stream sockets";
            return START_IMPOSSIBLE;
        }
        listeners->fds[listeners->n++] = first + i;
    }
    return START_LISTENERS;
}

enum start_mode descriptors_find(struct wire *client, struct listeners *listeners, const char **why)
{
    int passed = sd_listen_fds(1);

    listeners->n = 0;
    if (passed > 0)
        return take_passed(passed, client, listeners, why);
    if (option(STDIN_FILENO, SO_ACCEPTCONN) == 1) {
        listeners->fds[listeners->n++] = STDIN_FILENO;
        return START_LISTENERS;
    }
    if (is_socket(STDIN_FILENO) && file_same(STDIN_FILENO, STDOUT_FILENO))
        client->in = client->out = STDIN_FILENO;
    else
        client->in = STDIN_FILENO, client->out = STDOUT_FILENO;
    return take_connection(client, why);
}

bool descriptors_peer(int fd, struct record_text *peer)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } address = {0};
    struct ucred who;
    socklen_t size = sizeof(address), who_size = sizeof(who);
    char host[INET6_ADDRSTRLEN] = "", text[128] = "-";

    bool known = getpeername(fd, &address.any, &size) == 0;
    if (known) {
        if (address.any.sa_family == AF_UNIX &&
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_size) == 0)
            (void)snprintf(text, sizeof(text), "pid=%d uid=%u gid=%u", who.pid, who.uid, who.gid);
        else if (address.any.sa_family == AF_INET &&
                 inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof(host)) != NULL)
            (void)snprintf(text, sizeof(text), "tcp=%s:%u", host, ntohs(address.v4.sin_port));
        else if (address.any.sa_family == AF_INET6 &&
                 inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof(host)) != NULL)
            (void)snprintf(text, sizeof(text), "tcp=[%s]:%u", host, ntohs(address.v6.sin6_port));
    }
    record_text_set(peer, str_of(text));
    return known;
}

bool descriptors_adopt(int fd, struct wire *client, struct record_text *peer)
{
    client->in = client->out = fd;
    send_at_once(fd);
    return descriptors_peer(fd, peer);
}

const char *descriptors_connect(const char *path, struct wire *engine)
{
    static char why[160];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = CONNECT_TIMEOUT_S};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path) + 1);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        set_nonblocking(fd)) {
        engine->in = engine->out = fd;
        return NULL;
    }
    (void)snprintf(why, sizeof(why), "cannot reach the Docker engine: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    engine->in = engine->out = -1;
    return why;
}
