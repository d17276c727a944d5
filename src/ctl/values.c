#include "ctl/values.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"
#include "http/grammar.h"
#include "policy/policy.h"

/* Only what cannot be told from the path, and what a program does not choose anew each time. */
static const struct {
    const char *operation;
    const char *parameters;
} table[] = {
    {"ImageCreate", "fromImage fromSrc tag repo"},
    {"ContainerArchive", "path"},
    {"ContainerArchiveInfo", "path"},
    {"PutContainerArchive", "path"},
    {"ContainerKill", "signal"},
    {"ImageTag", "repo tag"},
    {"ImagePush", "tag"},
    {"ImageBuild", "remote t"},
    {"PluginPull", "remote"},
    {"ImageCommit", "container repo"},
};

enum { VALUE_MAX = 256 };

/* Decodes a query's value as Go does (net/url ParseQuery). False when it is too long. */
static bool decode(struct str raw, char *to)
{
    size_t n = 0;

    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (n == VALUE_MAX - 1)
            return false;
        if (c == '%' && raw.n - i >= 3) { /* target_parse() has seen to the digits */
            c = (char)(http_hex_value(raw.p[i + 1]) * 16 + http_hex_value(raw.p[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        to[n++] = c;
    }
    to[n] = '\0';
    return true;
}

/* Values that mean nothing else in a condition: no blank, which would end it, and no `*`. */
static bool is_plain(const char *value)
{
    for (const char *p = value; *p != '\0'; p++)
        if (!http_is_unreserved(*p) && strchr("/:@", *p) == NULL)
            return false;
    return value[0] != '\0';
}

/* The value of the one parameter ${name}. False when there are several, or none that is plain. */
static bool find(struct str query, struct str name, char *value, bool *present)
{
    *present = false;
    while (query.n > 0) {
        size_t end = str_index(query, '&');
        struct str pair = str_slice(query, 0, end);
        size_t equals = str_index(pair, '=');
        query = str_slice(query, end < query.n ? end + 1 : end, query.n);
        if (!str_equal(str_slice(pair, 0, equals), name))
            continue;
        struct str raw = equals < pair.n ? str_slice(pair, equals + 1, pair.n) : (struct str){0};
        if (*present || !decode(raw, value))
            return false;
        *present = value[0] != '\0'; /* an empty one means the default, as none does */
        if (*present && !is_plain(value))
            return false;
    }
    return true;
}

static char *condition_of(const char *parameters, struct str query)
{
    struct str rest = str_of(parameters), name;
    char *text = text_of("%s", ""), value[VALUE_MAX];
    bool present;

    while (str_word(&rest, &name)) {
        if (!find(query, name, value, &present)) {
            free(text);
            return NULL;
        }
        if (!present)
            continue;
        char *longer =
            text_of("%s%s%.*s=%s", text, text[0] != '\0' ? " " : "", STR_ARG(name), value);
        free(text);
        text = longer;
    }
    if (text[0] != '\0')
        return text;
    free(text);
    return NULL;
}

char *values_condition(const struct operation *op, struct str query)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (strcmp(table[i].operation, op->name) == 0)
            return condition_of(table[i].parameters, query);
    return text_of("%s", "");
}

bool values_are_supported(void)
{
    struct policy policy;
    struct policy_error error;

    policy_init(&policy, STR("x"), "x");
    bool good =
        policy_parse(&policy, STR("[rules]\nallow = ImageCreate ? fromImage=x\n"), &error) == 0;
    policy_free(&policy);
    return good;
}
