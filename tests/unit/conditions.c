/* conditions.c: conditions on the query (policy/condition.h). */
#include "policies.h"

struct row {
    const char *rules;
    const char *request;
    bool allowed;
};

static void check(const struct row *rows, size_t n)
{
    char text[1024];

    for (size_t i = 0; i < n; i++) {
        struct policy policy;
        (void)snprintf(text, sizeof(text), "[rules]\n%s\n", rows[i].rules);
        policy_of(&policy, text);
        CHECK(judge(&policy, rows[i].request).allowed == rows[i].allowed, "%s: %s, by\n%s",
              rows[i].allowed ? "denied" : "allowed", rows[i].request, text);
        policy_free(&policy);
    }
}

#define PULL "allow = ImageCreate ? fromImage=ghcr.io/acme/* tag=*"
#define NOT_EVIL "allow = ImageCreate\ndeny = ImageCreate ? fromImage=evil*"
#define NO_FOLLOW "allow = GET /containers/*/logs ? follow=no"
#define TEAM "allow = ContainerList ? filters.label=team=web"

UNIT(text)
{
    static const struct row rows[] = {
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/web&tag=1", true},
        {PULL, "POST /v1.41/images/create?tag=1&fromImage=ghcr.io%2Facme%2fweb", true},
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/web/x&tag=1", false},
        {PULL, "POST /images/create?fromImage=ghcr.io/acmee/web&tag=1", false},
        {PULL, "POST /images/create?fromImage=GHCR.io/acme/web&tag=1", false},
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/web", false},
        {PULL, "POST /images/create?tag=1", false},
        {PULL, "POST /images/create", false},
        {PULL, "POST /images/load?fromImage=ghcr.io/acme/web&tag=1", false},
        {"allow = ImageCreate ? fromImage=ghcr.io/acme/**",
         "POST /images/create?fromImage=ghcr.io/acme/a/b", true},
        {"allow = ImageCreate ? fromImage=ghcr.io/acme/**",
         "POST /images/create?fromImage=ghcr.io/acme/", false},
        {"allow = ImageCreate ? fromImage=ghcr.io/acme/**",
         "POST /images/create?fromImage=ghcr.io/acme", false},
        {"allow = ContainerArchive ? path=/srv/**", "GET /containers/x/archive?path=/srv/a", true},
        {"allow = ContainerArchive ? path=/srv/**", "GET /containers/x/archive?path=/srv/../etc",
         false},
        {"allow = ContainerArchive ? path=/srv/**", "GET /containers/x/archive?path=/srv/.", false},
        {"allow = ContainerArchive ? path=/srv/*", "GET /containers/x/archive?path=/srv/", false},
        {"allow = ContainerArchive ? path=/srv/*", "GET /containers/x/archive?path=/srv/%2e%2e",
         false},
        {"allow = ImageCommit ? changes=ENV*", "POST /commit?changes=ENV%20A%3D1", true},
        {"allow = ImageCommit ? changes=ENV*", "POST /commit?changes=ENV%20A%3D1%0AUSER%20root",
         false},
        {"allow = ContainerRename ? name=a*b*c", "POST /containers/x/rename?name=aXbYbZc", true},
        {"allow = ContainerRename ? name=a*b*c", "POST /containers/x/rename?name=aXbYbZ", false},
        {"allow = ContainerRename ? name=a*a", "POST /containers/x/rename?name=a", false},
        {"allow = ContainerRename ? name=a+b*", "POST /containers/x/rename?name=a%2bb", true},
        {"allow = ContainerRename ? name=a+b*", "POST /containers/x/rename?name=a+b", false},
    };

    check(rows, COUNT(rows));
}

UNIT(deny)
{
    static const struct row rows[] = {
        {NOT_EVIL, "POST /images/create?fromImage=good", true},
        {NOT_EVIL, "POST /images/create?fromImage=evil", false},
        {NOT_EVIL, "POST /images/create?fromImage=evil/with/slashes", false},
        {"allow = ImageCommit\ndeny = ImageCommit ? changes=USER*", "POST /commit?changes=ENV%20A",
         true},
        {"allow = ImageCommit\ndeny = ImageCommit ? changes=USER*",
         "POST /commit?changes=ENV%20A%0AUSER%20root", false},
        {NOT_EVIL, "POST /images/create?fromImage=%65vil", false},
        {NOT_EVIL, "POST /images/create", true},
    };

    check(rows, COUNT(rows));
}

