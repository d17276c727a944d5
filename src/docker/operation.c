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

size_t operation_set_next(const struct operation_set *set, size_t index)
{
    while (index < OPERATIONS_MAX) {
        uint64_t rest = set->bits[index / 64] >> (index % 64);
        if (rest != 0)
            return index + (size_t)__builtin_ctzll(rest);
        index += 64 - index % 64;
    }
    return index;
}

/* Half of the slots stay empty, so a walk from here to an empty one is short. */
static size_t first_slot(struct str name)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < name.n; i++)
        hash = hash * 31 + (unsigned char)name.p[i];
    return hash % (2 * OPERATIONS_MAX);
}

static size_t next_slot(size_t slot)
{
    return (slot + 1) % (2 * OPERATIONS_MAX);
}

static void note_head(struct operation_index *index, size_t head)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (docker_operations[i].method == METHOD_GET &&
            strcmp(docker_operations[i].path, docker_operations[head].path) == 0)
            index->heads[i] = (unsigned char)(head + 1);
}

void operation_index_make(struct operation_index *index)
{
    *index = (struct operation_index){0};
    for (size_t i = 0; i < docker_operations_count; i++) {
        if (docker_operations[i].method == METHOD_HEAD)
            note_head(index, i);
        size_t slot = first_slot(str_of(docker_operations[i].name));
        while (index->slots[slot] != 0)
            slot = next_slot(slot);
        index->slots[slot] = (unsigned char)(i + 1);
    }
}

bool operation_set_add_name(struct operation_set *set, const struct operation_index *index,
                            struct str name)
{
    bool found = false;

    for (size_t slot = first_slot(name); index->slots[slot] != 0; slot = next_slot(slot)) {
        size_t i = index->slots[slot] - 1U;
        if (!str_equal(str_of(docker_operations[i].name), name))
            continue;
        operation_set_add(set, i);
        if (index->heads[i] != 0)
            operation_set_add(set, index->heads[i] - 1U);
        found = true;
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

    /* Most rows are told by their first letter, and this is asked for each of them. */
    if (template.p[1] != '{' && (target->path.n < 2 || template.p[1] != target->path.p[1]))
        return false;
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
