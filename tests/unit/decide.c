/* decide.c: what [rules] mean (policy/policy.h). */
#include "policies.h"

UNIT(by_name)
{
    check_requests("[rules]\nallow = ContainerList ContainerInspect\nallow = SystemPing\n",
                   LIST("GET /containers/json", "GET /v1.41/containers/json?all=1",
                        "GET /containers/a/b/json", "GET /_ping", "HEAD /_ping"),
                   LIST("HEAD /containers/json", "POST /containers/json", "GET /containers/a/logs",
                        "GET /containers/json/", "GET /version", "OPTIONS /_ping", "GET /",
                        "PATCH /_ping"));
    check_requests("[rules]\nallow = ContainerArchive\n",
                   LIST("GET /containers/a/archive", "HEAD /containers/a/archive"),
                   LIST("PUT /containers/a/archive"));
    check_requests("[rules]\nallow = ContainerArchiveInfo\n", LIST("HEAD /containers/a/archive"),
                   LIST("GET /containers/a/archive"));
    check_requests("[rules]\nallow = NetworkList\n", LIST("GET /networks", "GET /networks/"),
                   LIST("GET /networks/a"));
}

UNIT(by_class)
{
    static const char *const classes[] = {"read", "sensitive", "write", "exec", "root"};
    char text[128], path[256];

    for (size_t i = 0; i < docker_operations_count; i++) {
        for (size_t c = 0; docker_operations[i].section[0] != '\0' && c < COUNT(classes); c++) {
            const struct operation *op = &docker_operations[i];
            struct policy_error error;
            struct policy policy;
            struct writer w = writer_over(text, sizeof(text));
            writer_text(&w, "[rules]\nallow = ");
            writer_text(&w, op->section);
            writer_char(&w, ':');
            writer_text(&w, classes[c]);
            policy_init(&policy, STR("t"), "t.ini");
            bool good = policy_parse(&policy, writer_view(&w), &error) == 0;
            w = writer_over(path, sizeof(path));
            writer_text(&w, http_method_name(op->method));
            writer_char(&w, ' ');
            for (const char *p = op->path; *p != '\0'; p++)
                writer_char(&w, *p == '{' ? 'x' : *p == '}' || *p == '.' ? 'y' : *p);
            writer_char(&w, '\0');
            CHECK(judge(&policy, path).allowed == ((int)c == (int)op->access), "%s for %s", text,
                  path);
            CHECK(good || (int)c != (int)op->access, "%s", text);
            policy_free(&policy);
        }
    }
}

UNIT(by_path)
{
    check_requests("[rules]\nallow = GET /containers/*/top\nallow = POST /x/** GET /y\n",
                   LIST("GET /containers/a/top", "GET /v1.41/containers/a/top?x", "POST /x/a",
                        "POST /x/a/b/c", "GET /y"),
                   LIST("GET /containers/a/b/top", "HEAD /containers/a/top",
                        "POST /containers/a/top", "POST /x", "GET /x/a", "GET /y/", "GET /y/z",
                        "POST /x/", "POST /x/a/", "PUT /y"));
    check_requests("[rules]\nallow = GET /**\n",
                   LIST("GET /a", "GET /containers/json", "GET /networks/"),
                   LIST("GET /", "POST /a", "HEAD /_ping"));
}

UNIT(deny_of_get)
{
    check_requests(
        "[rules]\nallow = ContainerArchive PutContainerArchive\ndeny = GET /containers/*/archive\n",
        LIST("PUT /containers/a/archive"),
        LIST("GET /containers/a/archive", "HEAD /containers/a/archive",
             "HEAD /containers/a/b/archive"));
    check_requests("[rules]\nallow = ContainerArchive\ndeny = HEAD /containers/*/archive\n",
                   LIST("GET /containers/a/archive"), LIST("HEAD /containers/a/archive"));
}

UNIT(decoded_paths)
{
    check_requests(
        "[rules]\nallow = GET /containers/web-*/json\ndeny = GET /containers/web-secret/json\n",
        LIST("GET /containers/web-1/json", "GET /containers/%77eb-1/%6ason"),
        LIST("GET /containers/web-secret/json", "GET /containers/web-s%65cret/json",
             "GET /v1.41/containers/web%2dsecret/json", "GET /containers/Web-1/json"));
}

