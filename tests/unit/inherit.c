/* inherit.c: a policy that starts from another (policy/policy.h). */
#include "policies.h"

/* ${text}, which starts from ${base}. */
static void extend(struct policy *policy, const char *text, const char *base_text)
{
    struct policy base;

    policy_of(policy, text);
    policy_of(&base, base_text);
    free(base.file);
    base.file = strdup("base.ini");
    policy_inherit(policy, &base);
}

UNIT(rules)
{
    struct policy policy;
    char text[128];
    struct writer w = writer_over(text, sizeof(text));

    extend(&policy, "[rules]\nallow = ContainerExport ContainerList\nallow = ImageCreate ? tag=1\n",
           "[rules]\nallow = SystemPing\ndeny = ContainerExport\nallow = ImagePush ? tag=2\n");
    assert_true(judge(&policy, "GET /containers/json").allowed);
    assert_true(judge(&policy, "GET /_ping").allowed);
    assert_false(judge(&policy, "GET /containers/x/export").allowed);
    assert_true(judge(&policy, "POST /images/create?tag=1").allowed);
    assert_false(judge(&policy, "POST /images/create?tag=2").allowed);
    assert_true(judge(&policy, "POST /images/x/push?tag=2").allowed);
    assert_false(judge(&policy, "POST /images/x/push?tag=1").allowed);
    struct decision decision = judge(&policy, "GET /containers/x/export");
    policy_describe(&policy, &decision, &w);
    CHECK(str_equal(writer_view(&w), STR("base.ini:3: deny = ContainerExport")), "%.*s",
          STR_ARG(writer_view(&w)));
    assert_int_equal(policy.overrides_count, 1);
    assert_int_equal(policy.overrides[0].line, 2);
    assert_non_null(strstr(policy.overrides[0].text, "deny = ContainerExport"));
    policy_free(&policy);
}

UNIT(limits)
{
    struct policy policy;

    extend(&policy, "[limits]\nbody-max = 8M\nhead-timeout = 1s\nmin-api = 1.30\nidle-exit = 9s\n",
           "[limits]\nbody-max = 4M\nhead-timeout = 5s\nidle-timeout = 7s\nmin-api = 1.40\n"
           "connections = 10\nidle-exit = 5s\n");
    assert_int_equal(policy.limits.body_max, 4 * 1024 * 1024);
    assert_int_equal(policy.limits.head_timeout_ms, 1000);
    assert_int_equal(policy.limits.idle_timeout_ms, 7000);
    assert_int_equal(policy.limits.min_api.minor, 40);
    assert_int_equal(policy.limits.connections, 10);
    assert_int_equal(policy.limits.idle_exit_ms, 9000);
    assert_int_equal(policy.overrides_count, 2);
    assert_int_equal(policy.overrides[0].line, 2);
    assert_int_equal(policy.overrides[1].line, 4);
    policy_free(&policy);
}

UNIT(words)
{
    struct policy policy;

    extend(&policy, "[rules]\nallow = SystemPing\n",
           "[policy]\nmode = audit\nsocket = /b\ndescription = base\n[log]\nrequests = denied\n");
    assert_int_equal(policy.mode, POLICY_ENFORCE);
    assert_string_equal(policy.socket, "/b");
    assert_int_equal(policy.log_requests, LOG_REQUESTS_DENIED);
    assert_null(policy.description);
    policy_free(&policy);
    extend(&policy, "[policy]\nmode = audit\nsocket = /a\n[log]\nrequests = none\n",
           "[policy]\nsocket = /b\n[log]\nrequests = denied\n");
    assert_int_equal(policy.mode, POLICY_AUDIT);
    assert_string_equal(policy.socket, "/a");
    assert_int_equal(policy.log_requests, LOG_REQUESTS_NONE);
    assert_int_equal(policy.overrides_count, 3);
    policy_free(&policy);
}

UNIT(clients)
{
    struct policy policy;
    struct peer peer = {.has_credentials = true, .uid = 1, .gid = 2};

    extend(&policy, "[clients]\nuids = 1\n", "[clients]\nuids = 1 2\n");
    assert_true(policy_admits(&policy, &peer));
    peer.uid = 2;
    assert_false(policy_admits(&policy, &peer));
    policy_free(&policy);
    extend(&policy, "[clients]\nuids = 1 2 3\n", "[clients]\nuids = 1\n");
    assert_false(policy_admits(&policy, &peer));
    policy_free(&policy);
    extend(&policy, "", "[clients]\nuids = 1\n");
    assert_false(policy_admits(&policy, &peer));
    policy_free(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a base's rules are added, its denies hold, and what they defeat is told", rules),
        PROMISE("a base's limits hold where the policy is not stricter", limits),
        PROMISE("of the rest the policy's own word counts; audit is not inherited", words),
        PROMISE("[clients] of a policy and of its base must both hold", clients),
    };

    return RUN("inherit", tests);
}
