#include "ctl/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"
#include "ctl/yaml_text.h"

enum { DEPTH_MAX = 64 };

struct line {
    size_t indent;
    struct str text; /* without indentation, comment and blanks at the end; never empty */
    struct str raw;
    unsigned number;
    bool tab; /* in the indentation, which YAML does not have */
};

struct yaml {
    struct line *lines;
    size_t n, at;
    json_t *anchors;
    unsigned depth;
    char *why; /* the first error */
};

static json_t *block(struct yaml *y);

static json_t *fail(struct yaml *y, const char *what)
{
    size_t at = y->at < y->n ? y->at : y->n - 1;

    if (y->why == NULL)
        y->why = text_of("line %u: %s", y->n == 0 ? 0 : y->lines[at].number, what);
    return NULL;
}

/* Takes the text apart into lines. Those of block scalars keep all they have, in ${raw}. */
static void split(struct yaml *y, struct str text)
{
    struct str line;

    for (unsigned number = 1; text_line(&text, &line); number++) {
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (number == 1 && str_starts(line, STR("\xef\xbb\xbf")))
            line = str_slice(line, 3, line.n);
        size_t indent = 0;
        while (indent < line.n && line.p[indent] == ' ')
            indent++;
        struct str rest = yaml_without_comment(str_slice(line, indent, line.n));
        bool marker = indent == 0 && (str_equal(rest, STR("---")) || str_equal(rest, STR("...")));
        if (marker && y->n > 0)
            return;
        if (rest.n == 0 || marker || (indent == 0 && rest.p[0] == '%'))
            continue;
        y->lines = text_must(reallocarray(y->lines, y->n + 1, sizeof(*y->lines)));
        y->lines[y->n++] = (struct line){indent, rest, line, number, line.p[indent] == '\t'};
    }
}

/* Keys that a mapping has itself count before those that it is merged with. */
static void put(json_t *object, json_t *merged, char *key, json_t *value)
{
    size_t i;
    json_t *one;

    if (strcmp(key, "<<") == 0 && json_is_object(value))
        (void)json_object_update_missing(merged, value);
    else if (strcmp(key, "<<") == 0)
        json_array_foreach(value, i, one)(void) json_object_update_missing(merged, one);
    else
        (void)json_object_set_nocheck(object, key, value);
    json_decref(value);
    free(key);
}

