#include "relay/recreate.h"

#include <string.h>

#include "docker/query.h"
#include "inspect/json.h"
#include "inspect/same.h"
#include "relay/question.h"

static bool is_on(const struct session *s)
{
    return policy_grant(s->policy, KEY_W_RECREATE)->on &&
           !policy_grant(s->policy, KEY_W_UNRESTRICTED)->on;
}

static bool is_one_of(const struct operation *op, const char *names)
{
    return op != NULL && str_is_one_of(str_of(op->name), names);
}

/* Asks about a container, and about the one whose network it joins. */
static json_t *ask_container(struct session *s, const struct target *target, struct str name)
{
    struct str joins = STR("container:");
    unsigned status;
    json_t *inspection = question_ask(s, target, "containers", name, &status), *parent = NULL;
    struct str mode =
        json_str(json_object_get(json_object_get(inspection, "HostConfig"), "NetworkMode"));

    if (str_starts(mode, joins))
        parent = question_ask(s, target, "containers", str_slice(mode, joins.n, mode.n), &status);
    json_t *container = same_keep(inspection, parent);
    json_decref(parent);
    json_decref(inspection);
    return container;
}

void recreate_note(struct session *s, const struct operation *op, const struct target *target)
{
    struct str segments[TARGET_SEGMENTS_MAX] = {0};

    if (!is_on(s) || !is_one_of(op, "ContainerStop ContainerKill ContainerRename ContainerDelete"))
        return;
    (void)operation_segments(op, target, segments);
    json_t *container = ask_container(s, target, segments[1]);
    if (container != NULL)
        recall_keep(&s->recall, container, wire_now_ms());
    json_decref(container);
}

/* As dockerd has names (names.RestrictedNameChars); it takes a slash before them. */
static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (i > 0 && str_index(STR("_.-"), c) < 3)))
            return false;
    }
    return name.n > 0;
}

/* The name that a create asks for, into ${text}. One that could be read in two ways is none. */
static struct str name_of(const struct target *target, char *text, size_t size)
{
    struct query query;
    struct str name = {0};
    size_t found = 0;

    query_parse(target->query, &query);
    for (size_t i = 0; i < query.n; i++)
        if (str_equal_nocase(query.pairs[i].name, STR("name"))) {
            name = query.pairs[i].value;
            found += str_equal(query.pairs[i].name, STR("name")) ? 1 : 2;
        }
    if (str_starts(name, STR("/")))
        name = str_slice(name, 1, name.n);
    bool good = !query.unreadable && found == 1 && is_name(name) && name.n <= size;
    if (good)
        memcpy(text, name.p, name.n);
    query_free(&query);
    return (struct str){text, good ? name.n : 0};
}

/* The container that has or had ${name}. What a name that is none could be the beginning of an id
 * of has another name. */
static json_t *container_of(struct session *s, const struct target *target, struct str name,
                            bool connect)
{
    json_t *container = recall_find(&s->recall, name, connect, wire_now_ms());

    if (container != NULL || connect)
        return container;
    container = ask_container(s, target, name);
    if (str_equal(json_str(json_object_get(container, "Name")), name))
        return container;
    json_decref(container);
    return NULL;
}

static bool judge_create(struct session *s, const struct operation *op, const struct target *target,
                         struct str text, struct str image, const json_t *container,
                         struct finding *finding)
{
    unsigned status;
    json_t *was =
        question_ask(s, target, "images", json_str(json_object_get(container, "Image")), &status);
    json_t *will = question_ask(s, target, "images", image, &status);
    struct predecessor before = {
        .body = json_object_get(container, "Body"),
        .was = json_object_get(was, "Config"),
        .will = json_object_get(will, "Config"),
    };
    struct str parent = json_str(json_object_get(container, "Parent"));
    bool good = inspect_again(op, target, text, s->policy, &before, parent, finding);

    json_decref(was);
    json_decref(will);
    return good;
}

static bool create_allowed(struct session *s, const struct operation *op,
                           const struct target *target, struct str text, struct str image,
                           struct finding *finding)
{
    char room[256];
    struct str name = name_of(target, room, sizeof(room));
    json_t *container = name.n == 0 ? NULL : container_of(s, target, name, false);
    bool good = container != NULL && judge_create(s, op, target, text, image, container, finding);

    if (container == NULL)
        finding->says = "recreate: no container of that name was seen on this connection";
    json_decref(container);
    return good;
}

/* What the container had in the network that the path names. */
static json_t *endpoint_of(const json_t *container, struct str network)
{
    const json_t *networking =
        json_object_get(json_object_get(container, "Body"), "NetworkingConfig");
    json_t *networks = json_object_get(networking, "EndpointsConfig"), *endpoint;
    const char *name;

    json_object_foreach(networks, name, endpoint)
    {
        if (str_equal(str_of(name), network) ||
            str_equal(json_str(json_object_get(endpoint, "NetworkID")), network))
            return endpoint;
    }
    return NULL;
}

/* The body names the container by its id: its name says which one it was made of. */
static bool connect_allowed(struct session *s, const struct operation *op,
                            const struct target *target, struct str text, struct str id,
                            struct finding *finding)
{
    struct str segments[TARGET_SEGMENTS_MAX] = {0};
    json_t *now = id.n == 0 ? NULL : ask_container(s, target, id);
    json_t *container =
        now == NULL ? NULL : container_of(s, target, json_str(json_object_get(now, "Name")), true);

    (void)operation_segments(op, target, segments);
    json_t *endpoint = endpoint_of(container, segments[1]);
    struct predecessor before = {.body = json_pack("{s:O?}", "EndpointConfig", endpoint)};
    bool good = endpoint != NULL &&
                inspect_again(op, target, text, s->policy, &before, (struct str){0}, finding);
    json_decref(before.body);
    json_decref(container);
    json_decref(now);
    return good;
}

bool recreate_allows(struct session *s, const struct operation *op, const struct target *target,
                     struct str body, struct finding *finding)
{
    bool create = is_one_of(op, "ContainerCreate");
    const char *flaw;

    if (!is_on(s) || (!create && !is_one_of(op, "NetworkConnect")) ||
        (finding->objection != OBJECT_NOT_NAMED && finding->objection != OBJECT_NEVER))
        return false;
    /* The body is read anew when it is judged: of this reading one word is kept, the rest of it goes. */
    json_t *request = json_read(body, &flaw);
    json_t *word = json_incref(json_object_get(request, create ? "Image" : "Container"));
    json_decref(request);
    bool good = create ? create_allowed(s, op, target, body, json_str(word), finding)
                       : connect_allowed(s, op, target, body, json_str(word), finding);
    json_decref(word);
    return good;
}

void recreate_done(struct session *s, const struct operation *op, const struct target *target,
                   unsigned status)
{
    char room[256];

    if (status < 400 && is_one_of(op, "ContainerCreate"))
        recall_spend(&s->recall, name_of(target, room, sizeof(room)));
}
