#include "http/method.h"

static const char *const names[] = {
    [METHOD_OTHER] = "?",       [METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",
    [METHOD_POST] = "POST",     [METHOD_PUT] = "PUT",         [METHOD_PATCH] = "PATCH",
    [METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS",
};

enum http_method http_method_of(struct str name)
{
    for (int m = METHOD_GET; m <= METHOD_OPTIONS; m++)
        if (str_equal(name, str_of(names[m])))
            return (enum http_method)m;
    return METHOD_OTHER;
}

const char *http_method_name(enum http_method method)
{
    return names[method];
}
