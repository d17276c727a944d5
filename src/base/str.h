/* str.h: bytes with their length.
 *
 * Nothing that comes from a client is ever NUL-terminated here: a length travels with its
 * bytes, so a NUL in the input is a byte like any other and cannot end a comparison early. */
#ifndef DSP_BASE_STR_H
#define DSP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view of n bytes at p. p may be NULL only when n is 0. */
struct str {
    const char *p;
    size_t n;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* printf("%.*s", STR_ARG(s)): for bytes already known to be printable. */
#define STR_ARG(s) (int)(s).n, (s).p

/* The view of a NUL-terminated string; NULL gives the empty view. */
static inline struct str str_of(const char *text)
{
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

/* The bytes [from, to) of ${s}. Requires from <= to <= s.n. */
static inline struct str str_slice(struct str s, size_t from, size_t to)
{
    return (struct str){s.p + from, to - from};
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal but for the case of ASCII letters. No other folding: U+017F is never an 's'. */
bool str_equal_nocase(struct str a, struct str b);

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_equal(str_slice(s, 0, prefix.n), prefix);
}

/* The index of the first ${c}, or s.n when there is none. */
static inline size_t str_index(struct str s, char c)
{
    const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);

    return at == NULL ? s.n : (size_t)(at - s.p);
}

/* ${s} without blanks and tabs at both ends (RFC 9110 section 5.6.3, OWS). */
struct str str_trim(struct str s);

/* All of ${s} as a decimal number: digits only, no sign, no blank, at most ${max}.
 * Returns false, and leaves ${value} alone, for anything else. */
bool str_decimal(struct str s, uint64_t max, uint64_t *value);

/* Takes the next word (run of bytes without blank or tab) off the front of ${rest}.
 * Returns false when only blanks are left. */
bool str_word(struct str *rest, struct str *word);

/* Whether ${word} is one of ${words}, which have blanks between them. */
bool str_is_one_of(struct str word, const char *words);

#endif
