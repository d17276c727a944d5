/* same_code.c: whether a container that is made anew runs what the old one ran (same.h). */
#include "inspect/json.h"
#include "inspect/same.h"

static bool is_none(const json_t *value)
{
    return value == NULL || json_is_zero(value);
}

static bool differs(struct judge *j, const char *field)
{
    return judge_requires(j, KEY_W_RECREATE, field, "is to be what the existing container has");
}

/* Whether the container has what its image says. */
static bool is_of_image(const json_t *before, const json_t *was)
{
    return (is_none(before) && is_none(was)) || (was != NULL && json_equal(before, was));
}

static bool same_setting(const json_t *value, const json_t *before, const json_t *was,
                         const json_t *will)
{
    if (is_none(value))
        return is_none(before) || is_of_image(before, was);
    return json_equal(value, before) || (is_of_image(before, was) && json_equal(value, will));
}

/* Entrypoint and Cmd of one side, as dockerd has them once it has merged the image's in. */
struct argv {
    const json_t *entrypoint, *cmd;
};

static struct argv argv_of(const json_t *config)
{
    return (struct argv){json_object_get(config, "Entrypoint"), json_object_get(config, "Cmd")};
}

static bool same_argv(const json_t *one, const json_t *other)
{
    return (is_none(one) && is_none(other)) || json_equal(one, other);
}

/* moby daemon/commit.go merge() and create.go mergeAndVerifyConfig(): an empty entrypoint is none, not
 * the image's; with an entrypoint there is no command but the one that is sent; [""] is none. */
static struct argv merge(struct argv sent, struct argv image)
{
    struct argv merged = sent;

    if (is_none(sent.entrypoint) && is_none(sent.cmd))
        merged.cmd = image.cmd;
    if (sent.entrypoint == NULL || json_is_null(sent.entrypoint))
        merged.entrypoint = image.entrypoint;
    if (json_array_size(merged.entrypoint) == 1 &&
        json_str(json_array_get(merged.entrypoint, 0)).n == 0)
        merged.entrypoint = NULL;
    return merged;
}

/* Both are what the container has, or both are the newer image's, where it had its own image's. */
static bool same_command(struct judge *j, const json_t *request, const struct predecessor *before)
{
    struct argv had = argv_of(before->body), was = argv_of(before->was);
    struct argv will = argv_of(before->will), sent = argv_of(request), runs = merge(sent, will);
    struct argv newer = {
        is_of_image(had.entrypoint, was.entrypoint) ? will.entrypoint : had.entrypoint,
        is_of_image(had.cmd, was.cmd) ? will.cmd : had.cmd,
    };
    bool known = before->will != NULL || !is_none(sent.entrypoint);

    if (known && same_argv(runs.entrypoint, had.entrypoint) && same_argv(runs.cmd, had.cmd))
        return true;
    if (known && before->will != NULL && same_argv(runs.entrypoint, newer.entrypoint) &&
        same_argv(runs.cmd, newer.cmd))
        return true;
    bool entrypoint = known && (same_argv(runs.entrypoint, had.entrypoint) ||
                                same_argv(runs.entrypoint, newer.entrypoint));
    return differs(j, entrypoint ? "Cmd" : "Entrypoint");
}

static struct str name_of(const json_t *variable)
{
    struct str text = json_str(variable);

    return str_slice(text, 0, str_index(text, '='));
}

static size_t count_name(const json_t *list, struct str name)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        n += str_equal(name_of(json_array_get(list, i)), name) ? 1 : 0;
    return n;
}

/* Every variable is the container's, or the newer image's and then the only one of its name; and none
 * that the container has of its own is missing. */
static bool same_env(struct judge *j, const json_t *value, const struct predecessor *before)
{
    const json_t *old = json_object_get(before->body, "Env");
    const json_t *was = json_object_get(before->was, "Env");
    const json_t *will = json_object_get(before->will, "Env");
    bool good = json_array_size(value) <= json_array_size(old) + json_array_size(will);

    for (size_t i = 0; good && i < json_array_size(value); i++) {
        const json_t *variable = json_array_get(value, i);
        good = same_lists(old, variable) ||
               (same_lists(will, variable) && count_name(value, name_of(variable)) == 1);
    }
    for (size_t i = 0; good && i < json_array_size(old); i++) {
        const json_t *variable = json_array_get(old, i);
        good = same_lists(was, variable) || same_lists(value, variable);
    }
    return good || differs(j, "Env");
}

/* What decides on which code runs, as whom. */
bool same_code(struct judge *j, const json_t *request, const struct predecessor *before)
{
    static const char *const names[] = {"User", "WorkingDir", "Shell"};

    if (!same_command(j, request, before))
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!same_setting(
                json_object_get(request, names[i]), json_object_get(before->body, names[i]),
                json_object_get(before->was, names[i]), json_object_get(before->will, names[i])))
            return differs(j, names[i]);
    if (!same_setting(json_object_get(json_object_get(request, "Healthcheck"), "Test"),
                      json_object_get(json_object_get(before->body, "Healthcheck"), "Test"),
                      json_object_get(json_object_get(before->was, "Healthcheck"), "Test"),
                      json_object_get(json_object_get(before->will, "Healthcheck"), "Test")))
        return differs(j, "Healthcheck.Test");
    return same_env(j, json_object_get(request, "Env"), before);
}
