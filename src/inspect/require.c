/* require.c: what a policy asks of a container or a service as a whole: require-... and restrict-to.
 *
 * Containers, updates and services have the same things in different places. */
#include "inspect/checks.h"
#include "inspect/json.h"

/* What is asked about, wherever it stands. */
struct workload {
    const json_t *memory, *swap, *nano_cpus, *quota, *period, *pids, *shm, *user, *read_only,
        *cap_drop, *labels;
    json_int_t replicas; /* tasks at a time, or in all */
    bool no_new_privileges;
    bool update; /* what is absent stays as it is */
    bool service;
};

static const json_t *at(const json_t *object, const char *first, const char *second,
                        const char *third)
{
    object = json_object_get(object, first);
    if (second != NULL)
        object = json_object_get(object, second);
    return third == NULL ? object : json_object_get(object, third);
}

/* Engines read the list in its order: the last word counts. */
static bool has_no_new_privileges(const json_t *list)
{
    bool has = false;

    for (size_t i = 0; i < json_array_size(list); i++)
        (void)isolation_no_new_privileges(json_str(json_array_get(list, i)), &has);
    return has;
}

static struct workload of_container(const json_t *root)
{
    const json_t *host = json_object_get(root, "HostConfig");

    return (struct workload){
        .memory = json_object_get(host, "Memory"),
        .swap = json_object_get(host, "MemorySwap"),
        .nano_cpus = json_object_get(host, "NanoCpus"),
        .quota = json_object_get(host, "CpuQuota"),
        .period = json_object_get(host, "CpuPeriod"),
        .pids = json_object_get(host, "PidsLimit"),
        .shm = json_object_get(host, "ShmSize"),
        .user = json_object_get(root, "User"),
        .read_only = json_object_get(host, "ReadonlyRootfs"),
        .cap_drop = json_object_get(host, "CapDrop"),
        .labels = json_object_get(root, "Labels"),
        .no_new_privileges = has_no_new_privileges(json_object_get(host, "SecurityOpt")),
    };
}

static struct workload of_update(const json_t *root)
{
    return (struct workload){
        .memory = json_object_get(root, "Memory"),
        .swap = json_object_get(root, "MemorySwap"),
        .nano_cpus = json_object_get(root, "NanoCpus"),
        .quota = json_object_get(root, "CpuQuota"),
        .period = json_object_get(root, "CpuPeriod"),
        .pids = json_object_get(root, "PidsLimit"),
        .update = true,
    };
}

/* A job that does not say how many there are to be has as many as there may be at a time
 * (daemon/cluster/convert/service.go). */
static json_int_t replicas_of(const json_t *mode)
{
    json_int_t most = json_integer_value(at(mode, "Replicated", "Replicas", NULL));
    json_int_t at_once = json_integer_value(at(mode, "ReplicatedJob", "MaxConcurrent", NULL));
    json_int_t in_all = json_integer_value(at(mode, "ReplicatedJob", "TotalCompletions", NULL));

    most = at_once > most ? at_once : most;
    return in_all > most ? in_all : most;
}

/* Below the API version that a field came with engines leave it out, and one that is older than it
 * does not know it (daemon/server/router/swarm/helpers.go adjustForAPIVersion). No engine that dsp is
 * for is older than API 1.41. */
static struct workload of_service(const json_t *root, const struct target *target)
{
    const json_t *task = json_object_get(root, "TaskTemplate");
    const json_t *container = json_object_get(task, "ContainerSpec");
    bool since_41 = target == NULL || target->version.n == 0 || target_is_since(target, 41);
    bool since_44 = target != NULL && target_is_since(target, 44);

    return (struct workload){
        .memory = at(task, "Resources", "Limits", "MemoryBytes"),
        .swap = at(task, "Resources", "SwapBytes", NULL),
        .nano_cpus = at(task, "Resources", "Limits", "NanoCPUs"),
        .pids = since_41 ? at(task, "Resources", "Limits", "Pids") : NULL,
        .replicas = replicas_of(json_object_get(root, "Mode")),
        .user = json_object_get(container, "User"),
        .read_only = json_object_get(container, "ReadOnly"),
        .cap_drop = since_41 ? json_object_get(container, "CapabilityDrop") : NULL,
        .labels = json_object_get(root, "Labels"),
        .no_new_privileges =
            since_44 && json_is_true(at(container, "Privileges", "NoNewPrivileges", NULL)),
        .service = true,
    };
}

static bool exceeds(struct judge *j, const char *field)
{
    return judge_requires(j, KEY_W_RESTRICT_TO, field, "is to be present and within its bound");
}

/* What an update does not speak of stays. */
static bool within(const struct workload *w, const json_t *value, int64_t most)
{
    json_int_t number = json_integer_value(value);

    if (number == 0 && w->update)
        return true;
    return number > 0 && number <= most;
}

