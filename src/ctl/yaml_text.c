#include "ctl/yaml_text.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

size_t yaml_quoted_length(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[0] == '"' && s.p[i] == '\\')
            i++;
        else if (s.p[0] == '\'' && s.p[i] == '\'' && i + 1 < s.n && s.p[i + 1] == '\'')
            i++;
        else if (s.p[i] == s.p[0])
            return i + 1;
    }
    return 0;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* A quote begins a scalar only where one can begin. */
static bool begins_scalar(struct str s, size_t i)
{
    return i == 0 || strchr(" \t,[{:-", s.p[i - 1]) != NULL;
}

struct str yaml_without_comment(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (is_quote(s.p[i]) && begins_scalar(s, i)) {
            size_t n = yaml_quoted_length(str_slice(s, i, s.n));
            i += n > 0 ? n - 1 : 0;
        } else if (s.p[i] == '#' && (i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t')) {
            s.n = i;
        }
    }
    return str_trim(s);
}

static char *unquoted(struct str s)
{
    char *copy = text_must(malloc(s.n + 1));
    size_t n = 0;

    for (size_t i = 1; i + 1 < s.n; i++) {
        char c = s.p[i];
        if (s.p[0] == '\'' && c == '\'')
            i++;
        if (s.p[0] == '"' && c == '\\' && i + 2 < s.n) {
            c = s.p[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        copy[n++] = c;
    }
    copy[n] = '\0';
    return copy;
}

size_t yaml_key_end(struct str s)
{
    size_t i = 0;

    if (s.n > 0 && is_quote(s.p[0]))
        i = yaml_quoted_length(s);
    for (; i < s.n; i++)
        if (s.p[i] == ':' && (i + 1 == s.n || s.p[i + 1] == ' ' || s.p[i + 1] == '\t'))
            return i;
    return s.n;
}

bool yaml_is_item(struct str s)
{
    return s.n > 0 && s.p[0] == '-' && (s.n == 1 || s.p[1] == ' ' || s.p[1] == '\t');
}

char *yaml_scalar(struct str s)
{
    s = str_trim(s);
    return s.n > 1 && is_quote(s.p[0]) ? unquoted(s) : text_of("%.*s", STR_ARG(s));
}
