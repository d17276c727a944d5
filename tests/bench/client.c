/* client.c: how long a request takes.
 *
 *   client CONNECTIONS REQUESTS socket PATH          on connections to a Unix socket
 *   client CONNECTIONS REQUESTS exec PROGRAM ARG...  on a program's standard input and output
 *
 * Makes CONNECTIONS one after the other, each with REQUESTS one after the other. Prints the median
 * and the 99th percentile of a request, and the median of a connection from its making to its last
 * answer, in microseconds. */
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

/* One request; the answer ends in its body, "OK". */
static int ask(int fd)
{
    static const char request[] = "GET /v1.41/_ping HTTP/1.1\r\nHost: docker\r\n\r\n";
    char answer[4096];
    size_t n = 0;

    if (write(fd, request, sizeof(request) - 1) < 0)
        return -1;
    while (n < 6 || memcmp(answer + n - 6, "\r\n\r\nOK", 6) != 0) {
        ssize_t got = read(fd, answer + n, sizeof(answer) - n);
        if (got <= 0)
            return -1;
        n += (size_t)got;
    }
    return 0;
}

int main(int argc, char **argv)
{
    size_t connections = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;
    size_t requests = argc > 4 ? strtoul(argv[2], NULL, 10) : 0;
    double *request = calloc(connections * requests + 1, sizeof(*request));
    double *connection = calloc(connections + 1, sizeof(*connection));
    size_t n = 0;

    if (connections == 0 || requests == 0 || request == NULL || connection == NULL)
        return 64;
    for (size_t c = 0; c < connections; c++) {
        double begun = now_usec();
        int fd = strcmp(argv[3], "exec") == 0 ? start(argv + 4) : connect_to(argv[4]);
        for (size_t r = 0; r < requests; r++) {
            double before = now_usec();
            if (fd < 0 || ask(fd) != 0) {
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
    printf("%.1f %.1f %.1f\n", request[n / 2], request[n * 99 / 100],
           connection[connections / 2]);
    return 0;
}