/* The quota of a period, in thousandths of a CPU. An update that has one of the two leaves the other as
 * it is (moby daemon/container/container_unix.go UpdateContainer()), which nobody knows here. */
static bool cpus_within(const struct workload *w, int64_t most)
{
    json_int_t nano = json_integer_value(w->nano_cpus), quota = json_integer_value(w->quota);
    json_int_t period = json_integer_value(w->period);

    if (nano == 0 && quota == 0)
        return w->update && period == 0;
    if (nano < 0 || quota < 0 || period < 0 || (w->update && quota > 0 && period == 0))
        return false;
    if (period == 0)
        period = 100000;
    if (period > 1000000 || quota > INT64_MAX / 1000)
        return false; /* the kernel takes no longer one either */
    return nano <= most * 1000000 && quota * 1000 <= most * period;
}

static bool restrict_memory(struct judge *j, const struct workload *w)
{
    int64_t most = 0;
    json_int_t swap = json_integer_value(w->swap);

    if (!policy_limit(j->policy, LIMIT_MEMORY, &most))
        return true;
    if (!within(w, w->memory, most))
        return exceeds(j, w->service ? "TaskTemplate.Resources.Limits.MemoryBytes" : "Memory");
    /* As much swap as memory, which is what the engine takes when nothing is said. Of a container the
     * number is of both together, of a service of swap alone (moby executor/container resources()). */
    if (swap < 0 || swap - (w->service ? 0 : most) > most)
        return exceeds(j, w->service ? "TaskTemplate.Resources.SwapBytes" : "MemorySwap");
    return true;
}

static bool restrict_pids(struct judge *j, const struct workload *w)
{
    int64_t most = 0;

    if (!policy_limit(j->policy, LIMIT_PIDS, &most))
        return true;
    /* 0 is no limit, for an update too. */
    if (w->update && (w->pids == NULL || json_is_null(w->pids)))
        return true;
    json_int_t pids = json_integer_value(w->pids);
    return (pids > 0 && pids <= most) ||
           exceeds(j, w->service ? "TaskTemplate.Resources.Limits.Pids" : "PidsLimit");
}

/* An absent one is the engine's own default (moby daemon/config DefaultShmSize). */
static json_int_t shm_of(const struct workload *w)
{
    json_int_t asked = json_integer_value(w->shm);

    return asked == 0 ? 64 << 20 : asked;
}

static bool restrict_to(struct judge *j, const struct workload *w)
{
    int64_t most = 0;

    if (!restrict_memory(j, w) || !restrict_pids(j, w))
        return false;
    if (policy_limit(j->policy, LIMIT_CPUS, &most) && !cpus_within(w, most))
        return exceeds(j, w->service ? "TaskTemplate.Resources.Limits.NanoCPUs" : "NanoCpus");
    if (!w->service && !w->update && policy_limit(j->policy, LIMIT_SHM, &most) && shm_of(w) > most)
        return exceeds(j, "ShmSize");
    if (w->service && policy_limit(j->policy, LIMIT_REPLICAS, &most) && w->replicas > most)
        return exceeds(j, "Mode");
    return true;
}

/* Names can be anybody in the image's /etc/passwd; "00" is root. */
static bool is_non_root(struct str user)
{
    struct str id = str_slice(user, 0, str_index(user, ':'));
    uint64_t number = 0;

    return str_decimal(id, UINT32_MAX, &number) && number > 0;
}

static bool drops(const json_t *list, struct str wanted)
{
    struct str only = json_str(list);

    for (size_t i = 0; i < json_array_size(list) || (i == 0 && json_is_string(list)); i++) {
        struct str one = json_is_string(list) ? only : json_str(json_array_get(list, i));
        if (one.n > 4 && str_equal_nocase(str_slice(one, 0, 4), STR("CAP_")))
            one = str_slice(one, 4, one.n);
        if (str_equal_nocase(one, wanted) || str_equal_nocase(one, STR("ALL")))
            return true;
    }
    return false;
}

static bool require_drops(struct judge *j, const struct workload *w)
{
    const struct grant *grant = policy_grant(j->policy, KEY_W_REQUIRE_DROPPED_CAPABILITIES);

    for (size_t i = 0; i < grant->n; i++)
        if (!drops(w->cap_drop, str_of(grant->words[i].text)))
            return judge_requires(
                j, KEY_W_REQUIRE_DROPPED_CAPABILITIES,
                w->service ? "TaskTemplate.ContainerSpec.CapabilityDrop" : "HostConfig.CapDrop",
                w->service ? "is to drop more, with API 1.41 or later" : "is to drop more");
    return true;
}

