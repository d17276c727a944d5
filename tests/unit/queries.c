/* queries.c: the tables of parameters (inspect/queries.h) hold together, and what they judge. */
#include <stdio.h>
#include <stdlib.h>

#include "docker/parameters.h"
#include "inspect/image.h"
#include "inspect/queries.h"
#include "policies.h"

static const struct operation *operation_of(const char *name)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (strcmp(docker_operations[i].name, name) == 0)
            return &docker_operations[i];
    fail_msg("no operation %s", name);
    return NULL;
}

static const struct query_rules *rules_of(const char *operation)
{
    for (size_t i = 0; i < query_rules_count; i++)
        if (strcmp(query_rules[i].operation, operation) == 0)
            return &query_rules[i];
    return NULL;
}

/* A parameter of one operation is often not another's, and of a GET it is its HEAD's too. */
static bool has_parameter(const char *operation, const char *name)
{
    return parameter_find(operation_of(operation), str_of(name)) != NULL;
}

UNIT(each_parameter)
{
    for (size_t i = 0; i < docker_parameters_count; i++) {
        const struct parameter *parameter = &docker_parameters[i];
        const struct query_rules *rules = rules_of(parameter->operation);
        const struct field *folded;
        bool absent;
        CHECK(rules == NULL ||
                  schema_find(rules->type, str_of(parameter->name), &absent, &folded) != NULL,
              "%s: %s is no row", parameter->operation, parameter->name);
    }
}

static bool kinds_agree(enum parameter_kind parameter, enum kind kind)
{
    switch (parameter) {
    case PARAMETER_TEXT: /* some hold JSON */
        return kind == STRING || kind == STRINGS || kind == MAP || kind == MAYBES ||
               kind == OBJECTS;
    case PARAMETER_LIST:
        return kind == STRINGS;
    case PARAMETER_BOOL:
    case PARAMETER_DBOOL:
        return kind == BOOL;
    case PARAMETER_INT:
        return kind == INT;
    case PARAMETER_FILTERS:
        return kind == FILTERS;
    }
    return false;
}

/* Two operations share a type where not all of it is both's. */
static bool is_shared(const struct query_rules *rules)
{
    for (size_t i = 0; i < query_rules_count; i++)
        if (&query_rules[i] != rules && query_rules[i].type == rules->type)
            return true;
    return false;
}

/* What clients send although no engine reads it. */
static bool is_a_clients(const struct field *field)
{
    return field->rule == FREE && str_starts(str_of(field->reason), STR("no engine reads it"));
}

static void check_rules(const struct query_rules *rules)
{
    const struct operation *op = operation_of(rules->operation);

    CHECK(strcmp(rules_of(rules->operation)->operation, rules->operation) == 0 &&
              rules_of(rules->operation) == rules,
          "%s: two rows", rules->operation);
    for (size_t i = 0; i < rules->type->parts[0].n; i++) {
        const struct field *field = &rules->type->parts[0].fields[i];
        const struct parameter *parameter = parameter_find(op, str_of(field->name));
        CHECK(parameter != NULL || is_shared(rules) || is_a_clients(field),
              "%s: %s is no parameter", rules->operation, field->name);
        CHECK(parameter == NULL || kinds_agree(parameter->kind, field->kind),
              "%s: %s is of another kind", rules->operation, field->name);
        CHECK(field->reason != NULL && field->reason[0] != '\0', "%s: %s has no reason",
              rules->operation, field->name);
        CHECK((field->check != NULL) == (field->rule == BY_CHECK), "%s: %s: a check and no rule",
              rules->operation, field->name);
    }
    CHECK(rules->image == NULL || has_parameter(rules->operation, rules->image),
          "%s: no parameter has its registry", rules->operation);
}

UNIT(whole)
{
    for (size_t i = 0; i < query_rules_count; i++)
        check_rules(&query_rules[i]);
}

UNIT(roots)
{
    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        const struct query_rules *rules = rules_of(op->name);
        CHECK(op->access != ACCESS_ROOT || (rules != NULL && rules->strict),
              "%s: an unknown parameter would pass", op->name);
    }
}

