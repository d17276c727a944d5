#include "http/response.h"

static bool parse_status_line(struct str line, struct response *response, unsigned *minor)
{
    uint64_t status;

    /* HTTP/1.x SP ddd [SP reason] */
    if (line.n < 12 || !str_starts(line, STR("HTTP/1.")) || line.p[7] < '0' || line.p[7] > '9' ||
        line.p[8] != ' ' || (line.n > 12 && line.p[12] != ' '))
        return false;
    if (!str_decimal(str_slice(line, 9, 12), 599, &status) || status < 100)
        return false;
    *minor = (unsigned)(line.p[7] - '0');
    response->status = (unsigned)status;
    response->reason = str_slice(line, line.n > 12 ? 13 : 12, line.n);
    return true;
}

static bool parse_framing(enum http_method method, struct response *response)
{
    struct str coding = {0}, length = {0};
    size_t codings = http_fields_find(&response->fields, STR("Transfer-Encoding"), &coding);
    size_t lengths = http_fields_find(&response->fields, STR("Content-Length"), &length);

    if (codings + lengths > 1 || (codings == 1 && !str_equal_nocase(coding, STR("chunked"))))
        return false;
    if (lengths == 1 && !str_decimal(length, INT64_MAX, &response->body.length))
        return false;
    if (method == METHOD_HEAD || response->status < 200 || response->status == 204 ||
        response->status == 304)
        response->body.kind = BODY_NONE;
    else if (codings == 1)
        response->body.kind = BODY_CHUNKED;
    else if (lengths == 1)
        response->body.kind = response->body.length > 0 ? BODY_LENGTH : BODY_NONE;
    else
        response->body.kind = BODY_UNTIL_CLOSE;
    return true;
}

bool response_parse(struct str head, enum http_method method, struct response *response)
{
    struct str lines;
    unsigned minor;

    *response = (struct response){0};
    if (!parse_status_line(head_first_line(head, &lines), response, &minor) ||
        head_fields(lines, &response->fields).status != 0 || !parse_framing(method, response))
        return false;
    response->close = minor == 0 || response->body.kind == BODY_UNTIL_CLOSE ||
                      http_fields_list_has(&response->fields, STR("Connection"), STR("close"));
    return true;
}