UNIT(deny_wins)
{
    static const char *const rows[] = {
        "[rules]\nallow = containers:sensitive\ndeny = ContainerLogs\n",
        "[rules]\ndeny = ContainerLogs\nallow = containers:sensitive\n",
        "[rules]\ndeny = GET /containers/*/logs\nallow = ContainerLogs ContainerInspect\n",
        "[rules]\ndeny = ContainerLogs\nallow = GET /containers/**\n",
        "[sections]\nCONTAINERS = 1\n[rules]\ndeny = ContainerLogs\n",
        "[rules]\ndeny = ContainerLogs\n[sections]\nCONTAINERS = 1\n",
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_requests(rows[i], LIST("GET /containers/a/json"),
                       LIST("GET /containers/a/logs", "GET /v1.41/containers/a/logs?follow=1"));
    check_requests("[rules]\ndeny = ContainerLogs\n", NOTHING,
                   LIST("GET /_ping", "GET /containers/a/json"));
}

UNIT(names_with_slashes)
{
    /* An allow takes `*` for one segment; a deny also for a name that has several. */
    check_requests("[rules]\nallow = containers:sensitive\ndeny = GET /containers/*/export\n",
                   LIST("GET /containers/web/json", "GET /containers/web/alias/json"),
                   LIST("GET /containers/web/export", "GET /containers/web/alias/export",
                        "GET /containers/a/b/c/export"));
    check_requests("[rules]\nallow = GET /containers/*/json\n", LIST("GET /containers/a/json"),
                   LIST("GET /containers/a/b/json"));
    check_requests(
        "[rules]\nallow = images:write\ndeny = DELETE /images/*\n", LIST("POST /images/a/b/tag"),
        LIST("DELETE /images/a", "DELETE /images/docker.io/library/a", "DELETE /images/a%3a1"));
    check_requests("[rules]\nallow = containers:write\ndeny = POST /containers/prod-*/stop\n",
                   LIST("POST /containers/a/stop"),
                   LIST("POST /containers/prod-1/stop", "POST /containers/prod-1/x/stop"));
    check_requests(
        "[rules]\nallow = containers:write containers:root\ndeny = DELETE /containers/*/checkpoints/*\n",
        LIST("DELETE /containers/a/b"),
        LIST("DELETE /containers/a/checkpoints/c", "DELETE /containers/a/b/checkpoints/c"));
    check_requests("[rules]\nallow = NetworkList\ndeny = GET /networks\n", NOTHING,
                   LIST("GET /networks", "GET /networks/"));
}

UNIT(no_operation)
{
    check_requests("[rules]\nallow = containers:read networks:read\nallow = GET /libpod/info\n",
                   LIST("GET /libpod/info", "GET /v4.0.0/libpod/info"),
                   LIST("GET /libpod/infos", "GET /containersXYZ", "GET /containers"));
}

UNIT(decisive_rule)
{
    static const struct {
        const char *request;
        unsigned line;
        const char *text;
    } rows[] = {
        {"GET /_ping", 2, "t.ini:2: allow = SystemPing"},
        {"GET /version", 2, "t.ini:2: allow = SystemVersion"},
        {"GET /containers/json", 3, "t.ini:3: allow = containers:read"},
        {"GET /x/y", 4, "t.ini:4: allow = GET  /x/*"},
        {"GET /x/z", 5, "t.ini:5: deny = GET /x/z"},
        {"GET /info", 0, "t.ini: no rule allows it"},
        {"GET /events", 0, "t.ini: EVENTS = 1 by default"},
        {"GET /images/json", 7, "t.ini:7: IMAGES = 1"},
        {"GET /containers/a/logs", 8, "t.ini:8: ALLOW_LOGS = 0"},
    };
    struct policy policy;
    char text[128];

    policy_of(
        &policy,
        "[rules]\nallow = SystemPing SystemVersion\nallow = containers:read\nallow = GET  /x/*\n"
        "deny = GET /x/z\n[sections]\nIMAGES = 1\nALLOW_LOGS = 0\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct decision decision = judge(&policy, rows[i].request);
        struct writer w = writer_over(text, sizeof(text));
        policy_describe(&policy, &decision, &w);
        CHECK_STR(writer_view(&w), rows[i].text);
        CHECK((decision.rule == NULL ? 0 : decision.rule->line) == rows[i].line, "%s",
              rows[i].request);
    }
    policy_free(&policy);
    policy_init(&policy, STR("t"), "a\nb.ini");
    struct decision decision = judge(&policy, "GET /_ping");
    struct writer w = writer_over(text, sizeof(text));
    policy_describe(&policy, &decision, &w);
    CHECK_STR(writer_view(&w), "a\\x0ab.ini: no rule allows it");
    policy_free(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("an operation's name allows it and the HEAD of it, and nothing else", by_name),
        PROMISE("section:class allows the operations of that class there", by_class),
        PROMISE("METHOD /path allows that method on the paths it says", by_path),
        PROMISE("a deny of GET holds for HEAD, and not the other way round", deny_of_get),
        PROMISE("paths are compared decoded and without the version", decoded_paths),
        PROMISE("a deny wins, wherever it stands", deny_wins),
        PROMISE("a deny's * stands for a name with slashes too, an allow's does not",
                names_with_slashes),
        PROMISE("what is no operation is allowed by a path rule only", no_operation),
        PROMISE("a decision names its rule with file and line", decisive_rule),
    };

    return RUN("decide", tests);
}
