/* mounts.c: rules on mounts, as dockerd parses them (daemon/volume/mounts/linux_parser.go). */
#include <string.h>

#include "inspect/checks.h"
#include "inspect/image.h"
#include "inspect/json.h"

/* The next piece of ${rest} before ${separator}. */
static bool cut(struct str *rest, char separator, struct str *piece)
{
    if (rest->p == NULL)
        return false;
    size_t at = str_index(*rest, separator);
    *piece = str_slice(*rest, 0, at);
    *rest = at < rest->n ? str_slice(*rest, at + 1, rest->n) : (struct str){0};
    return true;
}

/* Each node of a swarm expands sources, targets and options of a service's mounts (swarmkit
 * template/expand.go): {{"\x2e\x2e"}} or a label of the service makes any path of them. */
static bool is_template(const struct judge *j, struct str text)
{
    bool service = j->op != NULL && str_starts(str_of(j->op->name), STR("Service"));

    return service && memmem(text.p, text.n, "{{", 2) != NULL;
}

static bool no_template(struct judge *j, struct str text)
{
    return !is_template(j, text) ||
           judge_object(j, OBJECT_MALFORMED, text,
                        "is a template: each node makes another value of it");
}

static struct str without_slashes(struct str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    return path;
}

/* Whether some word of binds names ${path}; one with :ro only what cannot be written to. */
static bool bind_named(struct judge *j, struct str path, bool read_only)
{
    const struct grant *grant = policy_grant(j->policy, KEY_W_BINDS);

    path = without_slashes(path);
    if (!no_template(j, path))
        return false;
    if (!grant_path_is_canonical(path))
        return judge_object(j, OBJECT_MALFORMED, path,
                            "is no path without '//', '.' and '..': it could be read in two ways");
    for (size_t i = 0; i < grant->n; i++) {
        struct str option, word = str_of(grant->words[i].text);
        (void)grant_path_of(word, &option);
        if (grant_word_names(GRANT_PATHS, word, path) &&
            (read_only || !str_equal(option, STR("ro"))))
            return true;
    }
    return judge_not_named(j, KEY_W_BINDS, path);
}

/* Podman takes "./x" for a path. */
static bool volume_named(struct judge *j, struct str name)
{
    if (!grant_name_is_plain(name))
        return judge_object(j, OBJECT_MALFORMED, name,
                            "is neither an absolute path nor a volume's name");
    return judge_names(j, KEY_W_VOLUMES, name);
}

static bool bind_mode(struct judge *j, struct str mode, bool bind, bool *read_only)
{
    struct str option;

    while (cut(&mode, ',', &option)) {
        *read_only = *read_only || str_equal(option, STR("ro"));
        if (option.n == 0 || str_is_one_of(option, "ro rw copy nocopy private rprivate consistent "
                                                   "cached delegated"))
            continue;
        if (!str_is_one_of(option, "z Z shared rshared slave rslave"))
            return judge_object(j, OBJECT_MALFORMED, option, "is no mode of a mount");
        /* To label a volume is to label what is the engine's. */
        if ((bind || !str_is_one_of(option, "z Z")) && !judge_names(j, KEY_W_BIND_OPTIONS, option))
            return false;
    }
    return true;
}

/* TARGET, SOURCE:TARGET or SOURCE:TARGET:MODE */
static bool check_bind(struct judge *j, struct str spec)
{
    struct str parts[3] = {0}, rest = spec;
    size_t n = 0;
    bool read_only = false;

    while (n < 3 && cut(&rest, ':', &parts[n]))
        n++;
    if (rest.p != NULL || parts[0].n == 0)
        return judge_object(j, OBJECT_MALFORMED, spec, "is no SOURCE:TARGET:MODE");
    if (n < 2)
        return true; /* an anonymous volume */
    bool bind = parts[0].p[0] == '/';
    if (n == 3 && !bind_mode(j, parts[2], bind, &read_only))
        return false;
    return bind ? bind_named(j, parts[0], read_only) : volume_named(j, parts[0]);
}

bool check_binds(struct judge *j, const struct field *field, const json_t *value)
{
    bool good = true;

    (void)field;
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        size_t mark = judge_down_at(j, i);
        good = check_bind(j, json_str(json_array_get(value, i)));
        judge_up(j, mark);
    }
    return good;
}

static bool in_field(struct judge *j, const char *name, bool (*check)(struct judge *, struct str),
                     struct str value)
{
    size_t mark = judge_down(j, str_of(name));
    bool good = check(j, value);

    judge_up(j, mark);
    return good;
}

static bool writable_bind(struct judge *j, struct str path)
{
    return bind_named(j, path, false);
}

static bool read_only_bind(struct judge *j, struct str path)
{
    return bind_named(j, path, true);
}

static bool image_mount(struct judge *j, struct str source)
{
    char text[GRANT_WORD_MAX];
    struct writer w = writer_over(text, sizeof(text));

    return image_named(j->policy, KEY_W_IMAGE_MOUNTS, source, &w) ||
           judge_not_named(j, KEY_W_IMAGE_MOUNTS, writer_view(&w));
}

static bool tmpfs_target(struct judge *j, struct str target)
{
    struct str path = without_slashes(target);

    if (!no_template(j, path))
        return false;
    if (!grant_path_is_canonical(path))
        return judge_object(j, OBJECT_MALFORMED, path, "is no path without '//', '.' and '..'");
    return judge_names(j, KEY_W_TMPFS, path);
}

static bool unknown_type(struct judge *j, struct str type)
{
    return judge_object(j, str_is_one_of(type, "npipe cluster") ? OBJECT_NEVER : OBJECT_MALFORMED,
                        type, "is no type of a mount");
}

