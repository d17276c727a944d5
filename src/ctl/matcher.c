#include "ctl/matcher.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

void matcher_set_flaw(struct matcher *matcher, const char *what, struct str text)
{
    if (matcher->flaw == NULL)
        matcher->flaw = text_of("%s '%.*s'", what, STR_ARG(text));
}

/* The parts of Perl's language that path lists use, in that of POSIX: \d, \w, (?:...), \/ and \-.
 * Look-around and the like have no counterpart. */
static char *posix_of(struct str perl, bool *nocase)
{
    char *out = text_must(malloc(perl.n * 16 + 1)), *to = out;
    bool bracket = false;

    if (str_starts(perl, STR("(?i)"))) {
        *nocase = true;
        perl = str_slice(perl, 4, perl.n);
    }
    for (size_t i = 0; i < perl.n; i++) {
        char c = perl.p[i], next = i + 1 < perl.n ? perl.p[i + 1] : '\0';
        bracket = (bracket || c == '[') && c != ']';
        if (c == '\\' && (next == 'd' || next == 'w')) {
            const char *class = next == 'd' ? "0-9" : "A-Za-z0-9_";
            to += sprintf(to, bracket ? "%s" : "[%s]", class);
            i++;
        } else if (c == '\\' && (bracket || strchr("/-_:~", next) != NULL) && next != '\0') {
            *to++ = next;
            i++;
        } else if (c == '(' && next == '?' && i + 2 < perl.n && perl.p[i + 2] == ':') {
            *to++ = '(';
            i += 2;
        } else {
            *to++ = c;
        }
    }
    *to = '\0';
    return out;
}

static bool compile(struct path_pattern *pattern)
{
    char *posix = posix_of(str_of(pattern->text), &pattern->nocase);
    bool good = strstr(posix, "(?") == NULL &&
                regcomp(&pattern->regex, posix,
                        REG_EXTENDED | REG_NOSUB | (pattern->nocase ? REG_ICASE : 0)) == 0;

    free(posix);
    return good;
}

void matcher_add(struct matcher *matcher, enum path_kind kind, bool nocase, struct str text)
{
    struct path_pattern pattern = {
        .kind = kind, .nocase = nocase, .text = text_of("%.*s", STR_ARG(text))};

    if (kind == PATH_REGEX && !compile(&pattern)) {
        matcher_set_flaw(matcher, "regular expression", text);
        free(pattern.text);
        return;
    }
    matcher->patterns =
        text_must(reallocarray(matcher->patterns, matcher->n + 1, sizeof(*matcher->patterns)));
    matcher->patterns[matcher->n++] = pattern;
}

void matcher_add_method(struct matcher *matcher, struct str method)
{
    enum http_method known = http_method_of(method);

    if (known == METHOD_OTHER)
        matcher_set_flaw(matcher, "method", method);
    else
        matcher->methods |= 1u << known;
}

void matcher_free(struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->n; i++) {
        free(matcher->patterns[i].text);
        if (matcher->patterns[i].kind == PATH_REGEX)
            regfree(&matcher->patterns[i].regex);
    }
    free(matcher->patterns);
    free(matcher->name);
    free(matcher->flaw);
    *matcher = (struct matcher){0};
}

static bool pattern_fits(const struct path_pattern *pattern, const char *path)
{
    size_t n = strlen(pattern->text), of = strlen(path);
    int (*compare)(const char *, const char *, size_t) = pattern->nocase ? strncasecmp : strncmp;

    switch (pattern->kind) {
    case PATH_GLOB:
        return fnmatch(pattern->text, path, pattern->nocase ? FNM_CASEFOLD : 0) == 0;
    case PATH_EXACT:
        return n == of && compare(pattern->text, path, n) == 0;
    case PATH_BEGIN:
        return n <= of && compare(pattern->text, path, n) == 0;
    case PATH_END:
        return n <= of && compare(pattern->text, path + of - n, n) == 0;
    case PATH_PART:
        return (pattern->nocase ? strcasestr(path, pattern->text) : strstr(path, pattern->text)) !=
               NULL;
    case PATH_REGEX:
        return regexec(&pattern->regex, path, 0, NULL, 0) == 0;
    }
    return false;
}

static bool fits(const struct matcher *matcher, enum http_method method, const char *path)
{
    bool path_fits = matcher->n == 0;

    if (matcher->methods != 0 && (matcher->methods >> method & 1) == 0)
        return false;
    for (size_t i = 0; i < matcher->n && !path_fits; i++)
        path_fits = pattern_fits(&matcher->patterns[i], path);
    return path_fits;
}

/* "/v1.41" and the template, with ${name} for its names; no version where ${minor} is 0. */
static void sample(const struct operation *op, int minor, const char *name, char *to, size_t size)
{
    struct writer w = writer_over(to, size - 1);

    if (minor > 0) {
        writer_text(&w, "/v1.");
        writer_decimal(&w, (uint64_t)minor);
    }
    for (const char *p = op->path; *p != '\0'; p++) {
        if (*p == '{') {
            writer_text(&w, name);
            p = strchr(p, '}');
        } else {
            writer_char(&w, *p);
        }
    }
    to[w.n] = '\0';
}

bool matchers_reach(const struct matcher *const *matchers, size_t n, const struct operation *op)
{
    static const char *const names[] = {
        "web", "3f4ea1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"};
    enum { MINOR_MIN = 24, MINOR_MAX = 60 };
    char path[512];

    for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
        for (int minor = MINOR_MIN - 1; minor <= MINOR_MAX; minor++) {
            bool all = true;
            sample(op, minor < MINOR_MIN ? 0 : minor, names[k], path, sizeof(path));
            for (size_t i = 0; i < n && all; i++)
                all = fits(matchers[i], op->method, path);
            if (all)
                return true;
        }
    }
    return false;
}
