/* head.h: finding the end of a message head, and its field lines.
 *
 * The rules are RFC 9112's with every leniency of sections 2.2 and 5.2 left out: lines end in
 * CRLF and nothing else, no line is folded, nothing precedes the first line. Go's net/http, which
 * dockerd uses, accepts a bare LF and folded lines; two readers that differ are how requests are
 * smuggled, so what could be read twice is refused. */
#ifndef DSP_HTTP_HEAD_H
#define DSP_HTTP_HEAD_H

#include "base/str.h"
#include "http/refusal.h"

/* Bounds of a head: bytes, final empty line included, and field lines. Both are far below
 * net/http's (1 MiB, unbounded) and above what any recorded client sends. */
enum { HTTP_HEAD_MAX = 64 * 1024, HTTP_FIELDS_MAX = 100 };

enum head_scan {
    HEAD_MORE,     /* no end yet; nothing wrong so far */
    HEAD_COMPLETE, /* the end is in the bytes */
    HEAD_MALFORMED /* a byte that no head may hold: no need to wait for the end */
};

/* Looks for the end of a head in ${bytes}, which hold it from its first byte. ${checked} is how
 * many bytes an earlier call saw (0 at first); the call updates it, so that each byte is looked
 * at once however slowly the head arrives. On HEAD_COMPLETE ${length} is the head's length, the
 * empty line included. */
enum head_scan head_scan(struct str bytes, size_t *checked, size_t *length);

struct http_field {
    struct str name;
    struct str value; /* without the blanks around it */
};

struct http_fields {
    struct http_field at[HTTP_FIELDS_MAX];
    size_t n;
};

/* Cuts the first line, without its CRLF, off a complete head. ${rest} becomes the field lines
 * with the final empty line. */
struct str head_first_line(struct str head, struct str *rest);

/* Parses field lines as head_first_line() leaves them. Refuses with 400 a line without a colon,
 * an empty or non-token name, a blank before the colon, a folded line and any control character
 * (RFC 9112 section 5), and with 431 more lines than HTTP_FIELDS_MAX. */
struct refusal head_fields(struct str lines, struct http_fields *fields);

/* How many fields are called ${name} (case does not matter); ${value} is the first one's. */
size_t http_fields_find(const struct http_fields *fields, struct str name, struct str *value);

/* Whether the comma-separated list that all fields ${name} make together has the member
 * ${token}, case aside (RFC 9110 section 5.6.1). */
bool http_fields_list_has(const struct http_fields *fields, struct str name, struct str token);

#endif
