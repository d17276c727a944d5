#include "policy/lines.h"

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    }
    return s.n > 0 && s.n <= LINE_NAME_MAX;
}

static bool is_comment(struct str s)
{
    return s.n > 0 && (s.p[0] == ';' || s.p[0] == '#');
}

static const char *section_flaw(struct str line, struct str *section)
{
    size_t close = str_index(line, ']');
    struct str name = str_slice(line, 1, close);

    if (close == line.n)
        return "section header without ']'";
    if (!is_name(name))
        return "malformed section name";
    struct str behind = str_trim(str_slice(line, close + 1, line.n));
    if (behind.n > 0 && !is_comment(behind))
        return "junk behind ']'";
    *section = name;
    return NULL;
}

/* inih takes " ;" for the start of a comment. Spelled " ; " that is what people mean; a ';' with
 * something right behind it might be meant as part of the value, and would vanish. */
static const char *comment_flaw(struct str value)
{
    for (size_t i = str_index(value, ';'); i < value.n; i++)
        if (i > 0 && value.p[i] == ';' && (value.p[i - 1] == ' ' || value.p[i - 1] == '\t') &&
            i + 1 < value.n && value.p[i + 1] != ' ' && value.p[i + 1] != '\t')
            return "ambiguous ';': write '; ' to begin a comment";
    return NULL;
}

const char *line_flaw(struct str line, struct str *section)
{
    *section = (struct str){0};
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    for (size_t i = 0; i < line.n; i++)
        if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
            return line.p[i] == '\0' ? "NUL in the file" : "control character in the file";

    struct str trimmed = str_trim(line);
    if (trimmed.n == 0 || is_comment(trimmed))
        return NULL;
    if (trimmed.p != line.p)
        return "line begins with a blank: a value cannot go on over lines, repeat the key";
    if (line.p[0] == '[')
        return section_flaw(line, section);

    size_t equals = str_index(line, '=');
    struct str name = str_trim(str_slice(line, 0, equals));
    if (equals == line.n)
        return "neither a comment, nor [section], nor key = value";
    if (name.n == 0)
        return "empty key";
    if (name.n > LINE_NAME_MAX)
        return "key too long";
    if (!is_name(name))
        return "malformed key";
    return comment_flaw(str_slice(line, equals + 1, line.n));
}
