/* sections.c: the variables of [sections] (policy/sections.h). */
#include <stdio.h>

#include "policies.h"

/* What every policy with the header allows. */
static const char *const by_default[] = {"_ping", "version", "events"};

static bool is_default(const char *section)
{
    for (size_t i = 0; i < COUNT(by_default); i++)
        if (strcmp(section, by_default[i]) == 0)
            return true;
    return false;
}

/* "METHOD /path" of a row, with names for its parts in braces. */
static const char *request_of(const struct operation *op)
{
    static char text[256];
    struct writer w = writer_over(text, sizeof(text));
    bool inside = false;

    writer_text(&w, http_method_name(op->method));
    writer_char(&w, ' ');
    for (const char *p = op->path; *p != '\0'; p++) {
        inside = *p == '{' || (inside && *p != '}');
        if (!inside)
            writer_char(&w, *p == '}' ? 'x' : *p);
    }
    writer_char(&w, '\0');
    return text;
}

/* That ${text} allows of the table just the sections by default and, of ${section}, what may
 * change things only with ${post}. */
static void check_table(const char *text, const char *section, bool post)
{
    struct policy policy;

    policy_of(&policy, text);
    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        bool reads =
            (op->method == METHOD_GET || op->method == METHOD_HEAD) && op->access != ACCESS_EXEC;
        bool want =
            (is_default(op->section) || strcmp(op->section, section) == 0) && (post || reads);
        CHECK(judge(&policy, request_of(op)).allowed == want, "%s is %s by\n%s", request_of(op),
              want ? "denied" : "allowed", text);
    }
    policy_free(&policy);
}

UNIT(header)
{
    check_table("[sections]\n", "-", false);
    check_table("[sections]\nPOST = 1\n", "-", true);
    check_requests("[policy]\n", NOTHING, LIST("GET /_ping", "GET /version", "GET /events"));
    check_requests("[sections]\nPING = 0\nVERSION = 0\nEVENTS = 0\n", NOTHING,
                   LIST("GET /_ping", "HEAD /_ping", "GET /version", "GET /events"));
    check_requests("[sections]\n",
                   LIST("GET /_ping", "HEAD /_ping", "GET /version", "GET /v1.41/events?since=1"),
                   LIST("GET /info", "POST /_ping", "OPTIONS /_ping", "GET /libpod/_ping",
                        "GET /libpod/version"));
}

UNIT(each_section)
{
    static const char *const rows[][2] = {
        {"AUTH", "auth"},
        {"BUILD", "build"},
        {"COMMIT", "commit"},
        {"CONFIGS", "configs"},
        {"CONTAINERS", "containers"},
        {"DISTRIBUTION", "distribution"},
        {"EVENTS", "events"},
        {"EXEC", "exec"},
        {"GRPC", "grpc"},
        {"IMAGES", "images"},
        {"INFO", "info"},
        {"NETWORKS", "networks"},
        {"NODES", "nodes"},
        {"PING", "_ping"},
        {"PLUGINS", "plugins"},
        {"SECRETS", "secrets"},
        {"SERVICES", "services"},
        {"SESSION", "session"},
        {"SWARM", "swarm"},
        {"SYSTEM", "system"},
        {"TASKS", "tasks"},
        {"VERSION", "version"},
        {"VOLUMES", "volumes"},
    };
    char text[128];

    for (size_t i = 0; i < COUNT(rows); i++) {
        (void)snprintf(text, sizeof(text), "[sections]\n%s = 1\n", rows[i][0]);
        check_table(text, rows[i][1], false);
        (void)snprintf(text, sizeof(text), "[sections]\nPOST = 1\n%s = 1\n", rows[i][0]);
        check_table(text, rows[i][1], true);
        if (is_default(rows[i][1]))
            continue;
        (void)snprintf(text, sizeof(text), "[sections]\nPOST = 1\n%s = 0\n", rows[i][0]);
        check_table(text, "-", true);
    }
}

UNIT(read_only)
{
    check_requests("[sections]\nCONTAINERS = 1\nEXEC = 1\nIMAGES = 1\n",
                   LIST("GET /containers/json", "GET /containers/a/logs",
                        "HEAD /containers/a/archive", "GET /exec/a/json", "GET /images/json"),
                   LIST("GET /containers/a/attach/ws", "POST /containers/a/attach",
                        "PUT /containers/a/archive", "DELETE /containers/a",
                        "POST /containers/a/start", "POST /exec/a/start", "GET /containersXYZ/json",
                        "GET /containers/nosuch", "GET /imagesx/json", "HEAD /containers/json",
                        "POST /containers/a/wait"));
    check_requests(
        "[sections]\nCONTAINERS = 1\nPOST = 1\n",
        LIST("GET /containers/a/attach/ws", "PUT /containers/a/archive", "DELETE /containers/a",
             "POST /containers/create"),
        LIST("POST /containers/a/nosuch", "OPTIONS /containers/json", "POST /exec/a/start"));
}

