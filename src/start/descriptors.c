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

enum start_mode descriptors_client(struct wire *client)
{
    int listening = 0;
    socklen_t size = sizeof(listening);

    if (sd_listen_fds(1) == 1)
        client->in = client->out = SD_LISTEN_FDS_START;
    else if (is_socket(STDIN_FILENO) && file_same(STDIN_FILENO, STDOUT_FILENO))
        client->in = client->out = STDIN_FILENO;
    else
        client->in = STDIN_FILENO, client->out = STDOUT_FILENO;
    if (getsockopt(client->in, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening)
        return START_LISTENER;
    if (!set_nonblocking(client->in) || !set_nonblocking(client->out))
        return START_IMPOSSIBLE;
    /* Over TCP a small write must not wait for the acknowledgement of the one before it. */
    (void)setsockopt(client->out, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    /* A client whose host has vanished would hold a quiet event stream for ever. systemd sets this
     * (KeepAlive=), most other parents do not. */
    (void)setsockopt(client->out, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
    return START_CONNECTION;
}

void descriptors_peer(int fd, struct record_text *peer)
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

    if (getpeername(fd, &address.any, &size) == 0) {
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