UNIT(full)
{
    static const struct {
        const char *name, *tag, *full, *all;
    } rows[] = {
        {"nginx", "", "docker.io/library/nginx:latest", "docker.io/library/nginx:*"},
        {"nginx", "1", "docker.io/library/nginx:1", "docker.io/library/nginx:*"},
        {"nginx:2", "1", "docker.io/library/nginx:1", "docker.io/library/nginx:*"},
        {"nginx@sha256:bb", "1", "docker.io/library/nginx:1", "docker.io/library/nginx:*"},
        {"nginx", "sha256:aa", "docker.io/library/nginx@sha256:aa", "docker.io/library/nginx:*"},
        {"deadbeef", "", "docker.io/library/deadbeef:latest", "docker.io/library/deadbeef:*"},
        {"h:5/a/b:1", "2", "h:5/a/b:2", "h:5/a/b:*"},
        {"localhost/a", "", "localhost/a:latest", "localhost/a:*"},
        {"index.docker.io/acme/a", "", "docker.io/acme/a:latest", "docker.io/acme/a:*"},
    };
    char text[256];

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct writer w = writer_over(text, sizeof(text));
        CHECK(image_full(str_of(rows[i].name), str_of(rows[i].tag), &w), "%s", rows[i].name);
        CHECK_STR(writer_view(&w), rows[i].full);
        w = writer_over(text, sizeof(text));
        CHECK(image_full_all(str_of(rows[i].name), &w), "%s", rows[i].name);
        CHECK_STR(writer_view(&w), rows[i].all);
    }
    struct writer w = writer_over(text, sizeof(text));
    CHECK(!image_full(STR("a b"), STR(""), &w) && !image_full(STR("a"), STR("b c"), &w) &&
              !image_full(STR(""), STR("1"), &w) && !image_full_all(STR("a*"), &w),
          "what is no reference");
}

static bool passes(const struct policy *policy, const char *request)
{
    static struct target target;
    static struct http_fields no_fields;
    struct str text = str_of(request);
    size_t space = str_index(text, ' ');
    enum http_method method = http_method_of(str_slice(text, 0, space));
    struct refusal no = target_parse(str_slice(text, space + 1, text.n), &target);
    struct finding finding;

    CHECK(no.status == 0, "%s: %s", request, no.reason);
    bool good =
        inspect_head(operation_resolve(method, &target), &target, &no_fields, policy, &finding);
    CHECK(good == (finding.objection == OBJECT_NOT), "%s: a finding", request);
    return good;
}

UNIT(extends)
{
    static const char *const base = "[pull]\nimages = ghcr.io/**\n[build]\nbuildkit = yes\n";
    struct policy policy, other;

    policy_of(&other, base);
    policy_of(&policy, "[pull]\nimages = ghcr.io/acme/* docker.io/**\nunrestricted = yes\n");
    policy_inherit(&policy, &other);
    CHECK(passes(&policy, "POST /images/create?fromImage=ghcr.io/acme/x"), "what both name");
    CHECK(!passes(&policy, "POST /images/create?fromImage=ghcr.io/other/x"), "the base alone");
    CHECK(!passes(&policy, "POST /images/create?fromImage=nginx"), "the policy alone");
    CHECK(passes(&policy, "POST /build?version=2"), "what the base allows");
    policy_free(&policy);
}

UNIT(unjudged)
{
    struct policy policy;

    policy_of(&policy, "[rules]\nallow = SystemPing\n");
    CHECK(passes(&policy, "GET /containers/json?wings=1&all=x&all=y"), "a list");
    CHECK(passes(&policy, "GET /containers/x/logs?wings=1&follow=1"), "logs");
    CHECK(passes(&policy, "GET /nothing?wings=1"), "no operation");
    policy_free(&policy);
}

static size_t blocks;

static void *count_malloc(size_t size)
{
    blocks++;
    return malloc(size);
}

static void count_free(void *block)
{
    blocks -= block != NULL;
    free(block);
}

/* A connection lives as long as its client wants, and may be refused as often. */
UNIT(leaves_nothing)
{
    static const char *const requests[] = {
        "POST /build?t=%FF",
        "POST /build?t=a&t=%FF",
        "POST /build?t=a&t=b&remote=%FF",
        "POST /build?buildargs={&labels=%FF",
        "POST /build?ulimits=[{}]&x=1",
        "POST /images/create?fromImage=a&fromImage=b",
        "POST /images/create?changes=a&changes=b",
        "POST /volumes/prune?filters={",
        "GET /images/search?term=a&filters={%22a%22:[1]}",
    };
    struct policy policy;

    policy_of(&policy, "[pull]\nimages = ghcr.io/**\n");
    json_set_alloc_funcs(count_malloc, count_free);
    for (size_t i = 0; i < COUNT(requests); i++) {
        blocks = 0;
        (void)passes(&policy, requests[i]);
        CHECK(blocks == 0, "%s: %zu blocks are left", requests[i], blocks);
    }
    json_set_alloc_funcs(malloc, free);
    policy_free(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("each parameter of an operation that is judged has its rule", each_parameter),
        PROMISE("each rule is of a parameter, of its kind, with its reason", whole),
        PROMISE("each operation of class root refuses parameters that dsp does not know", roots),
        PROMISE("a reference and a tag are one name, as Docker has it", full),
        PROMISE("what narrows holds for a policy and its base, what allows is added", extends),
        PROMISE("what only shows is not judged", unjudged),
        PROMISE("a query that was judged leaves nothing in memory", leaves_nothing),
    };

    return RUN("queries", tests);
}
