#include "inspect/schema.h"

#include <stdio.h>
#include <string.h>

#include "inspect/json.h"
#include "inspect/same.h"

static void set_text(char *to, size_t size, struct str text)
{
    struct writer w = writer_over(to, size - 1);

    writer_escaped(&w, text);
    to[w.n] = '\0';
}

bool judge_object(struct judge *j, enum objection objection, struct str value, const char *says)
{
    struct finding *finding = j->finding;

    finding->objection = objection;
    finding->key = j->unrestricted;
    finding->says = says;
    set_text(finding->field, sizeof(finding->field), (struct str){j->path, j->path_n});
    set_text(finding->value, sizeof(finding->value), value);
    return false;
}

bool judge_not_named(struct judge *j, enum policy_key key, struct str value)
{
    judge_object(j, OBJECT_NOT_NAMED, value, NULL);
    j->finding->key = key;
    return false;
}

bool judge_requires(struct judge *j, enum policy_key key, const char *field, const char *says)
{
    judge_object(j, OBJECT_REQUIRED, (struct str){0}, says);
    j->finding->key = key;
    if (field != NULL)
        set_text(j->finding->field, sizeof(j->finding->field), str_of(field));
    return false;
}

bool judge_add_value(struct judge *j, struct str value)
{
    set_text(j->finding->value, sizeof(j->finding->value), value);
    return false;
}

bool judge_set_field(struct judge *j, const char *field)
{
    set_text(j->finding->field, sizeof(j->finding->field), str_of(field));
    return false;
}

bool judge_names(struct judge *j, enum policy_key key, struct str text)
{
    return policy_names(j->policy, key, text) || judge_not_named(j, key, text);
}

bool judge_switch(struct judge *j, enum policy_key key)
{
    return policy_grant(j->policy, key)->on || judge_not_named(j, key, (struct str){0});
}

static void add_path(struct judge *j, struct str text)
{
    struct writer w = writer_over(j->path, sizeof(j->path));

    w.n = j->path_n;
    writer_str(&w, text);
    j->path_n = w.n;
}

size_t judge_down(struct judge *j, struct str name)
{
    size_t mark = j->path_n;

    if (mark > 0)
        add_path(j, STR("."));
    add_path(j, name);
    return mark;
}

size_t judge_down_at(struct judge *j, size_t index)
{
    char text[32];
    size_t mark = j->path_n;

    (void)snprintf(text, sizeof(text), "[%zu]", index);
    add_path(j, str_of(text));
    return mark;
}

void judge_up(struct judge *j, size_t mark)
{
    j->path_n = mark;
}

/* Whether Go would take ${key} for ${name}: encoding/json folds case by Unicode, where U+017F is an
 * s and U+212A a k (fold.go); all names here are ASCII. */
static bool folds_to(struct str key, struct str name)
{
    size_t at = 0;

    for (size_t i = 0; i < name.n; i++) {
        char c = (char)(name.p[i] | 0x20);
        struct str rest = str_slice(key, at, key.n);
        if (rest.n == 0)
            return false;
        if (c == 's' && str_starts(rest, STR("\xc5\xbf")))
            at += 2;
        else if (c == 'k' && str_starts(rest, STR("\xe2\x84\xaa")))
            at += 3;
        else if (str_equal_nocase(str_slice(rest, 0, 1), str_slice(name, i, i + 1)))
            at++;
        else
            return false;
    }
    return at == key.n;
}

const struct field *schema_find(const struct type *type, struct str key, bool *absent,
                                const struct field **folded)
{
    const struct field *any = NULL;
    bool any_absent = false;

    *folded = NULL;
    for (size_t p = 0; p < TYPE_PARTS_MAX; p++) {
        const struct type_part *part = &type->parts[p];
        for (size_t i = 0; i < part->n; i++) {
            struct str name = str_of(part->fields[i].name);
            *absent = part->absent;
            if (str_equal(name, key))
                return &part->fields[i];
            if (folds_to(key, name))
                *folded = &part->fields[i];
            if (str_equal(name, STR(FIELD_ANY))) {
                any = &part->fields[i];
                any_absent = part->absent;
            }
        }
    }
    *absent = any_absent;
    return *folded == NULL ? any : NULL;
}

static bool names_list(struct judge *j, enum policy_key key, const json_t *list)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(list); i++) {
        size_t mark = judge_down_at(j, i);
        good = judge_names(j, key, json_str(json_array_get(list, i)));
        judge_up(j, mark);
    }
    return good;
}

/* Whether a setting is, or has in it, what nobody else may read: o=username=u,password=p. */
static bool is_secret(struct str text)
{
    struct str words = STR("pass token secret credential"), word;

    while (str_word(&words, &word))
        for (size_t i = 0; i + word.n <= text.n; i++)
            if (str_equal_nocase(str_slice(text, i, i + word.n), word))
                return true;
    return false;
}

/* A secret is shown by its name alone. */
static bool setting_not_named(struct judge *j, enum policy_key key, struct str name,
                              struct str text)
{
    return judge_not_named(j, key, is_secret(text) ? name : text);
}

bool judge_names_pair(struct judge *j, enum policy_key key, struct str name, struct str value)
{
    char text[GRANT_WORD_MAX * 2];
    struct writer w = writer_over(text, sizeof(text));

    writer_str(&w, name);
    writer_char(&w, '=');
    writer_str(&w, value);
    if (w.overflow)
        return judge_object(j, OBJECT_MALFORMED, name, "is too long");
    if (str_index(name, '=') < name.n) /* the first '=' ends the name that a word has */
        return judge_not_named(j, key, name);
    return policy_names(j->policy, key, writer_view(&w)) ||
           setting_not_named(j, key, name, writer_view(&w));
}

