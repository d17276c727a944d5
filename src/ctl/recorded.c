#include "ctl/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/dangers.h"
#include "ctl/scratch.h"
#include "ctl/survey.h"
#include "ctl/text.h"
#include "policy/load.h"
#include "policy/quantity.h"

void recorded_add(struct recorded *recorded, const char *method, const char *target,
                  const char *body)
{
    char *name = text_of("%s %s\n%s", method, target, body == NULL ? "" : body);

    if (recorded->index == NULL)
        recorded->index = text_must(json_object());
    const json_t *known = json_object_get(recorded->index, name);
    if (known != NULL) {
        recorded->requests[json_integer_value(known)].seen++;
        free(name);
        return;
    }
    recorded->requests =
        text_must(reallocarray(recorded->requests, recorded->n + 1, sizeof(*recorded->requests)));
    (void)json_object_set_new_nocheck(recorded->index, name, json_integer((json_int_t)recorded->n));
    recorded->requests[recorded->n++] = (struct recorded_request){
        text_of("%s", method), text_of("%s", target), body == NULL ? NULL : text_of("%s", body), 1};
    free(name);
}

static int64_t number_of(enum policy_key key, const char *text)
{
    uint64_t bytes = 0;

    if (policy_keys[key].kind == GRANT_BYTES)
        return quantity_bytes(str_of(text), &bytes) ? (int64_t)bytes : 0;
    return strtoll(text, NULL, 10);
}

/* Of a key of one value the widest one stands for all: the largest size, the least number. */
static bool stands_for(enum policy_key key, struct recorded_word *word, const char *text)
{
    enum grant_kind kind = policy_keys[key].kind;

    if (word->key != key)
        return false;
    if (kind != GRANT_BYTES && kind != GRANT_NUMBER)
        return strcmp(word->text, text) == 0;
    int64_t has = number_of(key, word->text), wants = number_of(key, text);
    if (kind == GRANT_BYTES ? wants > has : wants < has) {
        free(word->text);
        word->text = text_of("%s", text);
    }
    return true;
}

static void add_word(struct recorded_word **list, size_t *n, enum policy_key key, const char *text,
                     uint64_t seen)
{
    for (size_t i = 0; i < *n; i++) {
        if (stands_for(key, &(*list)[i], text)) {
            (*list)[i].seen += seen;
            return;
        }
    }
    *list = text_must(reallocarray(*list, *n + 1, sizeof(**list)));
    (*list)[(*n)++] = (struct recorded_word){key, text_of("%s", text), seen};
}

static void forget(struct recorded_word **list, size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        free((*list)[i].text);
    free(*list);
    *list = NULL;
    *n = 0;
}

static void take_told(struct recorded *recorded, const struct policy *policy,
                      const struct told *told, uint64_t seen)
{
    enum policy_key key = told->finding.key;
    bool narrows = policy_keys[key].sense == GRANT_NARROWS;
    char text[1024];
    struct writer w = writer_over(text, sizeof(text) - 1);

    if (told->passes)
        return;
    if (told->word != NULL) {
        add_word(&recorded->words, &recorded->words_n, key, told->word, seen);
        return;
    }
    if (narrows && recorded->narrowed[key]) {
        recorded->open[key] = true;
        return;
    }
    inspect_describe(policy, &told->finding, &w);
    text[w.n] = '\0';
    /* A sentence is one word of a key whose words are compared as such. */
    add_word(&recorded->refused, &recorded->refused_n, KEY_W_UNRESTRICTED, text, seen);
}

static void survey_one(struct recorded *recorded, const struct policy *policy,
                       const struct recorded_request *request)
{
    static struct target target;
    static struct survey survey;
    static const struct http_fields none;
    enum http_method method = http_method_of(str_of(request->method));

    if (method == METHOD_OTHER || target_parse(str_of(request->target), &target).status != 0)
        return;
    const struct subject subject = {
        .op = operation_resolve(method, &target),
        .target = &target,
        .fields = &none,
        .body = str_of(request->body),
        .has_body = request->body != NULL && request->body[0] != '\0',
    };
    if (subject.op == NULL)
        return;
    if (!subject.has_body && inspect_need(subject.op, policy) == INSPECT_REQUIRED)
        recorded->bodiless += request->seen;
    survey_make(policy, &subject, &survey);
    for (size_t i = 0; i < survey.n; i++)
        take_told(recorded, policy, &survey.at[i], request->seen);
    if (survey.whole != NULL)
        add_word(&recorded->refused, &recorded->refused_n, KEY_W_UNRESTRICTED, survey.whole,
                 request->seen);
    survey_free(&survey);
}

