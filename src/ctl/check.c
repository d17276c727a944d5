#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/contents.h"
#include "ctl/level.h"
#include "ctl/policies.h"
#include "ctl/text.h"
#include "ctl/warnings.h"
#include "ctl/words.h"

/* The flags, as in the command's row. */
enum { JSON, QUIET, STRICT };

/* What a policy is, as one of these: the worst of several is the exit status. */
enum outcome { FINE, WARNED, WRONG, UNREADABLE };

/* Whoever can write the policy decides what it says. */
static bool writable_by_others(const struct level *level)
{
    struct stat st;

    return stat(level->policy.file, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

static void print_operation(const struct level *level, const struct operation *op,
                            const char *section, const char *access)
{
    bool part = level_reach(level, op) == REACH_PART;

    (void)printf("    %-13s%-11s%-26s%s%s\n", section, access, op->name, operation_words(op)->does,
                 part ? " (in part)" : "");
    for (size_t i = 0; part && i < level->policy.rules_count; i++) {
        const struct rule *rule = &level->policy.rules[i];
        if (rule_reach(level, rule, op) == REACH_NONE)
            continue;
        (void)printf("    %-24s  ", "");
        text_safely(stdout, str_of(rule->text));
        if (rule->line > 0)
            (void)printf("  (%s%sline %u)", rule->file != NULL ? rule->file : "",
                         rule->file != NULL ? ", " : "", rule->line);
        (void)putchar('\n');
    }
}

/* The allowed operations by section and class, in the order of the table and of the classes. */
static size_t print_allowed(const struct level *level)
{
    size_t n = 0;

    for (size_t first = 0; first < docker_operations_count; first++) {
        const char *section = docker_operations[first].section, *shown = section;
        bool seen = false;
        for (size_t i = 0; i < first; i++)
            seen = seen || strcmp(docker_operations[i].section, section) == 0;
        for (int access = ACCESS_READ; !seen && access <= ACCESS_ROOT; access++) {
            const char *name = access_class_name((enum access_class)access);
            for (size_t i = first; i < docker_operations_count; i++) {
                const struct operation *op = &docker_operations[i];
                if ((int)op->access != access || strcmp(op->section, section) != 0 ||
                    operation_repeats(op) || level_reach(level, op) == REACH_NONE)
                    continue;
                n++;
                print_operation(level, op, shown, name);
                shown = name = "";
            }
        }
    }
    return n;
}

static void print_unknown(const struct level *level)
{
    for (size_t i = 0; i < level->policy.rules_count; i++) {
        const struct rule *rule = &level->policy.rules[i];
        bool operation = rule->deny || rule->path == NULL;
        for (size_t k = 0; k < docker_operations_count && !operation; k++)
            operation = rule_reach(level, rule, &docker_operations[k]) != REACH_NONE;
        if (operation)
            continue;
        (void)printf("    %-24sno operation: ", "");
        text_safely(stdout, str_of(rule->text));
        (void)putchar('\n');
    }
}

static void print_meaning(const struct level *level)
{
    const struct policy *policy = &level->policy;
    size_t total = 0;

    (void)printf("%s: valid\n", policy->file);
    if (policy->description != NULL) {
        (void)printf("  %s: ", policy->name);
        text_safely(stdout, str_of(policy->description));
        (void)putchar('\n');
    }
    (void)printf("  Allows:\n");
    size_t n = print_allowed(level);
    if (n == 0)
        (void)printf("    nothing\n");
    print_unknown(level);
    for (size_t i = 0; i < docker_operations_count; i++)
        total += !operation_repeats(&docker_operations[i]);
    contents_print(level);
    (void)printf("  %s: %zu of %zu operations, and whatever is none.\n",
                 policy->mode == POLICY_AUDIT ? "Would refuse, but lets pass (mode = audit)"
                                              : "Refuses all else",
                 total - n, total);
}

/* Lines that do not mean what they say alone, since the policy extends another. */
static void print_overrides(const struct policy *policy)
{
    for (size_t i = 0; i < policy->overrides_count; i++) {
        const struct policy_override *one = &policy->overrides[i];
        (void)printf("%s", policy->file);
        if (one->line > 0)
            (void)printf(":%u", one->line);
        (void)printf(": note: ");
        text_safely(stdout, str_of(one->text));
        (void)putchar('\n');
    }
}

static void print_warnings(const struct level *level, const struct warnings *warnings)
{
    for (size_t i = 0; i < warnings->n; i++) {
        const struct warning *warning = &warnings->at[i];
        if (warning->line > 0)
            (void)printf("%s:%u: warning: %s\n", level->policy.file, warning->line, warning->text);
        else
            (void)printf("%s: warning: %s\n", level->policy.file, warning->text);
    }
    if (writable_by_others(level))
        (void)printf("%s: warning: can be written by others than its owner\n", level->policy.file);
}

static json_t *problem(const struct level *level, const char *id, unsigned line, const char *text)
{
    json_t *object = json_pack("{s:s, s:s}", "file", level->policy.file, "text", text);

    if (line > 0)
        (void)json_object_set_new(object, "line", json_integer(line));
    if (id != NULL)
        (void)json_object_set_new(object, "id", json_string(id));
    return object;
}

static json_t *operations_json(const struct level *level)
{
    json_t *list = json_array();

    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        enum reach reach = level_reach(level, op);
        if (reach == REACH_NONE || operation_repeats(op))
            continue;
        json_t *one =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", op->name, "method",
                      http_method_name(op->method), "path", op->path, "section", op->section,
                      "class", access_class_name(op->access), "part", reach == REACH_PART);
        (void)json_array_append_new(list, one);
    }
    return list;
}