static bool has_label(const json_t *labels, struct str word)
{
    const char *name;
    json_t *value;
    char text[GRANT_WORD_MAX * 2];

    json_object_foreach((json_t *)labels, name, value)
    {
        struct writer w = writer_over(text, sizeof(text));
        if (str_index(str_of(name), '=') < str_of(name).n)
            continue;
        writer_text(&w, name);
        writer_char(&w, '=');
        writer_str(&w, json_str(value));
        if (!w.overflow && grant_word_names(GRANT_PAIRS, word, writer_view(&w)))
            return true;
    }
    return false;
}

static bool require_labels(struct judge *j, const struct workload *w)
{
    const struct grant *grant = policy_grant(j->policy, KEY_W_REQUIRE_LABELS);

    for (size_t i = 0; i < grant->n; i++)
        if (!has_label(w->labels, str_of(grant->words[i].text))) {
            judge_requires(j, KEY_W_REQUIRE_LABELS, "Labels", "is to have this label");
            return judge_add_value(j, str_of(grant->words[i].text));
        }
    return true;
}

static bool asks(const struct judge *j, enum policy_key key)
{
    return policy_grant(j->policy, key)->on;
}

static bool require(struct judge *j, const struct workload *w)
{
    if (asks(j, KEY_W_REQUIRE_NO_NEW_PRIVILEGES) && !w->no_new_privileges)
        return judge_requires(j, KEY_W_REQUIRE_NO_NEW_PRIVILEGES,
                              w->service ? "TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges"
                                         : "HostConfig.SecurityOpt",
                              w->service ? "is to be true, with API 1.44 or later"
                                         : "is to have no-new-privileges");
    if (asks(j, KEY_W_REQUIRE_READ_ONLY) && !json_is_true(w->read_only))
        return judge_requires(j, KEY_W_REQUIRE_READ_ONLY,
                              w->service ? "TaskTemplate.ContainerSpec.ReadOnly"
                                         : "HostConfig.ReadonlyRootfs",
                              "is to be true");
    if (asks(j, KEY_W_REQUIRE_NON_ROOT) && !is_non_root(json_str(w->user)))
        return judge_requires(j, KEY_W_REQUIRE_NON_ROOT,
                              w->service ? "TaskTemplate.ContainerSpec.User" : "User",
                              "is to be a number other than 0");
    if (asks(j, KEY_W_REQUIRE_MEMORY_LIMIT) && json_integer_value(w->memory) <= 0)
        return judge_requires(j, KEY_W_REQUIRE_MEMORY_LIMIT,
                              w->service ? "TaskTemplate.Resources.Limits.MemoryBytes"
                                         : "HostConfig.Memory",
                              "is to be a limit");
    return require_drops(j, w) && require_labels(j, w);
}

/* What a key narrows is narrowed where the request leaves it to the image or the engine, too: an
 * absent user is the image's, who can be root, and an absent network the default one. Without an image
 * the engine makes a container of nothing, which runs what is mounted (moby daemon/create.go). */
static bool narrow_absent(struct judge *j, const char *field, const json_t *value,
                          enum policy_key key, struct str stands_for)
{
    if (json_string_length(value) > 0 || policy_names(j->policy, key, stands_for))
        return true;
    if (j->before != NULL) /* same_container() has the last word on both */
        return true;
    judge_not_named(j, key, stands_for);
    return judge_set_field(j, field);
}

bool check_container(struct judge *j, const json_t *request)
{
    struct workload w = of_container(request);

    /* Without an image a container is made of nothing, and runs what its volumes hold. */
    return narrow_absent(j, "Image", json_object_get(request, "Image"), KEY_W_IMAGES,
                         STR("scratch")) &&
           narrow_absent(j, "User", w.user, KEY_W_USERS, (struct str){0}) &&
           narrow_absent(j, "HostConfig.NetworkMode",
                         at(request, "HostConfig", "NetworkMode", NULL), KEY_W_NETWORKS,
                         STR("bridge")) &&
           require(j, &w) && restrict_to(j, &w);
}

bool check_update(struct judge *j, const json_t *request)
{
    struct workload w = of_update(request);

    return restrict_to(j, &w);
}

/* A task without any is on its node's default one. */
static bool has_networks(const json_t *root)
{
    return json_array_size(at(root, "TaskTemplate", "Networks", NULL)) > 0 ||
           json_array_size(json_object_get(root, "Networks")) > 0;
}

bool check_service(struct judge *j, const json_t *request)
{
    struct workload w = of_service(request, j->target);

    return narrow_absent(j, "TaskTemplate.ContainerSpec.User", w.user, KEY_W_USERS,
                         (struct str){0}) &&
           (has_networks(request) ||
            narrow_absent(j, "TaskTemplate.Networks", NULL, KEY_W_NETWORKS, STR("bridge"))) &&
           require(j, &w) && restrict_to(j, &w);
}
