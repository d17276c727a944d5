#include "docker/operation.h"

#include <string.h>

void operation_set_add(struct operation_set *set, size_t index)
{
    set->bits[index / 64] |= UINT64_C(1) << (index % 64);
}

bool operation_set_has(const struct operation_set *set, size_t index)
{
    return (set->bits[index / 64] >> (index % 64) & 1) != 0;
}

static void add_with_head(struct operation_set *set, size_t index)
{
    const struct operation *op = &docker_operations[index];

    operation_set_add(set, index);
    for (size_t i = 0; op->method == METHOD_GET && i < docker_operations_count; i++)
        if (docker_operations[i].method == METHOD_HEAD &&
            strcmp(docker_operations[i].path, op->path) == 0)
            operation_set_add(set, i);
}

bool operation_set_add_name(struct operation_set *set, struct str name)
{
    bool found = false;

    for (size_t i = 0; i < docker_operations_count; i++) {
        /* A policy has many names: most rows are told by their first letters. */
        if (strncmp(docker_operations[i].name, name.p, name.n) == 0 &&
            docker_operations[i].name[name.n] == '\0') {
            add_with_head(set, i);
            found = true;
        }
    }
    return found;
}

bool operation_section_exists(struct str section)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (section.n > 0 && str_equal(str_of(docker_operations[i].section), section))
            return true;
    return false;
}

static const char *const class_names[] = {
    [ACCESS_READ] = "read", [ACCESS_SENSITIVE] = "sensitive", [ACCESS_WRITE] = "write",
    [ACCESS_EXEC] = "exec", [ACCESS_ROOT] = "root",
};

const char *access_class_name(enum access_class access)
{
    return class_names[access];
}

bool access_class_of(struct str name, enum access_class *access)
{
    for (int c = ACCESS_READ; c <= ACCESS_ROOT; c++) {
        if (str_equal(name, str_of(class_names[c]))) {
            *access = (enum access_class)c;
            return true;
        }
    }
    return false;
}

static size_t count_segments(struct str template)
{
    size_t n = 0;

    for (; template.n > 1; n++)
        (void)path_cut_segment(&template);
    return n;
}

/* Whether ${n} segments are what ${template}, which has as many and no {x...}, says. */
static bool segments_match(struct str template, const struct str *segments, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str part = path_cut_segment(&template);
        if (part.p[0] != '{' && !str_equal(part, segments[i]))
            return false;
    }
    return true;
}

/* A template cut at its {x...}: what stands before it, and behind it. */
struct cut {
    struct str before, behind;
    size_t before_n, behind_n; /* segments */
};

/* Returns false when there is no {x...}. */
static bool cut_template(struct str template, struct cut *cut)
{
    size_t open = str_index(template, '{'), close = str_index(template, '}');

    if (str_index(template, '.') == template.n)
        return false;
    cut->before = str_slice(template, 0, open - 1);
    cut->behind = str_slice(template, close + 1, template.n);
    cut->before_n = count_segments(cut->before);
    cut->behind_n = count_segments(cut->behind);
    return true;
}

/* A {x...} takes one segment or more, so what stands before it must match the path's beginning
 * and what stands behind it the path's end: the greedy "{name:.*}" of dockerd's router. */
static bool template_matches(struct str template, const struct target *target)
{
    struct cut cut;

    if ((template.p[template.n - 1] == '/') != target->trailing_slash)
        return false;
    if (!cut_template(template, &cut))
        return target->n == count_segments(template) &&
               segments_match(template, target->segments, target->n);
    return target->n > cut.before_n + cut.behind_n &&
           segments_match(cut.before, target->segments, cut.before_n) &&
           segments_match(cut.behind, target->segments + target->n - cut.behind_n, cut.behind_n);
}

const struct operation *operation_resolve(enum http_method method, const struct target *target)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (docker_operations[i].method == method &&
            template_matches(str_of(docker_operations[i].path), target))
            return &docker_operations[i];
    return NULL;
}

size_t operation_segments(const struct operation *op, const struct target *target,
                          struct str *segments)
{
    struct cut cut;
    size_t n = 0;

    if (!cut_template(str_of(op->path), &cut))
        cut = (struct cut){.before_n = target->n};
    for (size_t i = 0; i < cut.before_n; i++)
        segments[n++] = target->segments[i];
    if (n == target->n)
        return n;
    /* The segments lie in the path one after the other, so a run of them is one piece of it. */
    const struct str first = target->segments[n];
    const struct str last = target->segments[target->n - cut.behind_n - 1];
    segments[n++] = (struct str){first.p, (size_t)(last.p + last.n - first.p)};
    for (size_t i = target->n - cut.behind_n; i < target->n; i++)
        segments[n++] = target->segments[i];
    return n;
}
