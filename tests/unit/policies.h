/* policies.h: a policy from its text, and what it says to a request. */
#ifndef DSP_TESTS_POLICIES_H
#define DSP_TESTS_POLICIES_H

#include "policy/policy.h"
#include "unit.h"

/* Parses ${text}, which must be good, as the file "t.ini". */
static inline void policy_of(struct policy *policy, const char *text)
{
    struct policy_error error = {0};

    policy_init(policy, STR("t"), "t.ini");
    int result = policy_parse(policy, str_of(text), &error);
    CHECK(result == 0, "line %u: %s", error.line, error.text);
}

/* Judges "METHOD /target". */
static inline struct decision judge(const struct policy *policy, const char *request)
{
    static struct target target;
    struct str text = str_of(request);
    size_t space = str_index(text, ' ');
    enum http_method method = http_method_of(str_slice(text, 0, space));
    struct refusal no = target_parse(str_slice(text, space + 1, text.n), &target);

    CHECK(no.status == 0, "%s: %s", request, no.reason);
    return policy_decide(policy, method, &target, operation_resolve(method, &target));
}

/* That ${policy} allows just those of the two NULL-terminated lists that it should. */
static inline void check_requests(const char *text, const char *const *allowed,
                                  const char *const *denied)
{
    struct policy policy;

    policy_of(&policy, text);
    for (; *allowed != NULL; allowed++)
        CHECK(judge(&policy, *allowed).allowed, "denied: %s, by\n%s", *allowed, text);
    for (; *denied != NULL; denied++)
        CHECK(!judge(&policy, *denied).allowed, "allowed: %s, by\n%s", *denied, text);
    policy_free(&policy);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING ((const char *const[]){NULL})

#endif
