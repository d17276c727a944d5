/* method.h: the request methods that dockerd routes (case matters, RFC 9110 section 9.1). */
#ifndef DSP_HTTP_METHOD_H
#define DSP_HTTP_METHOD_H

#include "base/str.h"

enum http_method {
    METHOD_OTHER, /* a token that is none of these: never an operation */
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS
};

enum http_method http_method_of(struct str name);

/* The name of a method; "?" for METHOD_OTHER. */
const char *http_method_name(enum http_method method);

#endif
