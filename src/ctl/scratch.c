#include "ctl/scratch.h"

#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/quantity.h"

static struct grant *grant_of(struct scratch *scratch, enum policy_key key)
{
    return &scratch->policy.grants[key - KEY_FIRST_GRANT];
}

static void add_word(struct grant *grant, struct str text, unsigned depth, unsigned line)
{
    *load_add_grant_word(grant) =
        (struct grant_word){.text = load_copy(text), .depth = depth, .line = line};
}

void scratch_add_own(struct scratch *scratch, const struct policy *policy, enum policy_key key,
                     size_t from, size_t to)
{
    const struct grant *own = policy_grant(policy, key);
    struct grant *grant = grant_of(scratch, key);

    for (size_t i = from; i < to; i++)
        add_word(grant, str_of(own->words[i].text), own->words[i].depth, own->words[i].line);
    grant->on = own->on;
    grant->bound = own->bound;
    scratch->policy.key_lines[key] = policy->key_lines[key];
}

struct str scratch_no_word(enum policy_key key)
{
    switch (policy_keys[key].kind) {
    case GRANT_NAMES:
    case GRANT_LINES:
    case GRANT_ARGV:
    case GRANT_PAIRS:
        return STR("\x01");
    case GRANT_IMAGES:
        return STR("localhost/\x01");
    case GRANT_PATHS:
        return STR("/\x01");
    case GRANT_NONE:
    case GRANT_SWITCH:
    case GRANT_CAPABILITIES:
    case GRANT_NAMESPACES:
    case GRANT_NETS:
    case GRANT_PORTS:
    case GRANT_LIMITS:
    case GRANT_BYTES:
    case GRANT_NUMBER:
        break;
    }
    return (struct str){0}; /* no key that narrows is of these */
}

/* One for each base that has words, as all of them must name a value. */
static void add_no_words(struct scratch *scratch, const struct policy *policy, enum policy_key key)
{
    const struct grant *own = policy_grant(policy, key);
    struct grant *grant = grant_of(scratch, key);

    for (size_t i = 0; i < own->n; i++) {
        bool known = false;
        for (size_t k = 0; k < grant->n; k++)
            known = known || grant->words[k].depth == own->words[i].depth;
        if (!known)
            add_word(grant, scratch_no_word(key), own->words[i].depth, 0);
    }
}

static bool is_unrestricted(enum policy_key key)
{
    return strcmp(policy_keys[key].name, "unrestricted") == 0;
}

void scratch_init(struct scratch *scratch, const struct policy *policy, bool bare)
{
    scratch->policy = *policy;
    memset(scratch->policy.grants, 0, sizeof(scratch->policy.grants));
    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        bool keeps = !bare || policy_keys[key].sense == GRANT_REQUIRES || is_unrestricted(key);
        bool narrows = policy_keys[key].sense == GRANT_NARROWS;
        if (keeps || (narrows && policy_keys[key].kind == GRANT_SWITCH))
            scratch_add_own(scratch, policy, key, 0, policy_grant(policy, key)->n);
        else if (narrows)
            add_no_words(scratch, policy, key);
        else
            scratch->policy.key_lines[key] = 0;
    }
}

static void cut_words(struct grant *grant, size_t n)
{
    while (grant->n > n)
        free(grant->words[--grant->n].text);
}

void scratch_free(struct scratch *scratch)
{
    for (size_t i = 0; i < GRANTS; i++) {
        cut_words(&scratch->policy.grants[i], 0);
        free(scratch->policy.grants[i].words);
    }
    *scratch = (struct scratch){0};
}

static bool set_number(struct grant *grant, enum grant_kind kind, struct str word)
{
    bool negative = kind == GRANT_NUMBER && word.n > 0 && word.p[0] == '-';
    uint64_t number;

    if (kind == GRANT_BYTES ? !quantity_bytes(word, &number)
                            : !str_decimal(str_slice(word, negative, word.n), INT32_MAX, &number))
        return false;
    grant->bound = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

/* For the policy itself, and for each other depth of words that there are. */
static void add_everywhere(struct grant *grant, struct str word, bool bases)
{
    bool done[POLICY_BASES_MAX + 1] = {false};
    size_t n = grant->n;

    for (size_t i = 0; bases && i < n; i++) {
        unsigned depth = grant->words[i].depth;
        if (!done[depth])
            add_word(grant, word, depth, 0);
        done[depth] = true;
    }
    if (!bases || n == 0)
        add_word(grant, word, 0, 0);
}

bool scratch_add(struct scratch *scratch, enum policy_key key, struct str word, bool bases)
{
    struct grant *grant = grant_of(scratch, key);
    enum grant_kind kind = policy_keys[key].kind;
    bool good = true;

    if (kind == GRANT_SWITCH)
        grant->on = good = str_equal(word, STR("yes"));
    else if (kind == GRANT_BYTES || kind == GRANT_NUMBER)
        good = set_number(grant, kind, word);
    else if (word.n == 0 || word.n > GRANT_WORD_MAX || grant_flaw(kind, word) != NULL)
        return false;
    else
        add_everywhere(grant, word, bases);
    if (good && scratch->policy.key_lines[key] == 0)
        scratch->policy.key_lines[key] = 1;
    return good;
}

struct scratch_mark scratch_now(const struct scratch *scratch, enum policy_key key)
{
    const struct grant *grant = policy_grant(&scratch->policy, key);

    return (struct scratch_mark){grant->n, grant->on, grant->bound, scratch->policy.key_lines[key]};
}

void scratch_restore(struct scratch *scratch, enum policy_key key, struct scratch_mark mark)
{
    struct grant *grant = grant_of(scratch, key);

    cut_words(grant, mark.n);
    grant->on = mark.on;
    grant->bound = mark.bound;
    scratch->policy.key_lines[key] = mark.line;
}

void scratch_clear(struct scratch *scratch, enum policy_key key)
{
    scratch_restore(scratch, key, (struct scratch_mark){0});
}

void scratch_drop(struct scratch *scratch, enum policy_key key, size_t index)
{
    struct grant *grant = grant_of(scratch, key);

    free(grant->words[index].text);
    memmove(&grant->words[index], &grant->words[index + 1],
            (--grant->n - index) * sizeof(*grant->words));
}
