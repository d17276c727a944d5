#include <stdio.h>

#include "policy/load.h"
#include "policy/nearest.h"
#include "policy/pattern.h"

/* One value of allow or deny. */
struct line {
    struct loader *loader;
    bool deny;
    struct str conditions; /* what stands behind the '?' */
    size_t first, n;       /* the policy's conditions that it made */
};

static struct rule *add(const struct line *line, struct str words)
{
    char text[1024];
    struct writer w = writer_over(text, sizeof(text) - 1);

    writer_text(&w, line->deny ? "deny = " : "allow = ");
    writer_str(&w, words);
    writer_text(&w, line->conditions.n > 0 ? " ? " : "");
    writer_str(&w, line->conditions);
    text[w.n] = '\0';
    struct rule *rule = load_add_rule(line->loader->policy, line->loader->line, line->deny, text);
    rule->first = line->first;
    rule->conditions = line->n;
    return rule;
}

/* Whether ${op} has the parameters that the conditions look at, with values of such a kind. */
static bool check_conditions(const struct line *line, const struct operation *op)
{
    const struct policy *policy = line->loader->policy;

    for (size_t i = 0; i < line->n; i++) {
        const struct condition *condition = &policy->conditions[line->first + i];
        struct str name = str_of(condition->name);
        const struct parameter *parameter = parameter_find(op, name);
        struct nearest nearest = nearest_to(name);
        for (size_t k = 0; parameter == NULL && k < docker_parameters_count; k++)
            if (str_equal(str_of(docker_parameters[k].operation), str_of(op->name)))
                nearest_offer(&nearest, docker_parameters[k].name);
        if (parameter == NULL) {
            char what[96];
            (void)snprintf(what, sizeof(what), "%s has no parameter", op->name);
            return load_fail_unknown(line->loader, what, &nearest);
        }
        if (parameter->kind == PARAMETER_FILTERS && condition->filter == NULL)
            return load_fail(line->loader, "which filter? 'filters.label=...', for example");
        const char *flaw = condition_flaw(parameter->kind, str_of(condition->pattern));
        if (flaw != NULL)
            return load_fail(line->loader, "'%s=%s': %s", condition->name, condition->pattern,
                             flaw);
    }
    return true;
}

static bool check_set(const struct line *line, const struct operation_set *set)
{
    if (line->n == 0)
        return true;
    for (size_t i = 0; (i = operation_set_next(set, i)) < OPERATIONS_MAX; i++)
        if (!check_conditions(line, &docker_operations[i]))
            return false;
    return true;
}

/* The operation that is just what a pattern says, so that its parameters are known. */
static const struct operation *operation_of(struct loader *loader, enum http_method method,
                                            struct str path)
{
    if (path.n > sizeof(loader->raw))
        return NULL;
    for (size_t i = 0; i < path.n; i++)
        loader->raw[i] = path.p[i] == '*' ? '~' : path.p[i];
    if (target_parse((struct str){loader->raw, path.n}, &loader->path).status != 0)
        return NULL;
    return operation_resolve(method, &loader->path);
}

/* METHOD /path */
static bool path_rule(const struct line *line, struct str method, struct str path)
{
    struct loader *loader = line->loader;
    const char *flaw = pattern_flaw(path);

    if (flaw != NULL)
        return load_fail(loader, "'%.*s': %s", STR_ARG(path), flaw);
    const struct operation *op =
        line->n == 0 ? NULL : operation_of(loader, http_method_of(method), path);
    bool open_ended = path.n >= 2 && str_equal(str_slice(path, path.n - 2, path.n), STR("**"));
    if (op != NULL && !open_ended && !check_conditions(line, op))
        return false;
    struct str words = {method.p, (size_t)(path.p + path.n - method.p)};
    struct rule *rule = add(line, words);
    rule->method = http_method_of(method);
    rule->path = load_copy(path);
    return true;
}

