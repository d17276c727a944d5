#include "relay/recreate.h"

#include <stdlib.h>
#include <string.h>

#include "docker/query.h"
#include "inspect/image.h"
#include "inspect/json.h"
#include "inspect/same.h"
#include "policy/grant.h"
#include "relay/question.h"

/* A judgement under way. */
struct anew {
    struct session *s;
    const struct operation *op;
    const struct target *target;
    json_t *request; /* with ids where it had names of containers: */
    json_t *named;   /* these; NULL before that is done */
    char *text;      /* of the request as it is then; NULL when nothing is another than it was */
    json_t *will;    /* the image that it asks for */
    const char *unknown;      /* the field of a container that cannot be told, or NULL */
    const json_t *inspection; /* of a container that is asked about */
};

static bool is_on(const struct session *s)
{
    return policy_grant(s->policy, KEY_W_RECREATE)->on &&
           !policy_grant(s->policy, KEY_W_UNRESTRICTED)->on;
}

static bool is_one_of(const struct operation *op, const char *names)
{
    return op != NULL && str_is_one_of(str_of(op->name), names);
}

/* A refs_resolve of what a request names: asks the engine. A container that is gone is the one that was
 * made of it here. */
static bool ask_id(void *context, struct str name, struct str mode, struct writer *id)
{
    const struct anew *anew = context;
    struct str next = recall_successor(&anew->s->recall, name);
    unsigned status;
    json_t *found = grant_name_is_plain(name)
                        ? question_ask(anew->s, anew->target, "containers", name, &status)
                        : NULL;

    (void)mode;
    if (found == NULL && next.n > 0)
        found = question_ask(anew->s, anew->target, "containers", next, &status);
    bool there = found != NULL;
    writer_str(id, json_str(json_object_get(found, "Id")));
    if (there)
        (void)json_array_append(anew->named, json_object_get(found, "Id"));
    json_decref(found);
    return there;
}

/* A refs_resolve of the containers whose mounts one has: the engine told it by a name, which can be
 * another's by now. It is as good as the right one when it has nothing mounted that the other has not. */
static bool ask_mounts(void *context, struct str name, struct str mode, struct writer *id)
{
    const struct anew *anew = context;
    unsigned status;
    json_t *found = grant_name_is_plain(name)
                        ? question_ask(anew->s, anew->target, "containers", name, &status)
                        : NULL;
    bool good =
        found != NULL && refs_has_mounts(anew->inspection, found, str_equal(mode, STR("ro")));

    if (good)
        writer_str(id, json_str(json_object_get(found, "Id")));
    json_decref(found);
    return good;
}

/* Asks about a container, and about those whose mounts it has. */
static json_t *ask_container(struct session *s, const struct target *target, struct str name)
{
    unsigned status;
    json_t *inspection = question_ask(s, target, "containers", name, &status);
    struct anew anew = {.s = s, .target = target, .inspection = inspection};

    refs_settle_told(json_object_get(inspection, "HostConfig"), s->policy, ask_mounts, &anew);
    json_t *container = same_keep(inspection);
    json_decref(inspection);
    return container;
}

void recreate_note(struct session *s, const struct operation *op, const struct target *target)
{
    struct str segments[TARGET_SEGMENTS_MAX] = {0};

    if (!is_on(s) || !is_one_of(op, "ContainerStop ContainerKill ContainerRename ContainerDelete"))
        return;
    (void)operation_segments(op, target, segments);
    /* One that was made here just gets its name. */
    if (is_one_of(op, "ContainerRename") && recall_origin(&s->recall, segments[1]).n > 0)
        return;
    json_t *container = ask_container(s, target, segments[1]);
    if (container != NULL)
        recall_keep(&s->recall, container, wire_now_ms());
    json_decref(container);
}

/* The name that a create asks for, into ${text}; empty when it asks for none. Returns false for one
 * that could be read in two ways. */
