/* policy.h: what a policy file means.
 *
 *   A request is allowed when some allow rule matches it and no deny rule does. The order of the
 *   rules does not matter. When nothing matches, it is denied.
 *
 * A rule speaks of operations (by name, or as section:class), or of a method and a path. The
 * variables of [sections] are compiled to such rules too, so there is one thing to decide on.
 * Parsing and deciding are pure: bytes to values, nothing opened, nothing logged. */
#ifndef DSP_POLICY_POLICY_H
#define DSP_POLICY_POLICY_H

#include "base/writer.h"
#include "docker/operation.h"
#include "policy/clients.h"
#include "policy/condition.h"
#include "policy/grant.h"

/* Keys of a policy file but those of [sections]; keys.c has the table. */
enum policy_key {
    KEY_DESCRIPTION,
    KEY_EXTENDS,
    KEY_MODE,
    KEY_SOCKET,
    KEY_ALLOW,
    KEY_DENY,
    KEY_UIDS,
    KEY_GIDS,
    KEY_UNITS,
    KEY_CONTAINERS,
    KEY_ASK_ENGINE,
    KEY_ADDRESSES,
    KEY_TLS_SUBJECTS,
    KEY_MIN_API,
    KEY_HEAD_TIMEOUT,
    KEY_IDLE_TIMEOUT,
    KEY_BODY_MAX,
    KEY_CONNECTIONS,
    KEY_IDLE_EXIT,
    KEY_LOG_REQUESTS,
    KEY_LOG_TARGET,
    /* What an allowed request may contain. From here on a key has a grant. */
    KEY_W_UNRESTRICTED, /* [workload] */
    KEY_W_IMAGES,
    KEY_W_BINDS,
    KEY_W_BIND_OPTIONS,
    KEY_W_VOLUMES,
    KEY_W_VOLUME_DRIVERS,
    KEY_W_VOLUME_OPTIONS,
    KEY_W_TMPFS,
    KEY_W_TMPFS_OPTIONS,
    KEY_W_VOLUMES_FROM,
    KEY_W_IMAGE_MOUNTS,
    KEY_W_PRIVILEGED,
    KEY_W_CAPABILITIES,
    KEY_W_DEVICES,
    KEY_W_DEVICE_REQUESTS,
    KEY_W_DEVICE_CGROUP_RULES,
    KEY_W_BLOCK_DEVICES,
    KEY_W_HOST_NAMESPACES,
    KEY_W_JOIN_CONTAINERS,
    KEY_W_NETWORKS,
    KEY_W_ALIASES,
    KEY_W_ADDRESSES,
    KEY_W_MAC_ADDRESSES,
    KEY_W_ENDPOINT_OPTIONS,
    KEY_W_LINKS,
    KEY_W_PORTS,
    KEY_W_EXTRA_HOSTS,
    KEY_W_DNS,
    KEY_W_SECURITY_OPT,
    KEY_W_SYSCTLS,
    KEY_W_RUNTIMES,
    KEY_W_CGROUP_PARENTS,
    KEY_W_LOG_DRIVERS,
    KEY_W_LOG_OPTIONS,
    KEY_W_ANNOTATIONS,
    KEY_W_STORAGE_OPTIONS,
    KEY_W_ULIMITS,
    KEY_W_GROUP_ADD,
    KEY_W_USERS,
    KEY_W_ENV,
    KEY_W_COMMANDS,
    KEY_W_ENTRYPOINTS,
    KEY_W_HEALTHCHECKS,
    KEY_W_WORKING_DIRS,
    KEY_W_RESTART,
    KEY_W_SHM_SIZE,
    KEY_W_OOM_SCORE_ADJ,
    KEY_W_OOM_KILL_DISABLE,
    KEY_W_REALTIME,
    KEY_W_SERVICE_MODES,
    KEY_W_NAMES,
    KEY_W_SIGNALS,
    KEY_W_PS_ARGS,
    KEY_W_ROLLBACK,
    KEY_W_CREDENTIALS,
    KEY_W_SECRETS,
    KEY_W_CONFIGS,
    KEY_W_CONSTRAINTS,
    KEY_W_RECREATE,
    KEY_W_FORBID_LABELS,
    KEY_W_REQUIRE_LABELS,
    KEY_W_RESTRICT_TO,
    KEY_W_REQUIRE_NO_NEW_PRIVILEGES,
    KEY_W_REQUIRE_READ_ONLY,
    KEY_W_REQUIRE_NON_ROOT,
    KEY_W_REQUIRE_MEMORY_LIMIT,
    KEY_W_REQUIRE_DROPPED_CAPABILITIES,
    KEY_X_UNRESTRICTED, /* [exec] */
    KEY_X_COMMANDS,
    KEY_X_USERS,
    KEY_X_PRIVILEGED,
    KEY_X_ENV,
    KEY_X_WORKING_DIRS,
    KEY_X_TTY,
    KEY_X_ATTACH_STDIN,
    KEY_X_ATTACH_LOGS,
    KEY_V_UNRESTRICTED, /* [volumes] */
    KEY_V_NAMES,
    KEY_V_DRIVERS,
    KEY_V_OPTIONS,
    KEY_V_PRUNE_NAMED,
    KEY_N_UNRESTRICTED, /* [networks] */
    KEY_N_NAMES,
    KEY_N_DRIVERS,
    KEY_N_OPTIONS,
    KEY_N_IPAM_DRIVERS,
    KEY_N_SUBNETS,
    KEY_N_ATTACHABLE,
    KEY_N_REQUIRE_INTERNAL,
    KEY_N_CONTAINERS,
    KEY_N_FORCE,
    KEY_S_UNRESTRICTED, /* [swarm] */
    KEY_P_UNRESTRICTED, /* [plugins] */
    KEY_P_REMOTES,
    KEY_P_PRIVILEGES,
    KEY_P_SETTINGS,
    KEY_A_SERVERS,         /* [auth] */
    KEY_PULL_UNRESTRICTED, /* [pull] */
    KEY_PULL_IMAGES,
    KEY_PULL_CREDENTIALS,
    KEY_PULL_SOURCES,
    KEY_PULL_CHANGES,
    KEY_PULL_LOAD,
    KEY_PULL_SEARCH,
    KEY_PUSH_UNRESTRICTED, /* [push] */
    KEY_PUSH_IMAGES,
    KEY_PUSH_CREDENTIALS,
    KEY_PUSH_EXPORTS,
    KEY_B_UNRESTRICTED, /* [build] */
    KEY_B_TAGS,
    KEY_B_REMOTE,
    KEY_B_NETWORKS,
    KEY_B_EXTRA_HOSTS,
    KEY_B_ARGS,
    KEY_B_CACHE_FROM,
    KEY_B_CGROUP_PARENTS,
    KEY_B_ULIMITS,
    KEY_B_SHM_SIZE,
    KEY_B_SECURITY_OPT,
    KEY_B_OUTPUTS,
    KEY_B_CHANGES,
    KEY_B_CREDENTIALS,
    KEY_B_BUILDKIT,
    KEY_B_PRUNE_ALL,
    KEY_F_UNRESTRICTED, /* [archive] */
    KEY_F_WRITE,
    KEY_F_READ,
    KEY_F_COPY_UIDGID,
    KEYS
};

