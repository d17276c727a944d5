#include "inspect/refs.h"

#include "inspect/json.h"

/* A settling under way. */
struct settling {
    const struct policy *policy;
    refs_resolve *resolve;
    void *context;
    size_t n;
    bool changed;
};

/* The id of ${name}, with or without a slash, into ${w}. */
static bool write_id(struct settling *settling, struct str name, struct str mode, struct writer *w)
{
    size_t from = w->n;

    if (str_starts(name, STR("/")))
        name = str_slice(name, 1, name.n);
    return name.n > 0 && ++settling->n <= REFS_MAX &&
           settling->resolve(settling->context, name, mode, w) && w->n > from && !w->overflow;
}

/* Puts what ${w} holds in the place of ${value}, which ${text} is the text of. */
static bool set(struct settling *settling, json_t *value, struct str text, const struct writer *w)
{
    struct str now = writer_view(w);

    if (w->overflow)
        return false;
    if (str_equal(now, text))
        return true;
    settling->changed = true;
    return json_string_setn(value, now.p, now.n) == 0;
}

/* "container:NAME" */
static bool settle_mode(struct settling *settling, json_t *value)
{
    struct str text = json_str(value), container = STR("container:");
    char room[REF_ID_MAX + 32];
    struct writer w = writer_over(room, sizeof(room));

    if (!str_starts(text, container))
        return true;
    writer_str(&w, container);
    return write_id(settling, str_slice(text, container.n, text.n), (struct str){0}, &w) &&
           set(settling, value, text, &w);
}

/* NAME or NAME:MODE (moby daemon/volumes_linux.go parseVolumesFrom) */
static bool settle_mounts(struct settling *settling, json_t *value)
{
    struct str text = json_str(value);
    size_t colon = str_index(text, ':');
    char room[REF_ID_MAX + 32];
    struct writer w = writer_over(room, sizeof(room));

    if (policy_names(settling->policy, KEY_W_VOLUMES_FROM, text))
        return true;
    struct str mode = colon < text.n ? str_slice(text, colon + 1, text.n) : STR("rw");
    if (!write_id(settling, str_slice(text, 0, colon), mode, &w))
        return false;
    writer_str(&w, str_slice(text, colon, text.n));
    return set(settling, value, text, &w);
}

/* NAME, NAME:ALIAS, or as the engine tells it of the container "web": "/NAME:/web/ALIAS" (moby opts
 * ParseLink()). containrrr's Watchtower makes "/NAME:/ALIAS" of that, its fork "NAME:/web/ALIAS". */
static bool settle_link(struct settling *settling, json_t *value)
{
    struct str text = json_str(value);
    size_t colon = str_index(text, ':');
    struct str name = str_slice(text, 0, colon);
    struct str alias = colon < text.n ? str_slice(text, colon + 1, text.n) : name;
    char room[512];
    struct writer w = writer_over(room, sizeof(room));

    for (size_t i = alias.n; i > 0; i--)
        if (alias.p[i - 1] == '/') {
            alias = str_slice(alias, i, alias.n);
            break;
        }
    if (str_starts(name, STR("/")))
        name = str_slice(name, 1, name.n);
    writer_str(&w, name);
    writer_char(&w, ':');
    writer_str(&w, alias);
    return !w.overflow && policy_names(settling->policy, KEY_W_LINKS, writer_view(&w)) &&
           set(settling, value, text, &w);
}

static bool settle_list(struct settling *settling, const json_t *list,
                        bool (*settle)(struct settling *, json_t *))
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!settle(settling, json_array_get(list, i)))
            return false;
    return true;
}

const char *refs_settle(json_t *host, const struct policy *policy, refs_resolve *resolve,
                        void *context, bool *changed)
{
    static const struct {
        const char *name, *field;
    } modes[] = {{"NetworkMode", "HostConfig.NetworkMode"},
                 {"IpcMode", "HostConfig.IpcMode"},
                 {"PidMode", "HostConfig.PidMode"},
                 {"Cgroup", "HostConfig.Cgroup"}};
    struct settling settling = {policy, resolve, context, 0, false};
    const char *unknown = NULL;

    for (size_t i = 0; unknown == NULL && i < sizeof(modes) / sizeof(*modes); i++)
        if (!settle_mode(&settling, json_object_get(host, modes[i].name)))
            unknown = modes[i].field;
    if (unknown == NULL &&
        !settle_list(&settling, json_object_get(host, "VolumesFrom"), settle_mounts))
        unknown = "HostConfig.VolumesFrom";
    if (unknown == NULL && !settle_list(&settling, json_object_get(host, "Links"), settle_link))
        unknown = "HostConfig.Links";
    *changed = *changed || settling.changed;
    return unknown;
}

void refs_settle_told(json_t *host, const struct policy *policy, refs_resolve *resolve,
                      void *context)
{
    struct settling settling = {policy, resolve, context, 0, false};

    (void)settle_list(&settling, json_object_get(host, "VolumesFrom"), settle_mounts);
    (void)settle_list(&settling, json_object_get(host, "Links"), settle_link);
}

/* Whether ${mount} of one container is ${one} of another, or less. */
static bool is_mount(const json_t *mount, const json_t *one, bool read_only)
{
    static const char *const names[] = {"Type",        "Name",   "Source",
                                        "Destination", "Driver", "Propagation"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!str_equal(json_str(json_object_get(mount, names[i])),
                       json_str(json_object_get(one, names[i]))))
            return false;
    return read_only || json_is_false(json_object_get(mount, "RW")) ||
           json_is_true(json_object_get(one, "RW"));
}

bool refs_has_mounts(const json_t *container, const json_t *other, bool read_only)
{
    const json_t *mounts = json_object_get(container, "Mounts");
    const json_t *others = json_object_get(other, "Mounts");
    bool all = json_is_array(others);

    for (size_t i = 0; all && i < json_array_size(others); i++) {
        bool found = false;
        for (size_t k = 0; !found && k < json_array_size(mounts); k++)
            found = is_mount(json_array_get(others, i), json_array_get(mounts, k), read_only);
        all = found;
    }
    return all;
}
