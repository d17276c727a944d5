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

static bool rule_matches(const struct rule *rule, enum http_method method,
                         const struct target *target, const struct operation *op)
{
    if (rule->path != NULL)
        return method_matches(rule, method) && path_matches(rule, target, op);
    return op != NULL && operation_set_has(&rule->operations, (size_t)(op - docker_operations));
}

struct decision policy_decide(const struct policy *policy, enum http_method method,
                              const struct target *target, const struct operation *op)
{
    struct decision decision = {.allowed = false, .rule = NULL};

    for (size_t i = 0; i < policy->rules_count; i++) {
        const struct rule *rule = &policy->rules[i];
        if (!rule_matches(rule, method, target, op))
            continue;
        if (rule->deny)
            return (struct decision){.allowed = false, .rule = rule};
        if (!decision.allowed)
            decision = (struct decision){.allowed = true, .rule = rule};
    }
    return decision;
}

void policy_describe(const struct policy *policy, const struct decision *decision, struct writer *w)
{
    writer_escaped(w, str_of(policy->file));
    if (decision->rule != NULL && decision->rule->line > 0) {
        writer_char(w, ':');
        writer_decimal(w, decision->rule->line);
    }
    writer_text(w, ": ");
    writer_escaped(w, str_of(decision->rule == NULL ? "no rule allows it" : decision->rule->text));
}
