#include "relay/recall.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/json.h"

static void forget(struct recall *recall, size_t i)
{
    struct recalled *one = &recall->at[i];

    free(one->name);
    free(one->text);
    recall->bytes -= one->n;
    recall->n--;
    memmove(one, one + 1, (recall->n - i) * sizeof(*one));
}

static struct recalled *find(struct recall *recall, struct str name)
{
    for (size_t i = 0; i < recall->n; i++)
        if (str_equal(str_of(recall->at[i].name), name))
            return &recall->at[i];
    return NULL;
}

static json_t *read(const struct recalled *one)
{
    return one == NULL ? NULL : json_loadb(one->text, one->n, 0, NULL);
}

/* Takes over the networks that ${known} has of the same container. */
static void keep_networks(const struct recalled *known, const json_t *container)
{
    json_t *old = read(known);

    if (old != NULL && json_equal(json_object_get(old, "Id"), json_object_get(container, "Id")))
        (void)json_object_set(json_object_get(container, "Body"), "NetworkingConfig",
                              json_object_get(json_object_get(old, "Body"), "NetworkingConfig"));
    json_decref(old);
}

void recall_keep(struct recall *recall, const json_t *container, int64_t now_ms)
{
    struct str name = json_str(json_object_get(container, "Name"));
    struct recalled *known = find(recall, name), one = {.until = now_ms + RECALL_MS};

    keep_networks(known, container);
    if (known != NULL)
        forget(recall, (size_t)(known - recall->at));
    one.text = json_dumps(container, JSON_COMPACT);
    one.name = strndup(name.p, name.n);
    one.n = one.text == NULL ? 0 : strlen(one.text);
    if (one.text == NULL || one.name == NULL || one.n > RECALL_BYTES_MAX) {
        free(one.text);
        free(one.name);
        return;
    }
    while (recall->n == RECALL_MAX || recall->bytes + one.n > RECALL_BYTES_MAX)
        forget(recall, 0);
    recall->at[recall->n++] = one;
    recall->bytes += one.n;
}

json_t *recall_find(struct recall *recall, struct str name, bool spent, int64_t now_ms)
{
    struct recalled *one = find(recall, name);

    if (one == NULL || now_ms >= one->until || (one->spent && !spent))
        return NULL;
    return read(one);
}

void recall_spend(struct recall *recall, struct str name)
{
    struct recalled *one = find(recall, name);

    if (one != NULL)
        one->spent = true;
}

void recall_free(struct recall *recall)
{
    while (recall->n > 0)
        forget(recall, recall->n - 1);
}