UNIT(repeated)
{
    static const struct row rows[] = {
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/a&fromImage=evil&tag=1", false},
        {PULL, "POST /images/create?fromImage=evil&fromImage=ghcr.io/acme/a&tag=1", false},
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/a&fromImage=ghcr.io/acme/b&tag=1", true},
        {PULL, "POST /images/create?fromImage=&fromImage=ghcr.io/acme/a&tag=1", false},
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/a&fromimage=evil&tag=1", false},
        {PULL, "POST /images/create?fromImage=ghcr.io/acme/a&from%C4%B0mage=evil&tag=1", false},
        {NOT_EVIL, "POST /images/create?fromImage=good&fromImage=evil", false},
        {NOT_EVIL, "POST /images/create?fromImage=evil&fromImage=good", false},
        {NOT_EVIL, "POST /images/create?FROMIMAGE=evil&fromImage=good", false},
        {NO_FOLLOW, "GET /containers/x/logs?follow=0&follow=1", false},
        {TEAM, "GET /containers/json?filters={\"label\":[\"team=web\"]}&filters={}", false},
    };

    check(rows, COUNT(rows));
}

UNIT(bools)
{
    static const struct row rows[] = {
        {NO_FOLLOW, "GET /containers/x/logs", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow=", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow=0", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow=None", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow=+FALSE%09", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow=no", true},
        {NO_FOLLOW, "GET /containers/x/logs?follow=off", false},
        {NO_FOLLOW, "GET /containers/x/logs?follow=00", false},
        {NO_FOLLOW, "GET /containers/x/logs?follow=f", false},
        {NO_FOLLOW, "GET /containers/x/logs?follow=null", false},
        {NO_FOLLOW, "GET /containers/x/logs?follow=no%00", false},
        {NO_FOLLOW, "GET /containers/x/logs?follow=no%C2%A0", false},
        {"allow = ContainerLogs\ndeny = ContainerLogs ? follow=yes",
         "GET /containers/x/logs?follow=2", false},
        {"allow = ContainerLogs\ndeny = ContainerLogs ? follow=yes",
         "GET /containers/x/logs?follow=no%C2%A0", false},
        {"allow = ContainerLogs\ndeny = ContainerLogs ? follow=no", "GET /containers/x/logs",
         false},
        {"allow = ContainerStats ? stream=no", "GET /containers/x/stats", false},
        {"allow = ContainerStats ? stream=no", "GET /containers/x/stats?stream=", true},
        {"allow = ContainerStats ? stream=yes", "GET /containers/x/stats", true},
        {"allow = ImageBuild ? rm=yes", "POST /build?rm=", true},
        {"allow = ImageBuild ? rm=yes", "POST /build?rm=0", false},
    };

    check(rows, COUNT(rows));
}

UNIT(ints)
{
    static const struct row rows[] = {
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=100", true},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=0100", true},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=101", false},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=all", false},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=1e1", false},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=%2b1", false},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=99999999999999999999",
         false},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs?tail=", false},
        {"allow = ContainerLogs ? tail=0..100", "GET /containers/x/logs", false},
        {"allow = ContainerLogs ? tail=all", "GET /containers/x/logs", true},
        {"allow = ContainerList ? limit=0", "GET /containers/json", true},
        {"allow = ImageBuild\ndeny = ImageBuild ? memory=0", "POST /build", false},
        {"allow = ImageBuild\ndeny = ImageBuild ? memory=0", "POST /build?memory=x", false},
        {"allow = ImageBuild\ndeny = ImageBuild ? memory=0", "POST /build?memory=1", true},
    };

    check(rows, COUNT(rows));
}

UNIT(lists)
{
    static const struct row rows[] = {
        {"allow = ImageGetAll ? names=acme*", "GET /images/get?names=acme1&names=acme2", true},
        {"allow = ImageGetAll ? names=acme*", "GET /images/get?names=acme1&names=evil", false},
        {"allow = ImageGetAll ? names=acme*", "GET /images/get?names=acme1&names=", false},
        {"allow = ImageBuild\ndeny = ImageBuild ? t=prod*", "POST /build?t=a&t=prod", false},
        {"allow = ImageBuild\ndeny = ImageBuild ? t=prod*", "POST /build?t=a", true},
    };

    check(rows, COUNT(rows));
}

