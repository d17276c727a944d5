#include <jansson.h>

#include "ctl/command.h"
#include "ctl/contents.h"
#include "ctl/level.h"
#include "ctl/text.h"
#include "ctl/words.h"

enum { JSON }; /* the flag, as in the command's row */

static const char *const reach_names[] = {
    [REACH_NONE] = "none", [REACH_PART] = "part", [REACH_WHOLE] = "whole"};

static void print_rules(const struct level *level, const struct operation *op)
{
    for (size_t i = 0; i < level->policy.rules_count; i++) {
        const struct rule *rule = &level->policy.rules[i];
        if (rule_reach(level, rule, op) == REACH_NONE)
            continue;
        (void)printf("    %s:%u: ", rule->file != NULL ? rule->file : level->policy.file,
                     rule->line);
        text_safely(stdout, str_of(rule->text));
        (void)putchar('\n');
    }
}

static void print_difference(const struct level *a, const struct level *b,
                             const struct operation *op)
{
    enum reach in_a = level_reach(a, op), in_b = level_reach(b, op);
    bool part = in_a != REACH_NONE && in_b != REACH_NONE;

    (void)printf("%c %-26s %-10s %s\n",
                 part          ? '~'
                 : in_a > in_b ? '-'
                               : '+',
                 op->name, access_class_name(op->access), operation_words(op)->does);
    if (part) {
        print_rules(a, op);
        print_rules(b, op);
    }
}

/* Rules that allow a part of an operation each may allow different parts. */
static bool differ(const struct level *a, const struct level *b, const struct operation *op)
{
    enum reach in_a = level_reach(a, op), in_b = level_reach(b, op);

    return in_a != in_b || (in_a == REACH_PART && !level_same_rules(a, b, op));
}

static size_t compare(const struct level *a, const struct level *b, json_t *list)
{
    size_t n = 0;

    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        if (operation_repeats(op) || !differ(a, b, op))
            continue;
        n++;
        if (list == NULL)
            print_difference(a, b, op);
        else
            (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "operation", op->name,
                                                        "a", reach_names[level_reach(a, op)], "b",
                                                        reach_names[level_reach(b, op)]));
    }
    return n;
}

static bool has_value(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), value))
            return true;
    return false;
}

/* The values of ${mine} that ${theirs} lacks. Returns how many there are. */
static size_t print_values(char mark, const char *key, const json_t *mine, const json_t *theirs,
                           bool quiet)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(mine); i++) {
        const json_t *value = json_array_get(mine, i);
        if (has_value(theirs, value))
            continue;
        n++;
        if (quiet)
            continue;
        (void)printf("%c %s = ", mark, key);
        text_safely(stdout, str_of(json_string_value(value)));
        (void)putchar('\n');
    }
    return n;
}

/* Keys of [workload] and the like. What it means that one is not there, dsp.ini(5) says of each. */
static size_t compare_contents(const struct policy *a, const struct policy *b, json_t *list)
{
    json_t *in_a = contents_json(a), *in_b = contents_json(b);
    size_t n = 0;

    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        char key[64];
        struct writer w = writer_over(key, sizeof(key) - 1);
        policy_key_write((enum policy_key)i, &w);
        key[w.n] = '\0';
        json_t *of_a = json_object_get(in_a, key), *of_b = json_object_get(in_b, key);
        size_t differ = print_values('-', key, of_a, of_b, list != NULL) +
                        print_values('+', key, of_b, of_a, list != NULL);
        if (differ > 0 && list != NULL)
            (void)json_array_append_new(
                list, json_pack("{s:s, s:O?, s:O?}", "key", key, "a", of_a, "b", of_b));
        n += differ;
    }
    json_decref(in_a);
    json_decref(in_b);
    return n;
}

int diff_run(const struct args *args)
{
    struct level a, b;
    json_t *list = args->flags[JSON] != NULL ? json_array() : NULL;
    int status = CTL_TROUBLE;
    bool good = level_load(args->words[0], &a) == 0;

    good = level_load(args->words[1], &b) == 0 && good;
    if (good)
        status = compare(&a, &b, list) + compare_contents(&a.policy, &b.policy, list) > 0 ? CTL_NO
                                                                                          : CTL_YES;
    level_print_errors(&a);
    level_print_errors(&b);
    if (list != NULL && good) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        (void)putchar('\n');
    }
    json_decref(list);
    level_free(&a);
    level_free(&b);
    return status;
}
