/* parity.c: [sections] beside what the same variables mean to the HAProxy configurations of
 * Tecnativa's and LinuxServer's images: every variable, by itself, at POST=0 and POST=1, with every
 * operation and every method.
 *
 * The model is made of regular expressions on the path, as theirs are; it knows nothing of dsp's
 * tables but for the three deviations, which dsp.ini(5) has in the same words. ALLOW_START and its
 * like work at POST=0, as in LinuxServer's. */
#include <regex.h>
#include <stdio.h>

#include "policies.h"

enum effect { SECTION, GRANT, TAKE, GATE };

static const struct variable {
    const char *name;
    enum effect effect;
    const char *path; /* behind the version */
} variables[] = {
    {"AUTH", SECTION, "/auth"},
    {"BUILD", SECTION, "/build"},
    {"COMMIT", SECTION, "/commit"},
    {"CONFIGS", SECTION, "/configs"},
    {"CONTAINERS", SECTION, "/containers"},
    {"DISTRIBUTION", SECTION, "/distribution"},
    {"EVENTS", SECTION, "/events"},
    {"EXEC", SECTION, "/exec"},
    {"GRPC", SECTION, "/grpc"},
    {"IMAGES", SECTION, "/images"},
    {"INFO", SECTION, "/info"},
    {"NETWORKS", SECTION, "/networks"},
    {"NODES", SECTION, "/nodes"},
    {"PING", SECTION, "/_ping"},
    {"PLUGINS", SECTION, "/plugins"},
    {"SECRETS", SECTION, "/secrets"},
    {"SERVICES", SECTION, "/services"},
    {"SESSION", SECTION, "/session"},
    {"SWARM", SECTION, "/swarm"},
    {"SYSTEM", SECTION, "/system"},
    {"TASKS", SECTION, "/tasks"},
    {"VERSION", SECTION, "/version"},
    {"VOLUMES", SECTION, "/volumes"},
    {"LIBPOD_CONTAINERS", SECTION, "/libpod/containers"},
    {"LIBPOD_EVENTS", SECTION, "/libpod/events"},
    {"LIBPOD_EXEC", SECTION, "/libpod/exec"},
    {"LIBPOD_GENERATE", SECTION, "/libpod/generate"},
    {"LIBPOD_IMAGES", SECTION, "/libpod/images"},
    {"LIBPOD_INFO", SECTION, "/libpod/info"},
    {"LIBPOD_MANIFESTS", SECTION, "/libpod/manifests"},
    {"LIBPOD_NETWORKS", SECTION, "/libpod/networks"},
    {"LIBPOD_PING", SECTION, "/libpod/_ping"},
    {"LIBPOD_PLAY", SECTION, "/libpod/play"},
    {"LIBPOD_PODS", SECTION, "/libpod/pods"},
    {"LIBPOD_SECRETS", SECTION, "/libpod/secrets"},
    {"LIBPOD_SYSTEM", SECTION, "/libpod/system"},
    {"LIBPOD_VERSION", SECTION, "/libpod/version"},
    {"LIBPOD_VOLUMES", SECTION, "/libpod/volumes"},
    {"ALLOW_RESTARTS", GRANT, "(/libpod)?/(containers|pods)/[^/]+/(stop|restart|kill)"},
    {"ALLOW_START", GRANT, "(/libpod)?/(containers|pods)/[^/]+/start"},
    {"ALLOW_STOP", GRANT, "(/libpod)?/(containers|pods)/[^/]+/stop"},
    {"ALLOW_PAUSE", GRANT, "(/libpod)?/(containers|pods)/[^/]+/pause"},
    {"ALLOW_UNPAUSE", GRANT, "(/libpod)?/(containers|pods)/[^/]+/unpause"},
    {"LIBPOD_ALLOW_RESTARTS", GRANT, "/libpod/containers/[^/]+/(stop|restart|kill)"},
    {"LIBPOD_ALLOW_START", GRANT, "/libpod/containers/[^/]+/start"},
    {"LIBPOD_ALLOW_STOP", GRANT, "/libpod/containers/[^/]+/stop"},
    {"LIBPOD_ALLOW_PAUSE", GRANT, "/libpod/containers/[^/]+/pause"},
    {"LIBPOD_ALLOW_UNPAUSE", GRANT, "/libpod/containers/[^/]+/unpause"},
    {"LIBPOD_ALLOW_POD_RESTARTS", GRANT, "/libpod/pods/[^/]+/(stop|restart|kill)"},
    {"LIBPOD_ALLOW_POD_START", GRANT, "/libpod/pods/[^/]+/start"},
    {"LIBPOD_ALLOW_POD_STOP", GRANT, "/libpod/pods/[^/]+/stop"},
    {"LIBPOD_ALLOW_POD_PAUSE", GRANT, "/libpod/pods/[^/]+/pause"},
    {"LIBPOD_ALLOW_POD_UNPAUSE", GRANT, "/libpod/pods/[^/]+/unpause"},
    {"ALLOW_ARCHIVE", TAKE, "(/libpod)?/(containers|pods)/[^/]+/archive"},
    {"ALLOW_ATTACH", TAKE, "(/libpod)?/(containers|pods)/[^/]+/attach"},
    {"ALLOW_EXEC", TAKE, "(/libpod)?/(containers|pods)/[^/]+/exec"},
    {"ALLOW_KILL", TAKE, "(/libpod)?/(containers|pods)/[^/]+/kill"},
    {"ALLOW_CHANGES", TAKE, "(/libpod)?/(containers|pods)/[^/]+/change"},
    {"ALLOW_EXPORT", TAKE, "(/libpod)?/(containers|pods)/[^/]+/export"},
    {"ALLOW_LOGS", TAKE, "(/libpod)?/(containers|pods)/[^/]+/logs"},
    {"ALLOW_TOP", TAKE, "(/libpod)?/(containers|pods)/[^/]+/top"},
    {"DELETE", GATE, "DELETE"},
    {"PUT", GATE, "PUT"},
    {"PATCH", GATE, "PATCH"},
};

