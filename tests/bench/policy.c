/* policy.c: how long a policy of 1,000 lines takes to load, and to decide, for several kinds of lines. */
#include "measure.h"

#include "policy/policy.h"

enum { LINES = 1000, ROUNDS = 200, LINE_MAX_LENGTH = 160 };

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), by_value);
    return values[ROUNDS / 2];
}

static int plain(char *to, size_t room, size_t i)
{
    return snprintf(to, room, "%s = %s\n", i % 10 == 9 ? "deny" : "allow",
                    docker_operations[i % docker_operations_count].name);
}

/* Eight rules in each line. */
static int list(char *to, size_t room, size_t i)
{
    return snprintf(to, room,
                    "%s = SystemInfo ContainerList ContainerInspect ContainerLogs ImageList "
                    "NetworkList VolumeList %s\n",
                    i % 10 == 9 ? "deny" : "allow",
                    docker_operations[i % docker_operations_count].name);
}

static int path(char *to, size_t room, size_t i)
{
    return snprintf(to, room, "allow = GET /containers/x%zu*/json\n", i);
}

static int condition(char *to, size_t room, size_t i)
{
    static const char *const lines[] = {
        "allow = ImageCreate ? fromImage=ghcr.io/acme/x%zu-* tag=*\n",
        "deny = ContainerLogs ? follow=yes tail=0..%zu\n",
        "allow = ContainerList ? filters.label=com.acme.team=x%zu\n",
    };

    return snprintf(to, room, lines[i % 3], i);
}

static int path_condition(char *to, size_t room, size_t i)
{
    return snprintf(to, room, "allow = GET /containers/x%zu-*/logs ? follow=no stdout=yes\n", i);
}

static int mixed(char *to, size_t room, size_t i)
{
    static int (*const kinds[])(char *to, size_t room, size_t i) = {plain, path, list, condition,
                                                                    path_condition};

    return kinds[i % 5](to, room, i);
}

/* Its variables are fewer than 1,000: a [sections] of all that open something, the rest comments. */
static int sections(char *to, size_t room, size_t i)
{
    static const char *const names[] = {"POST",          "AUTH",           "BUILD",
                                        "COMMIT",        "CONFIGS",        "CONTAINERS",
                                        "EXEC",          "GRPC",           "IMAGES",
                                        "INFO",          "NETWORKS",       "NODES",
                                        "PLUGINS",       "SECRETS",        "SERVICES",
                                        "SESSION",       "SWARM",          "SYSTEM",
                                        "TASKS",         "VOLUMES",        "ALLOW_START",
                                        "ALLOW_STOP",    "ALLOW_PAUSE",    "ALLOW_UNPAUSE",
                                        "DISTRIBUTION",  "ALLOW_RESTARTS", "LIBPOD_CONTAINERS",
                                        "LIBPOD_IMAGES", "LIBPOD_PODS"};

    return i < sizeof(names) / sizeof(*names)
               ? snprintf(to, room, "%s = 1\n", names[i])
               : snprintf(to, room, "# a line of words between the variables, number %zu\n", i);
}

static const struct kind {
    const char *name, *section;
    int (*line)(char *to, size_t room, size_t i);
} kinds[] = {
    {"an operation each", "[rules]\n", plain},
    {"eight operations each", "[rules]\n", list},
    {"paths", "[rules]\n", path},
    {"operations with conditions", "[rules]\n", condition},
    {"paths with conditions", "[rules]\n", path_condition},
    {"all of these mixed", "[rules]\n", mixed},
    {"[sections]", "[sections]\n", sections},
};

static void write_text(const struct kind *kind, char *text, size_t room)
{
    size_t n = (size_t)snprintf(text, room, "%s", kind->section);

    for (size_t i = 0; i < LINES; i++)
        n += (size_t)kind->line(text + n, room - n, i);
}

/* Sets the medians of loading and of judging one request. */
static int measure(const char *text, double *loading, double *deciding)
{
    static struct target target;
    static double load[ROUNDS], decide[ROUNDS];

    (void)target_parse(str_of("/images/create?fromImage=ghcr.io/acme/none&tag=1"), &target);
    for (int i = 0; i < ROUNDS; i++) {
        struct policy policy;
        struct policy_error error = {0};
        policy_init(&policy, STR("bench"), "bench.ini");
        double began = now_us();
        if (policy_parse(&policy, str_of(text), &error) != 0) {
            (void)fprintf(stderr, "line %u: %s\n", error.line, error.text);
            return 1;
        }
        double loaded = now_us();
        (void)policy_decide(&policy, METHOD_POST, &target, operation_resolve(METHOD_POST, &target));
        decide[i] = now_us() - loaded;
        load[i] = loaded - began;
        policy_free(&policy);
    }
    *loading = median(load);
    *deciding = median(decide);
    return 0;
}

int main(void)
{
    static char text[LINES * LINE_MAX_LENGTH];
    double load, decide;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        write_text(&kinds[i], text, sizeof(text));
        if (measure(text, &load, &decide) != 0)
            return 1;
        (void)printf("%d lines, %s: load %.0f us, decide %.0f us (medians of %d)\n", LINES,
                     kinds[i].name, load, decide, ROUNDS);
    }
    return 0;
}
