/* parameters.c: the query of what builds, pulls and kills. One that passes by default names nothing
 * that is dangerous, in whatever spelling, as a reader finds it that looks for a few words. */
#include <string.h>

#include "docker/query.h"
#include "fuzz.h"
#include "inspect/inspect.h"

const char *const fuzz_name = "parameters";
const unsigned long fuzz_count = 40000;
const struct str fuzz_seeds[] = {
    SEED("remote=http://x/&networkmode=host&version=2&session=a"),
    SEED("t=acme/web&q=1&networkmode=none&buildargs={\"A\":null}&cachefrom=[\"x\"]&memory=1"),
    SEED("fromImage=nginx&tag=1&fromSrc=-&repo=x&changes=USER+root"),
    SEED("%66romSrc=%2d&FromImage=x&signal=SIGSTOP&force=1"),
    SEED(
        "ulimits=[{\"Name\":\"nofile\",\"Hard\":1}]&outputs=[{\"Type\":\"tar\"}]&shmsize=99999999"),
    SEED("signal=9&signal=TERM&t=1&checkpoint=x&stdin=1"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

/* A parameter, in any case, that is to be absent or one of the words. */
static const struct tame {
    const char *operation, *path, *name, *words[4];
} tame[] = {
    {"ImageBuild", "/build", "remote", {NULL}},
    {"ImageBuild", "/build", "session", {NULL}},
    {"ImageBuild", "/build", "extrahosts", {NULL}},
    {"ImageBuild", "/build", "cgroupparent", {NULL}},
    {"ImageBuild", "/build", "networkmode", {"default", "none", "bridge", NULL}},
    {"ImageBuild", "/build", "version", {"1", NULL}},
    {"ImageCreate", "/images/create", "fromsrc", {NULL}},
    {"ImageCreate", "/images/create", "changes", {NULL}},
    {"ContainerStart", "/containers/x/start", "checkpoint", {NULL}},
    {"PutContainerArchive", "/containers/x/archive", "path", {NULL}},
    {"PluginPull", "/plugins/pull", "remote", {NULL}},
};

static const struct operation *operation_called(const char *name)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (strcmp(docker_operations[i].name, name) == 0)
            return &docker_operations[i];
    return NULL;
}

static bool is_tame(const struct tame *row, const struct query *query)
{
    for (size_t i = 0; i < query->n; i++) {
        bool good = query->pairs[i].value.n == 0;
        for (size_t k = 0; row->words[k] != NULL; k++)
            good = good || str_equal(query->pairs[i].value, str_of(row->words[k]));
        if (str_equal_nocase(query->pairs[i].name, str_of(row->name)) && !good)
            return false;
    }
    return true;
}

static void judge(const struct tame *row, struct str raw)
{
    static struct target target;
    static struct http_fields no_fields;
    static struct policy *policy;
    struct finding finding;
    struct policy_error error;
    struct query query;
    char text[1024];
    struct writer w = writer_over(text, sizeof(text));

    if (policy == NULL) {
        policy = calloc(1, sizeof(*policy));
        MUST(policy != NULL);
        policy_init(policy, STR("fuzz"), "fuzz.ini");
        MUST(policy_parse(policy, STR("[rules]\nallow = SystemPing\n"), &error) == 0);
    }
    MUST(target_parse(str_of(row->path), &target).status == 0);
    target.query = raw;
    bool good =
        inspect_head(operation_called(row->operation), &target, &no_fields, policy, &finding);
    MUST(good == (finding.objection == OBJECT_NOT));
    if (!good) {
        inspect_describe(policy, &finding, &w);
        MUST(!w.overflow && w.n > 0);
        for (size_t i = 0; i < w.n; i++)
            MUST(text[i] >= ' ' && text[i] < 0x7f);
        return;
    }
    query_parse(raw, &query);
    MUST(!query.unreadable && is_tame(row, &query));
    query_free(&query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof(tame) / sizeof(*tame); i++)
        judge(&tame[i], (struct str){(const char *)data, size});
    return 0;
}
