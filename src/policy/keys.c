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

    if (!str_decimal(value, CONNECTIONS_MAX, &n) || n == 0)
        return load_fail(loader, "'%.*s' is no number from 1 to %d", STR_ARG(value),
                         CONNECTIONS_MAX);
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
    [KEY_DESCRIPTION] = {"policy", "description", set_description, false, 0, 0},
    [KEY_EXTENDS] = {"policy", "extends", set_extends, false, 0, 0},
    [KEY_MODE] = {"policy", "mode", set_mode, false, 0, 0},
    [KEY_SOCKET] = {"policy", "socket", load_socket, false, 0, 0},
    [KEY_ALLOW] = {"rules", "allow", set_allow, true, 0, 0},
    [KEY_DENY] = {"rules", "deny", set_deny, true, 0, 0},
    [KEY_UIDS] = {"clients", "uids", load_uids, true, 0, 0},
    [KEY_GIDS] = {"clients", "gids", load_gids, true, 0, 0},
    [KEY_UNITS] = {"clients", "units", load_units, true, 0, 0},
    [KEY_CONTAINERS] = {"clients", "containers", load_containers, true, 0, 0},
    [KEY_ASK_ENGINE] = {"clients", "ask-engine", load_ask_engine, false, 0, 0},
    [KEY_ADDRESSES] = {"clients", "addresses", load_addresses, true, 0, 0},
    [KEY_TLS_SUBJECTS] = {"clients", "tls-subjects", load_tls_subject, true, 0, 0},
    [KEY_MIN_API] = {"limits", "min-api", set_min_api, false, 0, 0},
    [KEY_HEAD_TIMEOUT] = {"limits", "head-timeout", set_head_timeout, false, 0, 0},
    [KEY_IDLE_TIMEOUT] = {"limits", "idle-timeout", set_idle_timeout, false, 0, 0},
    [KEY_BODY_MAX] = {"limits", "body-max", set_body_max, false, 0, 0},
    [KEY_CONNECTIONS] = {"limits", "connections", set_connections, false, 0, 0},
    [KEY_IDLE_EXIT] = {"limits", "idle-exit", set_idle_exit, false, 0, 0},
    [KEY_LOG_REQUESTS] = {"log", "requests", set_log_requests, false, 0, 0},
    [KEY_LOG_TARGET] = {"log", "target", set_log_target, false, 0, 0},
    [KEY_W_UNRESTRICTED] = {"workload", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_W_IMAGES] = {"workload", "images", NULL, true, GRANT_IMAGES, GRANT_NARROWS},
    [KEY_W_BINDS] = {"workload", "binds", NULL, true, GRANT_PATHS, GRANT_WIDENS},
    [KEY_W_BIND_OPTIONS] = {"workload", "bind-options", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_VOLUMES] = {"workload", "volumes", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_W_VOLUME_DRIVERS] = {"workload", "volume-drivers", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_VOLUME_OPTIONS] = {"workload", "volume-options", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_W_TMPFS] = {"workload", "tmpfs", NULL, true, GRANT_PATHS, GRANT_WIDENS},
    [KEY_W_TMPFS_OPTIONS] = {"workload", "tmpfs-options", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_W_VOLUMES_FROM] = {"workload", "volumes-from", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_IMAGE_MOUNTS] = {"workload", "image-mounts", NULL, true, GRANT_IMAGES, GRANT_WIDENS},
    [KEY_W_PRIVILEGED] = {"workload", "privileged", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_W_CAPABILITIES] = {"workload", "capabilities", NULL, true, GRANT_CAPABILITIES,
                            GRANT_WIDENS},
    [KEY_W_DEVICES] = {"workload", "devices", NULL, true, GRANT_PATHS, GRANT_WIDENS},
    [KEY_W_DEVICE_REQUESTS] = {"workload", "device-requests", NULL, true, GRANT_PAIRS,
                               GRANT_WIDENS},
    [KEY_W_DEVICE_CGROUP_RULES] = {"workload", "device-cgroup-rules", NULL, true, GRANT_LINES,
                                   GRANT_WIDENS},
    [KEY_W_BLOCK_DEVICES] = {"workload", "block-devices", NULL, true, GRANT_PATHS, GRANT_WIDENS},
    [KEY_W_HOST_NAMESPACES] = {"workload", "host-namespaces", NULL, true, GRANT_NAMESPACES,
                               GRANT_WIDENS},
    [KEY_W_JOIN_CONTAINERS] = {"workload", "join-containers", NULL, true, GRANT_NAMES,
                               GRANT_WIDENS},
    [KEY_W_NETWORKS] = {"workload", "networks", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_W_ALIASES] = {"workload", "aliases", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_W_ADDRESSES] = {"workload", "addresses", NULL, true, GRANT_NETS, GRANT_WIDENS},
    [KEY_W_MAC_ADDRESSES] = {"workload", "mac-addresses", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_ENDPOINT_OPTIONS] = {"workload", "endpoint-options", NULL, true, GRANT_PAIRS,
                                GRANT_WIDENS},
    [KEY_W_LINKS] = {"workload", "links", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_PORTS] = {"workload", "ports", NULL, true, GRANT_PORTS, GRANT_WIDENS},
    [KEY_W_EXTRA_HOSTS] = {"workload", "extra-hosts", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_DNS] = {"workload", "dns", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_SECURITY_OPT] = {"workload", "security-opt", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_SYSCTLS] = {"workload", "sysctls", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_W_RUNTIMES] = {"workload", "runtimes", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_CGROUP_PARENTS] = {"workload", "cgroup-parents", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_LOG_DRIVERS] = {"workload", "log-drivers", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_LOG_OPTIONS] = {"workload", "log-options", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_W_ANNOTATIONS] = {"workload", "annotations", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_W_STORAGE_OPTIONS] = {"workload", "storage-options", NULL, true, GRANT_PAIRS,
                               GRANT_WIDENS},
    [KEY_W_ULIMITS] = {"workload", "ulimits", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_W_GROUP_ADD] = {"workload", "group-add", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_USERS] = {"workload", "users", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_W_ENV] = {"workload", "env", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_W_COMMANDS] = {"workload", "commands", NULL, true, GRANT_ARGV, GRANT_NARROWS},
    [KEY_W_ENTRYPOINTS] = {"workload", "entrypoints", NULL, true, GRANT_ARGV, GRANT_NARROWS},
    [KEY_W_HEALTHCHECKS] = {"workload", "healthchecks", NULL, true, GRANT_ARGV, GRANT_NARROWS},
    [KEY_W_WORKING_DIRS] = {"workload", "working-dirs", NULL, true, GRANT_PATHS, GRANT_NARROWS},
    [KEY_W_RESTART] = {"workload", "restart", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_SHM_SIZE] = {"workload", "shm-size", NULL, false, GRANT_BYTES, GRANT_WIDENS},
    [KEY_W_OOM_SCORE_ADJ] = {"workload", "oom-score-adj", NULL, false, GRANT_NUMBER, GRANT_WIDENS},
    [KEY_W_OOM_KILL_DISABLE] = {"workload", "oom-kill-disable", NULL, false, GRANT_SWITCH,
                                GRANT_WIDENS},
    [KEY_W_REALTIME] = {"workload", "realtime", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_W_SERVICE_MODES] = {"workload", "service-modes", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_NAMES] = {"workload", "names", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_W_SIGNALS] = {"workload", "signals", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_PS_ARGS] = {"workload", "ps-args", NULL, true, GRANT_LINES, GRANT_WIDENS},
    [KEY_W_ROLLBACK] = {"workload", "rollback", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_W_CREDENTIALS] = {"workload", "credentials", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_W_SECRETS] = {"workload", "secrets", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_CONFIGS] = {"workload", "configs", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_W_CONSTRAINTS] = {"workload", "constraints", NULL, true, GRANT_LINES, GRANT_WIDENS},
    [KEY_W_RECREATE] = {"workload", "recreate", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_W_FORBID_LABELS] = {"workload", "forbid-labels", NULL, true, GRANT_NAMES, GRANT_REQUIRES},
    [KEY_W_REQUIRE_LABELS] = {"workload", "require-labels", NULL, true, GRANT_PAIRS,
                              GRANT_REQUIRES},
    [KEY_W_RESTRICT_TO] = {"workload", "restrict-to", NULL, true, GRANT_LIMITS, GRANT_REQUIRES},
    [KEY_W_REQUIRE_NO_NEW_PRIVILEGES] = {"workload", "require-no-new-privileges", NULL, false,
                                         GRANT_SWITCH, GRANT_REQUIRES},
    [KEY_W_REQUIRE_READ_ONLY] = {"workload", "require-read-only", NULL, false, GRANT_SWITCH,
                                 GRANT_REQUIRES},
    [KEY_W_REQUIRE_NON_ROOT] = {"workload", "require-non-root", NULL, false, GRANT_SWITCH,
                                GRANT_REQUIRES},
    [KEY_W_REQUIRE_MEMORY_LIMIT] = {"workload", "require-memory-limit", NULL, false, GRANT_SWITCH,
                                    GRANT_REQUIRES},
    [KEY_W_REQUIRE_DROPPED_CAPABILITIES] = {"workload", "require-dropped-capabilities", NULL, true,
                                            GRANT_CAPABILITIES, GRANT_REQUIRES},
    [KEY_X_UNRESTRICTED] = {"exec", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_X_COMMANDS] = {"exec", "commands", NULL, true, GRANT_ARGV, GRANT_NARROWS},
    [KEY_X_USERS] = {"exec", "users", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_X_PRIVILEGED] = {"exec", "privileged", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_X_ENV] = {"exec", "env", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_X_WORKING_DIRS] = {"exec", "working-dirs", NULL, true, GRANT_PATHS, GRANT_NARROWS},
    [KEY_X_TTY] = {"exec", "tty", NULL, false, GRANT_SWITCH, GRANT_NARROWS},
    [KEY_X_ATTACH_STDIN] = {"exec", "attach-stdin", NULL, false, GRANT_SWITCH, GRANT_NARROWS},
    [KEY_X_ATTACH_LOGS] = {"exec", "attach-logs", NULL, false, GRANT_SWITCH, GRANT_NARROWS},
    [KEY_V_UNRESTRICTED] = {"volumes", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_V_NAMES] = {"volumes", "names", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_V_DRIVERS] = {"volumes", "drivers", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_V_OPTIONS] = {"volumes", "options", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_V_PRUNE_NAMED] = {"volumes", "prune-named", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_N_UNRESTRICTED] = {"networks", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_N_NAMES] = {"networks", "names", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_N_DRIVERS] = {"networks", "drivers", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_N_OPTIONS] = {"networks", "options", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_N_IPAM_DRIVERS] = {"networks", "ipam-drivers", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_N_SUBNETS] = {"networks", "subnets", NULL, true, GRANT_NETS, GRANT_WIDENS},
    [KEY_N_ATTACHABLE] = {"networks", "attachable", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_N_REQUIRE_INTERNAL] = {"networks", "require-internal", NULL, false, GRANT_SWITCH,
                                GRANT_REQUIRES},
    [KEY_N_CONTAINERS] = {"networks", "containers", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_N_FORCE] = {"networks", "force", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_S_UNRESTRICTED] = {"swarm", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_P_UNRESTRICTED] = {"plugins", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_P_REMOTES] = {"plugins", "remotes", NULL, true, GRANT_IMAGES, GRANT_WIDENS},
    [KEY_P_PRIVILEGES] = {"plugins", "privileges", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_P_SETTINGS] = {"plugins", "settings", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_A_SERVERS] = {"auth", "servers", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_PULL_UNRESTRICTED] = {"pull", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_PULL_IMAGES] = {"pull", "images", NULL, true, GRANT_IMAGES, GRANT_NARROWS},
    [KEY_PULL_CREDENTIALS] = {"pull", "credentials", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_PULL_SOURCES] = {"pull", "sources", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_PULL_CHANGES] = {"pull", "changes", NULL, true, GRANT_LINES, GRANT_WIDENS},
    [KEY_PULL_LOAD] = {"pull", "load", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_PULL_SEARCH] = {"pull", "search", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_PUSH_UNRESTRICTED] = {"push", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_PUSH_IMAGES] = {"push", "images", NULL, true, GRANT_IMAGES, GRANT_WIDENS},
    [KEY_PUSH_CREDENTIALS] = {"push", "credentials", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_PUSH_EXPORTS] = {"push", "exports", NULL, true, GRANT_IMAGES, GRANT_NARROWS},
    [KEY_B_UNRESTRICTED] = {"build", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_B_TAGS] = {"build", "tags", NULL, true, GRANT_IMAGES, GRANT_NARROWS},
    [KEY_B_REMOTE] = {"build", "remote", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_NETWORKS] = {"build", "networks", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_EXTRA_HOSTS] = {"build", "extra-hosts", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_ARGS] = {"build", "args", NULL, true, GRANT_NAMES, GRANT_NARROWS},
    [KEY_B_CACHE_FROM] = {"build", "cache-from", NULL, true, GRANT_IMAGES, GRANT_WIDENS},
    [KEY_B_CGROUP_PARENTS] = {"build", "cgroup-parents", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_ULIMITS] = {"build", "ulimits", NULL, true, GRANT_PAIRS, GRANT_WIDENS},
    [KEY_B_SHM_SIZE] = {"build", "shm-size", NULL, false, GRANT_BYTES, GRANT_WIDENS},
    [KEY_B_SECURITY_OPT] = {"build", "security-opt", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_OUTPUTS] = {"build", "outputs", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_CHANGES] = {"build", "changes", NULL, true, GRANT_LINES, GRANT_WIDENS},
    [KEY_B_CREDENTIALS] = {"build", "credentials", NULL, true, GRANT_NAMES, GRANT_WIDENS},
    [KEY_B_BUILDKIT] = {"build", "buildkit", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_B_PRUNE_ALL] = {"build", "prune-all", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_F_UNRESTRICTED] = {"archive", "unrestricted", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
    [KEY_F_WRITE] = {"archive", "write", NULL, true, GRANT_PATHS, GRANT_WIDENS},
    [KEY_F_READ] = {"archive", "read", NULL, true, GRANT_PATHS, GRANT_NARROWS},
    [KEY_F_COPY_UIDGID] = {"archive", "copy-uidgid", NULL, false, GRANT_SWITCH, GRANT_WIDENS},
};

const char *const policy_sections[] = {"policy", "sections", "rules", "clients", "limits",
                                       "log",    "workload", "exec",  "volumes", "networks",
                                       "swarm",  "plugins",  "auth",  "pull",    "push",
                                       "build",  "archive",  NULL};

/* Parts of the language that a later version has. Ignoring them would open what they close. */
const char *const policy_later_sections[] = {"responses", NULL};