/* The type is exact: a swarm takes it in any case, and takes one that it does not know for a bind
 * (daemon/cluster/convert/container.go). */
bool check_mount(struct judge *j, const json_t *mount)
{
    struct str type = json_str(json_object_get(mount, "Type"));
    struct str source = json_str(json_object_get(mount, "Source"));
    const json_t *bind = json_object_get(mount, "BindOptions");
    bool read_only = json_is_true(json_object_get(mount, "ReadOnly")) &&
                     !json_is_true(json_object_get(bind, "ReadOnlyNonRecursive"));

    if (str_equal(type, STR("bind")))
        return in_field(j, "Source", read_only ? read_only_bind : writable_bind, source);
    if (str_equal(type, STR("volume")))
        return source.n == 0 || in_field(j, "Source", volume_named, source);
    if (str_equal(type, STR("tmpfs")))
        return in_field(j, "Target", tmpfs_target, json_str(json_object_get(mount, "Target")));
    if (str_equal(type, STR("image")))
        return in_field(j, "Source", image_mount, source);
    return in_field(j, "Type", unknown_type, type);
}

bool check_volume_driver(struct judge *j, const struct field *field, const json_t *value)
{
    struct str driver = json_str(value);

    return str_equal(driver, STR("local")) || judge_names(j, field->key, driver);
}

static bool mount_driver(struct judge *j, struct str name)
{
    return name.n == 0 || str_equal(name, STR("local")) ||
           judge_names(j, KEY_W_VOLUME_DRIVERS, name);
}

/* The local driver gives ${value} of device to mount(2) as it is (volume/local/local_unix.go), with
 * o=bind a path of the host; of CIFS it is "//server/share". */
static bool option_named(struct judge *j, enum policy_key key, struct str name, struct str value)
{
    struct str path = without_slashes(value);

    if (!no_template(j, value))
        return false;
    if (str_equal(name, STR("o"))) /* flags of mount(2), which are many in one */
        return judge_names_parts(j, key, name, value);
    if (!str_equal(name, STR("device")) || !str_starts(path, STR("/")))
        return judge_names_pair(j, key, name, value);
    if (!grant_path_is_canonical(str_starts(path, STR("//")) ? str_slice(path, 1, path.n) : path))
        return judge_object(j, OBJECT_MALFORMED, path,
                            "is no path without '//', '.' and '..': it could be read in two ways");
    return judge_names_pair(j, key, name, path);
}

bool check_driver_options(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)value, name, text)
    {
        if (!option_named(j, field->key, str_of(name), json_str(text)))
            return false;
    }
    return true;
}

bool check_propagation(struct judge *j, const struct field *field, const json_t *value)
{
    struct str mode = json_str(value);

    return str_is_one_of(mode, "private rprivate") || judge_names(j, field->key, mode);
}

bool check_driver(struct judge *j, const json_t *driver)
{
    return in_field(j, "Name", mount_driver, json_str(json_object_get(driver, "Name")));
}

static bool volume_name(struct judge *j, struct str name)
{
    return judge_names(j, KEY_V_NAMES, name);
}

/* The engine makes a name where there is none. */
bool check_volume(struct judge *j, const json_t *request)
{
    return in_field(j, "Name", volume_name, json_str(json_object_get(request, "Name")));
}

/* What a tmpfs may have without a word of the policy's: nothing of it reaches the host. */
static bool tmpfs_option(struct judge *j, struct str option)
{
    struct str name = str_slice(option, 0, str_index(option, '='));

    if (option.n == 0 || str_is_one_of(name, "rw ro exec noexec nosuid nodev size mode uid gid "
                                             "nr_inodes nr_blocks noatime nodiratime relatime "
                                             "strictatime sync async defaults"))
        return true;
    return judge_names(j, KEY_W_TMPFS_OPTIONS, option);
}

bool check_tmpfs(struct judge *j, const struct field *field, const json_t *value)
{
    const char *path;
    json_t *text;

    (void)field;
    json_object_foreach((json_t *)value, path, text)
    {
        struct str options = json_str(text), option;
        if (!tmpfs_target(j, str_of(path)))
            return false;
        while (cut(&options, ',', &option))
            if (!tmpfs_option(j, option))
                return false;
    }
    return true;
}

/* [["uid", "1000"], ["exec"]] */
bool check_tmpfs_options(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *option = json_array_get(value, i);
        struct str name = json_str(json_array_get(option, 0));
        if (json_array_size(option) > 2 || str_index(name, ',') < name.n)
            return judge_object(j, OBJECT_MALFORMED, name, "is no option");
        struct str second = json_str(json_array_get(option, 1));
        if (str_index(second, ',') < second.n)
            return judge_object(j, OBJECT_MALFORMED, second, "is more than one option");
        if (!tmpfs_option(j, name))
            return false;
    }
    return true;
}

bool check_subpath(struct judge *j, const struct field *field, const json_t *value)
{
    struct str path = json_str(value), segment;

    (void)field;
    while (cut(&path, '/', &segment))
        if (segment.n == 0 || str_is_one_of(segment, ". .."))
            return judge_object(j, OBJECT_MALFORMED, json_str(value),
                                "is no relative path without '.' and '..'");
    return true;
}

/* {"/data": {}}: what it is called on the host is the engine's. */
bool check_container_path(struct judge *j, const struct field *field, const json_t *value)
{
    const char *path;
    json_t *empty;

    (void)field;
    json_object_foreach((json_t *)value, path, empty)
    {
        struct str text = str_of(path);
        if (text.n == 0 || text.p[0] != '/' || str_index(text, ':') < text.n)
            return judge_object(j, OBJECT_MALFORMED, text, "is no absolute path");
    }
    return true;
}
