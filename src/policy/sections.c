#include "policy/sections.h"

#include <stdio.h>
#include <string.h>

#include "policy/load.h"
#include "policy/nearest.h"

enum effect {
    SECTION, /* allows the operations of section ${what} */
    LIBPOD,  /* allows the path /libpod/${what} and all below it */
    GRANT,   /* allows POST of the actions ${what} on one container, whatever POST says */
    TAKE,    /* 0 refuses the actions ${what} on one container */
    GATE,    /* the method ${what}; POST, with none, is all that change something */
    SOCKET,  /* the path of the engine's socket */
    LEVEL,   /* HAProxy's level of logging */
    OUTSIDE  /* not a matter of the policy; ${what} says whose */
};

/* Where the actions of GRANT and TAKE are: /containers, /libpod/containers, /libpod/pods. */
enum { DOCKER = 1, LIBPOD_CONTAINERS = 2, LIBPOD_PODS = 4, ALL_TREES = 7 };

static const struct variable {
    const char *name;
    enum effect effect;
    const char *what;
    unsigned trees;
    bool on; /* by default */
} variables[] = {
    {"POST", GATE, "", 0, false},
    {"DELETE", GATE, "DELETE", 0, false},
    {"PUT", GATE, "PUT", 0, false},
    {"PATCH", GATE, "PATCH", 0, false},

    {"AUTH", SECTION, "auth", 0, false},
    {"BUILD", SECTION, "build", 0, false},
    {"COMMIT", SECTION, "commit", 0, false},
    {"CONFIGS", SECTION, "configs", 0, false},
    {"CONTAINERS", SECTION, "containers", 0, false},
    {"DISTRIBUTION", SECTION, "distribution", 0, false},
    {"EVENTS", SECTION, "events", 0, true},
    {"EXEC", SECTION, "exec", 0, false},
    {"GRPC", SECTION, "grpc", 0, false},
    {"IMAGES", SECTION, "images", 0, false},
    {"INFO", SECTION, "info", 0, false},
    {"NETWORKS", SECTION, "networks", 0, false},
    {"NODES", SECTION, "nodes", 0, false},
    {"PING", SECTION, "_ping", 0, true},
    {"PLUGINS", SECTION, "plugins", 0, false},
    {"SECRETS", SECTION, "secrets", 0, false},
    {"SERVICES", SECTION, "services", 0, false},
    {"SESSION", SECTION, "session", 0, false},
    {"SWARM", SECTION, "swarm", 0, false},
    {"SYSTEM", SECTION, "system", 0, false},
    {"TASKS", SECTION, "tasks", 0, false},
    {"VERSION", SECTION, "version", 0, true},
    {"VOLUMES", SECTION, "volumes", 0, false},

    {"ALLOW_RESTARTS", GRANT, "stop restart kill", ALL_TREES, false},
    {"ALLOW_START", GRANT, "start", ALL_TREES, false},
    {"ALLOW_STOP", GRANT, "stop", ALL_TREES, false},
    {"ALLOW_PAUSE", GRANT, "pause", ALL_TREES, false},
    {"ALLOW_UNPAUSE", GRANT, "unpause", ALL_TREES, false},
    {"LIBPOD_ALLOW_RESTARTS", GRANT, "stop restart kill", LIBPOD_CONTAINERS, false},
    {"LIBPOD_ALLOW_START", GRANT, "start", LIBPOD_CONTAINERS, false},
    {"LIBPOD_ALLOW_STOP", GRANT, "stop", LIBPOD_CONTAINERS, false},
    {"LIBPOD_ALLOW_PAUSE", GRANT, "pause", LIBPOD_CONTAINERS, false},
    {"LIBPOD_ALLOW_UNPAUSE", GRANT, "unpause", LIBPOD_CONTAINERS, false},
    {"LIBPOD_ALLOW_POD_RESTARTS", GRANT, "stop restart kill", LIBPOD_PODS, false},
    {"LIBPOD_ALLOW_POD_START", GRANT, "start", LIBPOD_PODS, false},
    {"LIBPOD_ALLOW_POD_STOP", GRANT, "stop", LIBPOD_PODS, false},
    {"LIBPOD_ALLOW_POD_PAUSE", GRANT, "pause", LIBPOD_PODS, false},
    {"LIBPOD_ALLOW_POD_UNPAUSE", GRANT, "unpause", LIBPOD_PODS, false},

    {"ALLOW_ARCHIVE", TAKE, "archive", ALL_TREES, true},
    {"ALLOW_ATTACH", TAKE, "attach attach/ws", ALL_TREES, true},
    {"ALLOW_CHANGES", TAKE, "changes", ALL_TREES, true},
    {"ALLOW_EXEC", TAKE, "exec", ALL_TREES, true},
    {"ALLOW_EXPORT", TAKE, "export", ALL_TREES, true},
    {"ALLOW_KILL", TAKE, "kill", ALL_TREES, true},
    {"ALLOW_LOGS", TAKE, "logs", ALL_TREES, true},
    {"ALLOW_TOP", TAKE, "top", ALL_TREES, true},

    /* On by default in LinuxServer's image: LIBPOD_PING and LIBPOD_VERSION. Here nothing of
     * Podman's own tree is, since none of it is an operation of the Docker Engine API. */
    {"LIBPOD_CONTAINERS", LIBPOD, "containers", 0, false},
    {"LIBPOD_EVENTS", LIBPOD, "events", 0, false},
    {"LIBPOD_EXEC", LIBPOD, "exec", 0, false},
    {"LIBPOD_GENERATE", LIBPOD, "generate", 0, false},
    {"LIBPOD_IMAGES", LIBPOD, "images", 0, false},
    {"LIBPOD_INFO", LIBPOD, "info", 0, false},
    {"LIBPOD_MANIFESTS", LIBPOD, "manifests", 0, false},
    {"LIBPOD_NETWORKS", LIBPOD, "networks", 0, false},
    {"LIBPOD_PING", LIBPOD, "_ping", 0, false},
    {"LIBPOD_PLAY", LIBPOD, "play", 0, false},
    {"LIBPOD_PODS", LIBPOD, "pods", 0, false},
    {"LIBPOD_SECRETS", LIBPOD, "secrets", 0, false},
    {"LIBPOD_SYSTEM", LIBPOD, "system", 0, false},
    {"LIBPOD_VERSION", LIBPOD, "version", 0, false},
    {"LIBPOD_VOLUMES", LIBPOD, "volumes", 0, false},

    {"SOCKET_PATH", SOCKET, "", 0, false},
    {"LOG_LEVEL", LEVEL, "", 0, false},
    {"DISABLE_IPV6", OUTSIDE, "where to listen is ListenStream= of the socket unit", 0, false},
    {"BIND_CONFIG", OUTSIDE, "where to listen is ListenStream= of the socket unit", 0, false},
    {"TZ", OUTSIDE, "the journal stamps the records", 0, false},
};

