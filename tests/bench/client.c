/* client.c: how long a request takes.
 *
 *   client CONNECTIONS REQUESTS socket PATH [TARGET [EVERY]]   on connections to a Unix socket
 *   client CONNECTIONS REQUESTS exec PROGRAM ARG...            on a program's standard input and output
 *
 * Makes CONNECTIONS one after the other, each with REQUESTS for TARGET (/v1.41/_ping) one after the
 * other; with EVERY, one connection each so many microseconds. Prints the median and the 99th
 * percentile of a request, and the median of a connection from its making to its last answer, in
 * microseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_usec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static int start(char **argv)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return -1;
    if (fork() == 0) {
        dup2(pair[1], 0);
        dup2(pair[1], 1);
        close(pair[0]);
        close(pair[1]);
        execv(argv[0], argv);
        _exit(127);
    }
    close(pair[1]);
    return pair[0];
}

/* Whether the bytes are a whole answer: a head with a Content-Length, and the body. */
static int whole(const char *answer, size_t n)
{
    const char *end = memmem(answer, n, "\r\n\r\n", 4), *length;

    if (end == NULL)
        return 0;
    length = memmem(answer, (size_t)(end - answer) + 2, "Content-Length: ", 16);
    if (length == NULL)
        length = memmem(answer, (size_t)(end - answer) + 2, "content-length: ", 16);
    return length != NULL && (size_t)(answer + n - (end + 4)) >= strtoul(length + 16, NULL, 10);
}

/* One request for ${target}. */
static int ask(int fd, const char *target)
{
    char request[512], answer[65536];
    size_t n = 0;
    int length =
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: docker\r\n\r\n", target);

    if (write(fd, request, (size_t)length) < 0)
        return -1;
    do {
        ssize_t got = read(fd, answer + n, sizeof(answer) - n);
        if (got <= 0)
            return -1;
        n += (size_t)got;
    } while (!whole(answer, n));
    return memcmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

static void sleep_until(double usec)
{
    double left = usec - now_usec();

    if (left > 0)
        usleep((useconds_t)left);
}

int main(int argc, char **argv)
{
    size_t connections = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;
    size_t requests = argc > 4 ? strtoul(argv[2], NULL, 10) : 0;
    double *request = calloc(connections * requests + 1, sizeof(*request));
    double *connection = calloc(connections + 1, sizeof(*connection));
    int exec = argc > 3 && strcmp(argv[3], "exec") == 0;
    const char *target = !exec && argc > 5 ? argv[5] : "/v1.41/_ping";
    double every = !exec && argc > 6 ? strtod(argv[6], NULL) : 0, first = now_usec();
    size_t n = 0;

    if (connections == 0 || requests == 0 || request == NULL || connection == NULL)
        return 64;
    for (size_t c = 0; c < connections; c++) {
        sleep_until(first + (double)c * every);
        double begun = now_usec();
        int fd = exec ? start(argv + 4) : connect_to(argv[4]);
        for (size_t r = 0; r < requests; r++) {
            double before = now_usec();
            if (fd < 0 || ask(fd, target) != 0) {
                fprintf(stderr, "client: no answer\n");
                return 1;
            }
            request[n++] = now_usec() - before;
        }
        connection[c] = now_usec() - begun;
        close(fd);
        while (waitpid(-1, NULL, 0) > 0)
            continue;
    }
    qsort(request, n, sizeof(*request), by_size);
    qsort(connection, connections, sizeof(*connection), by_size);
    printf("%.1f %.1f %.1f\n", request[n / 2], request[n * 99 / 100], connection[connections / 2]);
    return 0;
}
