/* policy_errors.c: policy files that are broken (policy/policy.h): which line, why, and that
 * nothing of them remains. */
#include "policies.h"

struct broken {
    const char *text;
    unsigned line;
    const char *says; /* a part of the message */
};

static void check_broken(const struct broken *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct policy_error error = {.line = 4711};
        struct policy policy;
        policy_init(&policy, STR("t"), "t.ini");
        CHECK(policy_parse(&policy, str_of(rows[i].text), &error) == -1, "passes:\n%s",
              rows[i].text);
        CHECK(error.line == rows[i].line, "line %u, not %u:\n%s", error.line, rows[i].line,
              rows[i].text);
        CHECK(strstr(error.text, rows[i].says) != NULL, "\"%s\" does not say \"%s\":\n%s",
              error.text, rows[i].says, rows[i].text);
        policy_free(&policy);
    }
}

UNIT(structure)
{
    static const struct broken rows[] = {
        {"allow = SystemPing\n", 1, "'allow' stands before the first [section]"},
        {"[rules]\n\n; x\njunk\n", 4, "neither a comment, nor [section], nor key = value"},
        {"[rules]\nallow = SystemPing\n version\n", 3, "a value cannot go on over lines"},
        {"[rules]\nallow =\n", 2, "'allow' has no value"},
        {"[rules]\nallow = ; SystemPing\n", 2, "'allow' has no value"},
        {"[rules]\nallow = SystemPing ;x\n", 2, "ambiguous ';'"},
        {"[rules]\n= SystemPing\n", 2, "empty key"},
        {"[rules\nallow = SystemPing\n", 1, "section header without ']'"},
        {"[rules] x\n", 1, "junk behind ']'"},
        {"[]\n", 1, "malformed section name"},
        {"[rules]\nallow: SystemPing\n", 2, "neither a comment"},
        {"[rules]\nal low = SystemPing\n", 2, "malformed key"},
        {"[rules]\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1\n", 2, "key too long"},
        {"[rules]\nallow = \x1b[0m\n", 2, "control character"},
        {"\xef\xbb\xbf[rules]\nallow = SystemPing\n", 1, "neither a comment"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(names)
{
    static const struct broken rows[] = {
        {"[rule]\n", 1, "unknown section 'rule'; did you mean 'rules'?"},
        {"[Rules]\n", 1, "unknown section 'Rules'; did you mean 'rules'?"},
        {"[zzzzz]\n", 1, "unknown section 'zzzzz'"},
        {"[rules]\nalow = SystemPing\n", 2, "unknown key 'alow'; did you mean 'allow'?"},
        {"[rules]\nAllow = SystemPing\n", 2, "unknown key 'Allow'; did you mean 'allow'?"},
        {"[rules]\nmode = audit\n", 2, "unknown key 'mode'"},
        {"[limits]\nmax-body = 1M\n", 2, "unknown key 'max-body'"},
        {"[policy]\nmode = audits\n", 2, "unknown value 'audits'; did you mean 'audit'?"},
        {"[log]\nrequests = yes\n", 2, "unknown value 'yes'"},
        {"[log]\ntarget = jornal\n", 2, "unknown value 'jornal'; did you mean 'journal'?"},
        {"[rules]\nallow = SystemPing ContainerLst\n", 2,
         "unknown operation 'ContainerLst'; did you mean 'ContainerList'?"},
        {"[rules]\ndeny = containerlist\n", 2, "did you mean 'ContainerList'?"},
        {"[rules]\nallow = zzz\n", 2, "unknown operation 'zzz'"},
        {"[rules]\nallow = TRACE /x\n", 2, "unknown operation 'TRACE'"},
        {"[rules]\nallow = container:read\n", 2,
         "unknown section 'container'; did you mean 'containers'?"},
        {"[rules]\nallow = containers:reed\n", 2,
         "unknown access class 'reed'; did you mean 'read'?"},
        {"[rules]\nallow = :read\n", 2, "unknown section ''"},
        {"[rules]\nallow = containers:\n", 2, "unknown access class ''"},
        {"[rules]\nallow = version:root\n", 2,
         "section 'version' has no operation of class 'root'"},
        {"[sections]\nCONTAINER = 1\n", 2,
         "unknown variable in [sections] 'CONTAINER'; did you mean 'CONTAINERS'?"},
        {"[sections]\ncontainers = 1\n", 2, "did you mean 'CONTAINERS'?"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(values)
{
    static const struct broken rows[] = {
        {"[policy]\nsocket = run/docker.sock\n", 2, "absolute path"},
        {"[limits]\nmin-api = x\n", 2, "'x' is no API version"},
        {"[limits]\nmin-api = 1.23\n", 2, "min-api is at least 1.24"},
        {"[limits]\nhead-timeout = 10\n", 2, "'10' is no duration"},
        {"[limits]\nidle-timeout = 25h\n", 2, "'25h' is no duration"},
        {"[limits]\nbody-max = 2G\n", 2, "'2G' is no size"},
        {"[limits]\nconnections = 4097\n", 2, "'4097' is no number from 1 to 4096"},
        {"[limits]\nconnections = 0\n", 2, "'0' is no number from 1 to 4096"},
        {"[limits]\nconnections = 1K\n", 2, "'1K' is no number from 1 to 4096"},
        {"[rules]\nallow = GET\n", 2, "'GET' without a path"},
        {"[rules]\nallow = /containers/json\n", 2, "a path needs its method: GET /containers/json"},
        {"[rules]\nallow = GET containers/json\n", 2, "begins with '/'"},
        {"[rules]\nallow = GET /a/\n", 2, "no '/' at its end"},
        {"[rules]\nallow = GET /a//b\n", 2, "no empty segment"},
        {"[rules]\nallow = GET /a/../b\n", 2, "'.' and '..' never match"},
        {"[rules]\nallow = GET /v1.41/info\n", 2, "leave out the API version"},
        {"[rules]\nallow = GET /a?b=c\n", 2, "never match"},
        {"[rules]\ndeny = GET /a/*/b, GET /c\n", 2, "separated by blanks"},
        {"[rules]\ndeny = GET /a/*/b; GET /c\n", 2, "separated by blanks"},
        {"[rules]\nallow = GET /v1.*/x\n", 2, "leave out the API version"},
        {"[rules]\nallow = GET /**/a\n", 2, "'**' can only be the whole last segment"},
        {"[sections]\nCONTAINERS = maybe\n", 2, "not 'maybe'"},
        {"[sections]\nCONTAINERS = 11\n", 2,
         "CONTAINERS is 0 or 1 (or false, true, no, yes, off, on), not '11'"},
        {"[sections]\nLOG_LEVEL = loud\n", 2, "LOG_LEVEL is one of"},
        {"[sections]\nSOCKET_PATH = x\n", 2, "absolute path"},
        {"[sections]\nDISABLE_IPV6 = 1\n", 2, "DISABLE_IPV6 is not a matter of the policy"},
        {"[sections]\nBIND_CONFIG = :2375\n", 2, "BIND_CONFIG is not a matter of the policy"},
        {"[sections]\nTZ = UTC\n", 2, "TZ is not a matter of the policy"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(twice)
{
    static const struct broken rows[] = {
        {"[policy]\nmode = audit\nmode = audit\n", 3, "'mode' is set twice"},
        {"[policy]\ndescription = a\n[rules]\n[policy]\ndescription = b\n", 5,
         "'description' is set twice"},
        {"[limits]\nbody-max = 1M\nbody-max = 1M\n", 3, "'body-max' is set twice"},
        {"[sections]\nPOST = 0\nINFO = 1\nPOST = 1\n", 4, "POST is set twice; first in line 2"},
        {"[sections]\nLOG_LEVEL = info\nLOG_LEVEL = err\n", 3, "LOG_LEVEL is set twice"},
        {"[policy]\nsocket = /a\n[sections]\nSOCKET_PATH = /b\n", 4,
         "set twice: socket and SOCKET_PATH"},
        {"[sections]\nLOG_LEVEL = info\n[log]\nrequests = all\n", 4,
         "set twice: requests and LOG_LEVEL"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(later)
{
    static const struct broken rows[] = {
        {"[responses]\n", 1, "section [responses] is not supported"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(conditions)
{
    static const struct broken rows[] = {
        {"[rules]\nallow = ImageCreate ?\n", 2, "'?' without a condition behind it"},
        {"[rules]\nallow = ? fromImage=x\n", 2, "'?' without a rule before it"},
        {"[rules]\nallow = ImageCreate ? tag=* ? tag=x\n", 2, "a second '?' in one line"},
        {"[rules]\nallow = ImageCreate ? fromImage\n", 2, "'fromImage' is no condition"},
        {"[rules]\nallow = ImageCreate ? =x\n", 2, "'=x' is no condition"},
        {"[rules]\nallow = ImageCreate ? tag=\n", 2, "a condition needs a value"},
        {"[rules]\nallow = ImageCreate ? tag=x, repo=y\n", 2, "separated by blanks"},
        {"[rules]\nallow = ImageCreate ? fromImages=x\n", 2,
         "ImageCreate has no parameter 'fromImages'; did you mean 'fromImage'?"},
        {"[rules]\nallow = ImageCreate ? fromimage=x\n", 2, "did you mean 'fromImage'?"},
        {"[rules]\nallow = GET /containers/*/logs ? folow=no\n", 2,
         "ContainerLogs has no parameter 'folow'; did you mean 'follow'?"},
        {"[rules]\nallow = ContainerLogs ? follow=maybe\n", 2, "this parameter is yes or no"},
        {"[rules]\nallow = ContainerLogs ? tail=x\n", 2, "this parameter is a number"},
        {"[rules]\nallow = ContainerLogs ? tail=9..1\n", 2, "this parameter is a number"},
        {"[rules]\nallow = ContainerList ? filters=x\n", 2, "which filter?"},
        {"[rules]\nallow = ContainerList ? filters.=x\n", 2, "which filter?"},
        {"[rules]\nallow = ImageCreate ? fromImage=a**\n", 2, "'**' can only be"},
        {"[rules]\nallow = containers:read ? all=no\n", 2, "has no parameter 'all'"},
        {"[rules]\nallow = GET /x ? a%20b=c\n", 2, "is no parameter's name"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(clients)
{
    static const struct broken rows[] = {
        {"[clients]\n", 1, "[clients] names nobody"},
        {"[rules]\nallow = SystemPing\n[clients]\n; uids = 0\n", 3, "[clients] names nobody"},
        {"[clients]\nuids = root\n", 2, "'root' is no number"},
        {"[clients]\nuids = 4294967295\n", 2, "is no number"},
        {"[clients]\ngids = -1\n", 2, "is no number"},
        {"[clients]\nunits = traefik\n", 2, "'traefik' is no unit"},
        {"[clients]\ncontainers = traefik\n", 2, "'ask-engine = yes' lets dsp ask it"},
        {"[clients]\ncontainers = 0123456789a\n", 2, "'ask-engine = yes' lets dsp ask it"},
        {"[clients]\ncontainers = traefik\nask-engine = no\n", 2, "'ask-engine = yes'"},
        {"[clients]\ncontainers = /traefik\nask-engine = yes\n", 2, "neither a container's id"},
        {"[clients]\nuids = 0\nask-engine = maybe\n", 3, "ask-engine is yes or no, not 'maybe'"},
        {"[clients]\naddresses = 172.18.0.0/33\n", 2, "is no address"},
        {"[clients]\naddresses = 172.18.0.1/16\n", 2, "has bits behind its prefix"},
        {"[clients]\naddresses = 172.18\n", 2, "is no address"},
        {"[clients]\naddresses = ::1/129\n", 2, "is no address"},
        {"[clients]\nuid = 0\n", 2, "unknown key 'uid'; did you mean 'uids'?"},
        {"[client]\nuids = 0\n", 1, "did you mean 'clients'?"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(all_errors)
{
    static const char text[] = "[rules]\nallow = x SystemPing y\n[nosuch]\na = b\njunk\n"
                               "[limits]\nbody-max = 0\n[log\n";
    static const unsigned lines[] = {2, 2, 3, 5, 7, 8};
    struct policy_errors errors;
    struct policy policy;

    policy_init(&policy, STR("t"), "t.ini");
    assert_int_equal(policy_parse_all(&policy, str_of(text), &errors), -1);
    assert_int_equal(errors.n, COUNT(lines));
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_int_equal(errors.items[i].line, lines[i]);
    policy_free(&policy);
}

UNIT(first_error)
{
    static const struct broken rows[] = {
        {"[rules]\nallow = x\n[nosuch]\njunk\n", 2, "unknown operation 'x'"},
        {"[rules]\nallow = SystemPing\njunk\nallow = x\n", 3, "neither"},
    };

    check_broken(rows, COUNT(rows));
}

UNIT(nul)
{
    struct policy_error error;
    struct policy policy;

    policy_init(&policy, STR("t"), "t.ini");
    assert_int_equal(policy_parse(&policy, STR("[rules]\nallow = SystemPing\0x\n"), &error), -1);
    assert_int_equal(error.line, 2);
    assert_non_null(strstr(error.text, "NUL"));
    policy_free(&policy);
}

UNIT(nothing_remains)
{
    static const char text[] =
        "[policy]\ndescription = x\nmode = audit\nsocket = /x\n[sections]\nPOST = 1\n"
        "CONTAINERS = 1\n[rules]\nallow = SystemPing\nallow = GET /**\n"
        "[limits]\nmin-api = 1.50\nhead-timeout = 1h\nidle-timeout = 1h\nbody-max = 1\n"
        "[log]\nrequests = none\ntarget = none\njunk\n";
    struct policy_error error;
    struct policy policy, fresh;

    policy_init(&policy, STR("t"), "t.ini");
    policy_init(&fresh, STR("t"), "t.ini");
    assert_int_equal(policy_parse(&policy, str_of(text), &error), -1);
    assert_false(judge(&policy, "GET /_ping").allowed);
    assert_false(judge(&policy, "GET /containers/json").allowed);
    assert_true(policy.rules == NULL && policy.rules_count == 0 && policy.description == NULL);
    assert_string_equal(policy.name, "t");
    assert_string_equal(policy.file, "t.ini");
    assert_int_equal(policy.mode, POLICY_ENFORCE);
    assert_string_equal(policy.socket, fresh.socket);
    assert_int_equal(api_version_compare(policy.limits.min_api, fresh.limits.min_api), 0);
    assert_int_equal(policy.limits.head_timeout_ms, fresh.limits.head_timeout_ms);
    assert_int_equal(policy.limits.idle_timeout_ms, fresh.limits.idle_timeout_ms);
    assert_int_equal(policy.limits.body_max, fresh.limits.body_max);
    assert_int_equal(policy.log_requests, fresh.log_requests);
    assert_int_equal(policy.log_target, fresh.log_target);
    policy_free(&policy);
    policy_free(&fresh);
}

UNIT(message)
{
    static char text[4096] = "[rules]\nallow = ";
    struct policy_error error;
    struct policy policy;

    memset(text + strlen(text), '\xc3', 2000);
    policy_init(&policy, STR("t"), "t.ini");
    assert_int_equal(policy_parse(&policy, str_of(text), &error), -1);
    assert_true(strlen(error.text) < sizeof(error.text));
    for (const char *p = error.text; *p != '\0'; p++)
        CHECK(*p >= 0x20 && *p < 0x7f, "byte 0x%02x in a message", (unsigned char)*p);
    policy_free(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a line that is no line of a policy is an error", structure),
        PROMISE("an unknown name is an error with the nearest known one", names),
        PROMISE("a value that is none of its key is an error", values),
        PROMISE("a key that stands twice is an error", twice),
        PROMISE("parts of the language that come later are errors, not ignored", later),
        PROMISE(
            "a condition that is none, or on a parameter that the operation does not have, is an error",
            conditions),
        PROMISE("a client that is none is an error, and so is [clients] that names nobody",
                clients),
        PROMISE("all errors of a file are told, in its order", all_errors),
        PROMISE("it is the first error that is told", first_error),
        PROMISE("a NUL is an error, not an end", nul),
        PROMISE("a broken policy is as it was before, and denies everything", nothing_remains),
        PROMISE("a message is one printable line of bounded length", message),
    };

    return RUN("policy_errors", tests);
}
