#include "ctl/told.h"

#include <stdio.h>

#include "ctl/dangers.h"
#include "ctl/text.h"
#include "policy/load.h"

static void describe(const struct policy *policy, const struct told *told, char *text, size_t size)
{
    struct writer w = writer_over(text, size - 1);

    inspect_describe(policy, &told->finding, &w);
    text[w.n] = '\0';
}

static void print_key(enum policy_key key)
{
    (void)printf("[%s] %s", policy_keys[key].section, policy_keys[key].name);
}

/* Whether there is a line that would let it pass. */
static bool has_line(const struct told *told)
{
    return told->word != NULL || told->finding.objection == OBJECT_NEVER ||
           told->finding.objection == OBJECT_UNKNOWN ||
           told->finding.objection == OBJECT_MISSPELLED;
}

static const char *word_of(const struct told *told)
{
    return told->word != NULL ? told->word : "yes";
}

static void print_refused(const struct policy *policy, const struct told *told)
{
    char text[1024];
    const char *danger = NULL;

    describe(policy, told, text, sizeof(text));
    (void)printf("refused     %s\n", text);
    if (has_line(told)) {
        danger = danger_of(told->finding.key, str_of(word_of(told)));
        (void)printf("            to allow it: ");
        print_key(told->finding.key);
        (void)printf(" = ");
        text_safely(stdout, str_of(word_of(told)));
        (void)putchar('\n');
    }
    if (danger != NULL)
        (void)printf("            beware: %s\n", danger);
}

static void print_passing(const struct told *told)
{
    (void)printf("passes      %s", told->finding.field);
    if (told->finding.value[0] != '\0')
        (void)printf(" '%s'", told->finding.value);
    (void)printf(": %s", told->file);
    if (told->line > 0)
        (void)printf(":%u", told->line);
    (void)printf(": ");
    print_key(told->finding.key);
    (void)printf(" = ");
    text_safely(stdout, str_of(told->by));
    (void)putchar('\n');
}

void told_print(const struct policy *policy, const struct survey *survey)
{
    for (size_t i = 0; i < survey->n; i++)
        if (!survey->at[i].passes)
            print_refused(policy, &survey->at[i]);
    for (size_t i = 0; i < survey->n; i++)
        if (survey->at[i].passes)
            print_passing(&survey->at[i]);
    if (survey->whole != NULL)
        (void)printf("            this may not be all: %s\n", survey->whole);
}

static json_t *text_json(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static const char *place_name(enum found_in where)
{
    static const char *const names[] = {
        [FOUND_IN_BODY] = "body", [FOUND_IN_QUERY] = "query",         [FOUND_IN_HEAD] = "head",
        [FOUND_IN_PATH] = "path", [FOUND_IN_OPERATION] = "operation",
    };

    return names[where];
}

/* Of one that is malformed no key says anything. */
static json_t *key_json(const struct told *told)
{
    char text[128];
    struct writer w = writer_over(text, sizeof(text) - 1);

    if (told->finding.objection == OBJECT_NOT_JSON || told->finding.objection == OBJECT_TYPE ||
        told->finding.objection == OBJECT_MALFORMED)
        return json_null();
    policy_key_write(told->finding.key, &w);
    text[w.n] = '\0';
    return json_string(text);
}

static json_t *one_json(const struct policy *policy, const struct told *told)
{
    char text[1024];
    json_t *object = json_pack("{s:s}", "in", place_name(told->finding.where));

    (void)json_object_set_new(object, "field", text_json(told->finding.field));
    (void)json_object_set_new(object, "value", text_json(told->finding.value));
    (void)json_object_set_new(object, "key", key_json(told));
    if (told->passes) {
        (void)json_object_set_new(object, "file", text_json(told->file));
        (void)json_object_set_new(object, "line", json_integer(told->line));
        (void)json_object_set_new(object, "word", text_json(told->by));
        return object;
    }
    describe(policy, told, text, sizeof(text));
    (void)json_object_set_new(object, "text", text_json(text));
    (void)json_object_set_new(object, "word", text_json(has_line(told) ? word_of(told) : NULL));
    return object;
}

json_t *told_json(const struct policy *policy, const struct survey *survey)
{
    json_t *refused = json_array(), *passes = json_array(), *object = json_object();

    for (size_t i = 0; i < survey->n; i++)
        (void)json_array_append_new(survey->at[i].passes ? passes : refused,
                                    one_json(policy, &survey->at[i]));
    (void)json_object_set_new(object, "refused", refused);
    (void)json_object_set_new(object, "passes", passes);
    (void)json_object_set_new(object, "whole", json_boolean(survey->whole == NULL));
    return object;
}
