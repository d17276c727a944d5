#include "ctl/level.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"
#include "inspect/inspect.h"
#include "policy/pattern.h"
#include "start/policy_file.h"

/* A name that no policy means in particular: a pattern that matches it matches every name. */
#define ANY_NAME "~"

static bool is_file(const char *name)
{
    const char *dot = strrchr(name, '.');

    return strchr(name, '/') != NULL || (dot != NULL && strcmp(dot, ".ini") == 0);
}

void level_free(struct level *level)
{
    policy_free(&level->policy);
    free(level->errors);
    *level = (struct level){0};
}

void level_print_errors(const struct level *level)
{
    for (size_t i = 0; i < level->errors_count; i++) {
        const struct policy_error *error = &level->errors[i];
        if (error->line > 0)
            (void)fprintf(stderr, "%s:%u: %s\n", level->policy.file, error->line, error->text);
        else
            (void)fprintf(stderr, "%s: %s\n", level->policy.file, error->text);
    }
}

/* What ${rule} alone says of a request; its rule is NULL when it does not match. */
static struct decision ask_one(const struct policy *policy, const struct rule *rule,
                               enum http_method method, const struct target *target,
                               const struct operation *op)
{
    struct policy alone = *policy;

    alone.rules = (struct rule *)(uintptr_t)rule; /* policy_decide() writes nothing */
    alone.rules_count = 1;
    return policy_decide(&alone, method, target, op);
}

bool level_rule_matches(const struct level *level, const struct rule *rule,
                        const struct judgement *judgement)
{
    return judgement->asked && ask_one(&level->policy, rule, judgement->request.method,
                                       &judgement->target, judgement->op)
                                       .rule != NULL;
}

/* The template of ${op} with ANY_NAME for its names, as a target without a query. */
static const struct target *sample(const struct operation *op)
{
    static struct target samples[OPERATIONS_MAX];
    struct target *target = &samples[op - docker_operations];
    char raw[128];
    struct writer w = writer_over(raw, sizeof(raw));

    if (target->path.n > 0)
        return target;

    for (const char *p = op->path; *p != '\0'; p++) {
        if (*p == '{') {
            writer_text(&w, ANY_NAME);
            p = strchr(p, '}');
        } else {
            writer_char(&w, *p);
        }
    }
    (void)target_parse(writer_view(&w), target);
    return target;
}

/* Whether some path of the template could be one of the pattern's. Of a {x...} only names without
 * a slash are looked at: those with one are rare, and a `*` is one segment. */
static bool overlaps(const char *pattern, const struct operation *op)
{
    struct str wanted = str_of(pattern), have = str_of(op->path);

    while (wanted.n > 1 && have.n > 1) {
        struct str glob = path_cut_segment(&wanted), part = path_cut_segment(&have);
        char one[128], text[130];
        if (str_equal(glob, STR("**")))
            return true;
        if (part.n > 0 && part.p[0] == '{')
            continue;
        (void)snprintf(one, sizeof(one), "%.*s", STR_ARG(part));
        (void)snprintf(text, sizeof(text), "/%.*s", STR_ARG(glob));
        struct str segment = str_of(one);
        if (!pattern_matches(text, &segment, 1))
            return false;
    }
    return wanted.n <= 1 && have.n <= 1;
}

enum reach rule_reach(const struct level *level, const struct rule *rule,
                      const struct operation *op)
{
    struct rule unconditional = *rule;

    unconditional.conditions = 0;
    if (ask_one(&level->policy, &unconditional, op->method, sample(op), op).rule != NULL)
        return rule->conditions == 0 ? REACH_WHOLE : REACH_PART;
    if (rule->path == NULL)
        return REACH_NONE;
    if (rule->method != METHOD_OTHER && rule->method != op->method)
        return REACH_NONE;
    return overlaps(rule->path, op) ? REACH_PART : REACH_NONE;
}

static enum reach reach_of(const struct level *level, const struct operation *op)
{
    enum reach allowed = REACH_NONE, denied = REACH_NONE;

    for (size_t i = 0; i < level->policy.rules_count; i++) {
        const struct rule *rule = &level->policy.rules[i];
        enum reach reach = rule_reach(level, rule, op);
        enum reach *sum = rule->deny ? &denied : &allowed;
        if (reach > *sum)
            *sum = reach;
    }
    if (denied == REACH_WHOLE)
        return REACH_NONE;
    return denied == REACH_PART && allowed == REACH_WHOLE ? REACH_PART : allowed;
}

enum reach level_reach(const struct level *level, const struct operation *op)
{
    return level->reach[op - docker_operations];
}

int level_load(const char *name, struct level *level)
{
    static struct policy_stamp stamp; /* not looked at again */
    struct options options = {0};

    *level = (struct level){0};
    if (is_file(name))
        options.policy_file = name;
    else
        options.level = str_of(name);
    struct policy_errors errors;
    int result = policy_file_load_all(&options, &level->policy, &errors, &stamp);
    level->errors_count = errors.n;
    level->errors = text_must(calloc(errors.n + 1, sizeof(*level->errors)));
    memcpy(level->errors, errors.items, errors.n * sizeof(*level->errors));
    if (result != 0)
        return -1;
    for (size_t i = 0; i < docker_operations_count; i++)
        level->reach[i] = reach_of(level, &docker_operations[i]);
    return 0;
}

