#include "policy/pattern.h"
#include "policy/policy.h"

/* A name in the path may hold slashes: dockerd takes /containers/web/alias/export for the export
 * of "web/alias", and resolves such names. For an allow a `*` is one segment all the same; a deny
 * is meant to hold, so for it a `*` also stands for such a name as a whole. */
static bool path_matches(const struct rule *rule, const struct target *target,
                         const struct operation *op)
{
    struct str joined[TARGET_SEGMENTS_MAX];

    /* Of paths that end in a slash only two are operations; the others never come this far. */
    if ((op != NULL || !target->trailing_slash) &&
        pattern_matches(rule->path, target->segments, target->n))
        return true;
    return rule->deny && op != NULL &&
           pattern_matches(rule->path, joined, operation_segments(op, target, joined));
}

/* A deny of GET holds for HEAD too, which tells a part of the same. */
static bool method_matches(const struct rule *rule, enum http_method method)
{
    return rule->method == METHOD_OTHER || rule->method == method ||
           (rule->deny && rule->method == METHOD_GET && method == METHOD_HEAD);
}

static bool speaks_of(const struct rule *rule, enum http_method method, const struct target *target,
                      const struct operation *op)
{
    if (rule->path != NULL)
        return method_matches(rule, method) && path_matches(rule, target, op);
    return op != NULL && operation_set_has(&rule->operations, (size_t)(op - docker_operations));
}

/* The query is taken apart for the first rule that looks at it. */
static bool conditions_hold(const struct policy *policy, const struct rule *rule,
                            const struct operation *op, struct str raw, struct query *query,
                            bool *parsed)
{
    if (rule->conditions > 0 && !*parsed) {
        query_parse(raw, query);
        *parsed = true;
    }
    for (size_t i = 0; i < rule->conditions; i++)
        if (!condition_holds(&policy->conditions[rule->first + i], rule->deny, op, query))
            return false;
    return true;
}

struct decision policy_decide(const struct policy *policy, enum http_method method,
                              const struct target *target, const struct operation *op)
{
    struct decision decision = {.allowed = false, .rule = NULL};
    struct query query;
    bool parsed = false;

    for (size_t i = 0; i < policy->rules_count; i++) {
        const struct rule *rule = &policy->rules[i];
        if ((!rule->deny && decision.allowed) || !speaks_of(rule, method, target, op) ||
            !conditions_hold(policy, rule, op, target->query, &query, &parsed))
            continue;
        decision = (struct decision){.allowed = !rule->deny, .rule = rule};
        if (rule->deny)
            break;
    }
    if (parsed)
        query_free(&query);
    return decision;
}

bool policy_narrows_exec(const struct policy *policy)
{
    for (size_t i = 0; i < policy->rules_count; i++) {
        const struct rule *rule = &policy->rules[i];
        struct str rest = str_of(rule->path), name = STR("x");
        if (rule->path == NULL || !method_matches(rule, METHOD_POST))
            continue;
        (void)path_cut_segment(&rest);
        if (rest.n > 1)
            name = path_cut_segment(&rest); /* whatever it matches, it matches itself */
        const struct str segments[] = {STR("containers"), name, STR("exec")};
        if (pattern_matches(rule->path, segments, 3))
            return true;
    }
    return false;
}

void policy_describe(const struct policy *policy, const struct decision *decision, struct writer *w)
{
    bool of_base = decision->rule != NULL && decision->rule->file != NULL;

    writer_escaped(w, str_of(of_base ? decision->rule->file : policy->file));
    if (decision->rule != NULL && decision->rule->line > 0) {
        writer_char(w, ':');
        writer_decimal(w, decision->rule->line);
    }
    writer_text(w, ": ");
    writer_escaped(w, str_of(decision->rule == NULL ? "no rule allows it" : decision->rule->text));
}