static bool name_of(const struct target *target, char *text, size_t size, struct str *asked)
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
    bool none = name.n == 0;
    if (str_starts(name, STR("/")))
        name = str_slice(name, 1, name.n);
    bool good =
        !query.unreadable && found <= 1 && (none || grant_name_is_plain(name)) && name.n <= size;
    if (good && !none)
        memcpy(text, name.p, name.n);
    *asked = (struct str){text, good ? name.n : 0};
    query_free(&query);
    return good;
}

/* A refs_resolve of what the old container names: of one that was made anew since the new one, where
 * the request names that. */
static bool now_called(void *context, struct str name, struct str mode, struct writer *id)
{
    const struct anew *anew = context;
    struct str next = recall_successor(&anew->s->recall, name);
    bool old = next.n == 0;

    (void)mode;
    for (size_t i = 0; !old && i < json_array_size(anew->named); i++)
        if (str_equal(json_str(json_array_get(anew->named, i)), next)) {
            writer_str(id, next);
            return true;
        }
    writer_str(id, name);
    return true;
}

/* Puts ids in the place of names in the request, and asks about its image; once. */
static void prepare(struct anew *anew)
{
    unsigned status;
    bool changed = false;

    if (anew->named != NULL)
        return;
    anew->named = json_array();
    anew->unknown = refs_settle(json_object_get(anew->request, "HostConfig"), anew->s->policy,
                                ask_id, anew, &changed);
    if (changed && anew->unknown == NULL)
        anew->text = json_dumps(anew->request, JSON_COMPACT);
    anew->will = question_ask(anew->s, anew->target, "images",
                              json_str(json_object_get(anew->request, "Image")), &status);
}

/* Objects to a request that is the same but for a container that cannot be told. */
static bool object_unknown(const char *field, struct finding *finding)
{
    bool links = strcmp(field, "HostConfig.Links") == 0;

    *finding = (struct finding){.objection = links ? OBJECT_NOT_NAMED : OBJECT_REQUIRED,
                                .key = links ? KEY_W_LINKS : KEY_W_RECREATE,
                                .says = links ? NULL : "names a container that is not there"};
    memcpy(finding->field, field, strlen(field) + 1);
    return false;
}

static bool has_repository_of(const json_t *request, const json_t *container)
{
    return image_same_repository(
        json_str(json_object_get(request, "Image")),
        json_str(json_object_get(json_object_get(container, "Body"), "Image")));
}

/* The body is read anew when it is judged: of this reading its image is kept, the rest of it goes. */
static void let_go(struct anew *anew)
{
    json_t *image = json_incref(json_object_get(anew->request, "Image"));

    json_decref(anew->request);
    anew->request = json_pack("{s:o?}", "Image", image);
}

/* Whether the request is the ${container}. */
static bool is_it(struct anew *anew, struct str body, const json_t *container,
                  struct finding *finding)
{
    json_t *had = json_object_get(container, "Body");
    unsigned status;
    bool changed = false;

    /* The image's name goes into a question: it is to be one. */
    if (!has_repository_of(anew->request, container)) {
        const struct predecessor before = {.body = had};
        let_go(anew);
        return inspect_again(anew->op, anew->target, body, anew->s->policy, &before, finding);
    }
    prepare(anew);
    let_go(anew);
    json_t *was = question_ask(anew->s, anew->target, "images",
                               json_str(json_object_get(container, "Image")), &status);
    const struct predecessor before = {
        .body = had,
        .was = json_object_get(was, "Config"),
        .will = json_object_get(anew->will, "Config"),
    };
    (void)refs_settle(json_object_get(had, "HostConfig"), anew->s->policy, now_called, anew,
                      &changed);
    bool good =
        inspect_again(anew->op, anew->target, anew->text == NULL ? body : str_of(anew->text),
                      anew->s->policy, &before, finding);
    json_decref(was);
    return good && anew->unknown != NULL ? object_unknown(anew->unknown, finding) : good;
}

/* The container that has or had ${name}. What a name that is none could be the beginning of an id
 * of has another name. */
static json_t *container_of(struct anew *anew, struct str name, bool ask)
{
    json_t *container = recall_find(&anew->s->recall, name, wire_now_ms());

    if (container != NULL || !ask)
        return container;
    container = ask_container(anew->s, anew->target, name);
    if (str_equal(json_str(json_object_get(container, "Name")), name))
        return container;
    json_decref(container);
    return NULL;
}

