/* grammar.h: the character classes of RFC 9110 section 5.6 and RFC 3986 section 2. */
#ifndef DSP_HTTP_GRAMMAR_H
#define DSP_HTTP_GRAMMAR_H

#include "base/str.h"

/* tchar: what a method and a field name are made of. */
bool http_is_tchar(char c);

/* A non-empty run of tchar. */
bool http_is_token(struct str s);

/* VCHAR, obs-text, blank and tab: what a field value is made of. */
bool http_is_field_char(char c);

/* The value 0..15 of a hexadecimal digit, or -1. */
int http_hex_value(char c);

/* unreserved: letters, digits, "-", ".", "_", "~". */
bool http_is_unreserved(char c);

/* What a path segment holds without escapes: unreserved, sub-delims, ":" and "@"; but not ";",
 * which some readers take for the start of a parameter. */
bool http_is_pchar(char c);

#endif
