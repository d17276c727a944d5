#include "ctl/warnings.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/contents.h"
#include "ctl/dangers.h"
#include "ctl/text.h"
#include "ctl/words.h"
#include "policy/load.h"

/* A rule that reaches more operations than this does not name what it allows. */
enum { NARROW_MAX = 2 };

static void add(struct warnings *warnings, const char *id, unsigned line, char *text)
{
    warnings->at = text_must(reallocarray(warnings->at, warnings->n + 1, sizeof(*warnings->at)));
    warnings->at[warnings->n++] = (struct warning){id, line, text};
}

static const struct operation *by_name(const char *name)
{
    for (size_t i = 0; i < docker_operations_count; i++)
        if (strcmp(docker_operations[i].name, name) == 0)
            return &docker_operations[i];
    abort();
}

static bool allows(const struct level *level, const char *name)
{
    return level_reach(level, by_name(name)) != REACH_NONE;
}

/* The kinds of risk that an allow rule can bring with it. */
enum risk { RISK_NONE, RISK_ROOT, RISK_EXEC, RISK_BROAD, RISKS };

static enum risk risk_of(const struct operation *op, bool broad)
{
    switch (op->access) {
    case ACCESS_ROOT:
        return RISK_ROOT;
    case ACCESS_EXEC:
        return RISK_EXEC;
    case ACCESS_SENSITIVE:
    case ACCESS_WRITE:
        return broad && operation_words(op)->risk != NULL ? RISK_BROAD : RISK_NONE;
    case ACCESS_READ:
        break;
    }
    return RISK_NONE;
}

static size_t rule_breadth(const struct level *level, const struct rule *rule)
{
    size_t n = 0;

    for (size_t i = 0; i < docker_operations_count; i++)
        n += rule_reach(level, rule, &docker_operations[i]) != REACH_NONE;
    return n;
}

/* "allow = ContainerExec ContainerAttach": rules of one line are told together when they are of
 * one risk. */
struct telling {
    FILE *to;
    char *text;
    size_t size;
    size_t told;
};

static void tell(struct telling *telling, const struct rule *rule, enum risk risk,
                 const struct operation *op)
{
    if (telling->told++ == 0) {
        telling->to = text_must(open_memstream(&telling->text, &telling->size));
        if (risk == RISK_BROAD) {
            const char *text = rule->text;
            (void)fputs("'", telling->to);
            text_safely(telling->to, str_of(text));
            (void)fputs("' also allows ", telling->to);
        }
    } else {
        (void)fputs(risk == RISK_BROAD ? ", " : "; ", telling->to);
    }
    if (risk == RISK_BROAD)
        (void)fprintf(telling->to, "%s (%s)", op->name, operation_words(op)->risk);
    else
        (void)fprintf(telling->to, "%s: %s", op->name, operation_words(op)->risk);
}

static void warn_of_rule(const struct level *level, const struct rule *rule,
                         struct warnings *warnings)
{
    static const char *const ids[RISKS] = {"", "root", "exec", "broad"};
    struct telling tellings[RISKS] = {0};
    bool broad = rule_breadth(level, rule) > NARROW_MAX;

    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        enum risk risk = risk_of(op, broad);
        if (risk != RISK_NONE && !operation_repeats(op) &&
            rule_reach(level, rule, op) != REACH_NONE && level_reach(level, op) != REACH_NONE)
            tell(&tellings[risk], rule, risk, op);
    }
    for (int risk = RISK_ROOT; risk < RISKS; risk++) {
        if (tellings[risk].told == 0)
            continue;
        (void)fclose(tellings[risk].to);
        add(warnings, ids[risk], rule->line, tellings[risk].text);
    }
}

/* A deny of a name: dockerd takes a container's id, and every beginning of it, for its name. */
static void warn_of_deny(const struct level *level, const struct rule *rule,
                         struct warnings *warnings)
{
    bool named = false, allowed = false;

    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        enum reach reach = rule_reach(level, rule, op);
        named = named || (reach == REACH_PART && strchr(op->path, '{') != NULL);
        allowed = allowed || (reach != REACH_NONE && level_reach(level, op) != REACH_NONE);
    }
    if (named && allowed && rule->path != NULL)
        add(warnings, "by-name", rule->line,
            text_of("'%s' does not hold for the id of what it names, nor for a beginning of the "
                    "id: allow names in place of denying them",
                    rule->text));
}

static void warn_of_effect(const struct level *level, const struct rule *rule,
                           struct warnings *warnings)
{
    bool operation = false, effect = false;

    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        if (rule_reach(level, rule, op) == REACH_NONE)
            continue;
        operation = true;
        effect = effect || level_reach(level, op) != REACH_NONE;
    }
    if (!rule->deny && rule->path != NULL && !operation)
        add(warnings, "not-an-operation", rule->line,
            text_of("'%s' is no operation of the Docker Engine API: it is forwarded all the same, "
                    "and what it does dsp does not know",
                    rule->text));
    else if (!rule->deny && operation && !effect && rule->line > 0)
        add(warnings, "no-effect", rule->line,
            text_of("'%s' has no effect: a deny takes all of it away", rule->text));
}

static void warn_of_exec(const struct level *level, struct warnings *warnings)
{
    bool prepare = allows(level, "ContainerExec"), start = allows(level, "ExecStart");

    if (prepare && !start)
        add(warnings, "exec-half", 0,
            text_of("ContainerExec without ExecStart: a command can be prepared but not run"));
    if (start && !prepare)
        add(warnings, "exec-half", 0,
            text_of("ExecStart without ContainerExec: it runs what somebody else has prepared"));
}