enum { KEY_FIRST_GRANT = KEY_W_UNRESTRICTED, GRANTS = KEYS - KEY_FIRST_GRANT };

enum policy_mode {
    POLICY_ENFORCE,
    POLICY_AUDIT /* what would be denied is let through, and logged as would-deny */
};

enum log_requests { LOG_REQUESTS_ALL, LOG_REQUESTS_DENIED, LOG_REQUESTS_NONE };

/* Where records go; AUTO is the journal when there is one, else standard error. */
enum log_target { LOG_TARGET_AUTO, LOG_TARGET_JOURNAL, LOG_TARGET_STDERR, LOG_TARGET_NONE };

struct rule {
    unsigned line; /* in the policy file; 0 for a default that stands in no line */
    bool deny;
    struct operation_set operations; /* when path is NULL */
    enum http_method method;         /* with path; METHOD_OTHER is any method */
    char *path;                      /* pattern as policy/pattern.h reads it, or NULL */
    char *text;                      /* "allow = ContainerList", for people */
    size_t conditions;               /* all must hold: so many, ... */
    size_t first;     /* ... from this one of the policy's; the rules of a line share them */
    const char *file; /* of a base; NULL: the policy's own */
};

enum { CONNECTIONS_MAX = 4096, CONDITIONS_MAX = 4096, POLICY_BASES_MAX = 4 };

struct policy_limits {
    struct api_version min_api; /* never below 1.24: older versions give requests other meanings */
    unsigned head_timeout_ms;   /* a head must be complete so long after its first byte */
    unsigned idle_timeout_ms;   /* a connection may be silent so long between requests */
    uint64_t body_max;          /* bytes of a JSON body */
    unsigned connections; /* at a time, of a level with a resident parent; 1..CONNECTIONS_MAX */
    int64_t idle_exit_ms; /* the parent ends so long after the last of them */
};

