#include "ctl/environment.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"
#include "ctl/yaml.h"
#include "policy/policy.h"

enum { ENVIRONMENT_FILE_MAX = 1024 * 1024, EXTENDS_MAX = 8 };

static void add(struct variable_set *set, struct str name, struct str value, unsigned line)
{
    set->at = text_must(reallocarray(set->at, set->n + 1, sizeof(*set->at)));
    set->at[set->n].name = text_of("%.*s", STR_ARG(name));
    set->at[set->n].value = text_of("%.*s", STR_ARG(value));
    set->at[set->n++].line = line;
}

void environment_free(struct variable_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        free(set->at[i].name);
        free(set->at[i].value);
    }
    free(set->at);
    free(set->service);
    free(set->image);
    free(set->unread);
    *set = (struct variable_set){0};
}

/* The parser of policies knows which variables there are. */
bool environment_is_known(const char *name, char *why, size_t size)
{
    struct policy policy;
    struct policy_error error = {0};
    char *text = text_of("[sections]\n%s = 1\n", name);

    policy_init(&policy, STR("import"), "import");
    bool known = policy_parse(&policy, str_of(text), &error) == 0 ||
                 strcmp(name, "SOCKET_PATH") == 0 || strcmp(name, "LOG_LEVEL") == 0;
    (void)snprintf(why, size, "%s", error.text);
    policy_free(&policy);
    free(text);
    return known;
}

/* Without quotes, and without a comment behind. */
static struct str bare(struct str s)
{
    s = str_trim(s);
    if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'')) {
        struct str inner = str_slice(s, 1, s.n);
        size_t end = str_index(inner, s.p[0]);
        if (end < inner.n)
            return str_slice(inner, 0, end);
    }
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] == '#' && (s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
            return str_trim(str_slice(s, 0, i));
    return s;
}

/* "${NAME:-1}" and "${NAME-1}" have a default; what else stands there is not known here. */
static struct str interpolated(struct str s)
{
    size_t dash = str_index(s, '-');

    if (str_starts(s, STR("${")) && s.p[s.n - 1] == '}' && dash < s.n)
        return bare(str_slice(s, dash + 1, s.n - 1));
    return s;
}

/* One entry: "- KEY=1", "KEY=1", "KEY: 1", "export KEY=1". Returns whether it is one. */
static bool take_entry(struct variable_set *set, struct str entry, unsigned line)
{
    entry = str_trim(entry);
    if (entry.n > 0 && entry.p[0] == '-')
        entry = str_trim(str_slice(entry, 1, entry.n));
    if (str_starts(entry, STR("export ")))
        entry = str_trim(str_slice(entry, 7, entry.n));
    if (entry.n == 0 || entry.p[0] == '#')
        return false;
    if (entry.p[0] == '"' || entry.p[0] == '\'') {
        struct str whole = bare(entry); /* "KEY=1" in quotes, or "KEY": 1 */
        if (str_index(whole, '=') < whole.n)
            entry = whole;
    }
    size_t equals = str_index(entry, '='), colon = str_index(entry, ':');
    size_t cut = equals < colon ? equals : colon;
    if (cut == entry.n)
        return false;
    struct str name = bare(str_slice(entry, 0, cut));
    add(set, name, interpolated(bare(str_slice(entry, cut + 1, entry.n))), line);
    return true;
}

void environment_of_lines(struct str text, struct variable_set *set)
{
    struct str line;

    for (unsigned n = 1; text_line(&text, &line); n++)
        (void)take_entry(set, line, n);
}

static void add_unread(struct variable_set *set, const char *what)
{
    char *longer = set->unread == NULL ? text_of("%s", what) : text_of("%s, %s", set->unread, what);

    free(set->unread);
    set->unread = longer;
}

/* "env_file:", of paths beside the compose file. */
static void take_file(struct variable_set *set, const char *folder, const char *name)
{
    char *path = name[0] == '/' ? text_of("%s", name) : text_of("%s/%s", folder, name), *bytes;
    FILE *file = fopen(path, "re");
    size_t n;

    if (file != NULL && text_read_all(file, ENVIRONMENT_FILE_MAX, &bytes, &n)) {
        environment_of_lines((struct str){bytes, n}, set);
        free(bytes);
    } else {
        add_unread(set, name);
    }
    if (file != NULL)
        (void)fclose(file);
    free(path);
}

static void take_files(struct variable_set *set, const char *folder, const json_t *files)
{
    const json_t *one, *path;
    size_t i;

    if (json_is_string(files))
        take_file(set, folder, json_string_value(files));
    json_array_foreach(files, i, one)
    {
        path = json_is_object(one) ? json_object_get(one, "path") : one;
        if (json_is_string(path))
            take_file(set, folder, json_string_value(path));
    }
}

static void add_from_yaml(struct variable_set *set, struct str name, const json_t *value)
{
    static const char *const not_here = "(not in this file)"; /* the shell's, where compose runs */
    const char *text = json_is_string(value) ? json_string_value(value) : not_here;

    add(set, name, interpolated(str_of(text)), 0);
}

/* "environment:", as a mapping or as a list of KEY=VALUE. */
static void take_environment(struct variable_set *set, json_t *environment)
{
    const char *key, *text;
    json_t *value;
    size_t i;

    json_object_foreach(environment, key, value) add_from_yaml(set, str_of(key), value);
    json_array_foreach(environment, i, value)
    {
        text = json_string_value(value);
        struct str s = str_of(text == NULL ? "" : text);
        size_t equals = str_index(s, '=');
        if (equals < s.n)
            add(set, str_slice(s, 0, equals), interpolated(str_slice(s, equals + 1, s.n)), 0);
        else if (s.n > 0)
            add_from_yaml(set, s, NULL);
    }
}

