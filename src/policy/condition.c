#include "policy/condition.h"

#include <string.h>

#include "base/glob.h"
#include "base/utf8.h"
#include "policy/pattern.h"

enum fit { FITS_NOT, FITS, UNREADABLE };

static bool is_one_of(struct str word, const char *words)
{
    struct str rest = str_of(words), one;

    while (str_word(&rest, &one))
        if (str_equal_nocase(word, one))
            return true;
    return false;
}

/* "3", "0..100", "all" (what `tail` takes for -1) */
static bool read_range(struct str pattern, int64_t *low, int64_t *high)
{
    size_t dot = str_index(pattern, '.');

    if (str_equal(pattern, STR("all"))) {
        *low = *high = -1;
        return true;
    }
    if (dot == pattern.n) {
        bool good = query_int(pattern, low);
        *high = *low;
        return good;
    }
    return pattern.n - dot > 2 && pattern.p[dot + 1] == '.' &&
           query_int(str_slice(pattern, 0, dot), low) &&
           query_int(str_slice(pattern, dot + 2, pattern.n), high) && *low <= *high;
}

/* As it is from the root, without "", "." and ".." segments: an engine takes "x/..//etc" for "/etc". */
static bool clean_path(struct str path, struct writer *w)
{
    while (path.n > 0) {
        size_t slash = str_index(path, '/');
        struct str segment = str_slice(path, 0, slash);
        path = str_slice(path, slash < path.n ? slash + 1 : slash, path.n);
        if (segment.n == 0 || str_equal(segment, STR(".")))
            continue;
        if (str_equal(segment, STR(".."))) {
            while (w->n > 0 && w->p[--w->n] != '/')
                continue;
            continue;
        }
        writer_char(w, '/');
        writer_str(w, segment);
    }
    if (w->n == 0)
        writer_char(w, '/');
    return !w->overflow;
}

/* A deny of a path holds however the path is written. */
static bool denies(struct str pattern, struct str value)
{
    char room[TARGET_PATH_MAX];
    struct writer w = writer_over(room, sizeof(room));

    return glob_matches(pattern, value) ||
           (str_starts(pattern, STR("/")) &&
            (!clean_path(value, &w) || glob_matches(pattern, writer_view(&w))));
}

/* For an allow `*` does not pass a '/', as in paths; a last `**` does (pattern.h). For a deny both do. */
static bool text_fits(struct str pattern, struct str value, bool deny)
{
    if (str_equal(pattern, STR(ABSENT_ALL)))
        return glob_matches(pattern, value);
    if (deny)
        return denies(pattern, value);
    return pattern_allows_text(pattern, value);
}

static enum fit bool_fits(struct str pattern, struct str value)
{
    bool is = false;

    if (!query_bool(value, &is))
        return UNREADABLE;
    return str_equal(pattern, STR("*")) || is == is_one_of(pattern, "1 true yes on") ? FITS
                                                                                     : FITS_NOT;
}

static enum fit int_fits(struct str pattern, struct str value)
{
    int64_t low = 0, high = 0, number = 0;

    if (str_equal(value, STR("all")))
        number = -1;
    else if (!query_int(value, &number))
        return UNREADABLE;
    if (str_equal(pattern, STR("*")))
        return FITS;
    return read_range(pattern, &low, &high) && low <= number && number <= high ? FITS : FITS_NOT;
}

static enum fit value_fits(enum parameter_kind kind, struct str pattern, struct str value,
                           bool deny)
{
    /* A rule on a path could not tell of which kind the parameter would be. */
    if (condition_flaw(kind, pattern) != NULL)
        return UNREADABLE;
    switch (kind) {
    case PARAMETER_BOOL:
    case PARAMETER_DBOOL:
        return bool_fits(pattern, value);
    case PARAMETER_INT:
        return int_fits(pattern, value);
    case PARAMETER_TEXT:
    case PARAMETER_LIST:
    case PARAMETER_FILTERS:
        break;
    }
    /* Of `changes` dockerd reads each line as an instruction of its own. */
    if (str_index(value, '\n') < value.n)
        return UNREADABLE;
    return text_fits(pattern, value, deny) ? FITS : FITS_NOT;
}

