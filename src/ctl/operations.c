#include <fnmatch.h>
#include <jansson.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/presets.h"
#include "ctl/text.h"
#include "ctl/words.h"
#include "policy/nearest.h"

enum { JSON }; /* the flag, as in the command's row */

static bool is_class_of(const struct operation *op, const char *pattern)
{
    struct str text = str_of(pattern);
    size_t colon = str_index(text, ':');

    if (colon == text.n)
        return strcmp(op->section, pattern) == 0 ||
               strcmp(access_class_name(op->access), pattern) == 0;
    return str_equal(str_of(op->section), str_slice(text, 0, colon)) &&
           str_equal(str_of(access_class_name(op->access)), str_slice(text, colon + 1, text.n));
}

static bool matches(const struct operation *op, const char *pattern)
{
    if (pattern == NULL || is_class_of(op, pattern))
        return true;
    if (strchr(pattern, '*') != NULL)
        return fnmatch(pattern, op->name, FNM_CASEFOLD) == 0 ||
               fnmatch(pattern, op->path, FNM_CASEFOLD) == 0;
    return strcasestr(op->name, pattern) != NULL;
}

static void print_presets(const struct presets *presets, const struct operation *op)
{
    const char *before = "";

    for (size_t i = 0; i < presets->n; i++) {
        enum reach reach = level_reach(&presets->at[i], op);
        if (reach == REACH_NONE)
            continue;
        (void)printf(reach == REACH_PART ? "%s(%s)" : "%s%s", before, presets->at[i].policy.name);
        before = " ";
    }
}

static void print_one(const struct presets *presets, const struct operation *op)
{
    (void)printf("%-25s %-7s %-46s %-10s %s\n", op->name, http_method_name(op->method), op->path,
                 access_class_name(op->access), operation_words(op)->does);
    (void)printf("%-25s presets: ", "");
    print_presets(presets, op);
    (void)putchar('\n');
}

static json_t *one_json(const struct presets *presets, const struct operation *op)
{
    json_t *names = json_array();

    for (size_t i = 0; i < presets->n; i++)
        if (level_reach(&presets->at[i], op) != REACH_NONE)
            (void)json_array_append_new(names, json_string(presets->at[i].policy.name));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name", op->name, "method",
                     http_method_name(op->method), "path", op->path, "section", op->section,
                     "class", access_class_name(op->access), "does", operation_words(op)->does,
                     "presets", names);
}

static int unknown(const char *pattern)
{
    struct nearest nearest = nearest_to(str_of(pattern));

    for (size_t i = 0; i < docker_operations_count; i++) {
        nearest_offer(&nearest, docker_operations[i].name);
        nearest_offer(&nearest, docker_operations[i].section);
    }
    if (nearest.best == NULL)
        (void)fprintf(stderr, "There is no operation '%s'.\n", pattern);
    else
        (void)fprintf(stderr, "There is no operation '%s'; did you mean '%s'?\n", pattern,
                      nearest.best);
    return CTL_NO;
}

int operations_run(const struct args *args)
{
    const char *pattern = args->n > 0 ? args->words[0] : NULL;
    json_t *list = args->flags[JSON] != NULL ? json_array() : NULL;
    struct presets presets;
    size_t n = 0;

    presets_load(&presets);
    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        if (!matches(op, pattern))
            continue;
        n++;
        if (list != NULL)
            (void)json_array_append_new(list, one_json(&presets, op));
        else
            print_one(&presets, op);
    }
    presets_free(&presets);
    if (list != NULL) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(list);
    }
    return n > 0 ? CTL_YES : unknown(pattern);
}
