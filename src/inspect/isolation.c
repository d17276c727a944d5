/* isolation.c: rules on what keeps a container apart from its host. */
#include <string.h>

#include "inspect/checks.h"
#include "inspect/json.h"

enum { WORD_MAX = 256 };

/* What every container has anyway (daemon/pkg/oci/caps/defaults.go): Portainer asks for each. Where
 * capabilities must be dropped they are no matter of course. */
static bool is_default(const struct judge *j, struct str name)
{
    return policy_grant(j->policy, KEY_W_REQUIRE_DROPPED_CAPABILITIES)->n == 0 &&
           str_is_one_of(name, "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD "
                               "NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT");
}

static bool capability_named(struct judge *j, enum policy_key key, struct str text)
{
    char upper[WORD_MAX];

    if (text.n > sizeof(upper))
        return judge_object(j, OBJECT_MALFORMED, text, "is no capability");
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        /* Go's ToUpper folds some that are not ASCII. */
        if ((unsigned char)c >= 0x80)
            return judge_object(j, OBJECT_MALFORMED, text, "is no capability");
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    struct str name = {upper, text.n};
    if (str_starts(name, STR("CAP_")))
        name = str_slice(name, 4, name.n);
    return is_default(j, name) || judge_names(j, key, name);
}

/* moby daemon/pkg/oci/caps: case and CAP_ do not matter. Engines up to 28 take a string for a list
 * of one. */
bool check_capabilities(struct judge *j, const struct field *field, const json_t *value)
{
    if (json_is_string(value))
        return capability_named(j, field->key, json_str(value));
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!capability_named(j, field->key, json_str(json_array_get(value, i))))
            return false;
    return true;
}

/* Whether ${permissions} are some of ${most}; none of either stands for all. */
static bool permitted(struct str permissions, struct str most)
{
    if (permissions.n == 0)
        permissions = STR("rwm");
    for (size_t i = 0; i < permissions.n; i++)
        if (most.n > 0 && str_index(most, permissions.p[i]) == most.n)
            return false;
    return true;
}

static bool device_named(struct judge *j, enum policy_key key, struct str path,
                         struct str permissions)
{
    const struct grant *grant = policy_grant(j->policy, key);

    if (!grant_path_is_canonical(path))
        return judge_object(j, OBJECT_MALFORMED, path,
                            "is no path without '//', '.' and '..': it could be read in two ways");
    for (size_t i = 0; i < grant->n; i++) {
        struct str option, word = str_of(grant->words[i].text);
        (void)grant_path_of(word, &option);
        if (grant_word_names(GRANT_PATHS, word, path) && permitted(permissions, option))
            return true;
    }
    return judge_not_named(j, key, path);
}

static bool each_device(struct judge *j, enum policy_key key, const json_t *list, const char *path)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(list); i++) {
        const json_t *device = json_array_get(list, i);
        size_t mark = judge_down_at(j, i);
        good = device_named(j, key, json_str(json_object_get(device, path)),
                            json_str(json_object_get(device, "CgroupPermissions")));
        judge_up(j, mark);
    }
    return good;
}

bool check_devices(struct judge *j, const struct field *field, const json_t *value)
{
    return each_device(j, field->key, value, "PathOnHost");
}

bool check_block_devices(struct judge *j, const struct field *field, const json_t *value)
{
    return each_device(j, field->key, value, "Path");
}

/* "cdi=vendor.com/class=name" of each id, or just "cdi". */
static bool driver_named(struct judge *j, enum policy_key key, struct str driver, const json_t *ids)
{
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (!judge_names_pair(j, key, driver, json_str(json_array_get(ids, i))))
            return false;
    return json_array_size(ids) > 0 || judge_names(j, key, driver);
}

/* Without a driver the engine takes one that has the capabilities: each of them must be named. */
static bool request_named(struct judge *j, enum policy_key key, const json_t *request)
{
    struct str driver = json_str(json_object_get(request, "Driver"));
    const json_t *ids = json_object_get(request, "DeviceIDs");
    const json_t *lists = json_object_get(request, "Capabilities");
    bool any = driver.n > 0;

    if (driver.n > 0 && !driver_named(j, key, driver, ids))
        return false;
    for (size_t i = 0; driver.n == 0 && i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        for (size_t k = 0; k < json_array_size(list); k++) {
            if (!driver_named(j, key, json_str(json_array_get(list, k)), ids))
                return false;
            any = true;
        }
    }
    return any || judge_not_named(j, key, (struct str){0});
}

