/* query_checks.c: rules of parameters for which naming their value is not enough (queries.h). */
#include <string.h>

#include "http/grammar.h"
#include "inspect/checks.h"
#include "inspect/image.h"
#include "inspect/json.h"
#include "inspect/queries.h"

/* Objects to what the path or the operation itself says. */
static bool elsewhere(struct judge *j, enum found_in where, bool good)
{
    if (!good)
        j->finding->where = where;
    return good;
}

/* How a reference is read: as one image, or as all that a repository has. */
enum reading { ONE, ALL };

/* Whether ${key} names ${name} with ${tag}, which stands for the tag that ${name} may have. */
static bool names_image(struct judge *j, enum policy_key key, struct str name, struct str tag,
                        enum reading reading)
{
    char text[GRANT_WORD_MAX];
    struct writer w = writer_over(text, sizeof(text));
    bool good = reading == ALL ? image_full_all(name, &w) : image_full(name, tag, &w);

    if (!good || w.overflow)
        return judge_object(j, OBJECT_MALFORMED, name, "is no reference");
    return judge_names(j, key, writer_view(&w));
}

/* Of a name that has a tag and another tag beside it dockerd takes the latter, other engines may
 * take the former; without any, by version, the newest or all of them. */
static bool names_repository(struct judge *j, enum policy_key key, struct str name, struct str tag,
                             enum reading without)
{
    static const struct str none = {0};

    if (name.n > 1 && name.p[name.n - 1] == ':') /* `docker pull -a` of old */
        name.n--;
    if (image_has_tag(name) && !names_image(j, key, name, none, ONE))
        return false;
    if (tag.n > 0)
        return names_image(j, key, name, tag, ONE);
    return image_has_tag(name) || (names_image(j, key, name, none, ONE) &&
                                   (without == ONE || names_image(j, key, name, none, ALL)));
}

static bool parameter_names(struct judge *j, enum policy_key key, const char *name,
                            enum reading without)
{
    struct str value = query_text(j, name), tag = query_text(j, "tag");

    if (value.n == 0)
        return true;
    size_t mark = judge_down(j, str_of(name));
    bool good = names_repository(j, key, value, tag, without);
    judge_up(j, mark);
    return good;
}

bool check_reference(struct judge *j, const struct field *field, const json_t *value)
{
    return names_repository(j, field->key, json_str(value), (struct str){0}, ONE);
}

bool check_references(struct judge *j, const struct field *field, const json_t *value)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(value); i++) {
        size_t mark = judge_down_at(j, i);
        struct str one = json_str(json_array_get(value, i));
        good = one.n == 0 || names_repository(j, field->key, one, (struct str){0}, ONE);
        judge_up(j, mark);
    }
    return good;
}

/* An import is named by repo; of both, dockerd pulls. */
bool check_pull(struct judge *j, const json_t *query)
{
    (void)query;
    return parameter_names(j, KEY_PULL_IMAGES, "fromImage", ALL) &&
           parameter_names(j, KEY_PULL_IMAGES, "repo", ONE) &&
           parameter_names(j, KEY_B_TAGS, "repo", ONE);
}

/* The archive says itself what its images are called. */
bool check_load(struct judge *j, const json_t *query)
{
    bool narrowed = policy_grant(j->policy, KEY_PULL_IMAGES)->n > 0 ||
                    policy_grant(j->policy, KEY_B_TAGS)->n > 0;

    (void)query;
    return elsewhere(j, FOUND_IN_OPERATION, !narrowed || judge_switch(j, KEY_PULL_LOAD));
}

bool check_push(struct judge *j, const json_t *query)
{
    (void)query;
    return elsewhere(
        j, FOUND_IN_PATH,
        names_repository(j, KEY_PUSH_IMAGES, query_path_name(j), query_text(j, "tag"), ALL));
}

bool check_plugin_push(struct judge *j, const json_t *query)
{
    (void)query;
    return elsewhere(
        j, FOUND_IN_PATH,
        names_repository(j, KEY_PUSH_IMAGES, query_path_name(j), (struct str){0}, ONE));
}

bool check_tag(struct judge *j, const json_t *query)
{
    (void)query;
    return parameter_names(j, KEY_B_TAGS, "repo", ONE);
}

static bool exports(struct judge *j, struct str name)
{
    char text[GRANT_WORD_MAX];
    struct writer w = writer_over(text, sizeof(text));

    if (policy_grant(j->policy, KEY_PUSH_EXPORTS)->n == 0 ||
        (image_named(j->policy, KEY_PUSH_EXPORTS, name, &w) && str_index(name, ',') == name.n))
        return true;
    return judge_not_named(j, KEY_PUSH_EXPORTS, name);
}

