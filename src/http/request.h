/* request.h: a request head, parsed: what one client asks, with all that could be read in two
 * ways already refused. */
#ifndef DSP_HTTP_REQUEST_H
#define DSP_HTTP_REQUEST_H

#include "http/body.h"
#include "http/head.h"
#include "http/method.h"

struct request {
    enum http_method method;
    struct str method_name; /* as sent; a token */
    struct str target;      /* as sent; not yet looked into (docker/target.h does) */
    unsigned minor;         /* HTTP/1.minor: 0 or 1 */
    struct http_fields fields;
    struct body_framing body;
    bool close;           /* the client wants the connection closed, or is HTTP/1.0 */
    bool expect_continue; /* Expect: 100-continue */
    bool upgrade;         /* an Upgrade field, in an HTTP/1.1 request */
    struct str upgrade_to;
};

/* Parses ${head}, complete as head_scan() found it. The views in ${request} point into it.
 * On a refusal the request line's parts are filled in as far as they were read, for the log.
 *
 * Refused with 400: a request line other than `token SP target SP HTTP/d.d` (RFC 9112 section 3);
 * what head_fields() refuses; no Host, two, or one with characters that no host has (section
 * 3.2; empty is fine, Docker's clients send it); Content-Length that is not one field of digits;
 * both Content-Length and Transfer-Encoding, two Transfer-Encoding, or one in HTTP/1.0 (section
 * 6.1); two fields of a kind that can have one value; a malformed Content-Type.
 * 415: a body of form type, which dockerd reads in place of the query that was judged
 * (moby daemon/server/httputils/form.go; net/http Request.ParseForm), or a gRPC type, which Podman
 * routes by without looking at the path (pkg/api/server/server.go). 417: Expect other than
 * 100-continue. 431: too many fields. 501: a transfer coding other than `chunked`. 505: a version
 * other than HTTP/1.0 and HTTP/1.1. */
struct refusal request_parse(struct str head, struct request *request);

#endif