bool check_device_requests(struct judge *j, const struct field *field, const json_t *value)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(value); i++) {
        size_t mark = judge_down_at(j, i);
        good = request_named(j, field->key, json_array_get(value, i));
        judge_up(j, mark);
    }
    return good;
}

bool check_generic_resources(struct judge *j, const struct field *field, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i);
        const json_t *named = json_object_get(one, "NamedResourceSpec");
        const json_t *counted = json_object_get(one, "DiscreteResourceSpec");
        if (json_is_object(named) &&
            !judge_names_pair(j, field->key, json_str(json_object_get(named, "Kind")),
                              json_str(json_object_get(named, "Value"))))
            return false;
        if (json_is_object(counted) &&
            !judge_names(j, field->key, json_str(json_object_get(counted, "Kind"))))
            return false;
    }
    return true;
}

/* What each mode can be without leaving the container, and what "host" of it is called. Values are
 * compared exactly, as dockerd does (api/types/container/hostconfig.go). */
static const struct mode {
    const char *field, *harmless, *name;
    bool joins;
} modes[] = {
    {"CgroupnsMode", "private", "cgroup", false},
    {"IpcMode", "none private shareable", "ipc", true},
    {"PidMode", "", "pid", true},
    {"UTSMode", "", "uts", false},
    {"UsernsMode", "", "user", false},
};

bool check_namespace(struct judge *j, const struct field *field, const json_t *value)
{
    struct str text = json_str(value), container = STR("container:");

    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (strcmp(modes[i].field, field->name) != 0)
            continue;
        if (str_is_one_of(text, modes[i].harmless))
            return true;
        if (str_equal(text, STR("host")))
            return policy_names(j->policy, field->key, str_of(modes[i].name)) ||
                   judge_not_named(j, field->key, text);
        if (modes[i].joins && str_starts(text, container))
            return judge_names(j, KEY_W_JOIN_CONTAINERS, str_slice(text, container.n, text.n));
    }
    return judge_object(j, OBJECT_MALFORMED, text, "is no mode that dsp knows");
}

bool check_cgroup(struct judge *j, const struct field *field, const json_t *value)
{
    struct str text = json_str(value), container = STR("container:");

    if (!str_starts(text, container))
        return judge_object(j, OBJECT_MALFORMED, text, "is no mode that dsp knows");
    return judge_names(j, field->key, str_slice(text, container.n, text.n));
}

/* What Go's strconv.ParseBool takes for true. */
static bool is_true(struct str text)
{
    return str_is_one_of(text, "1 t T TRUE true True");
}

/* The name of a security option, as moby's parseSecurityOpt() (daemon/daemon_unix.go) reads it: with
 * '=' or, where there is none, ':' between it and the ${value}. */
static struct str security_name(struct str text, struct str *value)
{
    size_t at = str_index(text, '=');

    if (at == text.n)
        at = str_index(text, ':');
    *value = str_slice(text, at < text.n ? at + 1 : at, text.n);
    return str_slice(text, 0, at);
}

bool isolation_no_new_privileges(struct str text, bool *on)
{
    struct str value, name = security_name(text, &value);

    if (!str_equal(name, STR("no-new-privileges")))
        return false;
    *on = name.n == text.n || is_true(value);
    return true;
}

/* A bare "disable" is label=disable. */
static bool security_named(struct judge *j, enum policy_key key, struct str text)
{
    struct str value, name = security_name(text, &value);
    bool on = false;

    if (isolation_no_new_privileges(text, &on) && on)
        return true;
    /* seccomp=builtin is not of them: the engine's own default may be stricter (seccomp-profile of
     * daemon.json). */
    if (str_equal(name, STR("apparmor")) && str_equal(value, STR("docker-default")))
        return true;
    if (str_equal(text, STR("disable")))
        return judge_names(j, key, STR("label=disable"));
    /* The '=' form is compared where it stands: a profile can be as long as the body. */
    return name.n < text.n && text.p[name.n] == ':' ? judge_names_pair(j, key, name, value)
                                                    : judge_names(j, key, text);
}