bool check_export(struct judge *j, const json_t *query)
{
    const json_t *names = json_object_get(query, "names");
    struct str name = query_path_name(j);
    bool good = true;

    if (strcmp(j->op->name, "ImageGet") == 0)
        return elsewhere(j, FOUND_IN_PATH, exports(j, name));
    size_t mark = judge_down(j, STR("names"));
    for (size_t i = 0; good && i < json_array_size(names); i++)
        good = exports(j, json_str(json_array_get(names, i)));
    judge_up(j, mark);
    return good;
}

/* dockerd asks the registry that the name has. */
bool check_distribution(struct judge *j, const json_t *query)
{
    (void)query;
    return policy_grant(j->policy, KEY_PULL_IMAGES)->n == 0 ||
           elsewhere(
               j, FOUND_IN_PATH,
               names_repository(j, KEY_PULL_IMAGES, query_path_name(j), (struct str){0}, ONE));
}

/* The registry becomes the host of an address: "evil.net?.acme.com" would be another. */
bool check_search(struct judge *j, const struct field *field, const json_t *value)
{
    struct str registry = image_registry(json_str(value));

    for (size_t i = 0; i < registry.n; i++)
        if (!http_is_pchar(registry.p[i]) || str_index(STR("@%"), registry.p[i]) < 2)
            return judge_object(j, OBJECT_MALFORMED, registry, "is no registry");

    return str_equal(registry, STR("docker.io")) || judge_names(j, field->key, registry);
}

/* A file of the context; engines leave none of it, but what they read then is not the client's. */
bool check_dockerfile(struct judge *j, const struct field *field, const json_t *value)
{
    struct str path = json_str(value);

    (void)field;
    while (path.n > 0) {
        struct str segment = str_slice(path, 0, str_index(path, '/'));
        path = str_slice(path, segment.n < path.n ? segment.n + 1 : segment.n, path.n);
        if (str_equal(segment, STR("..")))
            return judge_object(j, OBJECT_MALFORMED, json_str(value), "leads out of the context");
    }
    return json_str(value).p[0] != '/' ||
           judge_object(j, OBJECT_MALFORMED, json_str(value), "is no relative path");
}

/* dockerd joins them to one text and parses that (daemon/builder/dockerfile BuildFromConfig()): a line
 * that ends in one of these goes on in the next. */
static bool is_one_line(struct str text)
{
    while (text.n > 0 && str_index(STR(" \t\r"), text.p[text.n - 1]) < 3)
        text.n--;
    return str_index(text, '\n') == text.n &&
           (text.n == 0 || str_index(STR("\\`"), text.p[text.n - 1]) == 2);
}

bool check_changes(struct judge *j, const struct field *field, const json_t *value)
{
    bool good = true;

    for (size_t i = 0; good && i < json_array_size(value); i++) {
        struct str text = json_str(json_array_get(value, i));
        size_t mark = judge_down_at(j, i);
        good = is_one_line(text) ? judge_names(j, field->key, text)
                                 : judge_object(j, OBJECT_MALFORMED, text, "is more than one line");
        judge_up(j, mark);
    }
    return good;
}

bool check_build_network(struct judge *j, const struct field *field, const json_t *value)
{
    return str_is_one_of(json_str(value), "default bridge none") ||
           judge_names(j, field->key, json_str(value));
}

bool check_build_version(struct judge *j, const struct field *field, const json_t *value)
{
    return str_equal(json_str(value), STR("1")) || judge_switch(j, field->key);
}

/* What an argument holds is not told. */
bool check_build_args(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)value, name, text)
    {
        if (!judge_names(j, field->key, str_of(name)))
            return false;
    }
    return true;
}

/* What goes to the client's session is the client's; `push` goes to a registry. */
bool check_output(struct judge *j, const json_t *output)
{
    const char *name;
    json_t *value;

    if (!judge_names(j, KEY_B_OUTPUTS, json_str(json_object_get(output, "Type"))))
        return false;
    json_object_foreach(json_object_get(output, "Attrs"), name, value)
    {
        if (str_equal_nocase(str_of(name), STR("push")) &&
            !judge_names(j, KEY_B_OUTPUTS, STR("push")))
            return false;
    }
    return true;
}

bool check_buildkit(struct judge *j, const json_t *query)
{
    (void)query;
    return elsewhere(j, FOUND_IN_OPERATION, judge_switch(j, KEY_B_BUILDKIT));
}