static bool try(struct anew *anew, struct str body, json_t *container, struct making *making,
                struct finding *finding)
{
    struct writer id = writer_over(making->id, sizeof(making->id) - 1);
    bool good = container != NULL && is_it(anew, body, container, finding);

    if (good)
        writer_str(&id, json_str(json_object_get(container, "Id")));
    json_decref(container);
    return good;
}

/* Which container a create stands for; of one that was refused the engine is asked, too. */
static bool find(struct anew *anew, struct str body, bool refused, struct making *making,
                 struct finding *finding)
{
    struct recall *recall = &anew->s->recall;
    char room[256];
    struct str name;
    bool good = name_of(anew->target, room, sizeof(room), &name), any = good && name.n > 0;

    if (any) {
        json_t *container = container_of(anew, name, refused);
        any = container != NULL;
        good = try(anew, body, container, making, finding);
    } else if (good) {
        good = false;
        for (size_t i = 0; !good && i < recall->n; i++) {
            json_t *container = recall_number(recall, i, wire_now_ms());
            bool likely = has_repository_of(anew->request, container);
            any = any || likely;
            good = try(anew, body, likely ? container : NULL, making, finding);
            if (!likely)
                json_decref(container);
        }
    }
    if (!any)
        finding->says = "recreate: no container of that name was seen on this connection";
    return good;
}

static bool create_allowed(struct anew *anew, bool refused, struct held *held,
                           struct making *making, struct finding *finding)
{
    struct str body = {held->body, held->body_n};
    bool good = find(anew, body, refused, making, finding);

    if (good && refused && anew->text != NULL) {
        free(held->body);
        held->body = anew->text;
        held->body_n = held->body_cap = strlen(anew->text);
        anew->text = NULL;
    }
    free(anew->text);
    json_decref(anew->named);
    json_decref(anew->will);
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

/* The container is the one that was there, or the one that was made of it: by its id, since a name
 * can be another's when the engine looks it up. */
static bool connect_allowed(struct anew *anew, struct str body, struct finding *finding)
{
    struct str segments[TARGET_SEGMENTS_MAX] = {0};
    json_t *container = recall_of(
        &anew->s->recall, json_str(json_object_get(anew->request, "Container")), wire_now_ms());

    let_go(anew);
    (void)operation_segments(anew->op, anew->target, segments);
    json_t *endpoint = endpoint_of(container, segments[1]);
    const struct predecessor before = {.body = json_pack("{s:O?}", "EndpointConfig", endpoint)};
    bool good = endpoint != NULL &&
                inspect_again(anew->op, anew->target, body, anew->s->policy, &before, finding);
    json_decref(before.body);
    json_decref(container);
    return good;
}

bool recreate_allows(struct session *s, const struct operation *op, const struct target *target,
                     struct held *held, struct making *making, struct finding *finding)
{
    bool create = is_one_of(op, "ContainerCreate"), refused = finding->objection != OBJECT_NOT;
    struct anew anew = {.s = s, .op = op, .target = target};
    struct str body = {held->body, held->body_n};
    struct finding none;
    const char *flaw;

    if (!is_on(s) || (!create && !(refused && is_one_of(op, "NetworkConnect"))) ||
        (refused && finding->objection != OBJECT_NOT_NAMED && finding->objection != OBJECT_NEVER))
        return !refused;
    anew.request = json_read(body, &flaw);
    bool good = create ? create_allowed(&anew, refused, held, making, refused ? finding : &none)
                       : connect_allowed(&anew, body, finding);
    json_decref(anew.request);
    return good || !refused;
}

void recreate_done(struct session *s, const struct making *making, unsigned status)
{
    const char *flaw;

    if (making->id[0] == '\0' || status >= 400)
        return;
    json_t *answer = status == 201 ? json_read(writer_view(&making->answer), &flaw) : NULL;
    recall_spend(&s->recall, str_of(making->id), json_str(json_object_get(answer, "Id")));
    json_decref(answer);
}
