/* policy.c: policy files that are good (policy/policy.h): defaults and keys. */
#include "policies.h"

UNIT(defaults)
{
    struct policy policy;

    policy_init(&policy, STR("level"), "/etc/dsp/level.ini");
    assert_string_equal(policy.name, "level");
    assert_string_equal(policy.file, "/etc/dsp/level.ini");
    assert_null(policy.description);
    assert_int_equal(policy.mode, POLICY_ENFORCE);
    assert_string_equal(policy.socket, "/run/docker.sock");
    assert_int_equal(policy.rules_count, 0);
    assert_true(policy.limits.min_api.major == 1 && policy.limits.min_api.minor == 24);
    assert_int_equal(policy.limits.head_timeout_ms, 10000);
    assert_int_equal(policy.limits.idle_timeout_ms, 300000);
    assert_true(policy.limits.body_max > 0);
    assert_int_equal(policy.log_requests, LOG_REQUESTS_ALL);
    assert_int_equal(policy.log_target, LOG_TARGET_AUTO);
    for (size_t i = 0; i < docker_operations_count; i++)
        assert_false(judge(&policy, "GET /_ping").allowed);
    policy_free(&policy);
    assert_null(policy.rules);
    policy_free(NULL);
}

UNIT(every_key)
{
    struct policy policy;

    policy_of(&policy, "[policy]\n"
                       "description = Some words: here = there\n"
                       "mode = audit\n"
                       "socket = /a/b.sock\n"
                       "[limits]\n"
                       "min-api = 1.44\n"
                       "head-timeout = 500ms\n"
                       "idle-timeout = 1h\n"
                       "body-max = 64K\n"
                       "[log]\n"
                       "requests = denied\n"
                       "target = stderr\n");
    assert_string_equal(policy.description, "Some words: here = there");
    assert_int_equal(policy.mode, POLICY_AUDIT);
    assert_string_equal(policy.socket, "/a/b.sock");
    assert_true(policy.limits.min_api.major == 1 && policy.limits.min_api.minor == 44);
    assert_int_equal(policy.limits.head_timeout_ms, 500);
    assert_int_equal(policy.limits.idle_timeout_ms, 3600000);
    assert_int_equal(policy.limits.body_max, 65536);
    assert_int_equal(policy.log_requests, LOG_REQUESTS_DENIED);
    assert_int_equal(policy.log_target, LOG_TARGET_STDERR);
    assert_int_equal(policy.rules_count, 0);
    policy_free(&policy);
}

UNIT(words_of_keys)
{
    static const struct {
        const char *text;
        int mode, requests, target;
    } rows[] = {
        {"[policy]\nmode = enforce\n", POLICY_ENFORCE, 0, 0},
        {"[policy]\nmode = audit\n", POLICY_AUDIT, 0, 0},
        {"[log]\nrequests = all\n", 0, LOG_REQUESTS_ALL, 0},
        {"[log]\nrequests = denied\n", 0, LOG_REQUESTS_DENIED, 0},
        {"[log]\nrequests = none\n", 0, LOG_REQUESTS_NONE, 0},
        {"[log]\ntarget = auto\n", 0, 0, LOG_TARGET_AUTO},
        {"[log]\ntarget = journal\n", 0, 0, LOG_TARGET_JOURNAL},
        {"[log]\ntarget = stderr\n", 0, 0, LOG_TARGET_STDERR},
        {"[log]\ntarget = none\n", 0, 0, LOG_TARGET_NONE},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy policy;
        policy_of(&policy, rows[i].text);
        CHECK((int)policy.mode == rows[i].mode, "%s", rows[i].text);
        CHECK((int)policy.log_requests == rows[i].requests, "%s", rows[i].text);
        CHECK((int)policy.log_target == rows[i].target, "%s", rows[i].text);
        policy_free(&policy);
    }
}

