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

void scratch_init(struct scratch *scratch, const struct policy *policy, bool bare)
{
    scratch->policy = *policy;
    memset(scratch->policy.grants, 0, sizeof(scratch->policy.grants));
    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        if (bare && policy_keys[key].sense == GRANT_WIDENS &&
            strcmp(policy_keys[key].name, "unrestricted") != 0)
            scratch->policy.key_lines[key] = 0;
        else
            scratch_add_own(scratch, policy, key, 0, policy_grant(policy, key)->n);
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

bool scratch_add(struct scratch *scratch, enum policy_key key, struct str word, unsigned depth)
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
        for (unsigned d = 0; d <= (depth == 0 ? 0 : scratch->policy.bases_count); d++)
            add_word(grant, word, d, 0);
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
