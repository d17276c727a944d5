/* peer.c: who a client is (start/peer.h), where its process has ended and another one has its number.
 *
 * The kernel's own sockets and processes. What stands in for a systemd is the text of a cgroup file; what
 * stands in for an old kernel is a getsockopt() that does not know SO_PEERPIDFD. Giving a process a
 * number needs root. */
#include "start/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#ifndef SO_PEERPIDFD
#    define SO_PEERPIDFD 77
#endif

enum { SOMEBODY = 4711 };

static bool old_kernel;
static pid_t ends_meanwhile; /* a process that ends while its cgroup is read */
static char cgroup[64];

int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    if (!old_kernel || level != SOL_SOCKET || name != SO_PEERPIDFD)
        return __real_getsockopt(fd, level, name, value, size);
    errno = ENOPROTOOPT;
    return -1;
}

int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...)
{
    int fd = __real_openat(folder, path, flags);

    if (fd < 0 || strcmp(path, "cgroup") != 0)
        return fd;
    close(fd);
    if (ends_meanwhile > 0) {
        (void)kill(ends_meanwhile, SIGKILL);
        (void)waitpid(ends_meanwhile, NULL, 0);
    }
    return open(cgroup, O_RDONLY | O_CLOEXEC);
}

/* Not longer than the test, however that ends. */
_Noreturn static void wait_for_end(void)
{
    alarm(5);
    pause();
    _exit(0);
}

/* A connection whose client was process ${*pid} of user ${uid}; it runs on when ${lives}. */
static int connection(uid_t uid, bool lives, pid_t *pid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof(sa_family_t) + 16;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ready[2];
    char byte;

    (void)snprintf(address.sun_path + 1, 16, "dsp-peer-%06u", (unsigned)getpid() % 1000000U);
    assert_return_code(bind(listener, (struct sockaddr *)&address, size), errno);
    assert_return_code(listen(listener, 1), errno);
    assert_return_code(pipe(ready), errno);
    *pid = fork();
    if (*pid == 0) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0 ||
            connect(fd, (struct sockaddr *)&address, size) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        if (lives)
            wait_for_end();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_return_code(fd, errno);
    if (!lives)
        assert_int_equal(waitpid(*pid, NULL, 0), *pid);
    close(ready[0]);
    close(ready[1]);
    close(listener);
    return fd;
}

/* A process that has the number ${pid}, of user ${uid}. */
static void take_number(pid_t pid, uid_t uid)
{
    struct clone_args args = {
        .exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&pid, .set_tid_size = 1};
    long got = syscall(SYS_clone3, &args, sizeof(args));

    if (got == 0) {
        if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
            _exit(1);
        wait_for_end();
    }
    if (got < 0 && (errno == EPERM || errno == ENOSYS))
        skip(); /* a container's root */
    CHECK(got == pid, "clone3: %s", strerror(errno));
    while (kill(pid, 0) != 0)
        ;
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* The unit that is told of the client of ${fd}; empty: it is not known. */
static const char *unit_of(int fd, bool one_connection)
{
    static struct peer peer;
    struct record_text text = {0};

    (void)peer_find(fd, true, one_connection, &peer, &text);
    close(fd);
    return peer.unit;
}

static bool has_pidfd(void)
{
    int pair[2], pidfd = -1;
    socklen_t size = sizeof(pidfd);

    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), errno);
    bool has = getsockopt(pair[0], SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0;
    close(pidfd);
    close(pair[0]);
    close(pair[1]);
    return has;
}

/* For the kernel at hand, and as an older one. */
static void each_kernel(void (*test)(void))
{
    for (int old = has_pidfd() ? 0 : 1; old < 2; old++) {
        old_kernel = old == 1;
        test();
    }
}

static void told(void)
{
    pid_t pid;
    int fd = connection(getuid(), true, &pid);

    assert_string_equal(unit_of(fd, false), "good.service");
    end(pid);
}

static void gone(void)
{
    pid_t pid;
    int fd = connection(getuid(), false, &pid);

    assert_string_equal(unit_of(fd, false), "");
}

static void other_user(void)
{
    pid_t pid;
    int fd = connection(SOMEBODY, false, &pid);

    take_number(pid, 0);
    assert_string_equal(unit_of(fd, false), "");
    end(pid);
}

static void same_user(void)
{
    pid_t pid;
    int fd = connection(SOMEBODY, false, &pid);

    usleep(50000); /* starts are told in ticks of 10 ms */
    take_number(pid, SOMEBODY);
    assert_string_equal(unit_of(fd, true), "");
    end(pid);
}

static void parents(void)
{
    int pair[2], status;

    /* The client is this process, older than the one that looks. */
    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), errno);
    pid_t pid = fork();
    if (pid == 0)
        _exit(strcmp(unit_of(pair[0], true), "good.service") == 0 ? 0 : 1);
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void needs_root(void)
{
    if (geteuid() != 0)
        skip();
}

UNIT(is_told)
{
    each_kernel(told);
    each_kernel(parents);
}

UNIT(ended)
{
    each_kernel(gone);
}

UNIT(ended_meanwhile)
{
    old_kernel = false;
    if (!has_pidfd())
        skip();
    int fd = connection(getuid(), true, &ends_meanwhile);
    const char *unit = unit_of(fd, false);
    ends_meanwhile = 0;
    assert_string_equal(unit, "");
}

UNIT(number_of_another_user)
{
    needs_root();
    each_kernel(other_user);
}

UNIT(number_of_a_later_process)
{
    needs_root();
    each_kernel(same_user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE("the unit of a client's process is told", is_told),
        PROMISE("of a process that has ended no unit is told", ended),
        PROMISE("of a process that ends while it is looked at no unit is told", ended_meanwhile),
        PROMISE("another user's process that got its number is not taken for it",
                number_of_another_user),
        PROMISE("a later process that got its number is not taken for it",
                number_of_a_later_process),
    };
    char name[] = "/tmp/dsp-cgroup.XXXXXX";
    int fd = mkstemp(name);
    static const char text[] = "0::/system.slice/good.service\n";

    if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1)
        return 1;
    close(fd);
    (void)snprintf(cgroup, sizeof(cgroup), "%s", name);
    int result = RUN("peer", tests);
    (void)unlink(name);
    return result;
}
