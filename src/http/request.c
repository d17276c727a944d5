#include "http/request.h"

#include "http/grammar.h"

static struct refusal parse_version(struct str version, unsigned *minor)
{
    if (version.n != 8 || !str_starts(version, STR("HTTP/")) || version.p[6] != '.' ||
        version.p[5] < '0' || version.p[5] > '9' || version.p[7] < '0' || version.p[7] > '9')
        return (struct refusal){400, "malformed request line"};
    if (version.p[5] != '1' || version.p[7] > '1')
        return (struct refusal){505, "HTTP version not supported: dsp speaks HTTP/1.1"};
    *minor = (unsigned)(version.p[7] - '0');
    return (struct refusal){0};
}

static struct refusal parse_request_line(struct str line, struct request *request)
{
    size_t space = str_index(line, ' ');
    struct str name = str_slice(line, 0, space);

    if (!http_is_token(name) || space == line.n)
        return (struct refusal){400, "malformed request line"};
    request->method_name = name;
    request->method = http_method_of(name);

    struct str rest = str_slice(line, space + 1, line.n);
    space = str_index(rest, ' ');
    request->target = str_slice(rest, 0, space);
    if (space == rest.n)
        return (struct refusal){400, "malformed request line"};
    return parse_version(str_slice(rest, space + 1, rest.n), &request->minor);
}

/* Names, addresses and ports: less than RFC 3986 section 3.2.2 allows, more than clients use. */
static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.n; i++)
        if (!http_is_unreserved(host.p[i]) && str_index(STR("[]:%"), host.p[i]) == 4)
            return false;
    return true;
}

static struct refusal check_host(const struct request *request)
{
    struct str host = {0};
    size_t found = http_fields_find(&request->fields, STR("Host"), &host);

    if (found > 1)
        return (struct refusal){400, "more than one Host"};
    if (found == 0 && request->minor > 0)
        return (struct refusal){400, "no Host"};
    if (!is_host(host))
        return (struct refusal){400, "malformed Host"};
    return (struct refusal){0};
}

static struct refusal parse_framing(struct request *request)
{
    struct str coding = {0}, length = {0};
    size_t codings = http_fields_find(&request->fields, STR("Transfer-Encoding"), &coding);
    size_t lengths = http_fields_find(&request->fields, STR("Content-Length"), &length);

    if (codings > 0 && lengths > 0)
        return (struct refusal){400, "both Content-Length and Transfer-Encoding"};
    if (codings > 1)
        return (struct refusal){400, "more than one Transfer-Encoding"};
    if (lengths > 1)
        return (struct refusal){400, "more than one Content-Length"};
    if (codings > 0 && request->minor == 0)
        return (struct refusal){400, "Transfer-Encoding in HTTP/1.0"};
    if (codings > 0 && !str_equal_nocase(coding, STR("chunked")))
        return (struct refusal){501, "unknown transfer coding"};
    if (codings > 0) {
        request->body.kind = BODY_CHUNKED;
    } else if (lengths > 0) {
        if (!str_decimal(length, INT64_MAX, &request->body.length))
            return (struct refusal){400, "malformed Content-Length"};
        request->body.kind = request->body.length > 0 ? BODY_LENGTH : BODY_NONE;
    }
    return (struct refusal){0};
}

/* The media type must be `token/token` before any `;`. net/http's mime.ParseMediaType trims and
 * folds case by Unicode; a token is ASCII, so there is nothing left to fold differently. */
static struct refusal check_content_type(const struct request *request)
{
    struct str value = {0};
    size_t found = http_fields_find(&request->fields, STR("Content-Type"), &value);

    if (found == 0)
        return (struct refusal){0};
    struct str type = str_trim(str_slice(value, 0, str_index(value, ';')));
    size_t slash = str_index(type, '/');
    if (slash == type.n || !http_is_token(str_slice(type, 0, slash)) ||
        !http_is_token(str_slice(type, slash + 1, type.n)))
        return (struct refusal){400, "malformed Content-Type"};
    bool form = str_equal_nocase(type, STR("application/x-www-form-urlencoded")) ||
                str_equal_nocase(str_slice(type, 0, slash), STR("multipart"));
    bool grpc = type.n >= 16 && str_equal_nocase(str_slice(type, 0, 16), STR("application/grpc"));
    if (grpc)
        return (struct refusal){415, "gRPC is never forwarded: Podman would not look at the path"};
    if (form && request->body.kind != BODY_NONE)
        return (struct refusal){415, "a body of form type is never forwarded: dockerd would let "
                                     "it override the query"};
    return (struct refusal){0};
}

/* Fields that hold one value: where two stand, one reader may take the first and another the last
 * (Host, Content-Length and Transfer-Encoding have checks of their own). */
static const char *const single_fields[] = {
    "Content-Type",
    "Expect",
    "Upgrade",
    "X-Registry-Auth",
    "X-Registry-Config",
    "X-Docker-Expose-Session-Uuid",
    "X-Docker-Expose-Session-Name",
    "X-Docker-Expose-Session-Sharedkey",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
};

static struct refusal check_single_fields(const struct request *request)
{
    struct str value;

    for (size_t i = 0; i < sizeof(single_fields) / sizeof(*single_fields); i++)
        if (http_fields_find(&request->fields, str_of(single_fields[i]), &value) > 1)
            return (struct refusal){400, "a header field that must be single stands twice"};
    return (struct refusal){0};
}

static struct refusal parse_options(struct request *request)
{
    struct str expect = {0};
    size_t expects = http_fields_find(&request->fields, STR("Expect"), &expect);

    /* HTTP/1.0 has neither Expect nor Upgrade (RFC 9110 sections 10.1.1 and 7.8). */
    request->close = request->minor == 0 ||
                     http_fields_list_has(&request->fields, STR("Connection"), STR("close"));
    if (request->minor == 0)
        return (struct refusal){0};
    if (expects > 0 && !str_equal_nocase(expect, STR("100-continue")))
        return (struct refusal){417, "Expect other than 100-continue"};
    request->expect_continue = expects > 0;
    request->upgrade = http_fields_find(&request->fields, STR("Upgrade"), &request->upgrade_to) > 0;
    return (struct refusal){0};
}

struct refusal request_parse(struct str head, struct request *request)
{
    static struct refusal (*const checks[])(const struct request *) = {
        check_host,
        check_single_fields,
        check_content_type,
    };
    struct str lines;
    struct refusal no;

    *request = (struct request){.minor = 1};
    no = parse_request_line(head_first_line(head, &lines), request);
    if (no.status == 0)
        no = head_fields(lines, &request->fields);
    if (no.status == 0)
        no = parse_framing(request);
    for (size_t i = 0; no.status == 0 && i < sizeof(checks) / sizeof(*checks); i++)
        no = checks[i](request);
    return no.status != 0 ? no : parse_options(request);
}