/* Podman's own paths, of which dsp has no table; and some that only begin like a name. */
static const char *const more_paths[] = {
    "/libpod/containers/json",
    "/libpod/containers/x/start",
    "/libpod/containers/x/stop",
    "/libpod/containers/x/restart",
    "/libpod/containers/x/kill",
    "/libpod/containers/x/pause",
    "/libpod/containers/x/unpause",
    "/libpod/containers/x/logs",
    "/libpod/containers/x/archive",
    "/libpod/containers/x/top",
    "/libpod/containers/x/export",
    "/libpod/containers/x/changes",
    "/libpod/containers/x/exec",
    "/libpod/containers/x/attach",
    "/libpod/pods/json",
    "/libpod/pods/x/start",
    "/libpod/pods/x/stop",
    "/libpod/pods/x/restart",
    "/libpod/pods/x/kill",
    "/libpod/pods/x/pause",
    "/libpod/pods/x/unpause",
    "/libpod/pods/x/top",
    "/libpod/events",
    "/libpod/exec/x/json",
    "/libpod/generate/x/kube",
    "/libpod/images/json",
    "/libpod/info",
    "/libpod/manifests/x",
    "/libpod/networks/json",
    "/libpod/_ping",
    "/libpod/play/kube",
    "/libpod/secrets/json",
    "/libpod/system/df",
    "/libpod/version",
    "/libpod/volumes/json",
    "/libpod/containers/x/healthcheck",
};
static const char *const not_whole[] = {
    "/containersX/json",    "/libpod/containersX/json", "/infos",   "/versionX",
    "/containers/x/startX", "/libpod/pods/x/stopX",     "/execute", "/",
};

/* What the file around the variable says: everything of CONTAINERS where one takes away. */
struct setting {
    const struct variable *variable;
    bool on, post;
};

static bool path_is(const char *pattern, const char *path)
{
    char text[256];
    regex_t regex;

    (void)snprintf(text, sizeof(text), "^(/v[0-9.]+)?%s", pattern);
    assert_int_equal(regcomp(&regex, text, REG_EXTENDED | REG_ICASE | REG_NOSUB), 0);
    bool is = regexec(&regex, path, 0, NULL, 0) == 0;
    regfree(&regex);
    return is;
}

/* What HAProxy would do: LinuxServer's order of the lines, and the methods of Tecnativa's newer one. */
static bool proxy_allows(const struct setting *setting, enum http_method method, const char *path)
{
    const struct variable *variable = setting->variable;
    bool get = method == METHOD_GET || method == METHOD_HEAD;
    bool hit = variable->effect != GATE && path_is(variable->path, path);
    bool gated = variable->effect == GATE && strcmp(variable->path, http_method_name(method)) == 0;

    if (variable->effect == TAKE && !setting->on && hit)
        return false;
    if (variable->effect == GRANT && setting->on && hit)
        return true;
    if (!get && !(gated ? setting->on : setting->post))
        return false;
    if (variable->effect == TAKE || variable->effect == GATE)
        return path_is("/containers", path) || path_is("/libpod/containers", path);
    return variable->effect == SECTION && setting->on && hit;
}

/* The deviations, each towards safety. */
enum deviation {
    NONE,
    READ_ONLY,    /* POST=0 is read-only in truth */
    WHOLE_NAMES,  /* names are matched whole */
    NO_OPERATION, /* what is no operation of the API is not forwarded */
    DEVIATIONS
};
static unsigned deviated[DEVIATIONS]; /* how often what a proxy allows was refused for it */

