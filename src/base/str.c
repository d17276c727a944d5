#include "base/str.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_blank(s.p[0]))
        s = str_slice(s, 1, s.n);
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_decimal(struct str s, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (digit > max || sum > (max - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

bool str_word(struct str *rest, struct str *word)
{
    size_t from = 0;

    while (from < rest->n && is_blank(rest->p[from]))
        from++;
    size_t to = from;
    while (to < rest->n && !is_blank(rest->p[to]))
        to++;
    if (to > from)
        *word = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->n);
    return to > from;
}

bool str_is_one_of(struct str word, const char *words)
{
    struct str rest = str_of(words), one;

    while (str_word(&rest, &one))
        if (str_equal(word, one))
            return true;
    return false;
}