/* section:class */
static bool class_rule(const struct line *line, struct str word, size_t colon)
{
    struct loader *loader = line->loader;
    struct str section = str_slice(word, 0, colon), name = str_slice(word, colon + 1, word.n);
    struct nearest sections = nearest_to(section), classes = nearest_to(name);
    struct operation_set set = {0};
    enum access_class access;
    bool any = false;

    if (!operation_section_exists(section)) {
        for (size_t i = 0; i < docker_operations_count; i++)
            nearest_offer(&sections, docker_operations[i].section);
        return load_fail_unknown(loader, "unknown section", &sections);
    }
    if (!access_class_of(name, &access)) {
        for (int c = ACCESS_READ; c <= ACCESS_ROOT; c++)
            nearest_offer(&classes, access_class_name((enum access_class)c));
        return load_fail_unknown(loader, "unknown access class", &classes);
    }
    for (size_t i = 0; i < docker_operations_count; i++) {
        if (docker_operations[i].access != access ||
            !str_equal(str_of(docker_operations[i].section), section))
            continue;
        operation_set_add(&set, i);
        any = true;
    }
    if (!any)
        return load_fail(loader, "section '%.*s' has no operation of class '%.*s'",
                         STR_ARG(section), STR_ARG(name));
    if (!check_set(line, &set))
        return false;
    add(line, word)->operations = set;
    return true;
}

static bool name_rule(const struct line *line, struct str word)
{
    struct operation_set set = {0};
    struct nearest nearest = nearest_to(word);

    if (!operation_set_add_name(&set, &line->loader->operations, word)) {
        for (size_t i = 0; i < docker_operations_count; i++)
            nearest_offer(&nearest, docker_operations[i].name);
        return load_fail_unknown(line->loader, "unknown operation", &nearest);
    }
    if (!check_set(line, &set))
        return false;
    add(line, word)->operations = set;
    return true;
}

/* NAME=VALUE, or filters.FILTER=VALUE */
static bool add_condition(struct line *line, struct str word)
{
    struct policy *policy = line->loader->policy;
    size_t equals = str_index(word, '=');
    struct str name = str_slice(word, 0, equals), filter = {0}, filters = STR("filters.");

    if (equals == word.n || name.n == 0)
        return load_fail(line->loader, "'%.*s' is no condition such as all=no", STR_ARG(word));
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] > '~' || str_index(STR("%&?;+,*"), name.p[i]) < 7)
            return load_fail(line->loader, "'%.*s' is no parameter's name", STR_ARG(name));
    if (str_starts(name, filters)) {
        filter = str_slice(name, filters.n, name.n);
        name = STR("filters");
        if (filter.n == 0)
            return load_fail(line->loader, "which filter? 'filters.label=...', for example");
    }
    struct str pattern = str_slice(word, equals + 1, word.n);
    const char *flaw = condition_flaw(PARAMETER_TEXT, pattern);
    if (flaw != NULL)
        return load_fail(line->loader, "'%.*s': %s", STR_ARG(word), flaw);
    if (policy->conditions_count == CONDITIONS_MAX)
        return load_fail(line->loader, "more than %d conditions", CONDITIONS_MAX);
    *load_add_condition(policy) =
        (struct condition){.name = load_copy(name),
                           .filter = filter.n == 0 ? NULL : load_copy(filter),
                           .pattern = load_copy(pattern)};
    line->n++;
    return true;
}

/* Cuts the conditions off ${value} and reads them. */
static bool take_conditions(struct line *line, struct str *value)
{
    struct str rest = *value, word = {0};
    bool good = true;

    if (str_index(rest, '?') == rest.n)
        return true;
    while (str_word(&rest, &word) && !str_equal(word, STR("?")))
        ;
    if (!str_equal(word, STR("?")))
        return true;
    line->conditions = str_trim(rest);
    *value = str_trim(str_slice(*value, 0, (size_t)(word.p - value->p)));
    if (line->conditions.n == 0)
        return load_fail(line->loader, "'?' without a condition behind it");
    if (value->n == 0)
        return load_fail(line->loader, "'?' without a rule before it");
    while (good && str_word(&rest, &word))
        good = str_equal(word, STR("?")) ? load_fail(line->loader, "a second '?' in one line")
                                         : add_condition(line, word);
    return good;
}

bool load_rules(struct loader *loader, bool deny, struct str value)
{
    struct line line = {.loader = loader, .deny = deny};
    struct str word, path;
    bool good = true;

    line.first = loader->policy->conditions_count;
    if (!take_conditions(&line, &value))
        return false;
    while (str_word(&value, &word)) {
        size_t colon = str_index(word, ':');
        if (word.p[0] == '/')
            good = load_fail(loader, "a path needs its method: GET %.*s", STR_ARG(word));
        else if (http_method_of(word) != METHOD_OTHER)
            good &= str_word(&value, &path)
                        ? path_rule(&line, word, path)
                        : load_fail(loader, "'%.*s' without a path", STR_ARG(word));
        else
            good &= colon < word.n ? class_rule(&line, word, colon) : name_rule(&line, word);
    }
    return good;
}
