#include <stdio.h>

#include "policy/load.h"
#include "policy/nearest.h"
#include "policy/pattern.h"

static struct rule *add(struct loader *loader, bool deny, struct str words)
{
    char text[160];

    (void)snprintf(text, sizeof(text), "%s = %.*s", deny ? "deny" : "allow", STR_ARG(words));
    return load_add_rule(loader->policy, loader->line, deny, text);
}

/* METHOD /path */
static bool path_rule(struct loader *loader, bool deny, struct str method, struct str path)
{
    const char *flaw = pattern_flaw(path);

    if (flaw != NULL)
        return load_fail(loader, "'%.*s': %s", STR_ARG(path), flaw);
    struct str words = {method.p, (size_t)(path.p + path.n - method.p)};
    struct rule *rule = add(loader, deny, words);
    rule->method = http_method_of(method);
    rule->path = load_copy(path);
    return true;
}

/* section:class */
static bool class_rule(struct loader *loader, bool deny, struct str word, size_t colon)
{
    struct str section = str_slice(word, 0, colon), name = str_slice(word, colon + 1, word.n);
    struct nearest sections = nearest_to(section), classes = nearest_to(name);
    enum access_class access;
    bool any = false;

    for (size_t i = 0; i < docker_operations_count; i++)
        nearest_offer(&sections, docker_operations[i].section);
    for (int c = ACCESS_READ; c <= ACCESS_ROOT; c++)
        nearest_offer(&classes, access_class_name((enum access_class)c));
    if (!operation_section_exists(section))
        return load_fail_unknown(loader, "unknown section", &sections);
    if (!access_class_of(name, &access))
        return load_fail_unknown(loader, "unknown access class", &classes);

    struct rule *rule = add(loader, deny, word);
    for (size_t i = 0; i < docker_operations_count; i++) {
        if (docker_operations[i].access != access ||
            !str_equal(str_of(docker_operations[i].section), section))
            continue;
        operation_set_add(&rule->operations, i);
        any = true;
    }
    if (!any)
        return load_fail(loader, "section '%.*s' has no operation of class '%.*s'",
                         STR_ARG(section), STR_ARG(name));
    return true;
}

static bool name_rule(struct loader *loader, bool deny, struct str word)
{
    struct operation_set set = {0};
    struct nearest nearest = nearest_to(word);

    if (!operation_set_add_name(&set, word)) {
        for (size_t i = 0; i < docker_operations_count; i++)
            nearest_offer(&nearest, docker_operations[i].name);
        return load_fail_unknown(loader, "unknown operation", &nearest);
    }
    add(loader, deny, word)->operations = set;
    return true;
}

bool load_rules(struct loader *loader, bool deny, struct str value)
{
    struct str word, path;

    while (str_word(&value, &word)) {
        size_t colon = str_index(word, ':');
        bool good;
        if (str_equal(word, STR("?")))
            return load_fail(loader, "conditions on the query ('?') are not supported by this "
                                     "version of dsp");
        if (word.p[0] == '/')
            return load_fail(loader, "a path needs its method: GET %.*s", STR_ARG(word));
        if (http_method_of(word) != METHOD_OTHER)
            good = str_word(&value, &path)
                       ? path_rule(loader, deny, word, path)
                       : load_fail(loader, "'%.*s' without a path", STR_ARG(word));
        else
            good = colon < word.n ? class_rule(loader, deny, word, colon)
                                  : name_rule(loader, deny, word);
        if (!good)
            return false;
    }
    return true;
}
