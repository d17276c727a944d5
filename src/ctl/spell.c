#include "ctl/spell.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "ctl/text.h"
#include "inspect/json.h"
#include "policy/load.h"

static void add(struct spellings *spellings, char *text)
{
    if (spellings->n < SPELLINGS_MAX)
        spellings->at[spellings->n++] = text;
    else
        free(text);
}

/* Whether a word can have ${c}: words end at a blank, and lines are printable. */
static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f;
}

static void put_pattern(struct writer *w, struct str text, bool blanks)
{
    for (size_t i = 0; i < text.n; i++) {
        bool last_star = w->n > 0 && w->p[w->n - 1] == '*';
        if (is_plain(text.p[i]) || (blanks && text.p[i] == ' '))
            writer_char(w, text.p[i]);
        else if (!last_star)
            writer_char(w, '*');
    }
}

/* ${shown} as a pattern: what was escaped, and blanks, are any bytes. */
static char *pattern(struct str shown, bool blanks)
{
    char text[GRANT_WORD_MAX + 1];
    struct writer w = writer_over(text, GRANT_WORD_MAX);

    for (size_t i = 0; i < shown.n;) {
        bool escaped = shown.n - i >= 4 && shown.p[i] == '\\' && shown.p[i + 1] == 'x';
        put_pattern(&w, escaped ? STR("\n") : str_slice(shown, i, i + 1), blanks);
        i += escaped ? 4 : 1;
    }
    text[w.n] = '\0';
    return text_of("%s", text);
}

/* Of a value that was too long to be shown there is a beginning. */
static void add_value(struct spellings *spellings, const struct finding *finding, bool blanks)
{
    struct str shown = str_of(finding->value);
    char *text = pattern(shown, blanks);

    if (shown.n == sizeof(finding->value) - 1) {
        char *slash = strrchr(text, '/');
        add(spellings, text_of("%s*", text));
        if (slash != NULL)
            add(spellings, text_of("%.*s/**", (int)(slash - text), text));
    }
    add(spellings, text);
}

/* With the options that it can have, the least first. */
static void add_paths(struct spellings *spellings, const struct finding *finding)
{
    static const char *const bind[] = {":ro", NULL};
    static const char *const device[] = {":r", ":w", ":rw", NULL};
    const char *const *options =
        finding->key == KEY_W_BINDS                                            ? bind
        : finding->key == KEY_W_DEVICES || finding->key == KEY_W_BLOCK_DEVICES ? device
                                                                               : NULL;
    char *path = pattern(str_of(finding->value), false);

    for (; options != NULL && *options != NULL; options++)
        add(spellings, text_of("%s%s", path, *options));
    free(path);
    add_value(spellings, finding, false);
}

static void add_list(struct spellings *spellings, const char *words)
{
    struct str rest = str_of(words), word;

    while (str_word(&rest, &word))
        add(spellings, text_of("%.*s", STR_ARG(word)));
}

/* [{"Name": "nofile", "Hard": 2048, "Soft": 1024}] */
static void add_ulimits(struct spellings *spellings, const struct finding *finding,
                        const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        json_int_t hard = json_integer_value(json_object_get(one, "Hard"));
        json_int_t soft = json_integer_value(json_object_get(one, "Soft"));
        if (str_equal(json_str(json_object_get(one, "Name")), str_of(finding->value)) && hard >= 0)
            add(spellings,
                text_of("%s=%lld", finding->value, (long long)(hard > soft ? hard : soft)));
    }
    add_value(spellings, finding, false);
}

/* All arguments, of which the finding shows the first. */
static void add_argv(struct spellings *spellings, const json_t *value)
{
    char text[GRANT_WORD_MAX + 1];
    struct writer w = writer_over(text, GRANT_WORD_MAX - 3);
    size_t n = json_is_string(value) ? 1 : json_array_size(value);

    for (size_t i = 0; i < n && !w.overflow; i++) {
        struct str arg = json_str(json_is_string(value) ? value : json_array_get(value, i));
        size_t before = w.n;
        if (i > 0)
            writer_char(&w, ' ');
        put_pattern(&w, arg, false);
        if (arg.n == 0)
            writer_char(&w, '*');
        if (w.overflow) { /* the rest is too long for a line */
            w.n = before;
            w.p[w.n++] = ' ';
            w.p[w.n++] = '*';
            w.p[w.n++] = '*';
            break;
        }
    }
    text[w.n] = '\0';
    if (w.n > 0)
        add(spellings, text_of("%s", text));
}

void spell(const struct finding *finding, const json_t *value, struct spellings *spellings)
{
    *spellings = (struct spellings){0};
    if (finding->key == KEY_W_ULIMITS) {
        add_ulimits(spellings, finding, value);
        return;
    }
    switch (policy_keys[finding->key].kind) {
    case GRANT_SWITCH:
        add(spellings, text_of("yes"));
        break;
    case GRANT_NAMESPACES:
        add_list(spellings, "network pid ipc uts user cgroup");
        break;
    case GRANT_PATHS:
        add_paths(spellings, finding);
        break;
    case GRANT_LINES:
        add_value(spellings, finding, true);
        break;
    case GRANT_ARGV:
        add_argv(spellings, value);
        break;
    case GRANT_BYTES:
    case GRANT_NUMBER:
        if (json_is_integer(value))
            add(spellings, text_of("%lld", (long long)json_integer_value(value)));
        break;
    case GRANT_NAMES:
    case GRANT_IMAGES:
    case GRANT_CAPABILITIES:
    case GRANT_PAIRS:
    case GRANT_NETS:
    case GRANT_PORTS:
        add_value(spellings, finding, false);
        break;
    case GRANT_NONE:
    case GRANT_LIMITS:
        break;
    }
}

void spell_free(struct spellings *spellings)
{
    for (size_t i = 0; i < spellings->n; i++)
        free(spellings->at[i]);
    *spellings = (struct spellings){0};
}

const char *spell_all(enum policy_key key)
{
    switch (policy_keys[key].kind) {
    case GRANT_SWITCH:
        return "yes";
    case GRANT_NAMES:
    case GRANT_IMAGES:
    case GRANT_LINES:
    case GRANT_ARGV:
        return "**";
    case GRANT_PATHS:
        return "/**";
    case GRANT_CAPABILITIES:
        return "ALL";
    case GRANT_NETS:
        return "0.0.0.0/0";
    case GRANT_PORTS:
        return "0-65535";
    case GRANT_BYTES:
        return "1G";
    case GRANT_NUMBER:
        return "-1000";
    case GRANT_PAIRS:
        return "*";
    case GRANT_NONE:
    case GRANT_NAMESPACES:
    case GRANT_LIMITS:
        break;
    }
    return NULL;
}
