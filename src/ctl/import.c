#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/environment.h"
#include "ctl/level.h"
#include "ctl/paths.h"
#include "ctl/text.h"
#include "ctl/words.h"

/* The flags, as in the command's row. */
enum { IMAGE, SERVICE };

enum { IMPORT_MAX = 16 * 1024 * 1024 };

/* What LinuxServer's image turns off where it is not named, and Tecnativa's does not know. */
static const char *const off_by_linuxserver[] = {
    "ALLOW_ARCHIVE", "ALLOW_ATTACH", "ALLOW_CHANGES", "ALLOW_EXEC",
    "ALLOW_EXPORT",  "ALLOW_KILL",   "ALLOW_LOGS",    "ALLOW_TOP",
};

/* "1" or "0" of the ways in which people write it; NULL when it is neither. */
static const char *switch_of(const char *value)
{
    static const char *const on[] = {"1", "true", "yes", "on"};
    static const char *const off[] = {"0", "false", "no", "off", ""};

    for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
        if (strcasecmp(value, on[i]) == 0)
            return "1";
    for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++)
        if (strcasecmp(value, off[i]) == 0)
            return "0";
    return NULL;
}

static const char *value_of(const struct variable_set *set, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->at[i].name, name) == 0)
            value = set->at[i].value; /* the last one counts, as it does for Docker */
    return value;
}

/* What a policy of these variables allows. */
static bool load_text(struct policy *policy, const char *text)
{
    struct policy_error error;

    policy_init(policy, STR("import"), "import");
    return policy_parse(policy, str_of(text), &error) == 0;
}

/* Prints, as comments, the operations that a variable alone lets through. */
static void print_operations(const char *name, bool post)
{
    struct level level = {0};
    char *text =
        text_of("[sections]\n%s%s%s = 1\n%s", strcmp(name, "EVENTS") == 0 ? "" : "EVENTS = 0\n",
                strcmp(name, "PING") == 0 ? "" : "PING = 0\n", name,
                strcmp(name, "VERSION") == 0 ? "" : "VERSION = 0\n");
    char *with_post = text_of("%s%s", text, post && strcmp(name, "POST") != 0 ? "POST = 1\n" : "");

    if (load_text(&level.policy, with_post)) {
        for (size_t i = 0; i < docker_operations_count; i++) {
            const struct operation *op = &docker_operations[i];
            bool any = false;
            for (size_t k = 0; k < level.policy.rules_count; k++)
                any = any || (!level.policy.rules[k].deny &&
                              rule_reach(&level, &level.policy.rules[k], op) != REACH_NONE);
            if (any)
                (void)printf(";   %s (%s): %s\n", op->name, access_class_name(op->access),
                             operation_words(op)->does);
        }
    }
    policy_free(&level.policy);
    free(text);
    free(with_post);
}

static void print_safely(const char *before, const char *text, const char *after)
{
    (void)printf("%s", before);
    text_safely(stdout, str_of(text));
    (void)printf("%s", after);
}

/* One line of [sections], or a comment that says why there is none. */
static bool print_variable(const struct variable_set *set, size_t i, bool post)
{
    const char *name = set->at[i].name, *value = set->at[i].value, *one = switch_of(value);
    char why[256];

    for (size_t k = i + 1; k < set->n; k++)
        if (strcmp(set->at[k].name, name) == 0)
            return true; /* overridden further down */
    if (!environment_is_known(name, why, sizeof(why))) {
        print_safely("; not taken over: ", name, " (");
        print_safely("", why, ")\n");
        return true;
    }
    if (strcmp(name, "SOCKET_PATH") == 0 || strcmp(name, "LOG_LEVEL") == 0) {
        print_safely("", name, " = ");
        print_safely("", value, "\n");
        return true;
    }
    if (one == NULL) {
        print_safely("; not taken over: ", name, "");
        print_safely(" = ", value, ", which is neither 0 nor 1: decide, and set it\n");
        return false;
    }
    if (strcmp(name, "POST") == 0 && post)
        (void)printf("; lets the sections below change things, too\n");
    else if (one[0] == '1')
        print_operations(name, post);
    (void)printf("%s = %s\n", name, one);
    return true;
}

static void print_linuxserver(const struct variable_set *set)
{
    (void)printf("; off by default in LinuxServer's image\n");
    for (size_t i = 0; i < sizeof(off_by_linuxserver) / sizeof(*off_by_linuxserver); i++)
        if (value_of(set, off_by_linuxserver[i]) == NULL)
            (void)printf("%s = 0\n", off_by_linuxserver[i]);
}