/* Each section's, for bodies that could hold what is dangerous. */
static void warn_of_unrestricted(const struct policy *policy, struct warnings *warnings)
{
    static const struct {
        enum policy_key key;
        const char *what;
    } sections[] = {
        {KEY_W_UNRESTRICTED, "no body of any request is looked at: who may create a container is "
                             "root on the host"},
        {KEY_X_UNRESTRICTED, "[exec]: any command, as any user, privileged too"},
        {KEY_V_UNRESTRICTED, "[volumes]: a volume can be any directory of the host"},
        {KEY_N_UNRESTRICTED, "[networks]: a network can be the host's own"},
        {KEY_S_UNRESTRICTED, "[swarm]: the swarm and its nodes can be handed to others"},
        {KEY_P_UNRESTRICTED, "[plugins]: a plugin can be granted everything"},
        {KEY_PULL_UNRESTRICTED, "[pull]: the engine fetches any address for an import"},
        {KEY_PUSH_UNRESTRICTED, "[push]: any image can be sent to any registry"},
        {KEY_B_UNRESTRICTED, "[build]: a build can have the host's network and devices"},
        {KEY_B_BUILDKIT,
         "[build]: BuildKit is not looked into; a build can have the host's network "
         "and devices"},
        {KEY_F_UNRESTRICTED,
         "[archive]: any file of a container, and of its binds, can be written"},
    };

    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
        if (policy_grant(policy, sections[i].key)->on)
            add(warnings, "unrestricted", policy->key_lines[sections[i].key],
                text_of("%s = yes: %s",
                        sections[i].key == KEY_B_BUILDKIT ? "buildkit" : "unrestricted",
                        sections[i].what));
}

/* Whose image it is decides on what runs with all that the old container had. */
static void warn_of_recreate(const struct level *level, struct warnings *warnings)
{
    static const char *const names[] = {"ImageBuild", "ImageTag", "ImageLoad", "ImageCommit"};
    const char *found = NULL;

    for (size_t i = 0; found == NULL && i < sizeof(names) / sizeof(*names); i++)
        found = allows(level, names[i]) ? names[i] : NULL;
    if (found == NULL && level_reach(level, by_name("ImageCreate")) == REACH_WHOLE)
        found = "ImageCreate without '? fromImage=**'";
    if (found != NULL && policy_grant(&level->policy, KEY_W_RECREATE)->on &&
        allows(level, "ContainerCreate"))
        add(warnings, "recreate", level->policy.key_lines[KEY_W_RECREATE],
            text_of("recreate = yes: with %s any image can take the place of a container's own, "
                    "and run with all that it had",
                    found));
}

/* One word of [workload] or the like; of a base's the warning names the file. */
static void warn_of_word(const struct policy *policy, enum policy_key key, struct str word,
                         unsigned depth, unsigned line, struct warnings *warnings)
{
    const char *danger = danger_of(key, word), *everything = danger_everything(key, word);
    const char *says = danger != NULL ? danger : everything;
    const char *file = depth == 0 ? "" : policy->bases[depth - 1];

    if (says == NULL)
        return;
    add(warnings, danger != NULL ? "contents" : "everything", depth == 0 ? line : 0,
        text_of("%s%s[%s] %s = %.*s: %s", file, depth == 0 ? "" : ": ", policy_keys[key].section,
                policy_keys[key].name, STR_ARG(word), says));
}

/* What would be in the bodies of operations that nobody may use does not matter, nor what stands
 * beside unrestricted, which is told. */
static void warn_of_contents(const struct level *level, struct warnings *warnings)
{
    const struct policy *policy = &level->policy;

    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        const struct grant *grant = policy_grant(policy, key);
        if (policy_grant(policy, KEY_W_UNRESTRICTED)->on || !contents_matter(level, key) ||
            strcmp(policy_keys[key].name, "unrestricted") == 0)
            continue;
        if (grant->on)
            warn_of_word(policy, key, STR("yes"), grant->depth, policy->key_lines[key], warnings);
        for (size_t k = 0; k < grant->n; k++)
            warn_of_word(policy, key, str_of(grant->words[k].text), grant->words[k].depth,
                         grant->words[k].line, warnings);
    }
}

static void warn_of_whole(const struct level *level, struct warnings *warnings)
{
    const struct policy *policy = &level->policy;
    bool any = false;

    if (policy->mode == POLICY_AUDIT)
        add(warnings, "audit", 0,
            text_of("mode = audit: nothing is refused, whatever the rules say; what would be is "
                    "logged"));
    if (policy->log_requests == LOG_REQUESTS_NONE || policy->log_target == LOG_TARGET_NONE)
        add(warnings, "unlogged", 0, text_of("nothing is logged, not even what is refused"));
    for (size_t i = 0; i < policy->rules_count; i++)
        any = any || !policy->rules[i].deny;
    if (!any)
        add(warnings, "nothing", 0, text_of("nothing is allowed: every request is refused"));
    warn_of_exec(level, warnings);
    warn_of_recreate(level, warnings);
    warn_of_unrestricted(policy, warnings);
    warn_of_contents(level, warnings);
}

void warnings_find(const struct level *level, struct warnings *warnings)
{
    *warnings = (struct warnings){0};
    warn_of_whole(level, warnings);
    for (size_t i = 0; i < level->policy.rules_count; i++) {
        const struct rule *rule = &level->policy.rules[i];
        if (rule->deny)
            warn_of_deny(level, rule, warnings);
        else
            warn_of_rule(level, rule, warnings);
        warn_of_effect(level, rule, warnings);
    }
}

void warnings_free(struct warnings *warnings)
{
    for (size_t i = 0; i < warnings->n; i++)
        free(warnings->at[i].text);
    free(warnings->at);
    *warnings = (struct warnings){0};
}
