/* inherit.c: a policy that starts from another (policy.h, policy_inherit()). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"

static bool has(const struct policy *policy, enum policy_key key)
{
    return policy->key_lines[key] != 0;
}

/* ${mine} becomes what holds of a limit that is stricter the lower it is. */
static void lower(struct policy *policy, const struct policy *base, enum policy_key key,
                  uint64_t *mine, uint64_t theirs)
{
    char text[160];

    if (!has(base, key))
        return;
    if (has(policy, key) && *mine > theirs) {
        (void)snprintf(text, sizeof(text), "%s is stricter in the base, and stays so",
                       policy_keys[key].name);
        load_add_override(policy, policy->key_lines[key], text);
    }
    if (!has(policy, key) || *mine > theirs)
        *mine = theirs;
}

static void lower_ms(struct policy *policy, const struct policy *base, enum policy_key key,
                     unsigned *mine, unsigned theirs)
{
    uint64_t value = *mine;

    lower(policy, base, key, &value, theirs);
    *mine = (unsigned)value;
}

static void inherit_limits(struct policy *policy, const struct policy *base)
{
    struct policy_limits *mine = &policy->limits;
    const struct policy_limits *theirs = &base->limits;

    lower_ms(policy, base, KEY_HEAD_TIMEOUT, &mine->head_timeout_ms, theirs->head_timeout_ms);
    lower_ms(policy, base, KEY_IDLE_TIMEOUT, &mine->idle_timeout_ms, theirs->idle_timeout_ms);
    lower_ms(policy, base, KEY_CONNECTIONS, &mine->connections, theirs->connections);
    lower(policy, base, KEY_BODY_MAX, &mine->body_max, theirs->body_max);
    if (has(base, KEY_MIN_API) && api_version_compare(mine->min_api, theirs->min_api) < 0) {
        if (has(policy, KEY_MIN_API))
            load_add_override(policy, policy->key_lines[KEY_MIN_API],
                              "min-api is stricter in the base, and stays so");
        mine->min_api = theirs->min_api;
    }
    if (has(base, KEY_IDLE_EXIT) && !has(policy, KEY_IDLE_EXIT))
        mine->idle_exit_ms = theirs->idle_exit_ms; /* costs memory, and nothing else */
}

static void inherit_words(struct policy *policy, const struct policy *base)
{
    if (has(base, KEY_SOCKET) && !has(policy, KEY_SOCKET))
        memcpy(policy->socket, base->socket, sizeof(policy->socket));
    else if (has(base, KEY_SOCKET) && strcmp(policy->socket, base->socket) != 0)
        load_add_override(policy, policy->key_lines[KEY_SOCKET],
                          "socket is another one than the base's");
    if (has(base, KEY_LOG_REQUESTS) && !has(policy, KEY_LOG_REQUESTS))
        policy->log_requests = base->log_requests;
    else if (has(base, KEY_LOG_REQUESTS) && policy->log_requests > base->log_requests)
        load_add_override(policy, policy->key_lines[KEY_LOG_REQUESTS],
                          "requests: less is logged than by the base");
    if (has(base, KEY_LOG_TARGET) && !has(policy, KEY_LOG_TARGET))
        policy->log_target = base->log_target;
    /* That one lets everything pass for a try does not mean that all who start from it do. */
    if (policy->mode == POLICY_AUDIT && base->mode == POLICY_ENFORCE)
        load_add_override(policy, policy->key_lines[KEY_MODE],
                          "mode = audit lets pass what the base denies");
}

/* Says which allow of the policy's own a deny of the base defeats, whole or in part. */
static void note_denied(struct policy *policy, const struct rule *allow, const struct policy *base)
{
    for (size_t i = 0; i < base->rules_count; i++) {
        const struct rule *deny = &base->rules[i];
        bool common = false;
        for (size_t k = 0; k < OPERATIONS_MAX / 64; k++)
            common = common || (deny->operations.bits[k] & allow->operations.bits[k]) != 0;
        if (!deny->deny || (!common && (deny->path == NULL || allow->path == NULL ||
                                        strcmp(deny->path, allow->path) != 0)))
            continue;
        char text[1400];
        (void)snprintf(text, sizeof(text), "'%.400s': '%.400s' of the base (%.400s:%u) holds",
                       allow->text, deny->text, deny->file != NULL ? deny->file : base->file,
                       deny->line);
        load_add_override(policy, allow->line, text);
    }
}