static bool accept(enum fit fit, bool deny)
{
    return fit == FITS || (deny && fit == UNREADABLE);
}

static bool absent_holds(const struct condition *condition, bool deny,
                         const struct parameter *parameter)
{
    /* Of what is no operation's nobody here knows the default. */
    const char *absent = parameter == NULL ? ABSENT_ALL : parameter->absent;

    if (absent == NULL)
        return false;
    if (strcmp(absent, ABSENT_ALL) == 0)
        return deny;
    return value_fits(parameter->kind, str_of(condition->pattern), str_of(absent), deny) == FITS;
}

static bool filter_holds(const struct condition *condition, bool deny, const struct query *query)
{
    struct str pattern = str_of(condition->pattern);
    json_t *value;
    size_t k;

    for (size_t i = 0; i < query->filters_n; i++) {
        json_t *values = json_object_get(query->filters[i], condition->filter);
        if (json_array_size(values) == 0)
            return deny; /* everything is asked for */
        json_array_foreach(values, k, value)
        {
            struct str text = {json_string_value(value), json_string_length(value)};
            if (text_fits(pattern, text, deny) == deny)
                return deny;
        }
    }
    return query->filters_n == 0 ? deny : !deny;
}

/* Podman's decoder of parameters does not mind their case: it could take one that dockerd does not
 * look at. */
static bool is_misspelled(struct str name, struct str wanted)
{
    return str_equal_nocase(name, wanted) && !str_equal(name, wanted);
}

bool condition_holds(const struct condition *condition, bool deny, const struct operation *op,
                     const struct query *query)
{
    struct str name = str_of(condition->name), pattern = str_of(condition->pattern);
    const struct parameter *parameter = op == NULL ? NULL : parameter_find(op, name);
    enum parameter_kind kind = parameter == NULL ? PARAMETER_TEXT : parameter->kind;
    bool empty_is_none = kind == PARAMETER_TEXT || kind == PARAMETER_DBOOL || kind == PARAMETER_INT;
    bool any = false;

    if (query->unreadable)
        return deny;
    for (size_t i = 0; i < query->n; i++)
        if (is_misspelled(query->pairs[i].name, name))
            return deny;
    if (condition->filter != NULL)
        return filter_holds(condition, deny, query);
    for (size_t i = 0; i < query->n; i++) {
        const struct query_pair *pair = &query->pairs[i];
        if (!str_equal(pair->name, name))
            continue;
        any = true;
        bool fits = pair->value.n == 0 && empty_is_none
                        ? absent_holds(condition, deny, parameter)
                        : accept(value_fits(kind, pattern, pair->value, deny), deny);
        if (fits == deny)
            return deny;
    }
    return any ? !deny : absent_holds(condition, deny, parameter);
}

const char *condition_flaw(enum parameter_kind kind, struct str pattern)
{
    int64_t low, high;

    if (pattern.n == 0)
        return "a condition needs a value: NAME=VALUE";
    if (pattern.n > CONDITION_PATTERN_MAX)
        return "longer than 512 bytes";
    if (!utf8_is_clean(pattern))
        return "not UTF-8";
    if (pattern.p[pattern.n - 1] == ',')
        return "conditions are separated by blanks, without ','";
    switch (kind) {
    case PARAMETER_BOOL:
    case PARAMETER_DBOOL:
        return is_one_of(pattern, "1 0 true false yes no on off *")
                   ? NULL
                   : "this parameter is yes or no (or 1, 0, true, false, on, off)";
    case PARAMETER_INT:
        return str_equal(pattern, STR("*")) || read_range(pattern, &low, &high)
                   ? NULL
                   : "this parameter is a number, or a range such as 0..100";
    case PARAMETER_TEXT:
    case PARAMETER_LIST:
    case PARAMETER_FILTERS:
        break;
    }
    for (size_t i = 1; i < pattern.n; i++)
        if (pattern.p[i] == '*' && pattern.p[i - 1] == '*' &&
            (i + 1 < pattern.n || (i > 1 && pattern.p[i - 2] != '/')))
            return "'**' can only be all behind the last '/'";
    return NULL;
}