/* Whether each rule of ${a} on ${op} stands in ${b} too. */
static bool has_rules(const struct level *a, const struct level *b, const struct operation *op)
{
    for (size_t i = 0; i < a->policy.rules_count; i++) {
        const struct rule *rule = &a->policy.rules[i];
        bool found = rule_reach(a, rule, op) == REACH_NONE;
        for (size_t k = 0; k < b->policy.rules_count && !found; k++)
            found = strcmp(rule->text, b->policy.rules[k].text) == 0;
        if (!found)
            return false;
    }
    return true;
}

bool level_same_rules(const struct level *a, const struct level *b, const struct operation *op)
{
    return has_rules(a, b, op) && has_rules(b, a, op);
}

/* What the filter asks of a request before its policy; see understand() in relay/turn.c. */
static struct refusal understand(struct str head, struct judgement *j)
{
    struct refusal no = request_parse(head, &j->request);

    if (no.status == 0)
        no = target_parse(j->request.target, &j->target);
    if (no.status != 0)
        return no;
    j->op = operation_resolve(j->request.method, &j->target);
    if (j->op == NULL && j->target.trailing_slash)
        return (struct refusal){400, "'/' at the end of the path"};
    return no;
}

/* See held_check_media() and hold() in relay/. */
static struct refusal check_held(const struct judgement *j, struct str body, enum inspect_need need)
{
    struct str value = {0};

    (void)http_fields_find(&j->request.fields, STR("Content-Type"), &value);
    if (body.n > 0 && !str_equal_nocase(str_trim(str_slice(value, 0, str_index(value, ';'))),
                                        STR("application/json")))
        return (struct refusal){415, "the body of this operation is of type application/json"};
    if (body.n > 0 && http_fields_find(&j->request.fields, STR("Content-Encoding"), &value) > 0 &&
        !str_equal_nocase(value, STR("identity")))
        return (struct refusal){415, "a body that is judged has no Content-Encoding"};
    if (body.n == 0 && need == INSPECT_REQUIRED)
        return (struct refusal){400, "this operation needs a body"};
    return (struct refusal){0};
}

/* See held_leaves_out_body() in relay/. */
static bool leaves_out_body(const struct judgement *j)
{
    return strcmp(j->op->name, "ContainerAttach") == 0 && j->request.body.kind == BODY_LENGTH &&
           check_held(j, STR("{}"), INSPECT_IF_ANY).status == 0;
}

/* What an allowed request must be like to be forwarded; see check_body() in relay/turn.c. */
static struct refusal check_body(const struct level *level, const struct judgement *j)
{
    const struct body_framing *body = &j->request.body;

    if (j->op == NULL)
        return (struct refusal){0};
    if (j->op->stream != STREAM_PLAIN && body->kind == BODY_CHUNKED)
        return (struct refusal){411, "a request that may switch protocols needs a Content-Length"};
    if (j->op->stream != STREAM_PLAIN && body->kind != BODY_NONE &&
        j->op->content == CONTENT_NONE && !leaves_out_body(j))
        return (struct refusal){400, "a request that switches protocols has no body here"};
    if (j->op->content == CONTENT_JSON && body->length > level->policy.limits.body_max)
        return (struct refusal){413, "request body too large"};
    return (struct refusal){0};
}

/* Sets the status and the objection; see objection_raise() in relay/objection.c. */
static void raise_objection(const struct policy *policy, const struct finding *finding,
                            struct judgement *j)
{
    struct writer w = writer_over(j->objection, sizeof(j->objection) - 1);

    w.n = strlen(j->objection);
    writer_text(&w, w.n > 0 ? "; " : "");
    inspect_describe(policy, finding, &w);
    j->reason = j->objection;
    if (policy->mode == POLICY_ENFORCE)
        j->status =
            finding->objection == OBJECT_NOT_JSON || finding->objection == OBJECT_TYPE ? 400 : 403;
}

static void judge_head(const struct policy *policy, struct judgement *j)
{
    struct finding finding;

    if (!inspect_head(j->op, &j->target, &j->request.fields, policy, &finding))
        raise_objection(policy, &finding, j);
}

void level_judge_body(const struct level *level, struct str body, struct judgement *j)
{
    enum inspect_need need = j->op == NULL ? INSPECT_NOT : inspect_need(j->op, &level->policy);
    struct finding finding;

    if (j->status != 200 || need == INSPECT_NOT)
        return;
    struct refusal no = check_held(j, body, need);
    if (no.status != 0) {
        j->status = no.status;
        j->reason = no.reason;
    } else if (!inspect_body(j->op, &j->target, body, &level->policy, &finding)) {
        raise_objection(&level->policy, &finding, j);
    }
}

void level_judge(const struct level *level, struct str head, struct judgement *j)
{
    const struct policy *policy = &level->policy;

    *j = (struct judgement){0};
    struct refusal no = understand(head, j);
    j->status = no.status;
    j->reason = no.reason;
    if (no.status != 0)
        return;
    j->asked = true;
    j->decision = policy_decide(policy, j->request.method, &j->target, j->op);
    if (j->target.version.n > 0 && api_version_compare(j->target.api, policy->limits.min_api) < 0) {
        j->status = 400;
        j->reason = "API version below min-api";
    } else if (j->decision.allowed || policy->mode == POLICY_AUDIT) {
        j->status = 200;
        judge_head(policy, j);
        no = j->status == 200 ? check_body(level, j) : no;
        if (no.status != 0) {
            j->status = no.status;
            j->reason = no.reason;
        }
    } else {
        j->status = 403;
    }
}
