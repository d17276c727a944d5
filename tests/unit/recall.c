/* recall.c: what a connection keeps of containers: by name, once, for a time and within a bound. */
#include <stdio.h>
#include <stdlib.h>

#include "inspect/json.h"
#include "inspect/same.h"
#include "relay/recall.h"
#include "unit.h"

/* Keeps a container ${name} with ${size} bytes of labels. */
static void keep_sized(struct recall *recall, const char *name, const char *id, const char *network,
                       size_t size, int64_t now)
{
    char *label = calloc(1, size + 1), slashed[64];

    assert_non_null(label);
    memset(label, 'x', size);
    (void)snprintf(slashed, sizeof(slashed), "/%s", name);
    json_t *inspection =
        json_pack("{s:s,s:s,s:s,s:{s:s,s:{s:s}},s:{s:b},s:{s:{s:{}}}}", "Id", id, "Name", slashed,
                  "Image", "sha256:aa", "Config", "Image", "nginx", "Labels", "x", label,
                  "HostConfig", "Privileged", 1, "NetworkSettings", "Networks", network);
    json_t *container = same_keep(inspection);
    assert_non_null(container);
    recall_keep(recall, container, now);
    json_decref(container);
    json_decref(inspection);
    free(label);
}

static void keep(struct recall *recall, const char *name, const char *id, int64_t now)
{
    keep_sized(recall, name, id, "front", 10, now);
}

static bool knows(struct recall *recall, const char *name, int64_t now)
{
    json_t *found = recall_find(recall, str_of(name), now);
    bool known = found != NULL;

    if (known)
        CHECK_STR(json_str(json_object_get(found, "Name")), name);
    json_decref(found);
    return known;
}

UNIT(by_name)
{
    struct recall recall = {0};

    keep(&recall, "web", "a", 0);
    keep(&recall, "db", "b", 0);
    assert_true(knows(&recall, "web", 1));
    assert_true(knows(&recall, "db", 1));
    assert_false(knows(&recall, "we", 1));
    assert_false(knows(&recall, "/web", 1));
    assert_false(knows(&recall, "a", 1));
    assert_false(knows(&recall, "", 1));
    recall_free(&recall);
    assert_int_equal(recall.n, 0);
    assert_int_equal(recall.bytes, 0);
}

UNIT(for_a_time)
{
    struct recall recall = {0};

    keep(&recall, "web", "a", 1000);
    assert_true(knows(&recall, "web", 1000 + 15 * 60 * 1000 - 1));
    assert_false(knows(&recall, "web", 1000 + 15 * 60 * 1000));
    assert_null(recall_of(&recall, STR("a"), 1000 + 15 * 60 * 1000));
    assert_null(recall_number(&recall, 0, 1000 + 15 * 60 * 1000));
    keep(&recall, "web", "a", 2000000);
    assert_true(knows(&recall, "web", 2000001));
    recall_free(&recall);
}

/* The name of what is kept of the container ${id}, or of the one that it was made of. */
static void of_id(struct recall *recall, const char *id, const char *name)
{
    json_t *found = recall_of(recall, str_of(id), 1);

    CHECK_STR(json_str(json_object_get(found, "Name")), name);
    json_decref(found);
}

UNIT(once)
{
    struct recall recall = {0};

    keep(&recall, "web", "a", 0);
    recall_spend(&recall, STR("b"), STR("m"));
    assert_true(knows(&recall, "web", 1));
    json_t *first = recall_number(&recall, 0, 1);
    assert_non_null(first);
    json_decref(first);
    assert_null(recall_number(&recall, 1, 1));
    recall_spend(&recall, STR("a"), STR(""));
    assert_false(knows(&recall, "web", 1));
    assert_null(recall_number(&recall, 0, 1));
    keep(&recall, "web", "b", 2);
    assert_true(knows(&recall, "web", 3));
    recall_free(&recall);
}