/* The paths that an action has, and the rights to it: Docker's, Podman's, Podman's pods. */
static const char *const trees[] = {"/containers/x/y/", "/libpod/containers/x/", "/libpod/pods/x/"};
enum { DOCKER = 1, CONTAINERS = 2, PODS = 4 };

UNIT(granted_actions)
{
    static const struct {
        const char *variable, *actions;
        unsigned trees;
    } rows[] = {
        {"ALLOW_START", " start ", 7},
        {"ALLOW_STOP", " stop ", 7},
        {"ALLOW_PAUSE", " pause ", 7},
        {"ALLOW_UNPAUSE", " unpause ", 7},
        {"ALLOW_RESTARTS", " stop restart kill ", 7},
        {"LIBPOD_ALLOW_START", " start ", CONTAINERS},
        {"LIBPOD_ALLOW_STOP", " stop ", CONTAINERS},
        {"LIBPOD_ALLOW_PAUSE", " pause ", CONTAINERS},
        {"LIBPOD_ALLOW_UNPAUSE", " unpause ", CONTAINERS},
        {"LIBPOD_ALLOW_RESTARTS", " stop restart kill ", CONTAINERS},
        {"LIBPOD_ALLOW_POD_START", " start ", PODS},
        {"LIBPOD_ALLOW_POD_STOP", " stop ", PODS},
        {"LIBPOD_ALLOW_POD_PAUSE", " pause ", PODS},
        {"LIBPOD_ALLOW_POD_UNPAUSE", " unpause ", PODS},
        {"LIBPOD_ALLOW_POD_RESTARTS", " stop restart kill ", PODS},
    };
    static const char *const actions[] = {"start",   "stop", "pause", "unpause",
                                          "restart", "kill", "exec",  "wait"};
    static const char *const methods[] = {"POST", "GET", "DELETE"};

    for (size_t i = 0; i < COUNT(rows) * 4; i++) {
        bool on = i % 2 == 1, post = i % 4 >= 2; /* POST makes no difference to a grant */
        char text[128], request[128], word[16];
        struct policy policy;
        (void)snprintf(text, sizeof(text), "[sections]\nPOST = %d\n%s = %d\n", post,
                       rows[i / 4].variable, on);
        policy_of(&policy, text);
        for (size_t k = 0; k < COUNT(actions) * COUNT(trees) * COUNT(methods); k++) {
            const char *action = actions[k % COUNT(actions)];
            size_t tree = k / COUNT(actions) % COUNT(trees), m = k / COUNT(actions) / COUNT(trees);
            (void)snprintf(word, sizeof(word), " %s ", action);
            (void)snprintf(request, sizeof(request), "%s %s%s", methods[m], trees[tree], action);
            bool want = on && m == 0 && (rows[i / 4].trees >> tree & 1) != 0 &&
                        strstr(rows[i / 4].actions, word) != NULL;
            CHECK(judge(&policy, request).allowed == want, "%s is %s by\n%s", request,
                  want ? "denied" : "allowed", text);
        }
        policy_free(&policy);
    }
}

UNIT(taken_actions)
{
    static const char *const rows[][2] = {
        {"ALLOW_ARCHIVE", "archive"}, {"ALLOW_CHANGES", "changes"}, {"ALLOW_EXPORT", "export"},
        {"ALLOW_LOGS", "logs"},       {"ALLOW_TOP", "top"},
    };
    char text[160], request[128];

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int set = -1; set <= 1; set++) { /* not set, 0, 1 */
            struct policy policy;
            int n = snprintf(text, sizeof(text),
                             "[sections]\nCONTAINERS = 1\nPOST = 1\nLIBPOD_CONTAINERS = 1\n"
                             "LIBPOD_PODS = 1\n");
            if (set >= 0)
                (void)snprintf(text + n, sizeof(text) - (size_t)n, "%s = %d\n", rows[i][0], set);
            policy_of(&policy, text);
            for (size_t k = 0; k < COUNT(rows) * COUNT(trees); k++) {
                const char *action = rows[k % COUNT(rows)][1];
                (void)snprintf(request, sizeof(request), "GET %s%s", trees[k / COUNT(rows)],
                               action);
                bool want = set != 0 || k % COUNT(rows) != i;
                CHECK(judge(&policy, request).allowed == want, "%s is %s by\n%s", request,
                      want ? "denied" : "allowed", text);
            }
            policy_free(&policy);
        }
    }
    check_requests("[sections]\nCONTAINERS = 1\nPOST = 1\nALLOW_ARCHIVE = 0\n",
                   LIST("GET /containers/a/json"),
                   LIST("GET /containers/a/archive", "HEAD /containers/a/archive",
                        "PUT /containers/a/archive"));
    check_requests("[sections]\nALLOW_LOGS = 1\n", NOTHING, LIST("GET /containers/a/logs"));
}