enum { VARIABLES = sizeof(variables) / sizeof(*variables) };
_Static_assert(sizeof(variables) / sizeof(*variables) <= SECTIONS_VARIABLES_MAX,
               "struct sections is too small");

static bool set_level(struct loader *loader, struct str value)
{
    static const char *const levels[] = {"debug", "info", "notice", "warning",
                                         "err",   "crit", "alert",  "emerg"};

    for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
        if (str_equal(value, str_of(levels[i])))
            return load_log_requests(loader, i < 3 ? LOG_REQUESTS_ALL : LOG_REQUESTS_DENIED);
    }
    return load_fail(loader, "LOG_LEVEL is one of debug, info, notice, warning, err, crit, alert, "
                             "emerg");
}

bool sections_set(struct loader *loader, struct str name, struct str value)
{
    struct nearest nearest = nearest_to(name);
    size_t i = 0;

    while (i < VARIABLES && !str_equal(name, str_of(variables[i].name)))
        i++;
    for (size_t k = 0; i == VARIABLES && k < VARIABLES; k++)
        nearest_offer(&nearest, variables[k].name);
    if (i == VARIABLES)
        return load_fail_unknown(loader, "unknown variable in [sections]", &nearest);
    if (loader->sections.set[i].line != 0)
        return load_fail(loader, "%s is set twice; first in line %u", variables[i].name,
                         loader->sections.set[i].line);
    loader->sections.set[i].line = loader->line;
    if (variables[i].effect == OUTSIDE)
        return load_fail(loader, "%s is not a matter of the policy: %s", variables[i].name,
                         variables[i].what);
    if (variables[i].effect == SOCKET)
        return load_socket(loader, value);
    if (variables[i].effect == LEVEL)
        return set_level(loader, value);
    if (!load_switch(value, &loader->sections.set[i].on))
        return load_fail(loader, "%s is 0 or 1 (or false, true, no, yes, off, on), not '%.*s'",
                         variables[i].name, STR_ARG(value));
    return true;
}

static struct rule *add_rule(struct loader *loader, size_t i, bool deny)
{
    char text[96];
    unsigned line = loader->sections.set[i].line;
    bool on = line != 0 ? loader->sections.set[i].on : variables[i].on;

    (void)snprintf(text, sizeof(text), "%s = %d%s", variables[i].name, on,
                   line == 0 ? " by default" : "");
    return load_add_rule(loader->policy, line, deny, text);
}

