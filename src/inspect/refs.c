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
static bool write_id(struct settling *settling, struct str name, struct writer *w)
{
    size_t from = w->n;

    if (str_starts(name, STR("/")))
        name = str_slice(name, 1, name.n);
    return name.n > 0 && ++settling->n <= REFS_MAX &&
           settling->resolve(settling->context, name, w) && w->n > from && !w->overflow;
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
    return write_id(settling, str_slice(text, container.n, text.n), &w) &&
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
    if (!write_id(settling, str_slice(text, 0, colon), &w))
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
    if (alias.n == 0 || str_index(alias, ':') < alias.n || !write_id(settling, name, &w))
        return false;
    writer_char(&w, ':');
    writer_str(&w, alias);
    return set(settling, value, text, &w);
}

static bool settle_list(struct settling *settling, const json_t *list,
                        bool (*settle)(struct settling *, json_t *))
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!settle(settling, json_array_get(list, i)))
            return false;
    return true;
}

bool refs_settle(json_t *host, const struct policy *policy, refs_resolve *resolve, void *context,
                 bool *changed)
{
    static const char *const modes[] = {"NetworkMode", "IpcMode", "PidMode", "Cgroup"};
    struct settling settling = {policy, resolve, context, 0, false};
    bool good = true;

    for (size_t i = 0; good && i < sizeof(modes) / sizeof(*modes); i++)
        good = settle_mode(&settling, json_object_get(host, modes[i]));
    good = good && settle_list(&settling, json_object_get(host, "VolumesFrom"), settle_mounts) &&
           settle_list(&settling, json_object_get(host, "Links"), settle_link);
    *changed = *changed || settling.changed;
    return good;
}
