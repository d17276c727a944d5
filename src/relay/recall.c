#include "relay/recall.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/json.h"

static void free_one(struct recalled *one)
{
    free(one->name);
    free(one->id);
    free(one->text);
    free(one->made);
}

static void forget(struct recall *recall, size_t i)
{
    struct recalled *one = &recall->at[i];

    free_one(one);
    recall->bytes -= one->n;
    recall->n--;
    memmove(one, one + 1, (recall->n - i) * sizeof(*one));
}

static void forget_least(struct recall *recall)
{
    for (size_t i = 0; i < recall->n; i++)
        if (recall->at[i].spent) {
            forget(recall, i);
            return;
        }
    forget(recall, 0);
}

static struct recalled *find(struct recall *recall, struct str name)
{
    for (size_t i = 0; i < recall->n; i++)
        if (str_equal(str_of(recall->at[i].name), name))
            return &recall->at[i];
    return NULL;
}

static json_t *read(const struct recalled *one, int64_t now_ms)
{
    return one == NULL || now_ms >= one->until ? NULL : json_loadb(one->text, one->n, 0, NULL);
}

static char *copy(struct str text)
{
    return strndup(text.p == NULL ? "" : text.p, text.n);
}

/* Takes over what is kept of the same container, under whichever name: its networks, and what was made
 * of it. */
static void take_over(const struct recall *recall, const json_t *container, struct recalled *one)
{
    struct str id = json_str(json_object_get(container, "Id"));
    const struct recalled *known = recall->at;

    while (known < recall->at + recall->n && !str_equal(str_of(known->id), id))
        known++;
    if (known == recall->at + recall->n)
        return;
    json_t *old = json_loadb(known->text, known->n, 0, NULL);
    if (old != NULL)
        (void)json_object_set(json_object_get(container, "Body"), "NetworkingConfig",
                              json_object_get(json_object_get(old, "Body"), "NetworkingConfig"));
    one->made = known->made == NULL ? NULL : copy(str_of(known->made));
    json_decref(old);
}

void recall_keep(struct recall *recall, const json_t *container, int64_t now_ms)
{
    struct str name = json_str(json_object_get(container, "Name"));
    struct recalled *known = find(recall, name), one = {.until = now_ms + RECALL_MS};

    take_over(recall, container, &one);
    if (known != NULL)
        forget(recall, (size_t)(known - recall->at));
    one.text = json_dumps(container, JSON_COMPACT);
    one.name = copy(name);
    one.id = copy(json_str(json_object_get(container, "Id")));
    one.n = one.text == NULL ? 0 : strlen(one.text);
    if (one.text == NULL || one.name == NULL || one.id == NULL || one.n > RECALL_BYTES_MAX) {
        free_one(&one);
        return;
    }
    while (recall->n == RECALL_MAX || recall->bytes + one.n > RECALL_BYTES_MAX)
        forget_least(recall);
    recall->at[recall->n++] = one;
    recall->bytes += one.n;
}

json_t *recall_find(struct recall *recall, struct str name, int64_t now_ms)
{
    struct recalled *one = find(recall, name);

    return one == NULL || one->spent ? NULL : read(one, now_ms);
}

json_t *recall_number(struct recall *recall, size_t i, int64_t now_ms)
{
    return i >= recall->n || recall->at[i].spent ? NULL : read(&recall->at[i], now_ms);
}

static bool is_made(const struct recalled *one, struct str id)
{
    return id.n > 0 && one->made != NULL && str_equal(str_of(one->made), id);
}

json_t *recall_of(struct recall *recall, struct str id, int64_t now_ms)
{
    for (size_t i = recall->n; i > 0; i--) {
        const struct recalled *one = &recall->at[i - 1];
        if (is_made(one, id) || (id.n > 0 && str_equal(str_of(one->id), id)))
            return read(one, now_ms);
    }
    return NULL;
}

void recall_spend(struct recall *recall, struct str id, struct str made)
{
    for (size_t i = 0; i < recall->n; i++) {
        struct recalled *one = &recall->at[i];
        if (!str_equal(str_of(one->id), id))
            continue;
        one->spent = true;
        free(one->made);
        one->made = made.n > 0 ? copy(made) : NULL;
    }
}

struct str recall_successor(const struct recall *recall, struct str id)
{
    for (size_t i = recall->n; i > 0; i--)
        if (str_equal(str_of(recall->at[i - 1].id), id) && recall->at[i - 1].made != NULL)
            return str_of(recall->at[i - 1].made);
    return (struct str){0};
}

struct str recall_origin(const struct recall *recall, struct str id)
{
    for (size_t i = recall->n; i > 0; i--)
        if (is_made(&recall->at[i - 1], id))
            return str_of(recall->at[i - 1].id);
    return (struct str){0};
}

void recall_free(struct recall *recall)
{
    while (recall->n > 0)
        forget(recall, recall->n - 1);
}