static void add_path_rule(struct loader *loader, size_t i, bool deny, enum http_method method,
                          const char *before, struct str part, const char *behind)
{
    struct rule *rule = add_rule(loader, i, deny);
    char path[96];

    (void)snprintf(path, sizeof(path), "%s%.*s%s", before, STR_ARG(part), behind);
    rule->path = load_copy(str_of(path));
    rule->method = method;
}

/* Whether the variables of methods let ${method} through. DELETE, PUT and PATCH have their own in
 * newer templates of Tecnativa's; one that is not set leaves it to POST. POST=0 lets GET and HEAD
 * through. */
static bool method_passes(const struct loader *loader, enum http_method method)
{
    for (size_t i = 1; i < VARIABLES; i++)
        if (variables[i].effect == GATE && loader->sections.set[i].line != 0 &&
            strcmp(variables[i].what, http_method_name(method)) == 0)
            return loader->sections.set[i].on;
    return loader->sections.set[0].on /* POST */ || method == METHOD_GET || method == METHOD_HEAD;
}

/* ... and at POST=0 nothing that steers a process by GET. */
static bool gate_lets(const struct loader *loader, const struct operation *op)
{
    bool steers =
        op->access == ACCESS_EXEC && (op->method == METHOD_GET || op->method == METHOD_HEAD);

    return method_passes(loader, op->method) && (loader->sections.set[0].on || !steers);
}

static void compile_section(struct loader *loader, size_t i)
{
    struct rule *rule = add_rule(loader, i, false);

    for (size_t k = 0; k < docker_operations_count; k++)
        if (strcmp(docker_operations[k].section, variables[i].what) == 0 &&
            gate_lets(loader, &docker_operations[k]))
            operation_set_add(&rule->operations, k);
}

static void add_libpod(struct loader *loader, size_t i, enum http_method method)
{
    struct str what = str_of(variables[i].what);

    add_path_rule(loader, i, false, method, "/libpod/", what, "");
    add_path_rule(loader, i, false, method, "/libpod/", what, "/**");
}

static void compile_libpod(struct loader *loader, size_t i)
{
    bool all = true;

    for (int m = METHOD_GET; m <= METHOD_OPTIONS; m++)
        all = all && method_passes(loader, (enum http_method)m);
    if (all)
        add_libpod(loader, i, METHOD_OTHER);
    for (int m = METHOD_GET; !all && m <= METHOD_OPTIONS; m++)
        if (method_passes(loader, (enum http_method)m))
            add_libpod(loader, i, (enum http_method)m);
    /* Podman's GET .../healthcheck runs a command in the container. */
    if (!loader->sections.set[0].on && strcmp(variables[i].what, "containers") == 0)
        add_path_rule(loader, i, true, METHOD_GET, "/libpod/", str_of(variables[i].what),
                      "/*/healthcheck");
}

/* "/containers/{id...}/ACTION" of the table, and the same on Podman's trees, where a name is one
 * segment. */
static void compile_actions(struct loader *loader, size_t i)
{
    bool deny = variables[i].effect == TAKE;
    enum http_method method = deny ? METHOD_OTHER : METHOD_POST;
    struct str words = str_of(variables[i].what), action;

    while (str_word(&words, &action)) {
        if ((variables[i].trees & DOCKER) != 0) {
            struct rule *rule = add_rule(loader, i, deny);
            for (size_t k = 0; k < docker_operations_count; k++) {
                struct str path = str_of(docker_operations[k].path);
                struct str tree = STR("/containers/{id...}/");
                if (str_starts(path, tree) && str_equal(str_slice(path, tree.n, path.n), action))
                    operation_set_add(&rule->operations, k);
            }
        }
        /* DELETE of a container that is called "x/logs" is no logs; there it is refused, too. */
        if ((variables[i].trees & DOCKER) != 0 && deny)
            add_path_rule(loader, i, deny, method, "/containers/*/", action, "");
        if ((variables[i].trees & LIBPOD_CONTAINERS) != 0)
            add_path_rule(loader, i, deny, method, "/libpod/containers/*/", action, "");
        if ((variables[i].trees & LIBPOD_PODS) != 0)
            add_path_rule(loader, i, deny, method, "/libpod/pods/*/", action, "");
    }
}

void sections_compile(struct loader *loader)
{
    for (size_t i = 0; loader->sections.present && i < VARIABLES; i++) {
        bool set = loader->sections.set[i].line != 0;
        bool on = set ? loader->sections.set[i].on : variables[i].on;
        if (variables[i].effect == SECTION && on)
            compile_section(loader, i);
        else if (variables[i].effect == LIBPOD && on)
            compile_libpod(loader, i);
        else if ((variables[i].effect == GRANT && on) || (variables[i].effect == TAKE && !on))
            compile_actions(loader, i);
    }
}
