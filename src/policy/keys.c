#include <string.h>

#include "policy/load.h"

#include "policy/nearest.h"
#include "policy/quantity.h"

/* Whether ${key}, which a variable of [sections] can stand for, is set for the first time. */
static bool load_once(struct loader *loader, enum policy_key key)
{
    bool first = (loader->aliases_set >> key & 1) == 0;

    loader->aliases_set |= UINT64_C(1) << key;
    loader->policy->key_lines[key] = loader->line;
    return first;
}

bool load_socket(struct loader *loader, struct str value)
{
    if (!load_once(loader, KEY_SOCKET))
        return load_fail(loader, "the engine's socket is set twice: socket and SOCKET_PATH");
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
    if (!load_once(loader, KEY_LOG_REQUESTS))
        return load_fail(loader, "what is logged is set twice: requests and LOG_LEVEL");
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

enum { NAME_MAX_LENGTH = 64 };

/* It becomes a file's: no slash, no leading dot, and nothing that a unit's name could not hold
 * (systemd.unit(5)). */
bool policy_is_name(struct str name)
{
    if (name.n == 0 || name.n > NAME_MAX_LENGTH || name.p[0] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              str_index(STR(":-_.\\"), c) < 5))
            return false;
    }
    return true;
}

static bool set_extends(struct loader *loader, struct str value)
{
    if (value.p[0] == '/' ? value.n >= 4096 : !policy_is_name(value))
        return load_fail(loader, "'%.*s' is neither a policy's name nor the path of one",
                         STR_ARG(value));
    loader->policy->extends = load_copy(value);
    loader->policy->extends_line = loader->line;
    return true;
}

/* Every key but those of [sections], whose names sections.c knows. dsp.ini(5) has the same. */
const struct key policy_keys[KEYS] = {
    [KEY_DESCRIPTION] = {"policy", "description", set_description, false},
    [KEY_EXTENDS] = {"policy", "extends", set_extends, false},
    [KEY_MODE] = {"policy", "mode", set_mode, false},
    [KEY_SOCKET] = {"policy", "socket", load_socket, false},
    [KEY_ALLOW] = {"rules", "allow", set_allow, true},
    [KEY_DENY] = {"rules", "deny", set_deny, true},
    [KEY_UIDS] = {"clients", "uids", load_uids, true},
    [KEY_GIDS] = {"clients", "gids", load_gids, true},
    [KEY_UNITS] = {"clients", "units", load_units, true},
    [KEY_CONTAINERS] = {"clients", "containers", load_containers, true},
    [KEY_ASK_ENGINE] = {"clients", "ask-engine", load_ask_engine, false},
    [KEY_ADDRESSES] = {"clients", "addresses", load_addresses, true},
    [KEY_TLS_SUBJECTS] = {"clients", "tls-subjects", load_tls_subject, true},
    [KEY_MIN_API] = {"limits", "min-api", set_min_api, false},
    [KEY_HEAD_TIMEOUT] = {"limits", "head-timeout", set_head_timeout, false},
    [KEY_IDLE_TIMEOUT] = {"limits", "idle-timeout", set_idle_timeout, false},
    [KEY_BODY_MAX] = {"limits", "body-max", set_body_max, false},
    [KEY_CONNECTIONS] = {"limits", "connections", set_connections, false},
    [KEY_IDLE_EXIT] = {"limits", "idle-exit", set_idle_exit, false},
    [KEY_LOG_REQUESTS] = {"log", "requests", set_log_requests, false},
    [KEY_LOG_TARGET] = {"log", "target", set_log_target, false},
};

const char *const policy_sections[] = {"policy", "sections", "rules", "clients",
                                       "limits", "log",      NULL};

/* Parts of the language that a later version has. Ignoring them would open what they close. */
const char *const policy_later_sections[] = {"workload", "exec", "responses", NULL};
