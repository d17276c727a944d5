#include "start/container_name.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/wire.h"
#include "start/descriptors.h"

/* What inspecting a container gives is some 10 KiB, and more with many labels. */
enum { ANSWER_MAX = 1024 * 1024, PATIENCE_MS = 2000 };

static bool wait_for(int fd, short events, int64_t end)
{
    struct pollfd p = {.fd = fd, .events = events};
    int64_t left;
    int result;

    do {
        left = end - wire_now_ms();
        const struct timespec time = {(time_t)(left / 1000), (long)(left % 1000 * 1000000)};
        result = left > 0 ? ppoll(&p, 1, &time, NULL) : 0;
    } while (result < 0 && errno == EINTR);
    return result == 1;
}

/* All that the engine says until it closes; NULL when that is too much, or takes too long. */
static char *read_answer(int fd, int64_t end, size_t *n)
{
    char *bytes = malloc(ANSWER_MAX);
    ssize_t got = 1;

    *n = 0;
    while (bytes != NULL && got > 0 && *n < ANSWER_MAX) {
        if (!wait_for(fd, POLLIN, end))
            break;
        got = read(fd, bytes + *n, ANSWER_MAX - *n);
        if (got < 0 && errno == EAGAIN)
            got = 1;
        else
            *n += got > 0 ? (size_t)got : 0;
    }
    if (got == 0)
        return bytes;
    free(bytes);
    return NULL;
}

/* The name in an answer that is 200 and about that very container. */
static bool read_name(struct str answer, const char *id, char *name, size_t room)
{
    struct str ok[] = {STR("HTTP/1.0 200 "), STR("HTTP/1.1 200 ")};
    const char *end = answer.n == 0 ? NULL : memmem(answer.p, answer.n, "\r\n\r\n", 4);
    bool good = end != NULL && (str_starts(answer, ok[0]) || str_starts(answer, ok[1]));
    size_t from = good ? (size_t)(end + 4 - answer.p) : 0;
    json_t *root =
        good ? json_loadb(answer.p + from, answer.n - from, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *of = json_string_value(json_object_get(root, "Id"));
    const char *text = json_string_value(json_object_get(root, "Name"));

    good = of != NULL && strcmp(of, id) == 0 && text != NULL && text[0] != '\0';
    if (good) {
        text += text[0] == '/'; /* Docker has one before the name, Podman has none */
        good = strlen(text) < room;
    }
    if (good)
        memcpy(name, text, strlen(text) + 1);
    json_decref(root);
    return good;
}

/* With no other calls than the relay makes, which are those that the service's units allow. By HTTP/1.0,
 * so that the answer is not chunked and ends with the connection. */
static bool ask(const char *socket, const char *id, char *name, size_t room)
{
    char request[160];
    struct wire engine;
    int64_t end = wire_now_ms() + PATIENCE_MS;
    size_t n = 0;

    if (descriptors_engine(-1, socket, &engine) != NULL)
        return false;
    (void)snprintf(request, sizeof(request),
                   "GET /containers/%s/json HTTP/1.0\r\nHost: dsp\r\nUser-Agent: dsp\r\n\r\n", id);
    bool good = wait_for(engine.in, POLLOUT, end) &&
                write(engine.in, request, strlen(request)) == (ssize_t)strlen(request);
    char *answer = good ? read_answer(engine.in, end, &n) : NULL;
    good = answer != NULL && read_name((struct str){answer, n}, id, name, room);
    free(answer);
    close(engine.in);
    return good;
}

void container_name_find(const struct policy *policy, struct peer *peer, struct record_text *text)
{
    if (!policy_needs_peer_name(policy) || peer->container[0] == '\0' ||
        !ask(policy->socket, peer->container, peer->container_name, sizeof(peer->container_name)))
        return;
    record_text_add(text, STR(" name="));
    record_text_add(text, str_of(peer->container_name));
}
