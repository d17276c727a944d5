/* same.c: whether two values of a field are the same (same.h). */
#include "inspect/same.h"

#include <string.h>

#include "inspect/fields.h"
#include "inspect/image.h"
#include "inspect/json.h"

static bool same_value(const struct field *field, const json_t *value, const json_t *before);

/* Absent, or what dockerd takes for it. */
static bool is_none(const json_t *value)
{
    return value == NULL || json_is_zero(value);
}

/* Every field, known or not, and whichever of the two has it. */
static bool same_object(const struct type *type, const json_t *value, const json_t *before)
{
    const struct field *folded;
    const char *key;
    json_t *member;
    bool absent;

    json_object_foreach((json_t *)value, key, member)
    {
        if (schema_find(type, str_of(key), &absent, &folded) == NULL || absent)
            return false;
    }
    json_object_foreach((json_t *)before, key, member)
    {
        if (!json_is_zero(member) && schema_find(type, str_of(key), &absent, &folded) == NULL)
            return false;
    }
    for (size_t p = 0; p < TYPE_PARTS_MAX; p++)
        for (size_t i = 0; i < type->parts[p].n; i++) {
            const struct field *field = &type->parts[p].fields[i];
            if (!same_value(field, json_object_get(value, field->name),
                            json_object_get(before, field->name)))
                return false;
        }
    return true;
}

static bool same_objects(const struct type *type, const json_t *value, const json_t *before)
{
    if (json_array_size(value) != json_array_size(before))
        return false;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!same_object(type, json_array_get(value, i), json_array_get(before, i)))
            return false;
    return true;
}

static bool same_map(const struct field *field, const json_t *value, const json_t *before)
{
    const char *key;
    json_t *member;

    if (json_object_size(value) != json_object_size(before))
        return false;
    json_object_foreach((json_t *)value, key, member)
    {
        const json_t *other = json_object_get(before, key);
        if (other == NULL || (field->kind == NAMED ? !same_object(field->type, member, other)
                                                   : !same_objects(field->type, member, other)))
            return false;
    }
    return true;
}

static struct str without_slash(struct str text)
{
    return str_starts(text, STR("/")) ? str_slice(text, 1, text.n) : text;
}

/* The engine tells "/db:/web/alias" of what was asked for as "db:alias"; Watchtower sends
 * "/db:/alias" for it. */
static bool same_link(struct str value, struct str before)
{
    size_t at = str_index(value, ':'), colon = str_index(before, ':');
    struct str alias = str_slice(before, colon, before.n);
    size_t slash = 0;

    for (size_t i = 0; i < alias.n; i++)
        if (alias.p[i] == '/' || i == 0)
            slash = i + 1;
    return str_equal(value, before) || (at < value.n && colon < before.n &&
                                        str_equal(without_slash(str_slice(value, 0, at)),
                                                  without_slash(str_slice(before, 0, colon))) &&
                                        str_equal(without_slash(str_slice(value, at + 1, value.n)),
                                                  str_slice(alias, slash, alias.n)));
}

static bool has_link(const json_t *list, struct str link)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (same_link(link, json_str(json_array_get(list, i))))
            return true;
    return false;
}

/* The engine tells them in no order. */
static bool same_links(const json_t *value, const json_t *before)
{
    if (json_array_size(value) != json_array_size(before))
        return false;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!has_link(before, json_str(json_array_get(value, i))))
            return false;
    return true;
}

static bool same_value(const struct field *field, const json_t *value, const json_t *before)
{
    if (field->rule == NULLED && (value == NULL || json_is_null(value)))
        return before == NULL || json_is_null(before);
    if (field->rule != NULLED && is_none(value) && is_none(before))
        return true;
    if (value == NULL || before == NULL || !kind_is(field->kind, value) ||
        !kind_is(field->kind, before))
        return false;
    switch (field->kind) {
    case OBJECT:
        return field->type != NULL && same_object(field->type, value, before);
    case OBJECTS:
        return field->type != NULL && same_objects(field->type, value, before);
    case NAMED:
    case NAMEDS:
        return same_map(field, value, before);
    case STRINGS:
        if (strcmp(field->name, "Links") == 0)
            return same_links(value, before);
        return json_equal(value, before);
    case BOOL:
    case INT:
    case NUMBER:
    case STRING:
    case STRING_OR_LIST:
    case LISTS:
    case INTS:
    case MAP:
    case SET:
    case MAYBES: /* of queries, and so of no container */
    case FILTERS:
        break;
    }
    return json_equal(value, before);
}

static bool lists(const json_t *list, const json_t *string)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), string))
            return true;
    return false;
}

/* The same networks, or some of them; what else an endpoint has was judged by itself. */
static bool same_networks(const json_t *value, const json_t *before)
{
    const char *name;
    json_t *endpoint;

    json_object_foreach((json_t *)value, name, endpoint)
    {
        const json_t *other = json_object_get(before, name);
        const json_t *id = json_object_get(endpoint, "NetworkID");
        if (other == NULL || !(is_none(id) || json_equal(id, json_object_get(other, "NetworkID"))))
            return false;
    }
    return true;
}

bool same_or_less(const struct field *field, const json_t *value, const json_t *before)
{
    if (!kind_is(field->kind, value))
        return false;
    if (strcmp(field->name, "Image") == 0)
        return image_same_repository(json_str(value), json_str(before));
    if (field->kind == NAMED)
        return same_networks(value, before);
    if (field->kind != STRINGS || field->rule == NULLED || strcmp(field->name, "Links") == 0)
        return same_value(field, value, before);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!lists(before, json_array_get(value, i)))
            return false;
    return true;
}

