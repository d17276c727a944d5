/* grants.c: keys that say what an allowed request may contain (grant.h): reading and asking. */
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/pattern.h"
#include "policy/quantity.h"

static struct grant *grant_of(struct policy *policy, enum policy_key key)
{
    return &policy->grants[key - KEY_FIRST_GRANT];
}

bool load_switch(struct str value, bool *on)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (str_equal_nocase(value, str_of(words[i]))) {
            *on = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct loader *loader, struct grant *grant, struct str value)
{
    uint64_t bytes;

    if (!quantity_bytes(value, &bytes))
        return load_fail(loader, "'%.*s' is no size up to 1G such as 65536, 64K or 1M",
                         STR_ARG(value));
    grant->bound = (int64_t)bytes;
    return true;
}

static bool take_number(struct loader *loader, struct grant *grant, struct str value)
{
    bool negative = value.n > 0 && value.p[0] == '-';
    uint64_t digits;

    if (!str_decimal(str_slice(value, negative ? 1 : 0, value.n), INT32_MAX, &digits))
        return load_fail(loader, "'%.*s' is no whole number", STR_ARG(value));
    grant->bound = negative ? -(int64_t)digits : (int64_t)digits;
    return true;
}

static bool take_word(struct loader *loader, enum grant_kind kind, struct grant *grant,
                      struct str word)
{
    const char *flaw = word.n > GRANT_WORD_MAX ? "too long" : grant_flaw(kind, word);

    if (flaw != NULL)
        return load_fail(loader, "'%.*s': %s", STR_ARG(word), flaw);
    *load_add_grant_word(grant) =
        (struct grant_word){.text = load_copy(word), .line = loader->line};
    return true;
}

bool load_grant(struct loader *loader, enum policy_key key, struct str value)
{
    struct grant *grant = grant_of(loader->policy, key);
    enum grant_kind kind = policy_keys[key].kind;
    struct str word;
    bool good = true;

    switch (kind) {
    case GRANT_NONE:
        return false;
    case GRANT_SWITCH:
        return load_switch(value, &grant->on) ||
               load_fail(loader, "'%.*s' is neither yes nor no", STR_ARG(value));
    case GRANT_BYTES:
        return take_bytes(loader, grant, value);
    case GRANT_NUMBER:
        return take_number(loader, grant, value);
    case GRANT_LINES:
    case GRANT_ARGV:
        return take_word(loader, kind, grant, value);
    case GRANT_NAMES:
    case GRANT_IMAGES:
    case GRANT_CAPABILITIES:
    case GRANT_NAMESPACES:
    case GRANT_PAIRS:
    case GRANT_PATHS:
    case GRANT_NETS:
    case GRANT_PORTS:
    case GRANT_LIMITS:
        break;
    }
    while (str_word(&value, &word))
        good &= take_word(loader, kind, grant, word);
    return good;
}

void load_free_grants(struct policy *policy)
{
    for (size_t i = 0; i < GRANTS; i++) {
        for (size_t k = 0; k < policy->grants[i].n; k++)
            free(policy->grants[i].words[k].text);
        free(policy->grants[i].words);
    }
}

const struct grant *policy_grant(const struct policy *policy, enum policy_key key)
{
    return &policy->grants[key - KEY_FIRST_GRANT];
}

/* What a key is asked for: a text, or arguments. */
struct question {
    enum grant_kind kind;
    bool forbids; /* forbid-labels, of GRANT_NAMES, is the one key that does */
    const struct str *args;
    size_t n;
};

static bool word_names(const struct question *question, const struct grant_word *word)
{
    if (question->kind == GRANT_ARGV)
        return grant_argv_names(str_of(word->text), question->args, question->n);
    if (question->forbids)
        return pattern_matches_text(str_of(word->text), question->args[0]);
    return grant_word_names(question->kind, str_of(word->text), question->args[0]);
}

static bool names(const struct policy *policy, enum policy_key key, const struct str *args,
                  size_t n)
{
    const struct grant *grant = policy_grant(policy, key);
    const struct question question = {policy_keys[key].kind,
                                      policy_keys[key].sense == GRANT_REQUIRES, args, n};
    bool narrows = policy_keys[key].sense == GRANT_NARROWS;
    bool of_depth[POLICY_BASES_MAX + 1] = {false}, named[POLICY_BASES_MAX + 1] = {false};
    bool any = false;

    for (size_t i = 0; i < grant->n; i++) {
        const struct grant_word *word = &grant->words[i];
        of_depth[word->depth] = true;
        named[word->depth] = named[word->depth] || word_names(&question, word);
        any = any || named[word->depth];
    }
    for (size_t depth = 0; narrows && depth <= POLICY_BASES_MAX; depth++)
        if (of_depth[depth] && !named[depth])
            return false;
    return narrows || any;
}

bool policy_names(const struct policy *policy, enum policy_key key, struct str text)
{
    return names(policy, key, &text, 1);
}

bool policy_names_argv(const struct policy *policy, enum policy_key key, const struct str *args,
                       size_t n)
{
    return names(policy, key, args, n);
}

bool policy_limit(const struct policy *policy, enum limit_name name, int64_t *value)
{
    const struct grant *grant = policy_grant(policy, KEY_W_RESTRICT_TO);
    bool found = false;

    for (size_t i = 0; i < grant->n; i++) {
        enum limit_name other;
        int64_t bound;
        if (!grant_limit(str_of(grant->words[i].text), &other, &bound) || other != name ||
            (found && *value <= bound))
            continue;
        *value = bound;
        found = true;
    }
    return found;
}

void policy_key_write(enum policy_key key, struct writer *w)
{
    writer_char(w, '[');
    writer_text(w, policy_keys[key].section);
    writer_text(w, "] ");
    writer_text(w, policy_keys[key].name);
}
