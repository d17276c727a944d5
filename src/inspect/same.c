/* same.c: whether two values of a field are the same (same.h). */
#include "inspect/same.h"

#include <string.h>

#include "inspect/fields.h"
#include "inspect/image.h"
#include "inspect/json.h"

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

/* Whether ${list} and ${other} have the same strings, in whichever order: the engine tells links in none. */
static bool same_set(const json_t *list, const json_t *other)
{
    if (json_array_size(list) != json_array_size(other))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!same_lists(other, json_array_get(list, i)) ||
            !same_lists(list, json_array_get(other, i)))
            return false;
    return true;
}

static struct str capability(const json_t *value)
{
    struct str text = json_str(value), prefix = STR("CAP_");
    bool whole = text.n < prefix.n || !str_equal_nocase(str_slice(text, 0, prefix.n), prefix);

    return whole ? text : str_slice(text, prefix.n, text.n);
}

static bool has_capability(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_equal_nocase(capability(json_array_get(list, i)), capability(value)))
            return true;
    return false;
}

/* Docker's client in Go sorts them, takes out what stands twice, and writes "CAP_" before each since
 * version 28 (moby client/container_create.go). */
static bool same_capabilities(const json_t *value, const json_t *before)
{
    bool good = json_is_array(value) && json_is_array(before);

    for (size_t i = 0; good && i < json_array_size(value); i++)
        good = has_capability(before, json_array_get(value, i));
    for (size_t i = 0; good && i < json_array_size(before); i++)
        good = has_capability(value, json_array_get(before, i));
    return good;
}

bool same_value(const struct field *field, const json_t *value, const json_t *before)
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
            return same_set(value, before);
        return json_equal(value, before);
    case STRING_OR_LIST:
        if (str_is_one_of(str_of(field->name), "CapAdd CapDrop"))
            return same_capabilities(value, before);
        return json_equal(value, before);
    case BOOL:
    case INT:
    case NUMBER:
    case STRING:
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

bool same_lists(const json_t *list, const json_t *string)
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
        if (!same_lists(before, json_array_get(value, i)))
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

/* What the API takes from a body only since a version, and leaves out without a word below it (moby
 * container_routes.go): the new container would be without it. */
static const char *left_out(const struct judge *j, const json_t *host)
{
    const struct api_version since_mounts = {1, 40}, since_annotations = {1, 43};
    const json_t *mounts = json_object_get(host, "Mounts");

    if (j->target == NULL || j->target->version.n == 0)
        return NULL;
    if (api_version_compare(j->target->api, since_annotations) < 0 &&
        !is_none(json_object_get(host, "Annotations")))
        return "HostConfig.Annotations";
    if (api_version_compare(j->target->api, since_mounts) >= 0)
        return NULL;
    for (size_t i = 0; i < json_array_size(mounts); i++)
        if (json_is_true(json_object_get(json_object_get(json_array_get(mounts, i), "BindOptions"),
                                         "NonRecursive")))
            return "HostConfig.Mounts";
    return NULL;
}

/* Whether it publishes no port that the old one, or the newer image, does not. */
static bool same_ports(const json_t *request, const struct predecessor *before)
{
    const json_t *old = json_object_get(before->body, "ExposedPorts");
    const json_t *will = json_object_get(before->will, "ExposedPorts");
    const char *port;
    json_t *value;

    if (!json_is_true(
            json_object_get(json_object_get(before->body, "HostConfig"), "PublishAllPorts")))
        return true;
    json_object_foreach(json_object_get(request, "ExposedPorts"), port, value)
    {
        if (json_object_get(old, port) == NULL && json_object_get(will, port) == NULL)
            return false;
    }
    return true;
}

bool same_container(struct judge *j, const json_t *request, const struct predecessor *before)
{
    const json_t *networks = json_object_get(request, "NetworkingConfig");
    const json_t *had = json_object_get(before->body, "NetworkingConfig");
    const json_t *host = json_object_get(request, "HostConfig");

    if (!image_same_repository(json_str(json_object_get(request, "Image")),
                               json_str(json_object_get(before->body, "Image"))))
        return differs(j, "Image");
    if (!same_networks(json_object_get(networks, "EndpointsConfig"),
                       json_object_get(had, "EndpointsConfig")))
        return differs(j, "NetworkingConfig");
    if (!same_host(j, host, json_object_get(before->body, "HostConfig")))
        return false;
    if (left_out(j, host) != NULL)
        return judge_requires(j, KEY_W_RECREATE, left_out(j, host),
                              "is left out by this version of the API");
    if (!same_ports(request, before))
        return differs(j, "ExposedPorts");
    if (json_is_true(json_object_get(before->body, "NetworkDisabled")) &&
        !json_is_true(json_object_get(request, "NetworkDisabled")))
        return differs(j, "NetworkDisabled");
    return same_code(j, request, before);
}

json_t *same_keep(const json_t *inspection)
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
    struct str bare = json_str(name);
    if (str_starts(bare, STR("/")))
        bare = str_slice(bare, 1, bare.n);
    return json_pack("{s:O,s:s%,s:O?,s:o}", "Id", id, "Name", bare.p, bare.n, "Image", image,
                     "Body", body);
}