UNIT(layout)
{
    static const char *const rows[] = {
        "[rules]\nallow = SystemPing\n",
        "[rules]\nallow = SystemPing",
        "[rules]\r\nallow = SystemPing\r\n",
        "; a\n# b\n\n  ; c\n[rules] ; d\nallow = SystemPing ; e\n\n",
        "[rules]\nallow=SystemPing\n[policy]\n",
        "[policy]\n[rules]\n[log]\n[rules]\nallow\t=\t SystemPing \t\n",
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        check_requests(rows[i], LIST("GET /_ping", "HEAD /_ping"), LIST("GET /version"));
}

UNIT(longest_socket)
{
    char text[POLICY_SOCKET_MAX + 32];
    struct policy policy;

    for (size_t n = POLICY_SOCKET_MAX - 1; n <= POLICY_SOCKET_MAX; n++) {
        struct policy_error error;
        struct writer w = writer_over(text, sizeof(text));
        writer_text(&w, "[policy]\nsocket = /");
        for (size_t i = 1; i < n; i++)
            writer_char(&w, 'a');
        policy_init(&policy, STR("t"), "t.ini");
        assert_int_equal(policy_parse(&policy, writer_view(&w), &error),
                         n < POLICY_SOCKET_MAX ? 0 : -1);
        assert_int_equal(strlen(policy.socket), n < POLICY_SOCKET_MAX ? n : 16);
        policy_free(&policy);
    }
}

UNIT(longest_line)
{
    static char text[10000];
    struct policy_error error;
    struct policy policy;

    /* As long as inih's buffer of 8192 bytes lets it be, with its line break and NUL. */
    for (size_t n = 8190; n <= 8191; n++) {
        struct writer w = writer_over(text, sizeof(text));
        writer_text(&w, "[policy]\ndescription = ");
        while (w.n < 9 + n)
            writer_char(&w, 'x');
        writer_text(&w, "\n[rules]\nallow = SystemPing\n");
        policy_init(&policy, STR("t"), "t.ini");
        int result = policy_parse(&policy, writer_view(&w), &error);
        if (n == 8190) {
            assert_int_equal(result, 0);
            assert_int_equal(strlen(policy.description), n - strlen("description = "));
            assert_int_equal(policy.rules_count, 1);
        } else {
            assert_int_equal(result, -1);
            assert_int_equal(error.line, 2);
        }
        policy_free(&policy);
    }
}

UNIT(lowest_api)
{
    static const struct {
        const char *text;
        int result;
    } rows[] = {
        {"[limits]\nmin-api = 1.24\n", 0},   {"[limits]\nmin-api = 1.23\n", -1},
        {"[limits]\nmin-api = 1\n", -1},     {"[limits]\nmin-api = 0.99\n", -1},
        {"[limits]\nmin-api = 2\n", 0},      {"[limits]\nmin-api = 1.24.1\n", 0},
        {"[limits]\nmin-api = v1.41\n", -1}, {"[limits]\nmin-api = 1.041\n", -1},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy_error error;
        struct policy policy;
        policy_init(&policy, STR("t"), "t.ini");
        CHECK(policy_parse(&policy, str_of(rows[i].text), &error) == rows[i].result, "%s",
              rows[i].text);
        policy_free(&policy);
    }
}

UNIT(empty)
{
    check_requests("", NOTHING, LIST("GET /_ping", "GET /version", "OPTIONS /x"));
    check_requests("; nothing\n", NOTHING, LIST("GET /_ping"));
    check_requests("[rules]\n", NOTHING, LIST("GET /_ping"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("without a file the built-in defaults hold, and everything is denied", defaults),
        PROMISE("every key of [policy], [limits] and [log] takes effect", every_key),
        PROMISE("every word of a key that takes words has its meaning", words_of_keys),
        PROMISE("comments, blanks, CRLF and repeated sections change nothing", layout),
        PROMISE("a socket's path has up to 107 bytes", longest_socket),
        PROMISE("a line has up to 8190 bytes, and a longer one is an error, never split",
                longest_line),
        PROMISE("min-api is at least 1.24", lowest_api),
        PROMISE("an empty policy allows nothing", empty),
    };

    return RUN("policy", tests);
}
