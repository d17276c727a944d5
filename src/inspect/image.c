#include "inspect/image.h"

static bool is_reference_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           str_index(STR("._/:@+-"), c) < 7;
}

static bool is_reference(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_reference_char(text.p[i]))
            return false;
    return text.n > 0;
}

/* The engine looks for a name first and then for an id that begins so: which of them it will be
 * nobody can tell here. */
static bool can_be_id(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f')))
            return false;
    return true;
}

/* splitDockerDomain() in normalize.go */
static struct str domain_of(struct str text, struct str *rest)
{
    size_t slash = str_index(text, '/');
    struct str first = str_slice(text, 0, slash);
    bool upper = false;

    for (size_t i = 0; i < first.n; i++)
        upper = upper || (first.p[i] >= 'A' && first.p[i] <= 'Z');
    *rest = text;
    if (slash == text.n || (str_index(first, '.') == first.n && str_index(first, ':') == first.n &&
                            !str_equal(first, STR("localhost")) && !upper))
        return STR("docker.io");
    *rest = str_slice(text, slash + 1, text.n);
    return str_equal(first, STR("index.docker.io")) ? STR("docker.io") : first;
}

/* Where the tag or digest begins: a digest counts, whatever tag stands before it. */
static size_t name_length(struct str text, size_t *digest)
{
    size_t at = str_index(text, '@'), colon = at;

    *digest = at;
    for (size_t i = 0; i < at; i++) {
        if (text.p[i] == '/')
            colon = at;
        else if (text.p[i] == ':' && colon == at)
            colon = i;
    }
    return colon;
}

/* Writes the name, and the whole. Returns the length of the name. */
static size_t write_full(struct str text, struct writer *w)
{
    struct str rest, domain = domain_of(text, &rest);
    size_t digest, name = name_length(rest, &digest);

    writer_str(w, domain);
    writer_char(w, '/');
    if (str_equal(domain, STR("docker.io")) && str_index(str_slice(rest, 0, name), '/') == name)
        writer_text(w, "library/");
    writer_str(w, str_slice(rest, 0, name));
    size_t length = w->n;
    if (digest < rest.n)
        writer_str(w, str_slice(rest, digest, rest.n));
    else if (name < rest.n)
        writer_str(w, str_slice(rest, name, rest.n));
    else
        writer_text(w, ":latest");
    return length;
}

bool image_named(const struct policy *policy, enum policy_key key, struct str reference,
                 struct writer *full)
{
    if (!is_reference(reference) || can_be_id(reference) || str_starts(reference, STR("sha256:"))) {
        writer_str(full, reference);
        return policy_names(policy, key, reference);
    }
    (void)write_full(reference, full);
    return !full->overflow && policy_names(policy, key, writer_view(full));
}
