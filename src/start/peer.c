#include "start/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "start/forwarded.h"
#include "start/process.h"

#ifndef SO_PEERPIDFD
#    define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

/* Without the C library's printf: its pages would have to come first, while the client waits. */
static void write_number(struct writer *w, const char *before, uint64_t number)
{
    writer_text(w, before);
    writer_decimal(w, number);
}

/* Returns false when Unix socket ${fd} does not tell. */
static bool find_credentials(int fd, struct peer *peer, struct ucred *who, struct writer *w)
{
    socklen_t size = sizeof(*who);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &size) != 0)
        return false;
    write_number(w, "pid=", (uint64_t)who->pid);
    write_number(w, " uid=", who->uid);
    write_number(w, " gid=", who->gid);
    peer->has_credentials = who->pid > 0 && who->uid != (uid_t)-1;
    if (!peer->has_credentials)
        return true;
    peer->uid = who->uid;
    peer->gid = who->gid;
    size = sizeof(peer->groups);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size) == 0)
        peer->groups_n = size / sizeof(*peer->groups);
    return true;
}

static void find_v4(const struct sockaddr_in *from, struct peer *peer, struct writer *w)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char host[INET_ADDRSTRLEN] = "";

    memcpy(peer->address, mapped, sizeof(mapped));
    memcpy(peer->address + sizeof(mapped), &from->sin_addr, 4);
    peer->has_address = true;
    writer_text(w, "tcp=");
    writer_text(w, inet_ntop(AF_INET, &from->sin_addr, host, sizeof(host)));
    write_number(w, ":", ntohs(from->sin_port));
}

static void find_v6(const struct sockaddr_in6 *from, struct peer *peer, struct writer *w)
{
    char host[INET6_ADDRSTRLEN] = "";

    memcpy(peer->address, &from->sin6_addr, sizeof(peer->address));
    peer->has_address = true;
    writer_text(w, "tcp=[");
    writer_text(w, inet_ntop(AF_INET6, &from->sin6_addr, host, sizeof(host)));
    write_number(w, "]:", ntohs(from->sin6_port));
}

/* What the socket itself tells. Returns false when nobody is there any more. */
static bool find_by_socket(int fd, struct peer *peer, struct ucred *who, struct writer *w)
{
    union address from = {0};
    socklen_t size = sizeof(from);
    bool known = getpeername(fd, &from.any, &size) == 0;

    if (known && from.any.sa_family == AF_INET)
        find_v4(&from.v4, peer, w);
    else if (known && from.any.sa_family == AF_INET6)
        find_v6(&from.v6, peer, w);
    else if (!known || from.any.sa_family != AF_UNIX || !find_credentials(fd, peer, who, w))
        writer_char(w, '-');
    return known;
}

/* Whom this process was started by may be at the other end for somebody else. */
static enum forwarded_by who_is_between(bool known, const struct peer *peer, pid_t pid)
{
    static const unsigned char loopback[16] = {0, 0, 0,    0,    0,   0, 0, 0,
                                               0, 0, 0xff, 0xff, 127, 0, 0, 1};

    if (!known || (peer->has_credentials && pid == getppid()))
        return FORWARDED_BY_PARENT;
    if (peer->has_address && memcmp(peer->address, loopback, sizeof(loopback)) == 0)
        return FORWARDED_BY_TCP;
    return FORWARDED_BY_NOBODY;
}

/* A descriptor of the peer's process itself, so that another one that gets its number is found
 * out: -1 where the kernel has none (before Linux 6.5), -2 where the process is gone. */
static int open_process(int fd)
{
    int pidfd = -1;
    socklen_t size = sizeof(pidfd);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0)
        return pidfd;
    return errno == ENOPROTOOPT ? -1 : -2;
}

static bool is_alive(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};

    return ppoll(&p, 1, &(struct timespec){0}, NULL) == 0; /* readable once the process has ended */
}