/* Podman's own paths are in no table: there what the variables say is all that is known. */
static enum deviation deviation_of(const struct setting *setting, enum http_method method,
                                   const char *path, const struct operation *op, bool whole)
{
    bool get = method == METHOD_GET || method == METHOD_HEAD;
    bool libpod = strncmp(path, "/libpod/", 8) == 0,
         sectionless = op == NULL || op->section[0] == '\0';

    if (!whole && sectionless)
        return WHOLE_NAMES;
    /* OPTIONS is an operation of no section. */
    if (sectionless && !libpod)
        return NO_OPERATION;
    /* DELETE /containers/x/start is the end of a container with that name. */
    if (setting->variable->effect == GRANT && method != METHOD_POST)
        return WHOLE_NAMES;
    /* The websocket of attach; and Podman's healthcheck runs a command. */
    if (get && !setting->post &&
        (libpod ? strstr(path, "/healthcheck") != NULL : op->access == ACCESS_EXEC))
        return READ_ONLY;
    return NONE;
}

static void check_path(const struct policy *policy, const struct setting *setting, const char *path,
                       bool whole)
{
    static struct target target;

    assert_int_equal(target_parse(str_of(path), &target).status, 0);
    for (int m = METHOD_GET; m <= METHOD_OPTIONS; m++) {
        enum http_method method = (enum http_method)m;
        const struct operation *op = operation_resolve(method, &target);
        enum deviation deviation = deviation_of(setting, method, path, op, whole);
        bool theirs = proxy_allows(setting, method, path), want = theirs && deviation == NONE;
        bool got = policy_decide(policy, method, &target, op).allowed;
        deviated[deviation] += theirs;
        CHECK(got == want, "%s=%d POST=%d: %s %s is %s", setting->variable->name, setting->on,
              setting->post, http_method_name(method), path, got ? "allowed" : "denied");
    }
}

/* "/containers/x/json" */
static const char *path_of(const struct operation *op)
{
    static char text[256];
    struct writer w = writer_over(text, sizeof(text) - 1);
    bool inside = false;

    for (const char *p = op->path; *p != '\0'; p++) {
        inside = *p == '{' || (inside && *p != '}');
        if (!inside)
            writer_char(&w, *p == '}' ? 'x' : *p);
    }
    text[w.n] = '\0';
    return text;
}

static void check_setting(const struct setting *setting)
{
    bool take = setting->variable->effect == TAKE || setting->variable->effect == GATE;
    struct policy policy;
    char text[256];

    (void)snprintf(text, sizeof(text), "[sections]\nPOST = %d\n%s = %d\n%s%s%s%s", setting->post,
                   setting->variable->name, setting->on,
                   take ? "CONTAINERS = 1\nLIBPOD_CONTAINERS = 1\n" : "",
                   strcmp(setting->variable->name, "EVENTS") == 0 ? "" : "EVENTS = 0\n",
                   strcmp(setting->variable->name, "PING") == 0 ? "" : "PING = 0\n",
                   strcmp(setting->variable->name, "VERSION") == 0 ? "" : "VERSION = 0\n");
    policy_of(&policy, text);
    for (size_t i = 0; i < docker_operations_count; i++)
        check_path(&policy, setting, path_of(&docker_operations[i]), true);
    for (size_t i = 0; i < COUNT(more_paths); i++)
        check_path(&policy, setting, more_paths[i], true);
    for (size_t i = 0; i < COUNT(not_whole); i++)
        if (setting->variable->effect == GRANT || strncmp(not_whole[i], "/libpod/pods/", 13) != 0)
            check_path(&policy, setting, not_whole[i], false);
    policy_free(&policy);
}

static void check_effect(enum effect effect)
{
    for (size_t i = 0; i < COUNT(variables); i++)
        for (int bits = 0; variables[i].effect == effect && bits < 4; bits++)
            check_setting(&(struct setting){&variables[i], (bits & 1) != 0, (bits & 2) != 0});
}

UNIT(sections)
{
    check_effect(SECTION);
}

UNIT(grants)
{
    check_effect(GRANT);
}

UNIT(takes)
{
    check_effect(TAKE);
}

UNIT(gates)
{
    check_effect(GATE);
}

UNIT(deviations)
{
    for (int i = NONE; i < DEVIATIONS; i++)
        CHECK(deviated[i] > 0, "nothing was allowed there and refused here by deviation %d", i);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a section's variable allows what it allows there, but for the three deviations",
                sections),
        PROMISE("ALLOW_START and its like allow that, at POST=0 too", grants),
        PROMISE("ALLOW_LOGS=0 and its like refuse what they refuse there", takes),
        PROMISE("DELETE, PUT and PATCH decide on their method in POST's place", gates),
        PROMISE("each of the three deviations refuses something that is allowed there", deviations),
    };

    return RUN("parity", tests);
}
