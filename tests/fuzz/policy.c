/* policy.c: the text of a policy file. A broken one must leave nothing allowed, and say why. */
#include <string.h>

#include "fuzz.h"
#include "policy/policy.h"

const char *const fuzz_name = "policy";
const unsigned long fuzz_count = 8000;
const struct str fuzz_seeds[] = {
    SEED("[policy]\ndescription = x\nmode = audit\nsocket = /run/docker.sock\n"),
    SEED(
        "[rules]\nallow = SystemPing SystemVersion\nallow = networks:read\nallow = GET /containers/*/top\n"
        "deny = ContainerArchive\ndeny = POST /containers/** ; all\n"),
    SEED("[sections]\nCONTAINERS = 1\nPOST = 1\nALLOW_START=1\nALLOW_LOGS=0\nLIBPOD_PODS=1\n"),
    SEED(
        "[sections]\nSOCKET_PATH = /run/podman.sock\nLOG_LEVEL = info\nEVENTS = 0\nLIBPOD_CONTAINERS = 1\n"),
    SEED("[limits]\nmin-api = 1.41\nhead-timeout = 500ms\nidle-timeout = 5min\nbody-max = 64K\n"
         "[log]\nrequests = denied\ntarget = stderr\n"),
    SEED("# comment\r\n; comment\r\n\r\n[rules] ; x\r\nallow=ExecStart\r\n"),
    SEED("[clients]\nuids = 0\nunits = a.service\naddresses = 10.0.0.0/8 ::1\ngids=1\n"),
    SEED("[clients]\ncontainers = 0123456789ab\ntls-subjects = CN = x, O = *\n"),
    SEED("[rules]\nallow = ImageCreate ? fromImage=ghcr.io/acme/* tag=*\n"
         "deny = ContainerList ? filters.label=x*\nallow = GET /x ? a=b\n"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

static const struct str requests[] = {
    SEED("/v1.41/containers/json"),
    SEED("/images/create?fromImage=ghcr.io/acme/x&tag=1"),
    SEED("/containers/json?filters={\"label\":[\"x\"]}"),
    SEED("/containers/a/b/start"),
    SEED("/libpod/pods/x/stop"),
    SEED("/networks/"),
    SEED("/"),
    SEED("/exec/1/start"),
    SEED("/x/y"),
};

/* Puts every request to the policy; returns whether any is allowed. */
static bool any_allowed(const struct policy *policy)
{
    static struct target target;
    char text[512];
    bool any = false;

    for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
        MUST(target_parse(requests[i], &target).status == 0);
        for (int m = METHOD_OTHER; m <= METHOD_OPTIONS; m++) {
            enum http_method method = (enum http_method)m;
            struct writer w = writer_over(text, sizeof(text));
            const struct operation *op = operation_resolve(method, &target);
            struct decision decision = policy_decide(policy, method, &target, op);
            policy_describe(policy, &decision, &w);
            MUST(str_starts(writer_view(&w), STR("f.ini:")));
            MUST(str_index(writer_view(&w), '\n') == w.n);
            MUST(!decision.allowed || (decision.rule != NULL && !decision.rule->deny));
            any |= decision.allowed;
        }
    }
    return any;
}

static int parse(struct policy *policy, struct str text)
{
    struct policy_error error = {0};
    size_t lines = 1;

    policy_init(policy, STR("f"), "f.ini");
    int result = policy_parse(policy, text, &error);
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    if (result != 0) {
        MUST(result == -1 && error.line <= lines && error.text[0] != '\0');
        MUST(memchr(error.text, '\0', sizeof(error.text)) != NULL &&
             strchr(error.text, '\n') == NULL);
        MUST(policy->rules_count == 0 && policy->mode == POLICY_ENFORCE && !any_allowed(policy));
        MUST(strcmp(policy->socket, "/run/docker.sock") == 0);
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct policy policy;
    char longer[8192 + 8];

    if (size > 8192)
        return 0;
    int result = parse(&policy, (struct str){(const char *)data, size});
    (void)any_allowed(&policy);
    policy_free(&policy);
    if (result != 0)
        return 0;
    /* Whatever stood before it, junk is never skipped. */
    memcpy(longer, data, size);
    memcpy(longer + size, "\njunk\n", 6);
    MUST(parse(&policy, (struct str){longer, size + 6}) != 0);
    policy_free(&policy);
    return 0;
}