static bool differs(struct judge *j, const char *field)
{
    return judge_requires(j, KEY_W_RECREATE, field, "is to be what the existing container has");
}

static bool same_host(struct judge *j, const json_t *value, const json_t *before)
{
    const struct field *folded;
    bool absent;
    const struct type *type =
        schema_find(&type_container_create, STR("HostConfig"), &absent, &folded)->type;
    char name[128];

    for (size_t p = 0; p < TYPE_PARTS_MAX; p++)
        for (size_t i = 0; i < type->parts[p].n; i++) {
            const struct field *field = &type->parts[p].fields[i];
            struct writer w = writer_over(name, sizeof(name) - 1);
            if (same_value(field, json_object_get(value, field->name),
                           json_object_get(before, field->name)))
                continue;
            writer_text(&w, "HostConfig.");
            writer_text(&w, field->name);
            name[w.n] = '\0';
            return differs(j, name);
        }
    return same_object(type, value, before) || differs(j, "HostConfig");
}

/* Whether the container has what its image says. */
static bool is_of_image(const json_t *before, const json_t *was)
{
    return (is_none(before) && is_none(was)) || (was != NULL && json_equal(before, was));
}

static bool same_setting(const json_t *value, const json_t *before, const json_t *was,
                         const json_t *will, bool is_entrypoint)
{
    if (json_is_array(value) && json_array_size(value) == 0 && is_entrypoint)
        return is_none(before); /* it takes the image's away (daemon/commit.go merge()) */
    if (is_none(value))
        return is_none(before) || is_of_image(before, was);
    return json_equal(value, before) || (is_of_image(before, was) && json_equal(value, will));
}

/* What decides on which code runs, as whom. */
static bool same_code(struct judge *j, const json_t *request, const struct predecessor *before)
{
    static const char *const names[] = {"Entrypoint", "Cmd", "User", "WorkingDir", "Shell"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!same_setting(json_object_get(request, names[i]),
                          json_object_get(before->body, names[i]),
                          json_object_get(before->was, names[i]),
                          json_object_get(before->will, names[i]), i == 0))
            return differs(j, names[i]);
    return same_setting(json_object_get(json_object_get(request, "Healthcheck"), "Test"),
                        json_object_get(json_object_get(before->body, "Healthcheck"), "Test"),
                        json_object_get(json_object_get(before->was, "Healthcheck"), "Test"),
                        json_object_get(json_object_get(before->will, "Healthcheck"), "Test"),
                        false) ||
           differs(j, "Healthcheck.Test");
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
        good = lists(old, variable) ||
               (lists(will, variable) && count_name(value, name_of(variable)) == 1);
    }
    for (size_t i = 0; good && i < json_array_size(old); i++) {
        const json_t *variable = json_array_get(old, i);
        good = lists(was, variable) || lists(value, variable);
    }
    return good || differs(j, "Env");
}

bool same_container(struct judge *j, const json_t *request, const struct predecessor *before)
{
    const json_t *networks = json_object_get(request, "NetworkingConfig");
    const json_t *had = json_object_get(before->body, "NetworkingConfig");

    if (!image_same_repository(json_str(json_object_get(request, "Image")),
                               json_str(json_object_get(before->body, "Image"))))
        return differs(j, "Image");
    if (!same_networks(json_object_get(networks, "EndpointsConfig"),
                       json_object_get(had, "EndpointsConfig")))
        return differs(j, "NetworkingConfig");
    return same_host(j, json_object_get(request, "HostConfig"),
                     json_object_get(before->body, "HostConfig")) &&
           same_code(j, request, before) && same_env(j, json_object_get(request, "Env"), before);
}

/* The network of another container can be asked for by its id, which the engine tells, or by its
 * name, which outlives its being made anew: Watchtower changes the one to the other. */
void same_join(struct predecessor *before, struct str parent, const json_t *request)
{
    json_t *mode = json_object_get(json_object_get(request, "HostConfig"), "NetworkMode");
    struct str text = json_str(mode), container = STR("container:");

    if (parent.n > 0 && str_starts(text, container) &&
        str_equal(without_slash(str_slice(text, container.n, text.n)), parent))
        (void)json_object_set(json_object_get(before->body, "HostConfig"), "NetworkMode", mode);
}

json_t *same_keep(const json_t *inspection, const json_t *parent)
{
    const json_t *name = json_object_get(inspection, "Name");
    json_t *id = json_object_get(inspection, "Id"), *image = json_object_get(inspection, "Image");
    json_t *config = json_object_get(inspection, "Config");
    json_t *networks = json_object_get(json_object_get(inspection, "NetworkSettings"), "Networks");

    if (!json_is_string(name) || !json_is_string(id) || !json_is_object(config) ||
        !json_is_object(json_object_get(inspection, "HostConfig")))
        return NULL;
    json_t *body = json_copy(config);
    (void)json_object_set(body, "HostConfig", json_object_get(inspection, "HostConfig"));
    (void)json_object_set_new(
        body, "NetworkingConfig",
        json_pack("{s:O?}", "EndpointsConfig", json_is_object(networks) ? networks : NULL));
    struct str bare = without_slash(json_str(name));
    struct str joined = without_slash(json_str(json_object_get(parent, "Name")));
    return json_pack("{s:O,s:s%,s:O?,s:s%,s:o}", "Id", id, "Name", bare.p, bare.n, "Image", image,
                     "Parent", joined.n > 0 ? joined.p : "", joined.n, "Body", body);
}
