/* target.c: a request target. What is written anew for it must be the same target, and clean. */
#include <string.h>

#include "docker/operation.h"
#include "fuzz.h"
#include "policy/pattern.h"

const char *const fuzz_name = "target";
const unsigned long fuzz_count = 400000;
const struct str fuzz_seeds[] = {
    SEED("\001/v1.41/containers/json?all=1&filters={\"status\":[\"running\"]}"),
    SEED("\001/containers/a/b/json"),
    SEED("\006/v1.41/containers/x/checkpoints/y?dir=/tmp"),
    SEED("\001/networks/"),
    SEED("\001/debug/pprof/"),
    SEED("\003/images/docker.io%3a80/library/%C3%A4%20%41@sha256:0/push?tag=%2f"),
    SEED("\001/v4.0.0/libpod/containers/json?"),
    SEED("\007/%e2%82%ac/%f0%9f%90%b3"),
    SEED("\004/v1.24/volumes/a//b/../%2e%2e/%2f%5c%25%00"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

static struct target target, again;
static char out[3 * TARGET_PATH_MAX + 65536], out_again[sizeof(out)];

static void check_clean(const struct target *t)
{
    MUST(t->path.n >= 1 && t->path.p[0] == '/' && t->n <= TARGET_SEGMENTS_MAX);
    for (size_t i = 0; i < t->path.n; i++) {
        unsigned char c = (unsigned char)t->path.p[i];
        MUST(c >= 0x20 && c != 0x7f && c != '%' && c != '\\');
    }
    for (size_t i = 0; i < t->n; i++) {
        struct str s = t->segments[i];
        MUST(s.n > 0 && str_index(s, '/') == s.n);
        MUST(!str_equal(s, STR(".")) && !str_equal(s, STR("..")));
    }
    for (size_t i = 0; i < t->query.n; i++)
        MUST(t->query.p[i] > ' ' && t->query.p[i] < 0x7f && t->query.p[i] != ';');
}

/* The first byte is the method. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str joined[TARGET_SEGMENTS_MAX];

    if (size < 1 || size > 65536)
        return 0;
    enum http_method method = (enum http_method)(data[0] & 7);
    struct str raw = {(const char *)data + 1, size - 1};
    if (target_parse(raw, &target).status != 0)
        return 0;
    check_clean(&target);
    MUST(target.n == 0 || target.trailing_slash ||
         pattern_matches("/**", target.segments, target.n));

    struct writer w = writer_over(out, sizeof(out));
    target_write(&target, &w);
    MUST(!w.overflow && w.n <= raw.n);
    MUST(target_parse(writer_view(&w), &again).status == 0);
    MUST(str_equal(target.path, again.path) && str_equal(target.query, again.query));
    MUST(str_equal(target.version, again.version) && target.n == again.n);
    MUST(target.trailing_slash == again.trailing_slash);
    MUST(api_version_compare(target.api, again.api) == 0);
    struct writer twice = writer_over(out_again, sizeof(out_again));
    target_write(&again, &twice);
    MUST(str_equal(writer_view(&w), writer_view(&twice)));

    const struct operation *op = operation_resolve(method, &target);
    MUST(op == operation_resolve(method, &again));
    MUST(op == NULL || op->method == method);
    if (op != NULL) {
        size_t n = operation_segments(op, &target, joined), bytes = n;
        for (size_t i = 0; i < n; i++)
            bytes += joined[i].n;
        MUST(n >= 1 && n <= target.n && bytes + (target.trailing_slash ? 1 : 0) == target.path.n);
    }
    return 0;
}