/* A service, behind the one that it extends. */
static void take_service(struct variable_set *set, const json_t *services, const json_t *service,
                         const char *folder, unsigned depth)
{
    const json_t *extends = json_object_get(service, "extends");
    const char *other =
        json_string_value(json_is_object(extends) ? json_object_get(extends, "service") : extends);
    const char *file = json_string_value(json_object_get(extends, "file"));
    const char *image = json_string_value(json_object_get(service, "image"));

    if (file != NULL)
        add_unread(set, file);
    else if (other != NULL && depth < EXTENDS_MAX)
        take_service(set, services, json_object_get(services, other), folder, depth + 1);
    take_files(set, folder, json_object_get(service, "env_file"));
    take_environment(set, json_object_get(service, "environment"));
    if (image == NULL)
        return;
    free(set->image);
    set->image = text_of("%s", image);
}

static bool is_proxy(const struct variable_set *set)
{
    static const char *const tell_tale[] = {"CONTAINERS", "IMAGES",  "SERVICES", "POST",
                                            "NETWORKS",   "VOLUMES", "INFO",     "ALLOW_START"};

    if (set->image != NULL && strstr(set->image, "socket-proxy") != NULL)
        return true;
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < sizeof(tell_tale) / sizeof(*tell_tale); k++)
            if (strcmp(set->at[i].name, tell_tale[k]) == 0)
                return true;
    return false;
}

/* The services of a compose file, with an environment each. */
struct compose {
    struct variable_set *at;
    size_t n;
};

static char *choose(struct compose *c, const char *wanted, struct variable_set *chosen)
{
    char *names = text_of("%s", "");
    size_t found = c->n, count = 0;

    for (size_t i = 0; i < c->n; i++) {
        bool fits = wanted != NULL
                        ? c->at[i].service != NULL && strcmp(c->at[i].service, wanted) == 0
                        : is_proxy(&c->at[i]);
        if (!fits)
            continue;
        char *longer = text_of("%s %s", names, c->at[i].service != NULL ? c->at[i].service : "?");
        free(names);
        names = longer;
        found = i;
        count++;
    }
    char *why = NULL;
    if (count == 0)
        why = wanted != NULL ? text_of("there is no service '%s' with an environment", wanted)
                             : text_of("no service looks like a socket proxy");
    else if (count > 1)
        why = text_of("several services look like a socket proxy, choose one with --service:%s",
                      names);
    free(names);
    if (why == NULL) {
        *chosen = c->at[found];
        c->at[found] = (struct variable_set){0};
    }
    return why;
}

/* Gives the services or containers but the chosen one back. */
static char *finish(struct compose *c, const char *wanted, struct variable_set *chosen)
{
    char *why = choose(c, wanted, chosen);

    for (size_t i = 0; i < c->n; i++)
        environment_free(&c->at[i]);
    free(c->at);
    return why;
}

/* The name in "NAME:" without anything below, where a service was pasted without its indentation. */
static const char *name_of_pasted(json_t *root)
{
    const char *name;
    json_t *value;

    json_object_foreach(root, name, value) if (json_is_null(value)) return name;
    return "?";
}

char *environment_of_compose(struct str text, const char *wanted, const char *folder,
                             struct variable_set *set)
{
    char *why = NULL;
    const char *name;
    json_t *root = yaml_read(text, &why), *service;
    json_t *services = json_object_get(root, "services");
    bool pasted = services == NULL && json_object_get(root, "environment") != NULL;

    if (root == NULL)
        return why;
    if (services == NULL)
        services = root; /* before version 2 of the format */
    struct compose c = {.at = text_must(calloc(json_object_size(services) + 1, sizeof(*c.at)))};
    if (pasted) {
        c.at[c.n].service = text_of("%s", name_of_pasted(root));
        take_service(&c.at[c.n++], services, root, folder, 0);
    }
    json_object_foreach(services, name, service)
    {
        if (pasted)
            break;
        c.at[c.n].service = text_of("%s", name);
        take_service(&c.at[c.n++], services, service, folder, 0);
    }
    why = finish(&c, wanted, set);
    json_decref(root);
    return why;
}

/* One container of "docker inspect", or of its Config.Env alone. */
static bool take_container(struct variable_set *set, json_t *container)
{
    json_t *config = json_object_get(container, "Config");
    json_t *list = json_is_array(container) ? container : json_object_get(config, "Env");
    const char *image = json_string_value(json_object_get(config, "Image"));
    const char *name = json_string_value(json_object_get(container, "Name"));

    if (!json_is_array(list))
        return false;
    if (image != NULL)
        set->image = text_of("%s", image);
    if (name != NULL)
        set->service = text_of("%s", name[0] == '/' ? name + 1 : name);
    take_environment(set, list);
    return true;
}

char *environment_of_inspect(struct str text, const char *wanted, struct variable_set *set)
{
    json_t *root = json_loadb(text.p, text.n, 0, NULL), *one;
    bool several = json_is_array(root) && !json_is_string(json_array_get(root, 0));
    size_t n = several ? json_array_size(root) : 1;
    struct compose c = {.at = text_must(calloc(n + 1, sizeof(*c.at)))};

    for (size_t i = 0; i < n; i++) {
        one = several ? json_array_get(root, i) : root;
        c.n += take_container(&c.at[c.n], one);
    }
    json_decref(root);
    if (c.n > 1 || (c.n == 1 && wanted != NULL))
        return finish(&c, wanted, set);
    if (c.n == 1)
        *set = c.at[0]; /* whatever it looks like */
    free(c.at);
    return c.n == 1 ? NULL : text_of("it is not what 'docker inspect' of a container prints");
}
