/* query.c: the query of a request, and conditions on it. What cannot be read allows nothing, and is
 * hit by every deny. */
#include <string.h>

#include "fuzz.h"
#include "policy/condition.h"

const char *const fuzz_name = "query";
const unsigned long fuzz_count = 20000;
const struct str fuzz_seeds[] = {
    SEED("fromImage=ghcr.io%2Facme/web&tag=1+2&all=0&x"),
    SEED("filters={\"label\":[\"team=web\"]}&follow=None&tail=all"),
    SEED("filters=%7B%22label%22%3A%7B%22team%3Dweb%22%3Atrue%7D%7D&tail=0100"),
    SEED("follow=%20no%09&follow=1&tail=-1&&=;&%zz"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

static const struct row {
    const char *operation;
    struct condition condition;
} rows[] = {
    {"ImageCreate", {"fromImage", NULL, "ghcr.io/acme/*"}},
    {"ImageCreate", {"tag", NULL, "*a*1*"}},
    {"ContainerLogs", {"follow", NULL, "no"}},
    {"ContainerLogs", {"follow", NULL, "yes"}},
    {"ContainerLogs", {"tail", NULL, "0..100"}},
    {"ImageGetAll", {"names", NULL, "**"}},
    {"ContainerList", {"filters", "label", "team=*"}},
    {"Nothing", {"x", NULL, "*"}},
};

static const struct operation *operation_called(const char *name)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (strcmp(docker_operations[i].name, name) == 0)
            return &docker_operations[i];
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct query query;
    bool held[sizeof(rows) / sizeof(*rows)];

    query_parse((struct str){(const char *)data, size}, &query);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct operation *op = operation_called(rows[i].operation);
        bool allow = held[i] = condition_holds(&rows[i].condition, false, op, &query);
        bool deny = condition_holds(&rows[i].condition, true, op, &query);
        MUST(!query.unreadable || (!allow && deny));
        MUST(!allow || deny); /* what an allow takes for a match, a deny does as well */
    }
    MUST(!(held[2] && held[3])); /* no switch is on and off */
    query_free(&query);
    return 0;
}