/* The path of the engine's socket must fit sockaddr_un, its final NUL included. */
enum { POLICY_SOCKET_MAX = 108 };

struct policy {
    char *name;        /* of the level: "traefik" */
    char *file;        /* as named in messages */
    char *description; /* or NULL */
    char *extends;     /* the policy that this one starts from, as it names it, or NULL */
    unsigned extends_line;
    unsigned key_lines[KEYS]; /* the last line that each stands in; 0: none */
    enum policy_mode mode;
    char socket[POLICY_SOCKET_MAX];
    struct rule *rules;
    size_t rules_count;
    struct condition *conditions;
    size_t conditions_count;
    struct client *clients; /* who may use the level; none: whoever can connect */
    size_t clients_count;
    char *bases[POLICY_BASES_MAX]; /* files, the nearest first */
    size_t bases_count;
    struct policy_override {
        unsigned line;
        char *text;
    } * overrides; /* where this policy and a base of it disagree, for people */
    size_t overrides_count;
    struct policy_limits limits;
    enum log_requests log_requests;
    enum log_target log_target;
    struct grant grants[GRANTS]; /* by policy_grant() */
};

/* What stands in ${key}, one of those with a grant. */
const struct grant *policy_grant(const struct policy *policy, enum policy_key key);

/* Whether ${key}, of patterns, names ${text}. A key that narrows and is not set names everything; a
 * base's patterns and the policy's own must both hold then. Any other key that is not set names
 * nothing. For keys of NAME=PATTERN ${text} is "NAME=VALUE". */
bool policy_names(const struct policy *policy, enum policy_key key, struct str text);

/* The same of a key of GRANT_ARGV and the arguments of a command. */
bool policy_names_argv(const struct policy *policy, enum policy_key key, const struct str *args,
                       size_t n);

/* The least value that restrict-to has for ${name}. Returns false when it has none. */
bool policy_limit(const struct policy *policy, enum limit_name name, int64_t *value);

/* "[workload] binds", for people. */
void policy_key_write(enum policy_key key, struct writer *w);

/* Why a policy is no policy. */
struct policy_error {
    unsigned line;  /* 0 when no line is to blame */
    char text[256]; /* one line, printable: it can quote the file */
};

/* All that is wrong with a file, in its order; of the same line there can be more than one. */
enum { POLICY_ERRORS_MAX = 64 };
struct policy_errors {
    struct policy_error items[POLICY_ERRORS_MAX];
    size_t n;
};

/* Whether ${name} can be a policy's. */
bool policy_is_name(struct str name);

/* The built-in defaults, no rules: denies everything. Copies both strings. Aborts when memory
 * is out; there is nothing to serve then. */
void policy_init(struct policy *policy, struct str name, const char *file);

/* Reads the text of a policy file into ${policy}, which policy_init() made. Returns 0; or -1 and
 * the first ${error}: every line that is malformed, unknown or doubled is one. The policy is then
 * as policy_init() made it. */
int policy_parse(struct policy *policy, struct str text, struct policy_error *error);

/* Takes back all but its name and file: what a broken policy said is not to be believed. */
void policy_forget(struct policy *policy);

/* The same as policy_parse(), with every error. */
int policy_parse_all(struct policy *policy, struct str text, struct policy_errors *errors);

/* Lets ${policy} start from ${base}, which both were parsed; ${base} is void then. Its rules and
 * [clients] are added; its limits hold where ${policy} is not stricter; of the rest ${policy}'s own
 * word counts. Where the two disagree the policy has an override more. */
void policy_inherit(struct policy *policy, struct policy *base);

/* Whether the peer's process must be looked at (/proc), which a locked process cannot. */
bool policy_needs_peer_process(const struct policy *policy);

/* Whether the engine must be asked for the name of the peer's container. */
bool policy_needs_peer_name(const struct policy *policy);

/* Whether [clients] lets ${peer} use the level. */
bool policy_admits(const struct policy *policy, const struct peer *peer);

/* Takes NULL. */
void policy_free(struct policy *policy);

struct decision {
    bool allowed;
    const struct rule *rule; /* the rule that decided; NULL when none matched */
};

/* Judges a request. ${op} is what operation_resolve() made of it, NULL for no operation: then
 * only a rule with a path can allow it. */
struct decision policy_decide(const struct policy *policy, enum http_method method,
                              const struct target *target, const struct operation *op);

/* Whether some rule speaks of ContainerExec by a path, and so perhaps of some containers only. */
bool policy_narrows_exec(const struct policy *policy);

/* "FILE:LINE: allow = ContainerList", for the log. */
void policy_describe(const struct policy *policy, const struct decision *decision,
                     struct writer *w);

#endif
