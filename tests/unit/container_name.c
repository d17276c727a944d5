/* container_name.c: what the engine is asked of a client's container (start/container_name.h), with an
 * engine that answers as it likes. */
#include "start/container_name.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "policies.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ffff456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OK "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"

static char path[64];

/* An engine that takes one request, which must be the right one, and says ${answer} in two pieces; it
 * closes its end when ${closes}. */
static pid_t engine(const char *answer, bool closes)
{
    static const char wanted[] = "GET /containers/" ID "/json HTTP/1.0\r\n";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char got[512];

    (void)unlink(path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_return_code(bind(listener, (struct sockaddr *)&address, sizeof(address)), errno);
    assert_return_code(listen(listener, 1), errno);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(10);
        int fd = accept(listener, NULL, NULL);
        ssize_t n = read(fd, got, sizeof(got));
        size_t half = strlen(answer) / 2;
        if (n < (ssize_t)sizeof(wanted) || memcmp(got, wanted, sizeof(wanted) - 1) != 0)
            _exit(1);
        if (write(fd, answer, half) < 0 || usleep(20000) != 0 ||
            write(fd, answer + half, strlen(answer) - half) < 0)
            _exit(1);
        if (!closes)
            pause();
        _exit(0);
    }
    close(listener);
    return pid;
}

static struct policy policy_with(const char *clients)
{
    struct policy policy;

    policy_of(&policy, clients);
    (void)snprintf(policy.socket, sizeof(policy.socket), "%s", path);
    return policy;
}

/* The name that is found when the engine says ${answer}; whether it then is in the record, too. */
static const char *name_by(const char *answer, bool closes)
{
    static struct peer peer;
    static struct record_text text;
    struct policy policy = policy_with("[clients]\ncontainers = web-*\nask-engine = yes\n");
    pid_t pid = engine(answer, closes);

    peer = (struct peer){.container = ID};
    record_text_set(&text, STR("pid=1"));
    container_name_find(&policy, &peer, &text);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    policy_free(&policy);
    bool told = memmem(text.p, text.n, " name=", 6) != NULL;
    CHECK(told == (peer.container_name[0] != '\0'), "the record does not have what was found");
    return peer.container_name;
}

UNIT(found)
{
    assert_string_equal(name_by(OK "{\"Id\":\"" ID "\",\"Name\":\"/web-1\",\"X\":[1]}", true),
                        "web-1");
    assert_string_equal(
        name_by("HTTP/1.1 200 OK\r\n\r\n{\"Name\":\"web-2\",\"Id\":\"" ID "\"}", true), "web-2");
}

UNIT(not_found)
{
    static const char *const answers[] = {
        "",
        "HTTP/1.0 404 Not Found\r\n\r\n{\"Id\":\"" ID "\",\"Name\":\"/web-1\"}",
        OK "{\"Id\":\"" OTHER "\",\"Name\":\"/web-1\"}",
        OK "{\"Name\":\"/web-1\"}",
        OK "{\"Id\":\"" ID "\"}",
        OK "{\"Id\":\"" ID "\",\"Name\":17}",
        OK "{\"Id\":\"" ID "\",\"Name\":\"/web-1\"",
        OK "{\"Id\":\"" ID "\",\"Name\":\"/x\",\"Name\":\"/web-1\"}",
        OK "[]",
        "{\"Id\":\"" ID "\",\"Name\":\"/web-1\"}",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT(answers); i++)
        CHECK(name_by(answers[i], true)[0] == '\0', "answer %zu has a name", i);
    char *name = calloc(1, 1024);
    assert_non_null(name);
    (void)sprintf(name, OK "{\"Id\":\"" ID "\",\"Name\":\"/%0300d\"}", 0);
    CHECK(name_by(name, true)[0] == '\0', "a name that is too long was taken");
    free(name);
}

UNIT(hangs)
{
    struct timespec began, ended;

    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    CHECK(name_by(OK "{\"Id\":\"" ID "\",\"Name\":\"/web-1\"}", false)[0] == '\0',
          "half an answer");
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    CHECK(ended.tv_sec - began.tv_sec <= 4, "it waits for more than two seconds");
}

UNIT(not_asked)
{
    static struct record_text text;
    struct peer in_none = {0}, in_one = {.container = ID};
    struct policy names = policy_with("[clients]\ncontainers = web-*\nask-engine = yes\n");
    struct policy ids = policy_with("[clients]\ncontainers = 0123456789ab\nask-engine = yes\n");

    pid_t pid = engine(OK "{\"Id\":\"" ID "\",\"Name\":\"/web-1\"}", true);
    container_name_find(&names, &in_none, &text);
    container_name_find(&ids, &in_one, &text);
    CHECK(waitpid(pid, NULL, WNOHANG) == 0, "the engine was asked");
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    (void)unlink(path);
    container_name_find(&names, &in_one, &text); /* there is no engine */
    CHECK(in_one.container_name[0] == '\0', "a name from nowhere");
    policy_free(&names);
    policy_free(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE("the engine tells the name of a client's container, without its slash", found),
        PROMISE("an answer that is not about that container, or no answer, gives no name",
                not_found),
        PROMISE("an engine that does not end its answer is left after two seconds", hangs),
        PROMISE("it is asked only for a client in a container, and only where a policy has names",
                not_asked),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(path, sizeof(path), "/tmp/dsp-engine.%d", (int)getpid());
    int result = RUN("container_name", tests);
    (void)unlink(path);
    return result;
}
