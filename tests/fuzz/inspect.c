/* inspect.c: what a body contains. One that passes by default holds nothing of what a reader finds in
 * it that looks for the best known ways to the host; and what passes goes on to when more is allowed. */
#include <string.h>

#include "fuzz.h"
#include "inspect/image.h"
#include "inspect/json.h"
#include "inspect/same.h"

const char *const fuzz_name = "inspect";
const unsigned long fuzz_count = 40000;
const struct str fuzz_seeds[] = {
    SEED("{\"Image\":\"nginx\",\"HostConfig\":{\"Privileged\":true,\"Binds\":[\"/etc:/x:ro\"]}}"),
    SEED(
        "{\"Image\":\"nginx\",\"HostConfig\":{\"Binds\":[\"v:/x\"],\"PidMode\":\"host\",\"CapAdd\":"
        "[\"SYS_ADMIN\"],\"NetworkMode\":\"host\"}}"),
    SEED("{\"Image\":\"nginx\",\"HostConfig\":{\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/\","
         "\"Target\":\"/x\"}],\"Devices\":[{\"PathOnHost\":\"/dev/sda\"}]}}"),
    SEED(
        "{\"Image\":\"nginx\",\"Labels\":{\"a\":\"b\"},\"HostConfig\":{\"PortBindings\":{\"80/tcp\":"
        "[{\"HostPort\":\"80\"}]},\"Ulimits\":[{\"Name\":\"nofile\",\"Hard\":1}]}}"),
    SEED(
        "{\"Image\":\"nginx\",\"Privileged\":false,\"NetworkingConfig\":{\"EndpointsConfig\":{\"front\":"
        "{\"IPAMConfig\":{\"IPv4Address\":\"10.0.0.1\"},\"Aliases\":[\"a\"]}}}}"),
    SEED(
        "{\"Name\":\"s\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"nginx\",\"Mounts\":[{\"Type\":"
        "\"bind\",\"Source\":\"/\",\"Target\":\"/x\"}]},\"Networks\":[{\"Target\":\"host\"}]}}"),
    SEED(
        "{\"Image\":\"nginx:2\",\"HostConfig\":{\"CapAdd\":[\"SYS_ADMIN\"],\"CapDrop\":null,\"Memory\":0}}"),
    SEED("[{\"Name\":\"network\",\"Value\":[\"host\"]}]"),
    SEED("{\"Image\":\"a\\u0070\",\"Ho\xc5\xbftConfig\":{}}"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

static struct policy *policy_from(const char *text)
{
    struct policy *policy = calloc(1, sizeof(*policy));
    struct policy_error error;

    MUST(policy != NULL);
    policy_init(policy, STR("fuzz"), "fuzz.ini");
    MUST(policy_parse(policy, str_of(text), &error) == 0);
    return policy;
}

static const struct operation *operation_called(const char *name)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (strcmp(docker_operations[i].name, name) == 0)
            return &docker_operations[i];
    return NULL;
}

/* Looks into the whole value, whatever stands where: a name in any case. */
static bool is_tame(const char *name, const json_t *value)
{
    struct str key = str_of(name), text = json_str(value);
    const char *inner;
    json_t *member;

    if (str_equal_nocase(key, STR("Privileged")) && json_is_true(value))
        return false;
    if ((str_equal_nocase(key, STR("PidMode")) || str_equal_nocase(key, STR("IpcMode")) ||
         str_equal_nocase(key, STR("NetworkMode")) || str_equal_nocase(key, STR("Target"))) &&
        str_equal(text, STR("host")))
        return false;
    if (str_equal_nocase(key, STR("PathOnHost")) && text.n > 0)
        return false;
    if (str_equal_nocase(key, STR("Type")) && str_equal_nocase(text, STR("bind")))
        return false;
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct str one = json_str(json_array_get(value, i));
        if (str_equal_nocase(key, STR("Binds")) && one.n > 0 && one.p[0] == '/' &&
            str_index(one, ':') < one.n)
            return false;
        if (str_equal_nocase(key, STR("CapAdd")) && str_equal_nocase(one, STR("SYS_ADMIN")))
            return false;
        if (!is_tame("", json_array_get(value, i)))
            return false;
    }
    json_object_foreach((json_t *)value, inner, member)
    {
        bool labels = str_equal(key, STR("Labels"));
        if (!labels && !is_tame(inner, member))
            return false;
    }
    return true;
}

/* What may be borrowed of a container is the container's: of this one a capability. */
static void judge_again(const struct operation *op, struct str body, const struct policy *policy)
{
    static json_t *had;
    struct finding finding;
    const char *flaw;

    if (had == NULL)
        had = json_pack("{s:s,s:{s:[s]},s:{s:{}}}", "Image", "nginx:1", "HostConfig", "CapAdd",
                        "SYS_ADMIN", "NetworkingConfig", "EndpointsConfig");
    struct predecessor before = {.body = had};
    if (!inspect_again(op, NULL, body, policy, &before, &finding))
        return;
    json_t *value = json_read(body, &flaw);
    MUST(image_same_repository(json_str(json_object_get(value, "Image")), STR("nginx")));
    json_t *host = json_object_get(value, "HostConfig");
    const json_t *added = json_object_get(host, "CapAdd");
    MUST(json_array_size(added) > 0);
    for (size_t i = 0; i < json_array_size(added); i++)
        MUST(str_equal_nocase(json_str(json_array_get(added, i)), STR("SYS_ADMIN")) ||
             str_equal_nocase(json_str(json_array_get(added, i)), STR("CAP_SYS_ADMIN")));
    (void)json_object_del(host, "CapAdd");
    MUST(is_tame("", value));
    json_decref(value);
}

/* A path that has a network in it; other operations do not look. */
static const struct target *path(void)
{
    static struct target target;

    MUST(target.n > 0 || target_parse(STR("/networks/front/connect"), &target).status == 0);
    return &target;
}

static void judge(const char *name, struct str body)
{
    static struct policy *tight, *wide;
    const struct operation *op = operation_called(name);
    struct finding finding;
    const char *flaw;

    if (tight == NULL) {
        tight = policy_from("[rules]\nallow = SystemPing\n");
        wide = policy_from(
            "[workload]\nprivileged = yes\nbinds = /**\ncapabilities = ALL\nhost-namespaces "
            "= network pid ipc uts user cgroup\ndevices = /dev/**\nports = 0-65535\n");
    }
    bool good = inspect_body(op, path(), body, tight, &finding);
    MUST(good == (finding.objection == OBJECT_NOT));
    if (!good) {
        char text[1024];
        struct writer w = writer_over(text, sizeof(text));
        inspect_describe(tight, &finding, &w);
        MUST(!w.overflow && w.n > 0);
        for (size_t i = 0; i < w.n; i++)
            MUST(text[i] >= ' ' && text[i] < 0x7f);
        if (strcmp(name, "ContainerCreate") == 0)
            judge_again(op, body, tight);
        return;
    }
    MUST(inspect_body(op, path(), body, wide, &finding));
    json_t *value = body.n == 0 ? NULL : json_read(body, &flaw);
    MUST(body.n == 0 || value != NULL);
    MUST(value == NULL || is_tame("", value));
    json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str body = {(const char *)data, size};

    judge("ContainerCreate", body);
    judge("ServiceCreate", body);
    judge("PluginPull", body);
    judge("NetworkConnect", body);
    return 0;
}
