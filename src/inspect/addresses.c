/* addresses.c: rules on what the engine fetches: the context of a build, the archive of an import. */
#include "inspect/checks.h"
#include "inspect/json.h"
#include "inspect/queries.h"

/* Where the host stands: behind "://", or first, as in "github.com/x" and "git@github.com:x". */
static struct str authority_of(struct str text, size_t *from)
{
    static const char mark[] = "://";
    size_t colon = str_index(text, ':');

    *from = str_starts(str_slice(text, colon, text.n), STR(mark)) ? colon + sizeof(mark) - 1 : 0;
    struct str rest = str_slice(text, *from, text.n);
    return str_slice(rest, 0, str_index(rest, '/'));
}

/* A host that ends otherwise than at a '/', which `*` of a pattern does not pass: "evil.net?.acme.com",
 * and curl takes '\\' for '/'. */
static bool is_host(struct str authority)
{
    for (size_t i = 0; i < authority.n; i++)
        if ((unsigned char)authority.p[i] <= ' ' || str_index(STR("?#\\%"), authority.p[i]) < 4)
            return false;
    return true;
}

static struct str cut_segment(struct str *path)
{
    size_t slash = str_index(*path, '/');
    struct str segment = str_slice(*path, 0, slash);

    *path = str_slice(*path, slash < path->n ? slash + 1 : slash, path->n);
    return segment;
}

/* curl, and so git, takes "..", in escapes too, out of a path together with what stands before it. */
static bool goes_up(struct str path)
{
    size_t mark = str_index(path, '#');

    path = str_slice(path, 0, mark < str_index(path, '?') ? mark : str_index(path, '?'));
    while (path.n > 0) {
        struct str segment = cut_segment(&path);
        size_t dots = 0;
        while (segment.n > 0) {
            bool escaped = segment.n >= 3 && str_equal_nocase(str_slice(segment, 0, 3), STR("%2e"));
            if (!escaped && segment.p[0] != '.')
                break;
            segment = str_slice(segment, escaped ? 3 : 1, segment.n);
            dots++;
        }
        if (segment.n == 0 && dots == 2)
            return true;
    }
    return false;
}

/* "https://token@github.com/x" is compared without the user as well; a word that has an '@' of its own
 * names it with one. */
static bool address_named(struct judge *j, enum policy_key key, struct str text, size_t from,
                          struct str authority)
{
    const struct grant *grant = policy_grant(j->policy, key);
    size_t at = str_index(authority, '@');
    char bare[GRANT_WORD_MAX * 2];
    struct writer w = writer_over(bare, sizeof(bare));

    if (at == authority.n)
        return judge_names(j, key, text);
    writer_str(&w, str_slice(text, 0, from));
    writer_str(&w, str_slice(text, from + at + 1, text.n));
    for (size_t i = 0; i < grant->n && !w.overflow; i++) {
        struct str word = str_of(grant->words[i].text);
        if (grant_word_names(GRANT_NAMES, word,
                             str_index(word, '@') < word.n ? text : writer_view(&w)))
            return true;
    }
    return judge_not_named(j, key, text);
}

static size_t count(struct str text, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == c;
    return n;
}

bool address_is_plain(struct str text)
{
    size_t from;
    struct str authority = authority_of(text, &from);

    return is_host(authority) && count(authority, '@') == 0;
}

bool check_source(struct judge *j, const struct field *field, const json_t *value)
{
    struct str text = json_str(value);
    size_t from;
    struct str authority = authority_of(text, &from);

    if (!is_host(authority) || count(authority, '@') > 1)
        return judge_object(j, OBJECT_MALFORMED, text, "has a host that could be read in two ways");
    if (goes_up(text))
        return judge_object(j, OBJECT_MALFORMED, text, "has a '..' in it");
    return address_named(j, field->key, text, from, authority);
}

/* These two words say that the context is the session's. */
bool check_remote(struct judge *j, const struct field *field, const json_t *value)
{
    if (str_is_one_of(json_str(value), "client-session upload-request"))
        return judge_switch(j, KEY_B_BUILDKIT);
    return check_source(j, field, value);
}