static size_t read_file(int folder, const char *name, char *to, size_t room)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    size_t n = 0;

    while (fd >= 0 && n < room) {
        ssize_t got = read(fd, to + n, room - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    if (fd >= 0)
        close(fd);
    return n < room ? n : 0; /* one that was cut is not to be believed */
}

/* Without a descriptor of the process: what can be told is that the one that has its number now has
 * the same user and group, and is no younger than this process where that was started for the one
 * connection. A number that another process of theirs got before that is not found out. */
static bool may_be_the_same(int folder, const struct ucred *who, bool one_connection)
{
    char text[4096];
    uint64_t uid = 0, gid = 0, start = 0, ours = 0;

    if (!process_read_user((struct str){text, read_file(folder, "status", text, sizeof(text))},
                           &uid, &gid) ||
        uid != who->uid || gid != who->gid)
        return false;
    return !one_connection ||
           (process_read_start((struct str){text, read_file(folder, "stat", text, sizeof(text))},
                               &start) &&
            process_read_start(
                (struct str){text, read_file(AT_FDCWD, "/proc/self/stat", text, sizeof(text))},
                &ours) &&
            start <= ours);
}

/* What is read below an open /proc/PID is of that one process, or an error when it has ended: only
 * the number can be another's by then. That the peer's process is alive afterwards tells that it was
 * not. */
static void find_process(int fd, const struct ucred *who, bool one_connection, struct peer *peer)
{
    char path[32], text[4096];
    int pidfd = open_process(fd);

    (void)snprintf(path, sizeof(path), "/proc/%d", who->pid);
    int folder = pidfd < -1 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        size_t n = read_file(folder, "cgroup", text, sizeof(text));
        bool same = pidfd >= 0 ? is_alive(pidfd) : may_be_the_same(folder, who, one_connection);
        if (n > 0 && same)
            peer_read_cgroup(peer, (struct str){text, n});
        close(folder);
    }
    if (pidfd >= 0)
        close(pidfd);
}

static const char *environment_of(const char *const *names)
{
    for (; *names != NULL; names++) {
        const char *value = getenv(*names);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

/* stunnel(8): SSL_CLIENT_DN, REMOTE_HOST; sslserver(1): SSL_CLIENT_S_DN, TCPREMOTEIP. */
static void find_in_environment(struct peer *peer)
{
    static const char *const subjects[] = {"SSL_CLIENT_DN", "SSL_CLIENT_S_DN", NULL};
    static const char *const addresses[] = {"REMOTE_HOST", "TCPREMOTEIP", NULL};
    const char *subject = environment_of(subjects), *address = environment_of(addresses);

    if (subject != NULL && strlen(subject) < sizeof(peer->tls_subject))
        memcpy(peer->tls_subject, subject, strlen(subject) + 1);
    if (!peer->has_address && address != NULL)
        peer->has_address = peer_read_address(str_of(address), peer->address);
}

static void tell(struct record_text *text, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    record_text_add(text, str_of(text->n > 0 ? " " : ""));
    record_text_add(text, str_of(name));
    record_text_add(text, str_of(value));
}

/* Of stunnel's client forwarded_write() has told already, with its address. */
static bool is_told(const struct record_text *text, const char *subject)
{
    char escaped[sizeof(text->p)];
    struct writer w = writer_over(escaped, sizeof(escaped));

    writer_escaped(&w, str_of(subject));
    return memmem(text->p, text->n, escaped, w.n) != NULL;
}

bool peer_find(int fd, bool process, bool one_connection, struct peer *peer,
               struct record_text *text)
{
    char room[1024];
    struct writer w = writer_over(room, sizeof(room));
    struct ucred who = {0};

    *peer = (struct peer){0};
    bool known = find_by_socket(fd, peer, &who, &w);
    if (one_connection)
        forwarded_write(who_is_between(known, peer, who.pid), &w);
    record_text_set(text, writer_view(&w));
    if (process && peer->has_credentials)
        find_process(fd, &who, one_connection, peer);
    if (one_connection)
        find_in_environment(peer);
    tell(text, "unit=", peer->unit);
    tell(text, "container=", peer->container);
    if (!is_told(text, peer->tls_subject))
        tell(text, "tls=", peer->tls_subject);
    return known;
}