static void inherit_rules(struct policy *policy, struct policy *base, const char *file)
{
    size_t own = policy->rules_count, first = policy->conditions_count;

    for (size_t i = 0; i < own; i++)
        if (!policy->rules[i].deny && policy->rules[i].file == NULL)
            note_denied(policy, &policy->rules[i], base);
    for (size_t i = 0; i < base->conditions_count; i++)
        *load_add_condition(policy) = base->conditions[i];
    for (size_t i = 0; i < base->rules_count; i++) {
        struct rule *from = &base->rules[i];
        struct rule *rule = load_add_rule(policy, from->line, from->deny, "");
        free(rule->text);
        *rule = *from;
        rule->first += first;
        if (rule->file == NULL)
            rule->file = file;
    }
    base->rules_count = base->conditions_count = 0; /* their texts have a new owner */
}

/* unrestricted would lift what the base asks of the same bodies. */
static bool base_narrows(const struct policy *base, enum policy_key unrestricted)
{
    const char *section = policy_keys[unrestricted].section;

    for (size_t key = KEY_FIRST_GRANT; key < KEYS; key++)
        if (policy_keys[key].sense != GRANT_WIDENS && has(base, (enum policy_key)key) &&
            (unrestricted == KEY_W_UNRESTRICTED || strcmp(policy_keys[key].section, section) == 0))
            return true;
    return false;
}

static void inherit_switch(struct policy *policy, const struct policy *base, enum policy_key key,
                           struct grant *mine, const struct grant *theirs)
{
    char text[160];

    if (policy_keys[key].sense == GRANT_REQUIRES) {
        if (has(policy, key) && theirs->on && !mine->on) {
            (void)snprintf(text, sizeof(text), "%s of the base holds", policy_keys[key].name);
            load_add_override(policy, policy->key_lines[key], text);
        }
        mine->on = mine->on || theirs->on;
    } else if (policy_keys[key].sense == GRANT_NARROWS && has(base, key)) {
        mine->on = theirs->on && (mine->on || !has(policy, key));
    } else if (!has(policy, key)) {
        mine->on = theirs->on;
    }
    if (!has(policy, key))
        mine->depth = theirs->depth + 1;
    if (strcmp(policy_keys[key].name, "unrestricted") == 0 && mine->on && has(policy, key) &&
        base_narrows(base, key)) {
        load_add_override(policy, policy->key_lines[key],
                          "unrestricted: what the base asks of bodies holds");
        mine->on = false;
    }
}

static void inherit_bound(struct grant *mine, const struct grant *theirs)
{
    mine->bound = theirs->bound;
    mine->depth = theirs->depth + 1;
}

static void inherit_grants(struct policy *policy, struct policy *base)
{
    for (size_t key = KEY_FIRST_GRANT; key < KEYS; key++) {
        struct grant *mine = &policy->grants[key - KEY_FIRST_GRANT];
        struct grant *theirs = &base->grants[key - KEY_FIRST_GRANT];
        if (policy_keys[key].kind == GRANT_SWITCH)
            inherit_switch(policy, base, (enum policy_key)key, mine, theirs);
        else if (!has(policy, (enum policy_key)key))
            inherit_bound(mine, theirs);
        for (size_t i = 0; i < theirs->n; i++) {
            *load_add_grant_word(mine) = theirs->words[i];
            mine->words[mine->n - 1].depth++;
        }
        theirs->n = 0; /* their texts have a new owner */
    }
}

void policy_inherit(struct policy *policy, struct policy *base)
{
    char *file = load_copy(str_of(base->file));

    inherit_limits(policy, base);
    inherit_words(policy, base);
    inherit_rules(policy, base, file);
    inherit_grants(policy, base);
    for (size_t i = 0; i < base->clients_count; i++) {
        struct client *client = load_add_client(policy);
        *client = base->clients[i];
        client->depth++;
    }
    base->clients_count = 0;
    policy->bases[policy->bases_count++] = file;
    for (size_t i = 0; i < base->bases_count; i++)
        policy->bases[policy->bases_count++] = base->bases[i];
    base->bases_count = 0;
    for (size_t i = 0; i < base->overrides_count; i++)
        load_add_override(policy, 0, base->overrides[i].text);
    for (int key = 0; key < KEYS; key++)
        if (policy->key_lines[key] == 0)
            policy->key_lines[key] = base->key_lines[key];
    policy_free(base);
}