static json_t *finish_mapping(json_t *object, json_t *merged, bool good)
{
    (void)json_object_update_missing(object, merged);
    json_decref(merged);
    if (good)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *alias(struct yaml *y, struct str name)
{
    char *text = text_of("%.*s", STR_ARG(name));
    json_t *value = json_object_get(y->anchors, text);

    free(text);
    return value == NULL ? fail(y, "an alias without its anchor") : json_incref(value);
}

/* Takes "&NAME " and "!TAG " off ${s}; the name, or empty. */
static struct str take_properties(struct str *s)
{
    struct str anchor = {0}, rest = *s, word;

    while (s->n > 0 && (s->p[0] == '&' || s->p[0] == '!') && str_word(&rest, &word)) {
        if (word.p[0] == '&')
            anchor = str_slice(word, 1, word.n);
        *s = rest = str_trim(rest);
    }
    return anchor;
}

static json_t *named(struct yaml *y, struct str anchor, json_t *value)
{
    if (anchor.n > 0 && value != NULL) {
        char *name = text_of("%.*s", STR_ARG(anchor));
        (void)json_object_set_nocheck(y->anchors, name, value);
        free(name);
    }
    return value;
}

static json_t *flow(struct yaml *y, struct str *s);

/* A scalar of a flow: up to ',', ']', '}', or the ':' behind a key. */
static struct str flow_scalar(struct str *s, bool key)
{
    size_t n = s->n > 0 && strchr("\"'", s->p[0]) != NULL ? yaml_quoted_length(*s) : 0;

    while (n < s->n && strchr(",]}", s->p[n]) == NULL &&
           !(key && s->p[n] == ':' &&
             (n + 1 == s->n || strchr(" \t,}", s->p[n + 1]) != NULL ||
              strchr("\"'", s->p[0]) != NULL)))
        n++;
    struct str scalar = str_trim(str_slice(*s, 0, n));
    *s = str_slice(*s, n, s->n);
    return scalar;
}

static json_t *flow_value(struct yaml *y, struct str *s)
{
    *s = str_trim(*s);
    struct str anchor = take_properties(s);
    if (s->n > 0 && (s->p[0] == '{' || s->p[0] == '['))
        return named(y, anchor, flow(y, s));
    struct str scalar = flow_scalar(s, false);
    if (scalar.n > 0 && scalar.p[0] == '*')
        return alias(y, str_slice(scalar, 1, scalar.n));
    char *text = yaml_scalar(scalar);
    json_t *value = json_string_nocheck(text);
    free(text);
    return named(y, anchor, value);
}

/* "KEY: VALUE" or "KEY" of a mapping. */
static bool flow_entry(struct yaml *y, struct str *s, json_t *object, json_t *merged)
{
    char *key = yaml_scalar(flow_scalar(s, true));
    json_t *value = NULL;

    if (s->n > 0 && s->p[0] == ':') {
        *s = str_slice(*s, 1, s->n);
        value = flow_value(y, s);
    } else {
        value = json_null();
    }
    if (value == NULL) {
        free(key);
        return false;
    }
    put(object, merged, key, value);
    return true;
}

/* "[A, B]" or "{A: 1, B: 2}" at the beginning of ${s}, which is then what stands behind. */
static json_t *flow(struct yaml *y, struct str *s)
{
    bool mapping = s->p[0] == '{', good = y->depth++ < DEPTH_MAX;
    char close = mapping ? '}' : ']';
    json_t *value = mapping ? json_object() : json_array(), *merged = json_object();

    if (!good)
        (void)fail(y, "nested too deep");
    *s = str_trim(str_slice(*s, 1, s->n));
    while (good && s->n > 0 && s->p[0] != close) {
        json_t *item = NULL;
        if (mapping)
            good = flow_entry(y, s, value, merged);
        else
            good = (item = flow_value(y, s)) != NULL;
        if (item != NULL)
            (void)json_array_append_new(value, item);
        *s = str_trim(*s);
        if (good && s->n > 0 && s->p[0] == ',')
            *s = str_trim(str_slice(*s, 1, s->n));
        else if (good && (s->n == 0 || s->p[0] != close))
            good = fail(y, "a '[' or '{' without its end") != NULL;
    }
    if (good && s->n == 0)
        good = fail(y, "a '[' or '{' without its end") != NULL;
    if (good)
        *s = str_slice(*s, 1, s->n);
    y->depth--;
    return finish_mapping(value, merged, good);
}

/* A flow may go on over the lines that are indented more. */
static json_t *flow_over_lines(struct yaml *y, struct str first, size_t indent)
{
    char *all = text_of("%.*s", STR_ARG(first));

    while (y->at + 1 < y->n && (y->lines[y->at + 1].indent > indent ||
                                strchr("]}", y->lines[y->at + 1].text.p[0]) != NULL)) {
        y->at++;
        char *longer = text_of("%s %.*s", all, STR_ARG(y->lines[y->at].text));
        free(all);
        all = longer;
    }
    struct str rest = str_of(all);
    json_t *value = flow(y, &rest);
    if (value != NULL && str_trim(rest).n > 0) {
        json_decref(value);
        value = fail(y, "junk behind a ']' or '}'");
    }
    free(all);
    y->at++;
    return value;
}

/* "|" or ">": the lines that are indented more, as they are. */
static json_t *block_scalar(struct yaml *y, size_t indent)
{
    char *all = text_of("%s", "");

    for (y->at++; y->at < y->n && y->lines[y->at].indent > indent; y->at++) {
        char *longer = text_of("%s%.*s\n", all, STR_ARG(str_trim(y->lines[y->at].raw)));
        free(all);
        all = longer;
    }
    json_t *value = json_string_nocheck(all);
    free(all);
    return value;
}

/* A scalar, perhaps over lines that are indented more. */
static json_t *scalar(struct yaml *y, struct str s, size_t indent)
{
    char *all = text_of("%.*s", STR_ARG(s));

    for (y->at++; y->at < y->n && y->lines[y->at].indent > indent; y->at++) {
        char *longer = text_of("%s %.*s", all, STR_ARG(y->lines[y->at].text));
        free(all);
        all = longer;
    }
    char *text = yaml_scalar(str_of(all));
    json_t *value = json_string_nocheck(text);
    free(text);
    free(all);
    return value;
}

/* What stands behind a key or a '-', in a line that is indented by ${indent}; or below it. */
static json_t *value_of(struct yaml *y, struct str s, size_t indent, bool in_mapping)
{
    struct str anchor = take_properties(&s);
    json_t *value;

    if (s.n == 0) {
        y->at++;
        bool below = y->at < y->n && (y->lines[y->at].indent > indent ||
                                      (in_mapping && y->lines[y->at].indent == indent &&
                                       yaml_is_item(y->lines[y->at].text)));
        value = below ? block(y) : json_null();
    } else if (s.p[0] == '*') {
        value = alias(y, str_slice(s, 1, s.n));
        y->at++;
    } else if (s.p[0] == '{' || s.p[0] == '[') {
        value = flow_over_lines(y, s, indent);
    } else if (s.p[0] == '|' || s.p[0] == '>') {
        value = block_scalar(y, indent);
    } else {
        value = scalar(y, s, indent);
    }
    return named(y, anchor, value);
}

static json_t *sequence(struct yaml *y, size_t indent)
{
    json_t *array = json_array(), *value = array;

    while (value != NULL && y->at < y->n && y->lines[y->at].indent == indent &&
           yaml_is_item(y->lines[y->at].text)) {
        struct line *line = &y->lines[y->at];
        struct str rest = str_trim(str_slice(line->text, 1, line->text.n));
        bool nested = rest.n > 0 && rest.p[0] != '{' && rest.p[0] != '[' &&
                      (yaml_is_item(rest) || yaml_key_end(rest) < rest.n);
        if (nested) { /* "- KEY: VALUE" begins a mapping at the place of KEY */
            line->indent += (size_t)(rest.p - line->text.p);
            line->text = rest;
        }
        value = nested ? block(y) : value_of(y, rest, indent, false);
        if (value != NULL)
            (void)json_array_append_new(array, value);
    }
    if (value != NULL)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *mapping(struct yaml *y, size_t indent)
{
    json_t *object = json_object(), *merged = json_object();
    bool good = true;

    while (good && y->at < y->n && y->lines[y->at].indent == indent) {
        struct str text = y->lines[y->at].text;
        size_t end = yaml_key_end(text);
        if (y->lines[y->at].tab) {
            good = fail(y, "a tab in the indentation") != NULL;
            break;
        }
        if (end == text.n || text.p[0] == '?' || yaml_is_item(text)) {
            good = fail(y, "neither KEY: VALUE nor a comment") != NULL;
            break;
        }
        char *key = yaml_scalar(str_slice(text, 0, end));
        json_t *value = value_of(y, str_trim(str_slice(text, end + 1, text.n)), indent, true);
        good = value != NULL;
        if (good)
            put(object, merged, key, value);
        else
            free(key);
    }
    return finish_mapping(object, merged, good);
}

/* All that stands at the place of the line at hand. */
static json_t *block(struct yaml *y)
{
    const struct line *line = &y->lines[y->at];
    size_t indent = line->indent;
    json_t *value;

    if (y->depth++ == DEPTH_MAX)
        return fail(y, "nested too deep");
    if (yaml_is_item(line->text))
        value = sequence(y, indent);
    else if (line->text.p[0] != '{' && line->text.p[0] != '[' &&
             yaml_key_end(line->text) < line->text.n)
        value = mapping(y, indent);
    else
        value = value_of(y, line->text, indent, false);
    if (value != NULL && y->at < y->n && y->lines[y->at].indent > indent) {
        json_decref(value);
        value = fail(y, "indented by another number of blanks than its neighbours");
    }
    y->depth--;
    return value;
}

json_t *yaml_read(struct str text, char **why)
{
    struct yaml y = {.anchors = json_object()};

    split(&y, text);
    json_t *root = y.n > 0 ? block(&y) : fail(&y, "there is nothing");
    if (root != NULL && y.at < y.n) {
        json_decref(root);
        root = fail(&y, "indented by another number of blanks than its neighbours");
    }
    *why = y.why;
    json_decref(y.anchors);
    free(y.lines);
    return root;
}
