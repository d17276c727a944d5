#include "ctl/place.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/writer.h"
#include "ctl/text.h"
#include "inspect/inspect.h"
#include "inspect/json.h"

/* VALUE_MAX: as much of a value as a finding shows. */
enum { NAME_MAX_LENGTH = 1024, VALUE_MAX = sizeof(((struct finding *)NULL)->value) - 1 };

/* Where a value stands. */
struct place {
    json_t *parent;
    const char *key; /* of an object; it is the object's own */
    size_t index;    /* of a list */
    size_t before;   /* bytes of the field that name the parent */
};

/* Whether ${rest}, behind a name, ends there or goes on. */
static bool ends_name(struct str rest)
{
    return rest.n == 0 || rest.p[0] == '.' || rest.p[0] == '[';
}

static json_t *find(json_t *node, struct str rest, size_t done, struct place *place);

static json_t *find_key(json_t *object, struct str rest, size_t done, struct place *place)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        char text[NAME_MAX_LENGTH];
        struct writer w = writer_over(text, sizeof(text));
        writer_escaped(&w, str_of(key));
        if (w.overflow || !str_starts(rest, writer_view(&w)) ||
            !ends_name(str_slice(rest, w.n, rest.n)))
            continue;
        struct place here = {object, key, 0, done};
        size_t cut = w.n + (w.n < rest.n && rest.p[w.n] == '.');
        json_t *found = find(value, str_slice(rest, cut, rest.n), done + cut, &here);
        if (found == NULL)
            continue;
        *place = here;
        return found;
    }
    return NULL;
}

static bool read_index(struct str rest, size_t *index, size_t *length)
{
    size_t close = str_index(rest, ']');
    uint64_t number;

    if (close == rest.n || !str_decimal(str_slice(rest, 1, close), UINT32_MAX, &number))
        return false;
    *index = (size_t)number;
    *length = close + 1;
    return true;
}

static json_t *find_index(json_t *list, struct str rest, size_t done, struct place *place)
{
    size_t index, length;

    if (!read_index(rest, &index, &length) || index >= json_array_size(list))
        return NULL;
    struct place here = {list, NULL, index, done};
    length += length < rest.n && rest.p[length] == '.';
    json_t *found =
        find(json_array_get(list, index), str_slice(rest, length, rest.n), done + length, &here);
    if (found != NULL)
        *place = here;
    return found;
}

/* The nearest place wins: each level writes its own only when none below it has. */
static json_t *find(json_t *node, struct str rest, size_t done, struct place *place)
{
    struct place below = *place;
    json_t *found = node;

    if (rest.n > 0)
        found = rest.p[0] == '[' ? find_index(node, rest, done, &below)
                                 : find_key(node, rest, done, &below);
    *place = below;
    return found;
}

json_t *place_find(json_t *root, struct str field)
{
    struct place place = {0};

    return find(root, field, 0, &place);
}

void places_free(struct places *places)
{
    for (size_t i = 0; i < places->n; i++)
        free(places->gaps[i].list);
    free(places->gaps);
    *places = (struct places){0};
}

/* The index that the element has had, in a list whose gaps are in the order of their indices. */
static size_t original(const struct places *places, struct str list, size_t index)
{
    for (size_t i = 0; i < places->n; i++)
        if (str_equal(str_of(places->gaps[i].list), list) && places->gaps[i].index <= index)
            index++;
    return index;
}

void places_original(const struct places *places, struct str field, char *to, size_t size)
{
    struct writer w = writer_over(to, size - 1);

    for (size_t i = 0; i < field.n;) {
        size_t index, length;
        if (field.p[i] != '[' || !read_index(str_slice(field, i, field.n), &index, &length)) {
            writer_char(&w, field.p[i++]);
            continue;
        }
        index = original(places, writer_view(&w), index);
        writer_char(&w, '[');
        writer_decimal(&w, index);
        writer_char(&w, ']');
        i += length;
    }
    to[w.n] = '\0';
}

static int by_index(const void *a, const void *b)
{
    const struct place_gap *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static void note_gap(struct places *places, struct str field, size_t index)
{
    char name[512];

    places_original(places, field, name, sizeof(name));
    index = original(places, str_of(name), index);
    places->gaps = text_must(reallocarray(places->gaps, places->n + 1, sizeof(*places->gaps)));
    places->gaps[places->n++] = (struct place_gap){text_of("%s", name), index};
    qsort(places->gaps, places->n, sizeof(*places->gaps), by_index);
}

/* The elements that are ${value}, as a finding shows it. Returns whether there were some. */
static bool take_elements(struct places *places, json_t *list, struct str field, struct str value)
{
    bool taken = false;

    for (size_t i = 0; i < json_array_size(list);) {
        char text[NAME_MAX_LENGTH];
        struct writer w = writer_over(text, VALUE_MAX);
        writer_escaped(&w, json_str(json_array_get(list, i)));
        if (value.n == 0 || !str_equal(writer_view(&w), value)) {
            i++;
            continue;
        }
        note_gap(places, field, i);
        (void)json_array_remove(list, i);
        taken = true;
    }
    return taken;
}

/* "HostConfig.Mounts[1]" of "HostConfig.Mounts[1].Source" */
static struct str cut_last(struct str field)
{
    while (field.n > 0 && field.p[field.n - 1] != '.' && field.p[field.n - 1] != '[')
        field.n--;
    if (field.n > 0)
        field.n--;
    return field;
}

static void take(struct places *places, const struct place *place, struct str field)
{
    if (place->key != NULL) {
        (void)json_object_del(place->parent, place->key);
        return;
    }
    note_gap(places, str_slice(field, 0, place->before), place->index);
    (void)json_array_remove(place->parent, place->index);
}

enum place_taken places_take(struct places *places, json_t *root, struct str field,
                             struct str value, bool around)
{
    enum place_taken taken = around ? PLACE_AROUND : PLACE_FIELD;

    if (around)
        field = cut_last(field);
    for (; field.n > 0; field = cut_last(field), taken = PLACE_AROUND) {
        struct place place = {0};
        json_t *found = find(root, field, 0, &place);
        if (found == NULL || place.parent == NULL)
            continue;
        if (taken == PLACE_FIELD && json_is_array(found) &&
            take_elements(places, found, field, value))
            return PLACE_ELEMENTS;
        take(places, &place, field);
        return taken;
    }
    return PLACE_NONE;
}