/* "SIGHUP", "hup" and "1" are one signal for dockerd (github.com/moby/sys/signal). */
bool check_signal(struct judge *j, const struct field *field, const json_t *value)
{
    static const struct {
        const char *number, *name;
    } numbers[] = {{"1", "HUP"},   {"2", "INT"},   {"3", "QUIT"}, {"9", "KILL"},
                   {"10", "USR1"}, {"12", "USR2"}, {"15", "TERM"}};
    char text[32];
    struct writer w = writer_over(text, sizeof(text));
    struct str word = json_str(value);

    for (size_t i = 0; i < word.n; i++)
        writer_char(&w, word.p[i] >= 'a' && word.p[i] <= 'z' ? (char)(word.p[i] - 32) : word.p[i]);
    struct str name = writer_view(&w);
    if (str_starts(name, STR("SIG")))
        name = str_slice(name, 3, name.n);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (str_equal(name, str_of(numbers[i].number)))
            name = str_of(numbers[i].name);
    if (w.overflow)
        return judge_object(j, OBJECT_MALFORMED, word, "is no signal");
    return str_is_one_of(name, "HUP INT QUIT KILL USR1 USR2 TERM") ||
           judge_names(j, field->key, name);
}

bool check_ps_args(struct judge *j, const struct field *field, const json_t *value)
{
    return str_is_one_of(json_str(value), "-ef aux") || judge_names(j, field->key, json_str(value));
}

bool check_registry_auth_from(struct judge *j, const struct field *field, const json_t *value)
{
    return str_equal(json_str(value), STR("spec")) || judge_switch(j, field->key);
}

/* Engines look for a container's id, whole, and then for a name that is the same. */
static bool is_like_an_id(struct str name)
{
    size_t digits = 0;

    while (digits < name.n && ((name.p[digits] >= '0' && name.p[digits] <= '9') ||
                               (name.p[digits] >= 'a' && name.p[digits] <= 'f')))
        digits++;
    return name.n == 64 && digits == name.n;
}

/* One that has none is called by the engine. */
bool check_name(struct judge *j, const json_t *query)
{
    struct str name = json_str(json_object_get(query, "name"));
    size_t mark = judge_down(j, STR("name"));

    if (name.n > 0 && name.p[0] == '/')
        name = str_slice(name, 1, name.n);
    bool good = is_like_an_id(name)
                    ? judge_object(j, OBJECT_MALFORMED, name,
                                   "could be the id of a container, which it is taken for once "
                                   "that is gone")
                    : judge_names(j, KEY_W_NAMES, name);
    judge_up(j, mark);
    return good;
}

/* Before API 1.42 a process gets what the client sends, stdin or not (moby container_routes.go). */
bool check_websocket(struct judge *j, const json_t *query)
{
    enum policy_key key = KEY_X_ATTACH_STDIN;
    size_t mark = judge_down(j, STR("stdin"));

    (void)query;
    bool good =
        target_is_since(j->target, 42) || j->policy->key_lines[key] == 0 || judge_switch(j, key);
    judge_up(j, mark);
    return good;
}

static bool asks_for_all(const json_t *query)
{
    const json_t *all = json_object_get(json_object_get(query, "filters"), "all");

    for (size_t i = 0; i < json_array_size(all); i++)
        if (!str_is_one_of(json_str(json_array_get(all, i)), "0 false"))
            return true;
    return false;
}

/* Before API 1.42 all volumes that nothing uses are pruned, after it those without a name, unless
 * all are asked for. Of a request without a version the engine takes its own. */
bool check_volume_prune(struct judge *j, const json_t *query)
{
    size_t mark = judge_down(j, STR("filters"));
    bool good = true;

    if (!target_is_since(j->target, 42))
        good = policy_grant(j->policy, KEY_V_PRUNE_NAMED)->on ||
               judge_not_named(j, KEY_V_PRUNE_NAMED, STR("all, as it is before API 1.42"));
    else if (asks_for_all(query))
        good = policy_grant(j->policy, KEY_V_PRUNE_NAMED)->on ||
               judge_not_named(j, KEY_V_PRUNE_NAMED, STR("all"));
    judge_up(j, mark);
    return good;
}

/* "/srv/x", "srv/x/" and "/srv/x/." are one directory for dockerd. */
static bool archive_path(struct judge *j, enum policy_key key, struct str path)
{
    char text[GRANT_WORD_MAX];
    struct writer w = writer_over(text, sizeof(text));

    if (path.n == 0 || path.p[0] != '/')
        writer_char(&w, '/');
    writer_str(&w, path);
    struct str whole = writer_view(&w);
    if (whole.n > 1 && str_equal(str_slice(whole, whole.n - 2, whole.n), STR("/.")))
        whole.n--;
    if (whole.n > 1 && whole.p[whole.n - 1] == '/')
        whole.n--;
    if (w.overflow || !grant_path_is_canonical(whole))
        return judge_object(j, OBJECT_MALFORMED, path, "is no path without '//', '.' and '..'");
    return judge_names(j, key, whole);
}

bool check_archive_path(struct judge *j, const struct field *field, const json_t *value)
{
    if (field->key == KEY_F_READ && policy_grant(j->policy, field->key)->n == 0)
        return true;
    return archive_path(j, field->key, json_str(value));
}
