/* query.c: a query as an object that a type judges (queries.h). */
#include <string.h>

#include "docker/filters.h"
#include "docker/parameters.h"
#include "docker/query.h"
#include "inspect/inspect.h"
#include "inspect/json.h"
#include "inspect/queries.h"

static const struct query_rules *rules_of(const struct operation *op)
{
    for (size_t i = 0; op != NULL && i < query_rules_count; i++)
        if (strcmp(query_rules[i].operation, op->name) == 0)
            return &query_rules[i];
    return NULL;
}

struct str query_text(const struct judge *j, const char *name)
{
    return json_str(json_object_get(j->root, name));
}

struct str query_path_name(const struct judge *j)
{
    static const struct str nothing = {0};
    struct str segments[TARGET_SEGMENTS_MAX];
    size_t n = operation_segments(j->op, j->target, segments);

    return n > 1 ? segments[1] : nothing;
}

static const struct field *field_of(const struct type *type, struct str name)
{
    const struct field *folded;
    bool absent;

    return schema_find(type, name, &absent, &folded);
}

static bool misspelled(const struct type *type, struct str name)
{
    for (size_t p = 0; p < TYPE_PARTS_MAX; p++)
        for (size_t i = 0; i < type->parts[p].n; i++)
            if (str_equal_nocase(str_of(type->parts[p].fields[i].name), name))
                return true;
    return false;
}

/* What a parameter that is text has in it: JSON for some, which dockerd decodes. An empty one is as
 * good as none. Returns NULL for what is no JSON. */
static json_t *text_value(const struct field *field, struct str text)
{
    const char *flaw;

    if (field->kind == STRING)
        return json_stringn(text.p, text.n);
    return text.n == 0 ? json_null() : json_read(text, &flaw);
}

static json_t *value_of(const struct field *field, enum parameter_kind kind, struct str text)
{
    int64_t number = 0;
    bool is;

    switch (kind) {
    case PARAMETER_BOOL:
    case PARAMETER_DBOOL:
        return query_bool(text, &is) ? json_boolean(is) : NULL;
    case PARAMETER_INT:
        return text.n == 0 || query_int(text, &number) ? json_integer(number) : NULL;
    case PARAMETER_FILTERS:
        return filters_parse(text);
    case PARAMETER_TEXT:
    case PARAMETER_LIST:
        break;
    }
    return text_value(field, text);
}

/* Adds a parameter that is one of the type's. */
static bool add(struct judge *j, json_t *object, const struct field *field, struct str text)
{
    const struct parameter *parameter = parameter_find(j->op, str_of(field->name));
    json_t *there = json_object_get(object, field->name);
    enum parameter_kind kind = parameter == NULL ? PARAMETER_TEXT : parameter->kind;

    if (kind == PARAMETER_LIST) {
        if (there == NULL && json_object_set_new(object, field->name, json_array()) == 0)
            there = json_object_get(object, field->name);
        return json_array_append_new(there, json_stringn(text.p, text.n)) == 0 ||
               judge_object(j, OBJECT_TYPE, text, "is not UTF-8");
    }
    if (there != NULL) /* dockerd takes the first, and Podman the last */
        return judge_object(j, OBJECT_TYPE, text, "stands twice");
    json_t *value = value_of(field, kind, text);
    if (value == NULL || json_object_set_new(object, field->name, value) != 0)
        return judge_object(j, OBJECT_TYPE, text, "could be read in two ways, or not at all");
    return true;
}

/* dockerode repeats the fields of the body in the query of what creates (docker-modem), where no
 * engine looks for them. */
static bool is_of_body(const struct judge *j, struct str name)
{
    const struct type *type = inspect_body_type(j->op);

    return type != NULL && field_of(type, name) != NULL;
}

static bool take(struct judge *j, const struct query_rules *rules, json_t *object,
                 const struct query_pair *pair)
{
    const struct field *field = field_of(rules->type, pair->name);
    size_t mark = judge_down(j, pair->name);
    bool good = true;

    if (field != NULL)
        good = add(j, object, field, pair->value);
    else if (is_of_body(j, pair->name))
        good = true;
    else if (misspelled(rules->type, pair->name))
        good = judge_object(j, OBJECT_MISSPELLED, (struct str){0}, NULL);
    else if (rules->strict)
        good = judge_object(j, OBJECT_UNKNOWN, (struct str){0}, NULL);
    judge_up(j, mark);
    return good;
}

static bool judge_query(struct judge *j, const struct query_rules *rules,
                        const struct http_fields *fields)
{
    json_t *object = json_object();
    struct query query;

    j->root = object;
    query_parse(j->target->query, &query);
    bool good = !query.unreadable ||
                judge_object(j, OBJECT_TYPE, (struct str){0}, "could be read in two ways");
    for (size_t i = 0; good && i < query.n; i++)
        good = take(j, rules, object, &query.pairs[i]);
    query_free(&query);
    good = good && schema_judge(j, rules->type, object) && credentials_judge(j, rules, fields);
    json_decref(object);
    return good;
}

bool inspect_head(const struct operation *op, const struct target *target,
                  const struct http_fields *fields, const struct policy *policy,
                  struct finding *finding)
{
    const struct query_rules *rules = rules_of(op);
    struct judge j = {.policy = policy, .op = op, .target = target, .finding = finding};

    *finding = (struct finding){.objection = OBJECT_NOT};
    if (rules == NULL || policy_grant(policy, KEY_W_UNRESTRICTED)->on ||
        policy_grant(policy, rules->unrestricted)->on)
        return true;
    j.unrestricted = rules->unrestricted;
    finding->where = FOUND_IN_QUERY;
    finding->operation = op->name;
    return judge_query(&j, rules, fields);
}