bool check_security_opt(struct judge *j, const struct field *field, const json_t *value)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(value); i++) {
        size_t mark = judge_down_at(j, i);
        good = security_named(j, field->key, json_str(json_array_get(value, i)));
        judge_up(j, mark);
    }
    return good;
}

static bool has_all(const json_t *list, const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; !found && k < json_array_size(list); k++)
            found = str_equal(json_str(json_array_get(list, k)), str_of(paths[i]));
        if (!found)
            return false;
    }
    return true;
}

/* Tools that make a container anew send the paths that an inspected one has: the engine's defaults
 * of 20.10 at least (daemon/pkg/oci/defaults.go). */
bool check_masked_paths(struct judge *j, const struct field *field, const json_t *value)
{
    static const char *const paths[] = {
        "/proc/asound",        "/proc/acpi",       "/proc/kcore",       "/proc/keys",
        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
        "/proc/scsi",          "/sys/firmware",
    };

    return has_all(value, paths, sizeof(paths) / sizeof(*paths)) ||
           judge_names(j, field->key, STR("systempaths=unconfined"));
}

bool check_readonly_paths(struct judge *j, const struct field *field, const json_t *value)
{
    static const char *const paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                        "/proc/sysrq-trigger"};

    return has_all(value, paths, sizeof(paths) / sizeof(*paths)) ||
           judge_names(j, field->key, STR("systempaths=unconfined"));
}

bool check_seccomp(struct judge *j, const struct field *field, const json_t *value)
{
    struct str mode = json_str(value);

    return str_equal(mode, STR("default")) || judge_names_pair(j, field->key, STR("seccomp"), mode);
}

/* A profile is of mode custom, whatever mode stands beside it. */
bool check_seccomp_profile(struct judge *j, const struct field *field, const json_t *value)
{
    (void)value;
    return judge_names(j, field->key, STR("seccomp=custom"));
}

bool check_apparmor(struct judge *j, const struct field *field, const json_t *value)
{
    struct str mode = json_str(value);

    return str_equal(mode, STR("default")) ||
           judge_names_pair(j, field->key, STR("apparmor"),
                            str_equal(mode, STR("disabled")) ? STR("unconfined") : mode);
}

/* "label=disable", "label=type:VALUE" */
bool check_selinux(struct judge *j, const struct field *field, const json_t *value)
{
    char text[WORD_MAX];
    struct writer w = writer_over(text, sizeof(text));
    struct str name = str_of(field->name);

    if (json_is_true(value))
        return judge_names(j, field->key, STR("label=disable"));
    writer_char(&w, (char)(name.p[0] | 0x20));
    writer_str(&w, str_slice(name, 1, name.n));
    writer_char(&w, ':');
    writer_str(&w, json_str(value));
    if (w.overflow)
        return judge_object(j, OBJECT_MALFORMED, json_str(value), "is too long");
    return judge_names_pair(j, field->key, STR("label"), writer_view(&w));
}

/* Engines from 28 on move the settings of eth0 to options of its network, joined by ',' (daemon/server/router
 * container_routes.go handleSysctlBC()): "1,net.ipv4.conf.IFNAME.forwarding=1" would be two. */
bool check_sysctls(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)value, name, text)
    {
        if (strstr(name, ".eth") != NULL &&
            str_index(json_str(text), '=') < json_string_length(text))
            return judge_object(j, OBJECT_MALFORMED, str_of(name),
                                "has a value with another setting in it");
        if (!judge_names_pair(j, field->key, str_of(name), json_str(text)))
            return false;
    }
    return true;
}

bool check_runtime(struct judge *j, const struct field *field, const json_t *value)
{
    struct str name = json_str(value);

    return str_equal(name, STR("runc")) || str_equal(name, STR("io.containerd.runc.v2")) ||
           judge_names(j, field->key, name);
}

bool check_isolation(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    return str_equal(json_str(value), STR("default")) ||
           judge_object(j, OBJECT_NEVER, json_str(value), NULL);
}

bool check_task_runtime(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    return str_equal(json_str(value), STR("container")) ||
           judge_object(j, OBJECT_NEVER, json_str(value), NULL);
}