static void print_notes(bool post)
{
    (void)printf(
        "\n"
        "; EVENTS, PING and VERSION are on unless they are set to 0, as they were.\n"
        "; Narrower: put in [rules], in place of all of [sections], those of the operations above\n"
        "; that the clients use (allow = ...). With 'mode = audit' in [policy] nothing is refused\n"
        "; meanwhile, and 'dspctl learn' tells from the journal what was used.\n");
    if (post)
        (void)printf(
            "; POST=1 with CONTAINERS=1 was root on the host there. Here containers are ordinary ones;\n"
            "; what else they may have is for lines of [workload] to say (dsp.ini(5)).\n");
}

static int import_environment(const struct variable_set *set, const struct args *args)
{
    const char *image = args->flags[IMAGE], *post_value = value_of(set, "POST");
    bool post =
        post_value != NULL && switch_of(post_value) != NULL && switch_of(post_value)[0] == '1';
    bool linuxserver = image != NULL
                           ? strcmp(image, "linuxserver") == 0
                           : set->image != NULL && strstr(set->image, "linuxserver") != NULL;
    bool good = true;

    (void)printf("; Imported by dspctl");
    if (set->service != NULL)
        print_safely(" from ", set->service, "");
    if (set->image != NULL)
        print_safely(" (", set->image, ")");
    (void)printf(".\n\n[policy]\ndescription = Imported%s", set->service != NULL ? " from " : "");
    text_safely(stdout, str_of(set->service));
    (void)printf("\n\n[sections]\n");
    if (set->unread != NULL)
        print_safely("; not taken over, since it could not be read: ", set->unread, "\n");
    for (size_t i = 0; i < set->n; i++)
        good = print_variable(set, i, post) && good;
    if (linuxserver)
        print_linuxserver(set);
    print_notes(post);
    return good && set->unread == NULL ? CTL_YES : CTL_NO;
}

/* What a text is, by what no other format has. */
enum format { LINES, COMPOSE, INSPECT, CADDY, HAPROXY };

static enum format format_of(const char *text)
{
    const char *first = text + strspn(text, " \t\r\n");

    if (*first == '[' || *first == '{') {
        json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
        bool compose = json_object_get(json, "services") != NULL, found = json != NULL;
        json_decref(json);
        if (found)
            return compose ? COMPOSE : INSPECT;
    }
    if (strstr(text, "services:") != NULL &&
        (strstr(text, "environment:") != NULL || strstr(text, "env_file:") != NULL))
        return COMPOSE;
    if (strstr(text, "http-request") != NULL || strstr(text, "\nacl ") != NULL ||
        strstr(text, " acl ") != NULL)
        return HAPROXY;
    if (strstr(text, "reverse_proxy") != NULL || strstr(text, "path_regexp") != NULL)
        return CADDY;
    if (strstr(text, "environment:") != NULL)
        return COMPOSE;
    return LINES;
}

/* Whether it is the environment of a proxy at all, and not lines of something else. */
static bool knows_any(const struct variable_set *set)
{
    char why[256];

    for (size_t i = 0; i < set->n; i++)
        if (environment_is_known(set->at[i].name, why, sizeof(why)))
            return true;
    return false;
}

static int import_text(struct str text, const char *folder, const struct args *args)
{
    struct variable_set set = {0};
    char *why = NULL;
    int status;

    switch (format_of(text.p)) {
    case CADDY:
        return paths_import_caddy(text);
    case HAPROXY:
        return paths_import_haproxy(text);
    case INSPECT:
        why = environment_of_inspect(text, args->flags[SERVICE], &set);
        break;
    case COMPOSE:
        why = environment_of_compose(text, args->flags[SERVICE], folder, &set);
        break;
    case LINES:
        environment_of_lines(text, &set);
        if (!knows_any(&set))
            why = text_of("there is nothing to import: no KEY=1 line, and no other format that "
                          "dspctl knows");
        break;
    }
    status = why == NULL ? import_environment(&set, args) : command_trouble("%s", why);
    free(why);
    environment_free(&set);
    return status;
}

int import_run(const struct args *args)
{
    const char *image = args->flags[IMAGE];
    char *bytes;
    size_t n;

    if (image != NULL && strcmp(image, "tecnativa") != 0 && strcmp(image, "linuxserver") != 0)
        return command_misused("import", "--image is tecnativa or linuxserver");
    if (!text_read_file(args->n > 0 ? args->words[0] : "-", IMPORT_MAX, &bytes, &n))
        return CTL_TROUBLE;
    char *folder = text_of("%s", args->n > 0 ? args->words[0] : ""), *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = '\0'; /* "/" of "/file" */
    int status = import_text((struct str){bytes, n}, slash == NULL ? "." : folder, args);
    free(folder);
    free(bytes);
    return status;
}
