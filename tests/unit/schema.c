/* schema.c: the tables of body fields (inspect/fields.h) hold together. */
#include <stdio.h>

#include "inspect/fields.h"
#include "policies.h"

enum { TYPES_MAX = 128 };
static const struct type *seen[TYPES_MAX];
static size_t seen_n;

/* All types that ${type} leads to. */
static void collect(const struct type *type)
{
    for (size_t i = 0; i < seen_n; i++)
        if (seen[i] == type)
            return;
    CHECK(seen_n < TYPES_MAX, "too many types");
    seen[seen_n++] = type;
    for (size_t p = 0; p < TYPE_PARTS_MAX; p++)
        for (size_t i = 0; i < type->parts[p].n; i++)
            if (type->parts[p].fields[i].type != NULL)
                collect(type->parts[p].fields[i].type);
}

static void collect_all(void)
{
    const struct type *const roots[] = {
        &type_container_create,
        &type_container_update,
        &type_container_config,
        &type_nothing,
        &type_exec_create,
        &type_exec_start,
        &type_service,
        &type_network_create,
        &type_network_connect,
        &type_network_disconnect,
        &type_volume_create,
        &type_volume_update,
        &type_swarm_init,
        &type_swarm_join,
        &type_swarm_spec,
        &type_swarm_unlock,
        &type_node,
        &type_secret,
        &type_config,
        &type_auth,
        &type_plugin_privilege,
        &type_checkpoint,
    };

    for (size_t i = 0; i < COUNT(roots); i++)
        collect(roots[i]);
}

/* Each row of ${type} is given to ${check}. */
static void each_row(void (*check)(const struct type *, const struct field *))
{
    collect_all();
    for (size_t t = 0; t < seen_n; t++)
        for (size_t p = 0; p < TYPE_PARTS_MAX; p++)
            for (size_t i = 0; i < seen[t]->parts[p].n; i++)
                check(seen[t], &seen[t]->parts[p].fields[i]);
}

static void is_alone(const struct type *type, const struct field *field)
{
    for (size_t p = 0; p < TYPE_PARTS_MAX; p++)
        for (size_t i = 0; i < type->parts[p].n; i++) {
            const struct field *other = &type->parts[p].fields[i];
            CHECK(other == field || !str_equal_nocase(str_of(other->name), str_of(field->name)),
                  "%s has %s twice", type->name, field->name);
        }
}

UNIT(alone)
{
    each_row(is_alone);
}

static bool has_fields(enum kind kind)
{
    return kind == OBJECT || kind == OBJECTS || kind == NAMED || kind == NAMEDS;
}

static void is_whole(const struct type *type, const struct field *field)
{
    const char *name = field->name;

    CHECK(field->reason != NULL && field->reason[0] != '\0', "%s.%s: no reason", type->name, name);
    CHECK((field->check != NULL) == (field->rule == BY_CHECK || field->rule == NULLED),
          "%s.%s: a check without its rule, or the other way", type->name, name);
    CHECK(field->rule != NAMED_BY || (size_t)field->key >= KEY_FIRST_GRANT, "%s.%s: no key",
          type->name, name);
    CHECK(!has_fields(field->kind) || field->rule == ZERO || field->check == check_never ||
              (field->type != NULL && field->rule != NULLED),
          "%s.%s: its fields would pass unjudged", type->name, name);
    CHECK(has_fields(field->kind) || field->type == NULL, "%s.%s: fields of what has none",
          type->name, name);
    for (const char *p = name; *p != '\0'; p++)
        CHECK(*p > ' ' && *p < 0x7f, "%s.%s: Go folds it by more than its case", type->name, name);
}

UNIT(whole)
{
    each_row(is_whole);
}

static void check_operation(const struct policy *policy, const struct operation *op)
{
    struct finding finding;

    if (op->content != CONTENT_JSON)
        return;
    CHECK(inspect_need(op, policy) != INSPECT_NOT, "%s is not judged", op->name);
    (void)inspect_body(op, NULL, STR("null"), policy, &finding);
    CHECK(finding.objection != OBJECT_UNKNOWN, "%s: no type", op->name);
    CHECK(!inspect_body(op, NULL, STR("{\"Wings\":1}"), policy, &finding), "%s: wings", op->name);
}

UNIT(operations)
{
    struct policy policy;

    policy_of(&policy, "[rules]\nallow = SystemPing\n");
    for (size_t i = 0; i < docker_operations_count; i++)
        check_operation(&policy, &docker_operations[i]);
    policy_free(&policy);
}

UNIT(kinds)
{
    static const char *const values[] = {"true",
                                         "1",
                                         "1.5",
                                         "\"x\"",
                                         "[\"x\"]",
                                         "[[]]",
                                         "[{}]",
                                         "{\"a\":\"b\"}",
                                         "{\"a\":{\"b\":1}}"};
    static const char *const fields[] = {"Tty",    "StopTimeout", "Hostname", "Env",
                                         "Labels", "Healthcheck", "Volumes"};
    /* Which of the values are of the field's kind. */
    static const unsigned good[] = {0x001, 0x002, 0x008, 0x010, 0x080, 0, 0};
    struct policy policy;
    struct finding finding;
    char body[128];
    const struct operation *create = docker_operations;

    while (strcmp(create->name, "ContainerCreate") != 0)
        create++;
    policy_of(&policy, "[rules]\nallow = SystemPing\n");
    for (size_t f = 0; f < COUNT(fields); f++)
        for (size_t v = 0; v < COUNT(values); v++) {
            (void)snprintf(body, sizeof(body), "{\"%s\":%s}", fields[f], values[v]);
            bool passes = inspect_body(create, NULL, str_of(body), &policy, &finding);
            CHECK(passes == ((good[f] >> v & 1) != 0), "%s: %s", body,
                  passes ? "passes" : "is refused");
        }
    policy_free(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("no type has a field twice, in any case", alone),
        PROMISE("each row is whole: kind, rule, key, check and reason fit", whole),
        PROMISE("each operation that takes JSON is judged by a type", operations),
        PROMISE("each kind refuses a value of another", kinds),
    };

    return RUN("schema", tests);
}