static json_t *level_json(const struct level *level, const struct warnings *warnings)
{
    json_t *object = json_pack("{s:s, s:s, s:b}", "name", level->policy.name, "file",
                               level->policy.file, "valid", level->errors_count == 0);
    json_t *errors = json_array(), *warned = json_array();

    for (size_t i = 0; i < level->errors_count; i++)
        (void)json_array_append_new(
            errors, problem(level, NULL, level->errors[i].line, level->errors[i].text));
    for (size_t i = 0; i < warnings->n; i++)
        (void)json_array_append_new(
            warned, problem(level, warnings->at[i].id, warnings->at[i].line, warnings->at[i].text));
    if (level->errors_count == 0 && writable_by_others(level))
        (void)json_array_append_new(
            warned, problem(level, "writable", 0, "can be written by others than its owner"));
    (void)json_object_set_new(object, "errors", errors);
    (void)json_object_set_new(object, "warnings", warned);
    if (level->errors_count == 0) {
        if (level->policy.description != NULL)
            (void)json_object_set_new(object, "description",
                                      json_string(level->policy.description));
        (void)json_object_set_new(
            object, "mode", json_string(level->policy.mode == POLICY_AUDIT ? "audit" : "enforce"));
        (void)json_object_set_new(object, "operations", operations_json(level));
        (void)json_object_set_new(object, "contents", contents_json(&level->policy));
        json_t *notes = json_array();
        for (size_t i = 0; i < level->policy.overrides_count; i++)
            (void)json_array_append_new(notes, problem(level, NULL, level->policy.overrides[i].line,
                                                       level->policy.overrides[i].text));
        (void)json_object_set_new(object, "notes", notes);
    }
    return object;
}

/* A policy that cannot be read at all is no policy with errors. */
static enum outcome outcome_of(const struct level *level, const struct warnings *warnings)
{
    if (level->errors_count == 0)
        return warnings->n > 0 || writable_by_others(level) ? WARNED : FINE;
    return access(level->policy.file, R_OK) == 0 ? WRONG : UNREADABLE;
}

static enum outcome check_one(const char *name, const struct args *args, json_t *list)
{
    struct level level;
    struct warnings warnings = {0};

    if (level_load(name, &level) == 0)
        warnings_find(&level, &warnings);
    enum outcome outcome = outcome_of(&level, &warnings);
    if (list != NULL) {
        (void)json_array_append_new(list, level_json(&level, &warnings));
    } else {
        level_print_errors(&level);
        if (level.errors_count == 0 && args->flags[QUIET] == NULL)
            print_meaning(&level);
        if (args->flags[QUIET] == NULL)
            print_overrides(&level.policy);
        print_warnings(&level, &warnings);
    }
    warnings_free(&warnings);
    level_free(&level);
    return outcome;
}

static enum outcome check_all(const struct args *args, json_t *list)
{
    struct policies policies;
    enum outcome worst = FINE;

    policies_in(DSP_SYSCONFDIR, &policies);
    if (policies.n == 0 && list == NULL)
        (void)fprintf(stderr, "There is no policy in " DSP_SYSCONFDIR ".\n");
    for (size_t i = 0; i < policies.n; i++) {
        char *path = text_of(DSP_SYSCONFDIR "/%s.ini", policies.at[i]);
        enum outcome outcome = check_one(path, args, list);
        worst = outcome > worst ? outcome : worst;
        free(path);
    }
    policies_free(&policies);
    return worst;
}

int check_run(const struct args *args)
{
    json_t *list = args->flags[JSON] != NULL ? json_array() : NULL;
    enum outcome worst = args->n == 0 ? check_all(args, list) : FINE;

    for (size_t i = 0; i < args->n; i++) {
        enum outcome outcome = check_one(args->words[i], args, list);
        worst = outcome > worst ? outcome : worst;
    }
    if (list != NULL) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(list);
    }
    switch (worst) {
    case FINE:
        return CTL_YES;
    case WARNED:
        return args->flags[STRICT] != NULL ? CTL_NO : CTL_YES;
    case WRONG:
        return CTL_NO;
    case UNREADABLE:
        break;
    }
    return CTL_TROUBLE;
}