UNIT(made)
{
    struct recall recall = {0};

    keep(&recall, "web", "a", 0);
    keep(&recall, "db", "b", 0);
    of_id(&recall, "m", "");
    of_id(&recall, "", "");
    recall_spend(&recall, STR("a"), STR("m"));
    of_id(&recall, "a", "web");
    of_id(&recall, "m", "web");
    of_id(&recall, "b", "db");
    CHECK_STR(recall_successor(&recall, STR("a")), "m");
    CHECK_STR(recall_origin(&recall, STR("m")), "a");
    CHECK_STR(recall_successor(&recall, STR("b")), "");
    CHECK_STR(recall_origin(&recall, STR("a")), "");
    CHECK_STR(recall_origin(&recall, STR("")), "");
    keep(&recall, "web", "a", 0);
    CHECK_STR(recall_successor(&recall, STR("a")), "m");
    keep(&recall, "web", "m", 0);
    of_id(&recall, "m", "web");
    CHECK_STR(recall_successor(&recall, STR("a")), "");
    recall_free(&recall);
}

static bool has_network(struct recall *recall, const char *network)
{
    json_t *found = recall_find(recall, STR("web"), 1);
    const json_t *networking = json_object_get(json_object_get(found, "Body"), "NetworkingConfig");
    bool has = json_object_get(json_object_get(networking, "EndpointsConfig"), network) != NULL;

    json_decref(found);
    return has;
}

UNIT(networks)
{
    struct recall recall = {0};

    keep_sized(&recall, "web", "a", "front", 1, 0);
    keep_sized(&recall, "web", "a", "back", 1, 0);
    assert_true(has_network(&recall, "front"));
    assert_false(has_network(&recall, "back"));
    keep_sized(&recall, "web-old", "a", "back", 1, 0);
    keep_sized(&recall, "web", "a", "back", 1, 0);
    assert_true(has_network(&recall, "front"));
    keep_sized(&recall, "web", "b", "back", 1, 0);
    assert_false(has_network(&recall, "front"));
    assert_true(has_network(&recall, "back"));
    recall_free(&recall);
}

UNIT(number)
{
    struct recall recall = {0};
    char name[16];

    for (unsigned i = 0; i < RECALL_MAX + 3; i++) {
        (void)snprintf(name, sizeof(name), "c%u", i);
        keep(&recall, name, name, 0);
    }
    assert_int_equal(recall.n, RECALL_MAX);
    assert_false(knows(&recall, "c2", 1));
    assert_true(knows(&recall, "c3", 1));
    assert_true(knows(&recall, "c66", 1));
    recall_free(&recall);
}

UNIT(least)
{
    struct recall recall = {0};
    char name[16];

    for (unsigned i = 0; i < RECALL_MAX; i++) {
        (void)snprintf(name, sizeof(name), "c%u", i);
        keep(&recall, name, name, 0);
    }
    recall_spend(&recall, STR("c7"), STR("m"));
    keep(&recall, "new", "new", 0);
    assert_null(recall_of(&recall, STR("c7"), 1));
    assert_true(knows(&recall, "c0", 1));
    assert_true(knows(&recall, "new", 1));
    keep(&recall, "newer", "newer", 0);
    assert_false(knows(&recall, "c0", 1));
    recall_free(&recall);
}

UNIT(bytes)
{
    struct recall recall = {0};

    keep_sized(&recall, "a", "a", "front", 200000, 0);
    keep_sized(&recall, "b", "b", "front", 200000, 0);
    keep_sized(&recall, "c", "c", "front", 200000, 0);
    assert_true(recall.bytes <= RECALL_BYTES_MAX);
    assert_false(knows(&recall, "a", 1));
    assert_true(knows(&recall, "b", 1));
    assert_true(knows(&recall, "c", 1));
    keep_sized(&recall, "d", "d", "front", RECALL_BYTES_MAX, 0);
    assert_false(knows(&recall, "d", 1));
    assert_true(knows(&recall, "c", 1));
    keep_sized(&recall, "c", "c", "front", RECALL_BYTES_MAX, 0);
    assert_false(knows(&recall, "c", 1));
    assert_true(knows(&recall, "b", 1));
    recall_free(&recall);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a container is found by its name, in full", by_name),
        PROMISE("what is kept is kept for 15 minutes", for_a_time),
        PROMISE("a container is made of it once, until it is kept anew", once),
        PROMISE("what was made of a container is known by its id, while that container is", made),
        PROMISE("of the same container the networks stay as they were first", networks),
        PROMISE("of more than 64 the oldest are forgotten", number),
        PROMISE("one of which a container was made is forgotten before all others", least),
        PROMISE("of more than 512K the oldest are forgotten; what is larger is not kept", bytes),
    };

    return RUN("recall", tests);
}