static void survey_all(struct recorded *recorded, const struct policy *today)
{
    struct scratch scratch;

    forget(&recorded->words, &recorded->words_n);
    forget(&recorded->refused, &recorded->refused_n);
    recorded->bodiless = 0;
    scratch_init(&scratch, today, false);
    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        if (recorded->narrowed[key] && !recorded->open[key] && policy_grant(today, key)->n == 0)
            (void)scratch_add(&scratch, key, scratch_no_word(key), false);
    }
    for (size_t i = 0; i < recorded->n; i++)
        survey_one(recorded, &scratch.policy, &recorded->requests[i]);
    scratch_free(&scratch);
}

static size_t words_of(const struct recorded *recorded, enum policy_key key)
{
    size_t n = 0;

    for (size_t i = 0; i < recorded->words_n; i++)
        n += recorded->words[i].key == key;
    return n;
}

/* A key that narrows and got a word narrows from then on: all that it is to name must be found.
 * Returns whether the survey is still good. */
static bool settle(struct recorded *recorded)
{
    bool good = true;

    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        size_t n = policy_keys[key].sense == GRANT_NARROWS ? words_of(recorded, key) : 0;
        if (n > 0 && !recorded->narrowed[key]) {
            recorded->narrowed[key] = true;
            good = false;
        } else if (n > 0 && (recorded->open[key] || n > RECORDED_NARROW_MAX)) {
            recorded->open[key] = true;
            good = false;
        }
    }
    return good;
}

void recorded_learn(struct recorded *recorded, const struct policy *today, const char *name)
{
    struct policy empty;

    policy_init(&empty, str_of(name), "");
    recorded->narrowed[KEY_W_IMAGES] = recorded->narrowed[KEY_X_COMMANDS] = today == NULL;
    do
        survey_all(recorded, today == NULL ? &empty : today);
    while (!settle(recorded));
    policy_free(&empty);
}

static void print_word(const struct recorded_word *word)
{
    const struct key *key = &policy_keys[word->key];
    const char *danger = danger_of(word->key, str_of(word->text));
    bool silent = danger == NULL || key->sense == GRANT_NARROWS; /* without its line more passes */

    if (danger != NULL)
        (void)printf("; Beware: %s.\n", danger);
    (void)printf("; Seen %llu\n%s%s = ", (unsigned long long)word->seen, silent ? "" : ";",
                 key->name);
    text_safely(stdout, str_of(word->text));
    (void)putchar('\n');
}

static void print_section(const struct recorded *recorded, const char *section)
{
    bool any = false;

    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        if (strcmp(policy_keys[key].section, section) != 0 ||
            (words_of(recorded, key) == 0 && !recorded->open[key]))
            continue;
        if (!any)
            (void)printf("\n[%s]\n", section);
        any = true;
        if (recorded->open[key])
            (void)printf(
                "; %s: not narrowed, since more than %d were seen, or one that no word names\n",
                policy_keys[key].name, RECORDED_NARROW_MAX);
        for (size_t k = 0; k < recorded->words_n; k++)
            if (recorded->words[k].key == key)
                print_word(&recorded->words[k]);
    }
}

void recorded_print(const struct recorded *recorded)
{
    for (size_t i = 0; policy_sections[i] != NULL; i++)
        print_section(recorded, policy_sections[i]);
    if (recorded->refused_n > 0)
        (void)printf("\n; What no word of a key lets pass, and the lines above do not:\n");
    for (size_t i = 0; i < recorded->refused_n; i++) {
        (void)printf("; seen %llu: ", (unsigned long long)recorded->refused[i].seen);
        text_safely(stdout, str_of(recorded->refused[i].text));
        (void)putchar('\n');
    }
    if (recorded->bodiless > 0)
        (void)printf(
            "\n; Requests whose bodies are judged and are not recorded: %llu. The journal "
            "and access logs have none;\n; dspctl(1) says in which form learn takes them.\n",
            (unsigned long long)recorded->bodiless);
}

void recorded_free(struct recorded *recorded)
{
    for (size_t i = 0; i < recorded->n; i++) {
        free(recorded->requests[i].method);
        free(recorded->requests[i].target);
        free(recorded->requests[i].body);
    }
    free(recorded->requests);
    json_decref(recorded->index);
    forget(&recorded->words, &recorded->words_n);
    forget(&recorded->refused, &recorded->refused_n);
    *recorded = (struct recorded){0};
}