UNIT(libpod)
{
    static const char *const rows[][2] = {
        {"CONTAINERS", "containers"},
        {"EVENTS", "events"},
        {"EXEC", "exec"},
        {"GENERATE", "generate"},
        {"IMAGES", "images"},
        {"INFO", "info"},
        {"MANIFESTS", "manifests"},
        {"NETWORKS", "networks"},
        {"PING", "_ping"},
        {"PLAY", "play"},
        {"PODS", "pods"},
        {"SECRETS", "secrets"},
        {"SYSTEM", "system"},
        {"VERSION", "version"},
        {"VOLUMES", "volumes"},
    };
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
    static const char *const behind[] = {"", "/x", "/x/json", "/a/b/c"};
    char text[128], request[128];

    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        struct policy policy;
        bool post = i % 2 == 1;
        (void)snprintf(text, sizeof(text), "[sections]\nLIBPOD_%s = 1\nPOST = %d\n", rows[i / 2][0],
                       post);
        policy_of(&policy, text);
        for (size_t k = 0; k < COUNT(rows) * COUNT(methods) * COUNT(behind); k++) {
            size_t r = k % COUNT(rows), m = k / COUNT(rows) % COUNT(methods);
            (void)snprintf(request, sizeof(request), "%s /v4.0.0/libpod/%s%s", methods[m],
                           rows[r][1], behind[k / COUNT(rows) / COUNT(methods)]);
            bool want = r == i / 2 && (post || m < 2);
            CHECK(judge(&policy, request).allowed == want, "%s is %s by\n%s", request,
                  want ? "denied" : "allowed", text);
        }
        (void)snprintf(request, sizeof(request), "GET /libpod/%sx", rows[i / 2][1]);
        assert_false(judge(&policy, request).allowed);
        policy_free(&policy);
    }
    check_requests("[sections]\nLIBPOD_CONTAINERS = 1\n", LIST("GET /libpod/containers/a/json"),
                   LIST("GET /libpod/containers/a/healthcheck", "GET /containers/json"));
    check_requests("[sections]\nLIBPOD_CONTAINERS = 1\nPOST = 1\n",
                   LIST("GET /libpod/containers/a/healthcheck"), NOTHING);
}

UNIT(settings)
{
    static const struct {
        const char *level;
        enum log_requests requests;
    } rows[] = {
        {"debug", LOG_REQUESTS_ALL},    {"info", LOG_REQUESTS_ALL},
        {"notice", LOG_REQUESTS_ALL},   {"warning", LOG_REQUESTS_DENIED},
        {"err", LOG_REQUESTS_DENIED},   {"crit", LOG_REQUESTS_DENIED},
        {"alert", LOG_REQUESTS_DENIED}, {"emerg", LOG_REQUESTS_DENIED},
    };
    struct policy policy;
    char text[64];

    policy_of(&policy, "[sections]\nSOCKET_PATH = /run/podman/podman.sock\n");
    assert_string_equal(policy.socket, "/run/podman/podman.sock");
    policy_free(&policy);
    for (size_t i = 0; i < COUNT(rows); i++) {
        (void)snprintf(text, sizeof(text), "[sections]\nLOG_LEVEL = %s\n", rows[i].level);
        policy_of(&policy, text);
        CHECK(policy.log_requests == rows[i].requests, "%s", text);
        policy_free(&policy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("ping, version and events are on by default, with the header only", header),
        PROMISE("a section's variable allows its operations: GET and HEAD, with POST=1 all",
                each_section),
        PROMISE("POST=0 is read-only in truth, and names are matched whole", read_only),
        PROMISE("ALLOW_START and its like allow POST of their action, whatever POST says",
                granted_actions),
        PROMISE("ALLOW_LOGS=0 and its like take their action away", taken_actions),
        PROMISE("LIBPOD_ variables allow their part of Podman's own tree", libpod),
        PROMISE("SOCKET_PATH and LOG_LEVEL are settings", settings),
    };

    return RUN("sections", tests);
}