static size_t commas(struct str text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    return n;
}

/* With as many as the pattern has itself, none is left for its stars. */
bool judge_names_parts(struct judge *j, enum policy_key key, struct str name, struct str value)
{
    const struct grant *grant = policy_grant(j->policy, key);
    char text[GRANT_WORD_MAX * 2];
    struct writer w = writer_over(text, sizeof(text));

    writer_str(&w, name);
    writer_char(&w, '=');
    writer_str(&w, value);
    for (size_t i = 0; i < grant->n && !w.overflow; i++) {
        struct str word = str_of(grant->words[i].text);
        size_t equals = str_index(word, '=');
        bool any = equals == word.n || str_is_one_of(str_slice(word, equals + 1, word.n), "* **");
        if ((any || commas(word) == commas(value)) &&
            grant_word_names(GRANT_PAIRS, word, writer_view(&w)))
            return true;
    }
    return setting_not_named(j, key, name, writer_view(&w));
}

static bool names_map(struct judge *j, enum policy_key key, const json_t *map)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)map, name, value)
    {
        if (!judge_names_pair(j, key, str_of(name), json_str(value)))
            return false;
    }
    return true;
}

static bool named_by(struct judge *j, const struct field *field, const json_t *value)
{
    if (json_is_true(value))
        return judge_switch(j, field->key);
    if (json_is_string(value))
        return judge_names(j, field->key, json_str(value));
    if (json_is_array(value))
        return names_list(j, field->key, value);
    if (field->kind == MAP)
        return names_map(j, field->key, value);
    return judge_not_named(j, field->key, (struct str){0});
}

static bool judge_list(struct judge *j, const struct type *type, const json_t *list)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(list); i++) {
        size_t mark = judge_down_at(j, i);
        good = schema_judge(j, type, json_array_get(list, i));
        judge_up(j, mark);
    }
    return good;
}

static bool judge_map(struct judge *j, const struct field *field, const json_t *map)
{
    const json_t *around = j->before;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)map, name, value)
    {
        size_t mark = judge_down(j, str_of(name));
        j->before = json_object_get(around, name);
        bool good = field->kind == NAMEDS ? judge_list(j, field->type, value)
                                          : schema_judge(j, field->type, value);
        j->before = around;
        judge_up(j, mark);
        if (!good)
            return false;
    }
    return true;
}

/* The fields of a value that has some. */
static bool judge_inside(struct judge *j, const struct field *field, const json_t *value)
{
    switch (field->kind) {
    case OBJECT:
        return schema_judge(j, field->type, value);
    case OBJECTS:
        return judge_list(j, field->type, value);
    case NAMED:
    case NAMEDS:
        return judge_map(j, field, value);
    case BOOL:
    case INT:
    case NUMBER:
    case STRING:
    case STRINGS:
    case STRING_OR_LIST:
    case LISTS:
    case INTS:
    case MAP:
    case SET:
    case MAYBES:
    case FILTERS:
        break;
    }
    return true;
}

static bool by_policy(struct judge *j, const struct field *field, bool absent, const json_t *value)
{
    if (!kind_is(field->kind, value))
        return judge_object(j, OBJECT_TYPE, (struct str){0}, kind_says(field->kind));
    if (field->rule == NULLED && !json_is_null(value))
        return absent ? judge_object(j, OBJECT_NEVER, (struct str){0}, NULL)
                      : field->check(j, field, value);
    if (json_is_zero(value))
        return true;
    if (absent || field->rule == ZERO)
        return judge_object(j, OBJECT_NEVER, json_str(value), NULL);
    if (field->type != NULL && !judge_inside(j, field, value))
        return false;
    if (field->rule == NAMED_BY)
        return named_by(j, field, value);
    return field->rule != BY_CHECK || field->check(j, field, value);
}

/* What the policy does not name the container of that name may have (same.h); an element of a list
 * is the same with the whole list or not at all. */
static bool judge_field(struct judge *j, const struct field *field, bool absent,
                        const json_t *value, const json_t *before)
{
    const json_t *around = j->before;

    j->before = before;
    bool good = by_policy(j, field, absent, value);
    j->before = around;
    if (good || before == NULL ||
        (j->finding->objection != OBJECT_NOT_NAMED && j->finding->objection != OBJECT_NEVER) ||
        !same_or_less(field, value, before))
        return good;
    *j->finding = (struct finding){.objection = OBJECT_NOT};
    return true;
}

bool schema_judge(struct judge *j, const struct type *type, const json_t *value)
{
    const char *key;
    json_t *member;

    if (json_is_null(value))
        return true;
    if (!json_is_object(value))
        return judge_object(j, OBJECT_TYPE, (struct str){0}, kind_says(OBJECT));
    json_object_foreach((json_t *)value, key, member)
    {
        const struct field *folded;
        bool absent = false;
        const struct field *field = schema_find(type, str_of(key), &absent, &folded);
        size_t mark = judge_down(j, str_of(key));
        bool good = field != NULL
                        ? judge_field(j, field, absent, member, json_object_get(j->before, key))
                        : judge_object(j, folded != NULL ? OBJECT_MISSPELLED : OBJECT_UNKNOWN,
                                       (struct str){0}, NULL);
        judge_up(j, mark);
        if (!good)
            return false;
    }
    return type->check == NULL || type->check(j, value);
}
