#include "policy/load.h"

#include "config.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/lines.h"
#include "policy/nearest.h"
#include "policy/quantity.h"

bool load_fail(struct loader *loader, const char *format, ...)
{
    char text[512];
    va_list args;

    if (loader->failed)
        return false;
    loader->failed = true;
    loader->error->line = loader->line;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct writer w = writer_over(loader->error->text, sizeof(loader->error->text) - 1);
    writer_escaped(&w, str_of(text));
    loader->error->text[w.n] = '\0';
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

struct rule *load_add_rule(struct policy *policy, unsigned line, bool deny, const char *text)
{
    policy->rules =
        must(reallocarray(policy->rules, policy->rules_count + 1, sizeof(*policy->rules)));
    struct rule *rule = &policy->rules[policy->rules_count++];
    *rule = (struct rule){.line = line, .deny = deny, .text = load_copy(str_of(text))};
    return rule;
}

bool load_socket(struct loader *loader, struct str value)
{
    if (loader->socket_set)
        return load_fail(loader, "the engine's socket is set twice: socket and SOCKET_PATH");
    loader->socket_set = true;
    if (value.n == 0 || value.p[0] != '/')
        return load_fail(loader, "the engine's socket is an absolute path");
    if (value.n >= POLICY_SOCKET_MAX)
        return load_fail(loader, "the path of a Unix socket has at most %d bytes",
                         POLICY_SOCKET_MAX - 1);
    memcpy(loader->policy->socket, value.p, value.n);
    loader->policy->socket[value.n] = '\0';
    return true;
}

bool load_log_requests(struct loader *loader, enum log_requests requests)
{
    if (loader->log_requests_set)
        return load_fail(loader, "what is logged is set twice: requests and LOG_LEVEL");
    loader->log_requests_set = true;
    loader->policy->log_requests = requests;
    return true;
}

/* Sets ${index} to the place of ${value} in ${words}, a NULL-terminated list. */
static bool pick(struct loader *loader, struct str value, const char *const *words, int *index)
{
    struct nearest nearest = nearest_to(value);

    for (int i = 0; words[i] != NULL; i++) {
        nearest_offer(&nearest, words[i]);
        if (str_equal(value, str_of(words[i]))) {
            *index = i;
            return true;
        }
    }
    return load_fail_unknown(loader, "unknown value", &nearest);
}

static bool set_description(struct loader *loader, struct str value)
{
    loader->policy->description = load_copy(value);
    return true;
}

static bool set_mode(struct loader *loader, struct str value)
{
    static const char *const words[] = {"enforce", "audit", NULL};
    int index = 0;

    bool good = pick(loader, value, words, &index);
    loader->policy->mode = (enum policy_mode)index;
    return good;
}

static bool set_allow(struct loader *loader, struct str value)
{
    return load_rules(loader, false, value);
}

static bool set_deny(struct loader *loader, struct str value)
{
    return load_rules(loader, true, value);
}

static bool set_min_api(struct loader *loader, struct str value)
{
    const struct api_version lowest = {1, 24};
    struct api_version version;

    if (!api_version_parse(value, &version))
        return load_fail(loader, "'%.*s' is no API version such as 1.41", STR_ARG(value));
    if (api_version_compare(version, lowest) < 0)
        return load_fail(loader, "min-api is at least 1.24: older versions give requests other "
                                 "meanings");
    loader->policy->limits.min_api = version;
    return true;
}

static bool set_duration(struct loader *loader, struct str value, unsigned *ms)
{
    if (quantity_duration_ms(value, ms))
        return true;
    return load_fail(loader,
                     "'%.*s' is no duration from 100ms to 24h such as 500ms, 10s, 5min or "
                     "1h",
                     STR_ARG(value));
}

static bool set_head_timeout(struct loader *loader, struct str value)
{
    return set_duration(loader, value, &loader->policy->limits.head_timeout_ms);
}

static bool set_idle_timeout(struct loader *loader, struct str value)
{
    return set_duration(loader, value, &loader->policy->limits.idle_timeout_ms);
}

static bool set_body_max(struct loader *loader, struct str value)
{
    if (quantity_bytes(value, &loader->policy->limits.body_max))
        return true;
    return load_fail(loader, "'%.*s' is no size up to 1G such as 65536, 64K or 1M", STR_ARG(value));
}

static bool set_idle_exit(struct loader *loader, struct str value)
{
    unsigned ms;

    if (!set_duration(loader, value, &ms))
        return false;
    loader->policy->limits.idle_exit_ms = ms;
    return true;
}

static bool set_connections(struct loader *loader, struct str value)
{
    uint64_t n;

    if (!quantity_bytes(value, &n) || n > CONNECTIONS_MAX)
        return load_fail(loader, "'%.*s' is no number from 1 to 4096", STR_ARG(value));
    loader->policy->limits.connections = (unsigned)n;
    return true;
}

static bool set_log_requests(struct loader *loader, struct str value)
{
    static const char *const words[] = {"all", "denied", "none", NULL};
    int index = 0;

    return pick(loader, value, words, &index) &&
           load_log_requests(loader, (enum log_requests)index);
}

static bool set_log_target(struct loader *loader, struct str value)
{
    static const char *const words[] = {"auto", "journal", "stderr", "none", NULL};
    int index = 0;

    bool good = pick(loader, value, words, &index);
    loader->policy->log_target = (enum log_target)index;
    return good;
}

/* Every key but those of [sections], whose names sections.c knows. */
static const struct key {
    const char *section;
    const char *name;
    bool (*set)(struct loader *loader, struct str value);
    bool repeats;
} keys[] = {
    {"policy", "description", set_description, false},
    {"policy", "mode", set_mode, false},
    {"policy", "socket", load_socket, false},
    {"rules", "allow", set_allow, true},
    {"rules", "deny", set_deny, true},
    {"limits", "min-api", set_min_api, false},
    {"limits", "head-timeout", set_head_timeout, false},
    {"limits", "idle-timeout", set_idle_timeout, false},
    {"limits", "body-max", set_body_max, false},
    {"limits", "connections", set_connections, false},
    {"limits", "idle-exit", set_idle_exit, false},
    {"log", "requests", set_log_requests, false},
    {"log", "target", set_log_target, false},
};

static const char *const section_names[] = {"policy", "sections", "rules", "limits", "log"};

/* Parts of the language that a later version has. Ignoring them would open what they close. */
static const char *const later_sections[] = {"clients", "workload", "exec", "responses"};

static bool enter_section(struct loader *loader, struct str name)
{
    struct nearest nearest = nearest_to(name);

    for (size_t i = 0; i < sizeof(later_sections) / sizeof(*later_sections); i++)
        if (str_equal(name, str_of(later_sections[i])))
            return load_fail(loader, "section [%s] is not supported by this version of dsp",
                             later_sections[i]);
    for (size_t i = 0; i < sizeof(section_names) / sizeof(*section_names); i++) {
        nearest_offer(&nearest, section_names[i]);
        if (str_equal(name, str_of(section_names[i]))) {
            loader->sections.present |= str_equal(name, STR("sections"));
            return true;
        }
    }
    return load_fail_unknown(loader, "unknown section", &nearest);
}

static bool set_key(struct loader *loader, struct str section, struct str name, struct str value)
{
    struct nearest nearest = nearest_to(name);
    const size_t n = sizeof(keys) / sizeof(*keys);
    size_t i = 0;

    for (; i < n; i++) {
        if (!str_equal(section, str_of(keys[i].section)))
            continue;
        nearest_offer(&nearest, keys[i].name);
        if (str_equal(name, str_of(keys[i].name)))
            break;
    }
    if (str_equal(name, STR("extends")))
        return load_fail(loader, "'extends' is not supported by this version of dsp");
    if (i == n)
        return load_fail_unknown(loader, "unknown key", &nearest);
    if ((loader->keys_set >> i & 1) != 0 && !keys[i].repeats)
        return load_fail(loader, "'%s' is set twice", keys[i].name);
    loader->keys_set |= UINT64_C(1) << i;
    return keys[i].set(loader, value);
}

/* inih's handler: 1 goes on. */
static int handle(void *user, const char *section, const char *name, const char *value)
{
    struct loader *loader = user;

    if (loader->failed)
        return 0;
    if (section[0] == '\0')
        return load_fail(loader, "'%s' stands before the first [section]", name);
    if (value[0] == '\0')
        return load_fail(loader, "'%s' has no value", name);
    if (strcmp(section, "sections") == 0)
        return sections_set(loader, str_of(name), str_of(value));
    return set_key(loader, str_of(section), str_of(name), str_of(value));
}

/* inih's reader: the next line into ${to}, as fgets() would, but only when inih can be trusted
 * with it. */
static char *next_line(char *to, int size, void *stream)
{
    struct loader *loader = stream;
    struct str section;

    if (loader->failed || loader->rest.n == 0)
        return NULL;
    loader->line++;
    size_t end = str_index(loader->rest, '\n');
    struct str line = str_slice(loader->rest, 0, end);
    loader->rest = str_slice(loader->rest, end < loader->rest.n ? end + 1 : end, loader->rest.n);

    const char *flaw = line_flaw(line, &section);
    bool good = flaw == NULL ? true : load_fail(loader, "%s", flaw);
    if (good && line.n + 2 > (size_t)size)
        good = load_fail(loader, "line longer than %d bytes", size - 2);
    if (good && section.n > 0)
        good = enter_section(loader, section);
    if (!good)
        return NULL;
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
    free(policy->rules);
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
                   .body_max = 4 * 1024 * 1024,
                   .connections = 1024,
                   .idle_exit_ms = 60 * 1000},
    };
}

void policy_init(struct policy *policy, struct str name, const char *file)
{
    *policy = with_defaults(load_copy(name), load_copy(str_of(file)));
}

/* What a broken file said before its error is not to be believed either. */
static void forget(struct policy *policy)
{
    free_contents(policy);
    *policy = with_defaults(policy->name, policy->file);
}

int policy_parse(struct policy *policy, struct str text, struct policy_error *error)
{
    struct loader loader = {.policy = policy, .error = error, .rest = text};

#if HAVE_DECL_INI_MAX_LINE
    /* Debian's inih takes these at run time; upstream's are fixed when it is built, and lines
     * longer than its buffer are then refused by next_line(). */
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_initial_alloc = 8192;
    ini_max_line = 8192;
    ini_allow_multiline = false;
    ini_allow_bom = false;
#endif
    int line = ini_parse_stream(next_line, &loader, handle, &loader);
    if (line != 0 && !loader.failed) {
        loader.line = line > 0 ? (unsigned)line : 0;
        load_fail(&loader, line > 0 ? "malformed line" : "out of memory");
    }
    if (!loader.failed)
        sections_compile(&loader);
    else
        forget(policy);
    return loader.failed ? -1 : 0;
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
