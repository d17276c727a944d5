#include "policy/load.h"

#include "config.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/lines.h"
#include "policy/nearest.h"

bool load_fail(struct loader *loader, const char *format, ...)
{
    struct policy_errors *errors = loader->errors;
    char text[512];
    va_list args;

    if (errors->n == POLICY_ERRORS_MAX)
        return false;
    struct policy_error *error = &errors->items[errors->n++];
    error->line = loader->line;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (errors->n == POLICY_ERRORS_MAX)
        (void)snprintf(text, sizeof(text), "too many errors: more may follow");
    struct writer w = writer_over(error->text, sizeof(error->text) - 1);
    writer_escaped(&w, str_of(text));
    error->text[w.n] = '\0';
    return false;
}

bool load_fail_unknown(struct loader *loader, const char *what, const struct nearest *nearest)
{
    if (nearest->best == NULL)
        return load_fail(loader, "%s '%.*s'", what, STR_ARG(nearest->wanted));
    return load_fail(loader, "%s '%.*s'; did you mean '%s'?", what, STR_ARG(nearest->wanted),
                     nearest->best);
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

char *load_copy(struct str s)
{
    return must(s.n == 0 ? strdup("") : strndup(s.p, s.n));
}

/* Room for one more of ${n} in ${array}; it doubles, so that a long file costs no more than its
 * length. */
static void *one_more(void *array, size_t n, size_t size)
{
    return (n & (n - 1)) == 0 ? must(reallocarray(array, n == 0 ? 1 : 2 * n, size)) : array;
}

struct rule *load_add_rule(struct policy *policy, unsigned line, bool deny, const char *text)
{
    policy->rules = one_more(policy->rules, policy->rules_count, sizeof(*policy->rules));
    struct rule *rule = &policy->rules[policy->rules_count++];
    *rule = (struct rule){.line = line, .deny = deny, .text = load_copy(str_of(text))};
    return rule;
}

struct condition *load_add_condition(struct policy *policy)
{
    policy->conditions =
        one_more(policy->conditions, policy->conditions_count, sizeof(*policy->conditions));
    return &policy->conditions[policy->conditions_count++];
}

struct grant_word *load_add_grant_word(struct grant *grant)
{
    grant->words = one_more(grant->words, grant->n, sizeof(*grant->words));
    return &grant->words[grant->n++];
}

struct client *load_add_client(struct policy *policy)
{
    policy->clients = one_more(policy->clients, policy->clients_count, sizeof(*policy->clients));
    return &policy->clients[policy->clients_count++];
}

void load_add_override(struct policy *policy, unsigned line, const char *text)
{
    policy->overrides =
        one_more(policy->overrides, policy->overrides_count, sizeof(*policy->overrides));
    policy->overrides[policy->overrides_count++] =
        (struct policy_override){.line = line, .text = load_copy(str_of(text))};
}

static bool enter_section(struct loader *loader, struct str name)
{
    struct nearest nearest = nearest_to(name);

    loader->skip = true;
    for (size_t i = 0; policy_later_sections[i] != NULL; i++)
        if (str_equal(name, str_of(policy_later_sections[i])))
            return load_fail(loader, "section [%s] is not supported by this version of dsp",
                             policy_later_sections[i]);
    for (size_t i = 0; policy_sections[i] != NULL; i++) {
        nearest_offer(&nearest, policy_sections[i]);
        if (str_equal(name, str_of(policy_sections[i]))) {
            loader->sections.present |= str_equal(name, STR("sections"));
            if (str_equal(name, STR("clients")) && loader->clients_line == 0)
                loader->clients_line = loader->line;
            loader->skip = false;
            return true;
        }
    }
    return load_fail_unknown(loader, "unknown section", &nearest);
}

static bool is_key(const struct key *key, struct str section, struct str name)
{
    return str_equal(name, str_of(key->name)) && str_equal(section, str_of(key->section));
}

static bool set_key(struct loader *loader, struct str section, struct str name, struct str value)
{
    struct nearest nearest = nearest_to(name);
    size_t i = 0;

    while (i < KEYS && !is_key(&policy_keys[i], section, name))
        i++;
    for (size_t k = 0; i == KEYS && k < KEYS; k++)
        if (str_equal(section, str_of(policy_keys[k].section)))
            nearest_offer(&nearest, policy_keys[k].name);
    if (i == KEYS)
        return load_fail_unknown(loader, "unknown key", &nearest);
    if (loader->keys_set[i] && !policy_keys[i].repeats)
        return load_fail(loader, "'%s' is set twice", policy_keys[i].name);
    loader->keys_set[i] = true;
    loader->policy->key_lines[i] = loader->line;
    return policy_keys[i].set != NULL ? policy_keys[i].set(loader, value)
                                      : load_grant(loader, (enum policy_key)i, value);
}

/* inih's handler: 1 goes on. What stands in a section that is none is not looked at. */
static int handle(void *user, const char *section, const char *name, const char *value)
{
    struct loader *loader = user;

    if (loader->skip)
        return 1;
    if (section[0] == '\0')
        load_fail(loader, "'%s' stands before the first [section]", name);
    else if (value[0] == '\0')
        load_fail(loader, "'%s' has no value", name);
    else if (strcmp(section, "sections") == 0)
        sections_set(loader, str_of(name), str_of(value));
    else
        set_key(loader, str_of(section), str_of(name), str_of(value));
    return 1;
}

/* The next line of the text, of which inih may see ${line} when the result is true. */
static bool take_line(struct loader *loader, struct str *line, int size)
{
    struct str section;
    size_t end = str_index(loader->rest, '\n');

    loader->line++;
    *line = str_slice(loader->rest, 0, end);
    loader->rest = str_slice(loader->rest, end < loader->rest.n ? end + 1 : end, loader->rest.n);
    const char *flaw = line_flaw(*line, &section);
    if (flaw != NULL && line->n > 0 && line->p[0] == '[')
        loader->skip = true; /* whose keys they are nobody knows */
    if (flaw != NULL)
        return load_fail(loader, "%s", flaw);
    if (line->n + 2 > (size_t)size)
        return load_fail(loader, "line longer than %d bytes", size - 2);
    return section.n == 0 || enter_section(loader, section);
}

/* inih's reader: the next line into ${to}, as fgets() would, but only when inih can be trusted
 * with it. */
static char *next_line(char *to, int size, void *stream)
{
    struct loader *loader = stream;
    struct str line;

    do {
        if (loader->errors->n == POLICY_ERRORS_MAX || loader->rest.n == 0)
            return NULL;
    } while (!take_line(loader, &line, size));
    if (line.n > 0)
        memcpy(to, line.p, line.n);
    memcpy(to + line.n, "\n", 2);
    return to;
}

static void free_contents(struct policy *policy)
{
    for (size_t i = 0; i < policy->rules_count; i++) {
        free(policy->rules[i].path);
        free(policy->rules[i].text);
    }
    for (size_t i = 0; i < policy->conditions_count; i++) {
        free(policy->conditions[i].name);
        free(policy->conditions[i].filter);
        free(policy->conditions[i].pattern);
    }
    for (size_t i = 0; i < policy->clients_count; i++)
        free(policy->clients[i].text);
    for (size_t i = 0; i < policy->bases_count; i++)
        free(policy->bases[i]);
    for (size_t i = 0; i < policy->overrides_count; i++)
        free(policy->overrides[i].text);
    load_free_grants(policy);
    free(policy->overrides);
    free(policy->clients);
    free(policy->conditions);
    free(policy->rules);
    free(policy->extends);
    free(policy->description);
}

static struct policy with_defaults(char *name, char *file)
{
    return (struct policy){
        .name = name,
        .file = file,
        .mode = POLICY_ENFORCE,
        .socket = "/run/docker.sock",
        .limits = {.min_api = {1, 24},
                   .head_timeout_ms = 10 * 1000,
                   .idle_timeout_ms = 5 * 60 * 1000,
                   .body_max = 1024 * 1024,
                   .connections = 1024,
                   .idle_exit_ms = 60 * 1000},
    };
}

void policy_init(struct policy *policy, struct str name, const char *file)
{
    *policy = with_defaults(load_copy(name), load_copy(str_of(file)));
}

void policy_forget(struct policy *policy)
{
    free_contents(policy);
    *policy = with_defaults(policy->name, policy->file);
}

int policy_parse_all(struct policy *policy, struct str text, struct policy_errors *errors)
{
    struct loader loader = {.policy = policy, .errors = errors, .rest = text};

    errors->n = 0;
    operation_index_make(&loader.operations);
#if HAVE_DECL_INI_MAX_LINE
    /* Debian's inih takes these at run time; upstream's are fixed when it is built, and lines
     * longer than its buffer are then refused by take_line(). */
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_initial_alloc = 8192;
    ini_max_line = 8192;
    ini_allow_multiline = false;
    ini_allow_bom = false;
#endif
    int line = ini_parse_stream(next_line, &loader, handle, &loader);
    if (line != 0 && errors->n == 0) {
        loader.line = line > 0 ? (unsigned)line : 0;
        load_fail(&loader, line > 0 ? "malformed line" : "out of memory");
    }
    (void)load_check_names(&loader);
    if (loader.clients_line > 0 && policy->clients_count == 0 && errors->n == 0) {
        loader.line = loader.clients_line;
        load_fail(&loader, "[clients] names nobody: leave it out, or say who may use this level");
    }
    if (errors->n == 0)
        sections_compile(&loader);
    else
        policy_forget(policy);
    return errors->n == 0 ? 0 : -1;
}

int policy_parse(struct policy *policy, struct str text, struct policy_error *error)
{
    struct policy_errors errors;
    int result = policy_parse_all(policy, text, &errors);

    if (result != 0)
        *error = errors.items[0];
    return result;
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    free_contents(policy);
    free(policy->name);
    free(policy->file);
    *policy = (struct policy){0};
}