UNIT(filters)
{
#define LIST_OF "GET /containers/json?filters="
    static const struct row rows[] = {
        {TEAM, LIST_OF "{\"label\":[\"team=web\"]}", true},
        {TEAM, LIST_OF "%7B%22label%22%3A%7B%22team%3Dweb%22%3Atrue%7D%7D", true},
        {TEAM, LIST_OF "{\"label\":[\"team=web\"],\"status\":[\"running\"]}", true},
        {TEAM, LIST_OF "{\"label\":[\"team=web\",\"x=y\"]}", false},
        {TEAM, LIST_OF "{\"label\":[\"team=db\"]}", false},
        {TEAM, LIST_OF "{\"label\":[]}", false},
        {TEAM, LIST_OF "{\"label\":null}", false},
        {TEAM, LIST_OF "{\"Label\":[\"team=web\"]}", false},
        {TEAM, LIST_OF "{\"label\":{\"team=web\":false}}", false},
        {TEAM, LIST_OF "{\"label\":[\"team=web\"],\"label\":[\"x\"]}", false},
        {TEAM, LIST_OF "{\"label\":[\"team=web\"],\"x\":{\"y\":true}}", false},
        {TEAM, LIST_OF "{\"label\":[\"team=web\"]}x", false},
        {TEAM, LIST_OF "{\"label\":\"team=web\"}", false},
        {TEAM, LIST_OF "{\"label\":[\"team=web\\u0000\"]}", false},
        {TEAM, LIST_OF "[]", false},
        {TEAM, LIST_OF "null", false},
        {"allow = ContainerPrune\ndeny = ContainerPrune ? filters.label=keep*",
         "POST /containers/prune?filters={\"label\":[\"a\"]}%00", false},
        {TEAM, LIST_OF, false},
        {TEAM, "GET /containers/json", false},
        {TEAM, LIST_OF "{\"label\":[\"team%3D\\u0077eb\"]}", true},
        {"allow = ContainerPrune\ndeny = ContainerPrune ? filters.label=keep*",
         "POST /containers/prune", false},
        {"allow = ContainerPrune\ndeny = ContainerPrune ? filters.label=keep*",
         "POST /containers/prune?filters={\"label\":[\"tmp\"]}", true},
        {"allow = ContainerPrune\ndeny = ContainerPrune ? filters.label=keep*",
         "POST /containers/prune?filters={\"label\":[\"tmp\",\"keep=1\"]}", false},
        {"allow = ContainerPrune\ndeny = ContainerPrune ? filters.label=keep*",
         "POST /containers/prune?filters={\"label\":[\"tmp\"", false},
        {"allow = GET /x ? filters.a=b", "GET /x?filters={\"a\":[\"b\"]}", true},
    };

    check(rows, COUNT(rows));
}

UNIT(unknown)
{
    static const struct row rows[] = {
        {"allow = GET /x ? a=b", "GET /x?a=b", true},
        {"allow = GET /x ? a=b", "GET /x?a=c", false},
        {"allow = GET /x ? a=b", "GET /x", false},
        {"allow = GET /x\ndeny = GET /x ? a=b", "GET /x?a=c", true},
        {"allow = GET /x\ndeny = GET /x ? a=b", "GET /x", false},
        /* No words of a boolean: what the operation would make of them nobody knows. */
        {"allow = GET /containers/** ? all=maybe", "GET /containers/json?all=0", false},
        {"allow = GET /containers/** ? all=no", "GET /containers/json?all=0", true},
    };

    check(rows, COUNT(rows));
}

UNIT(too_many)
{
    static char request[8192] = "POST /images/create?fromImage=a";
    const char *rules = "[rules]\nallow = ImageCreate ? fromImage=a\n";
    struct policy policy;

    policy_of(&policy, rules);
    for (int i = 1; i < 1000; i++)
        strcat(request, "&x=");
    assert_true(judge(&policy, request).allowed);
    strcat(request, "&x=");
    assert_false(judge(&policy, request).allowed);
    policy_free(&policy);
}

UNIT(unreadable)
{
    static const char *const rows[] = {"a=1;b=2",
                                       "a=%zz",
                                       "a=%4",
                                       "a%=1",
                                       "%c5%bf=1",
                                       "filters=x",
                                       "filters=null%00",
                                       "filters={}&filters={}&filters={}&filters={}&filters={}"};
    static struct query query;

    for (size_t i = 0; i < COUNT(rows); i++) {
        query_parse(str_of(rows[i]), &query);
        CHECK(query.unreadable, "%s is readable", rows[i]);
        query_free(&query);
    }
    query_parse(STR("&a=1&&b&=c&"), &query);
    assert_false(query.unreadable);
    assert_int_equal(query.n, 3);
    query_free(&query);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a text is compared as a whole, decoded, with * up to the next slash", text),
        PROMISE("for a deny * passes slashes", deny),
        PROMISE("every value of a repeated parameter must fit an allow, and one a deny", repeated),
        PROMISE("a boolean is read as dockerd reads it", bools),
        PROMISE("a number is compared as a number", ints),
        PROMISE("all values of a list count", lists),
        PROMISE("a filter is read in both forms of its JSON, and must be there for an allow",
                filters),
        PROMISE(
            "a parameter that no table knows is a text, and absent it fits each deny and no allow",
            unknown),
        PROMISE("a query of which Go would drop a part is unreadable", unreadable),
        PROMISE("a query of more than 1000 parameters fits no allow", too_many),
    };

    return RUN("conditions", tests);
}
