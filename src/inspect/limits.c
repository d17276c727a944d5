/* limits.c: rules on resources, logs and restarts, and those that look at no value. */
#include "inspect/checks.h"
#include "inspect/json.h"

bool check_switch(struct judge *j, const struct field *field, const json_t *value)
{
    (void)value;
    return judge_switch(j, field->key);
}

/* As ABSENT, where that is not enough: what it holds is a secret and is not to be shown, or to Go an
 * empty object behind a pointer is one that is there (NULLED). */
bool check_never(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    (void)value;
    return judge_object(j, OBJECT_NEVER, (struct str){0}, NULL);
}

bool check_restart(struct judge *j, const struct field *field, const json_t *value)
{
    struct str name = json_str(value);

    return str_is_one_of(name, "no on-failure") || judge_names(j, field->key, name);
}

/* Which of the four it is, the presence of an object says; it can be empty. */
bool check_service_mode(struct judge *j, const json_t *mode)
{
    static const struct {
        const char *field, *name;
    } modes[] = {
        {"Global", "global"}, {"GlobalJob", "global-job"}, {"ReplicatedJob", "replicated-job"}};

    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (!json_is_object(json_object_get(mode, modes[i].field)))
            continue;
        size_t mark = judge_down(j, str_of(modes[i].field));
        bool good = judge_names(j, KEY_W_SERVICE_MODES, str_of(modes[i].name));
        judge_up(j, mark);
        if (!good)
            return false;
    }
    return true;
}

/* One that says nothing changes the swarm as well: an update with an empty body unlocks its managers
 * (daemon/cluster/convert/swarm.go MergeSwarmSpecToGRPC()). */
bool check_swarm(struct judge *j, const json_t *request)
{
    (void)request;
    judge_not_named(j, KEY_S_UNRESTRICTED, (struct str){0});
    j->finding->where = FOUND_IN_OPERATION;
    j->finding->operation = j->op->name;
    return false;
}

bool check_log_driver(struct judge *j, const struct field *field, const json_t *value)
{
    struct str name = json_str(value);

    return str_is_one_of(name, "json-file local") || judge_names(j, field->key, name);
}

static bool ends_in(struct str text, struct str end)
{
    return text.n >= end.n && str_equal(str_slice(text, text.n - end.n, text.n), end);
}

static bool is_address(struct str name)
{
    return ends_in(name, STR("-address")) || ends_in(name, STR("-url")) ||
           ends_in(name, STR("-endpoint"));
}

bool check_log_options(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)value, name, text)
    {
        if (str_is_one_of(str_of(name), "max-size max-file compress mode max-buffer-size tag"))
            continue;
        if (is_address(str_of(name)) && !address_is_plain(json_str(text)))
            return judge_object(j, OBJECT_MALFORMED, str_of(name),
                                "has a host that could be read in two ways");
        if (!judge_names_pair(j, field->key, str_of(name), json_str(text)))
            return false;
    }
    return true;
}

/* A word of ulimits is NAME or NAME=MOST. */
static bool ulimit_named(const struct grant *grant, struct str name, json_int_t value)
{
    for (size_t i = 0; i < grant->n; i++) {
        struct str word = str_of(grant->words[i].text);
        size_t equals = str_index(word, '=');
        uint64_t most = INT64_MAX;
        if (!str_equal(str_slice(word, 0, equals), name))
            continue;
        if (equals == word.n)
            return true;
        if (str_decimal(str_slice(word, equals + 1, word.n), INT64_MAX, &most) && value >= 0 &&
            (uint64_t)value <= most)
            return true;
    }
    return false;
}

bool check_ulimits(struct judge *j, const struct field *field, const json_t *value)
{
    const struct grant *grant = policy_grant(j->policy, field->key);

    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i);
        struct str name = json_str(json_object_get(one, "Name"));
        if (!ulimit_named(grant, name, json_integer_value(json_object_get(one, "Hard"))) ||
            !ulimit_named(grant, name, json_integer_value(json_object_get(one, "Soft"))))
            return judge_not_named(j, field->key, name);
    }
    return true;
}

/* The engine's own default. */
enum { SHM_DEFAULT = 64 * 1024 * 1024 };

bool check_shm_size(struct judge *j, const struct field *field, const json_t *value)
{
    int64_t most = policy_grant(j->policy, field->key)->bound;
    json_int_t size = json_integer_value(value);

    if (most < SHM_DEFAULT && j->policy->key_lines[field->key] == 0)
        most = SHM_DEFAULT;
    return (size > 0 && size <= most) || judge_not_named(j, field->key, (struct str){0});
}

bool check_oom_score(struct judge *j, const struct field *field, const json_t *value)
{
    return json_integer_value(value) >= policy_grant(j->policy, field->key)->bound ||
           judge_not_named(j, field->key, (struct str){0});
}
