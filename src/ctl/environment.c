#include "ctl/environment.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"
#include "policy/policy.h"

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

static size_t indent_of(struct str line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

/* "environment:" of a mapping: the rest behind the colon, or false. */
static bool is_key(struct str line, struct str key, struct str *rest)
{
    struct str trimmed = str_trim(line);

    if (!str_starts(trimmed, key) || trimmed.n == key.n || trimmed.p[key.n] != ':')
        return false;
    *rest = str_trim(str_slice(trimmed, key.n + 1, trimmed.n));
    return true;
}

/* "[A=1, B=1]" or "{A: 1, B: 1}" */
static void take_flow(struct variable_set *set, struct str flow, unsigned line)
{
    flow = str_slice(flow, 1, flow.n);
    while (flow.n > 0) {
        size_t end = 0;
        while (end < flow.n && flow.p[end] != ',' && flow.p[end] != ']' && flow.p[end] != '}')
            end++;
        (void)take_entry(set, str_slice(flow, 0, end), line);
        flow = str_slice(flow, end < flow.n ? end + 1 : end, flow.n);
    }
}

/* A reader of the part of YAML that compose files are written in: mappings by their indentation. */
struct compose {
    struct variable_set *at; /* a set for each service that has an environment */
    size_t n;
    size_t service_indent; /* of the names of services; 0 before the first */
    bool in_services, in_environment;
    size_t environment_indent;
    char *name, *image;
};

static struct variable_set *set_of(struct compose *c)
{
    if (c->n == 0 || c->at[c->n - 1].service != c->name) {
        c->at = text_must(reallocarray(c->at, c->n + 1, sizeof(*c->at)));
        c->at[c->n++] = (struct variable_set){.service = c->name};
    }
    return &c->at[c->n - 1];
}

static void begin_service(struct compose *c, struct str trimmed, size_t indent)
{
    c->service_indent = indent;
    c->name = text_of("%.*s", (int)str_index(trimmed, ':'), trimmed.p);
    (void)set_of(c);
}

static void take_line(struct compose *c, struct str line, unsigned number)
{
    struct str trimmed = str_trim(line), rest;
    size_t indent = indent_of(line);

    if (trimmed.n == 0 || trimmed.p[0] == '#')
        return;
    bool item = trimmed.p[0] == '-';
    if (c->in_environment &&
        (indent > c->environment_indent || (item && indent == c->environment_indent))) {
        (void)take_entry(set_of(c), trimmed, number);
        return;
    }
    c->in_environment = false;
    if (is_key(line, STR("services"), &rest)) {
        c->in_services = true;
        c->service_indent = 0;
    } else if (c->in_services && !item && bare(trimmed).p[bare(trimmed).n - 1] == ':' &&
               (indent <= c->service_indent || c->service_indent == 0) && indent > 0) {
        begin_service(c, trimmed, indent);
    } else if (is_key(line, STR("image"), &rest)) {
        struct variable_set *set = set_of(c);
        free(set->image);
        set->image = text_of("%.*s", STR_ARG(bare(rest)));
    } else if (is_key(line, STR("environment"), &rest)) {
        c->in_environment = true;
        c->environment_indent = indent;
        if (rest.n > 0 && (rest.p[0] == '[' || rest.p[0] == '{'))
            take_flow(set_of(c), rest, number);
    }
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

char *environment_of_compose(struct str text, const char *wanted, struct variable_set *set)
{
    struct compose c = {0};
    struct str line;

    for (unsigned n = 1; text_line(&text, &line); n++)
        take_line(&c, line, n);
    char *why = choose(&c, wanted, set);
    for (size_t i = 0; i < c.n; i++)
        environment_free(&c.at[i]);
    free(c.at);
    return why;
}

char *environment_of_inspect(struct str text, struct variable_set *set)
{
    json_t *root = json_loadb(text.p, text.n, 0, NULL);
    json_t *one = json_is_array(root) ? json_array_get(root, 0) : root;
    json_t *config = json_object_get(one, "Config");
    json_t *list = json_object_get(config, "Env"), *entry;
    const char *image = json_string_value(json_object_get(config, "Image"));
    const char *name = json_string_value(json_object_get(one, "Name"));
    size_t i;

    if (!json_is_array(list)) {
        json_decref(root);
        return text_of("it is not what 'docker inspect' of a container prints");
    }
    if (image != NULL)
        set->image = text_of("%s", image);
    if (name != NULL)
        set->service = text_of("%s", name[0] == '/' ? name + 1 : name);
    json_array_foreach(list, i, entry)
    {
        struct str s = {json_string_value(entry), json_string_length(entry)};
        size_t equals = str_index(s, '=');
        if (equals < s.n)
            add(set, str_slice(s, 0, equals), str_slice(s, equals + 1, s.n), 0);
    }
    json_decref(root);
    return NULL;
}
