/* activation.c: the descriptors that systemd passes (start/activation.h). */
#include "start/activation.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

UNIT(counts)
{
    static const struct {
        const char *pid, *fds;
        int n;
    } rows[] = {
        {"42", "1", 1},
        {"42", "3", 3},
        {"042", "03", 3},
        {NULL, "1", 0},
        {"42", NULL, 0},
        {"43", "1", 0},
        {"43", "x", 0},
        {"4200", "1", 0},
        {"42", "2147483644", 2147483644},
        {"42", "2147483645", ACTIVATION_BROKEN},
        {"42", "18446744073709551617", ACTIVATION_BROKEN},
        {"42", "0", ACTIVATION_BROKEN},
        {"42", "-1", ACTIVATION_BROKEN},
        {"42", "+1", ACTIVATION_BROKEN},
        {"42", " 1", ACTIVATION_BROKEN},
        {"42", "1 ", ACTIVATION_BROKEN},
        {"42", "1x", ACTIVATION_BROKEN},
        {"42", "0x1", ACTIVATION_BROKEN},
        {"42", "", ACTIVATION_BROKEN},
        {"0", "1", ACTIVATION_BROKEN},
        {"", "1", ACTIVATION_BROKEN},
        {"42x", "1", ACTIVATION_BROKEN},
        {"4294967338", "1", ACTIVATION_BROKEN}, /* 42, cut to 32 bits */
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        int n = activation_parse(rows[i].pid, rows[i].fds, NULL, 42).n;
        CHECK(n == rows[i].n, "LISTEN_PID=%s LISTEN_FDS=%s: %d", rows[i].pid, rows[i].fds, n);
    }
}

UNIT(names)
{
    static const struct {
        const char *names, *wanted;
        int n, index;
    } rows[] = {
        {"connection:docker.sock", "docker.sock", 2, 1},
        {"connection:docker.sock", "connection", 2, 0},
        {"docker.sock", "docker.sock", 1, 0},
        {"a::b", "", 3, 1},
        {"a::b", "b", 3, 2},
        {"a:b:c", "c", 2, -1}, /* no such descriptor */
        {"a:b", "ab", 2, -1},
        {"a:bb", "b", 2, -1},
        {"engine2:engine", "engine", 2, 1},
        {"a", "b", 2, -1},
        {"a:", "", 2, 1},
        {NULL, "a", 2, -1},
        {"a", "a", 0, -1},
        {"a", "a", ACTIVATION_BROKEN, -1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct activation a = {.n = rows[i].n, .names = str_of(rows[i].names)};
        int index = activation_index(&a, str_of(rows[i].wanted));
        CHECK(index == rows[i].index, "%s of %d in \"%s\": %d", rows[i].wanted, rows[i].n,
              rows[i].names, index);
    }
}

UNIT(names_of_none)
{
    /* What systemd 257 sets for StandardInput=socket with OpenFile=...:engine. */
    struct activation a = activation_parse("7", "1", "connection:engine", 7);

    assert_int_equal(a.n, 1);
    assert_int_equal(activation_index(&a, STR("engine")), 0);
    assert_int_equal(activation_index(&a, STR("connection")), -1);
    a = activation_parse("7", "2", "connection:engine", 7);
    assert_int_equal(activation_index(&a, STR("engine")), 1);
    a = activation_parse("7", "2", "engine", 7);
    assert_int_equal(activation_index(&a, STR("engine")), 0);
    a = activation_parse("7", "2", NULL, 7);
    assert_int_equal(activation_index(&a, STR("engine")), -1);
}

static void pretend(const char *fds)
{
    char pid[16];

    (void)snprintf(pid, sizeof(pid), "%d", getpid());
    (void)setenv("LISTEN_PID", pid, 1);
    (void)setenv("LISTEN_FDS", fds, 1);
    (void)setenv("LISTEN_FDNAMES", "connection:engine", 1);
}

UNIT(taking)
{
    /* In a child: descriptors 3 and 4 may be the test program's own. */
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        pretend("2");
        (void)dup2(STDIN_FILENO, 3);
        (void)dup2(STDIN_FILENO, 4);
        struct activation a = activation_take();
        _exit((a.n == 2 && activation_index(&a, STR("engine")) == 1 ? 0 : 1) |
              ((fcntl(3, F_GETFD) & fcntl(4, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 2));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

UNIT(closed)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        pretend("2");
        (void)dup2(STDIN_FILENO, 3);
        (void)close(4);
        _exit(activation_take().n == ACTIVATION_BROKEN ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("numbers are whole and in bounds; another process's are none", counts),
        PROMISE("a descriptor is found by its name, and only whole names count", names),
        PROMISE("with more names than descriptors the last ones count", names_of_none),
        PROMISE("taking sets close-on-exec", taking),
        PROMISE("a descriptor that is announced but not open is an error", closed),
    };

    return RUN("activation", tests);
}
