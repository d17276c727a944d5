#include "ctl/curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "ctl/text.h"

/* What of a command line of curl makes the request's head. */
struct curl {
    const char *method, *url, *type;
    char *fields; /* "Name: value\r\n" each */
    char *data;   /* of all -d and the like, joined by '&'; NULL: none */
    char *query;  /* of --url-query */
    long body;    /* bytes, -1: none */
    bool get;     /* the data goes into the query */
};

static long size_of_data(const char *data)
{
    struct stat st;

    if (data[0] != '@')
        return (long)strlen(data);
    return stat(data + 1, &st) == 0 ? (long)st.st_size : 0;
}

static void join(char **all, const char *more)
{
    char *joined = *all == NULL ? text_of("%s", more) : text_of("%s&%s", *all, more);

    free(*all);
    *all = joined;
}

/* Several are joined by '&' (curl(1), --data). */
static void add_data(struct curl *curl, const char *data, const char *type)
{
    curl->body = (curl->body < 0 ? 0 : curl->body + 1) + size_of_data(data);
    join(&curl->data, data);
    if (curl->type == NULL)
        curl->type = type;
}

static void take_data(struct curl *curl, const char *value)
{
    add_data(curl, value, "application/x-www-form-urlencoded");
}

/* "name=content" and "content": the content is encoded, the name is not. */
static char *encode(const char *value)
{
    const char *equals = strchr(value, '='), *content = equals == NULL ? value : equals + 1;
    char *encoded = text_of("%.*s", (int)(content - value), value);

    for (; *content != '\0'; content++) {
        bool plain = (*content >= '0' && *content <= '9') || (*content >= 'A' && *content <= 'Z') ||
                     (*content >= 'a' && *content <= 'z') || strchr("-._~", *content) != NULL;
        char *longer = text_of(plain ? "%s%c" : "%s%%%02X", encoded, (unsigned char)*content);
        free(encoded);
        encoded = longer;
    }
    return encoded;
}

static void take_data_to_encode(struct curl *curl, const char *value)
{
    char *encoded = encode(value);

    take_data(curl, encoded);
    free(encoded);
}

static void take_query(struct curl *curl, const char *value)
{
    char *encoded = value[0] == '+' ? text_of("%s", value + 1) : encode(value);

    join(&curl->query, encoded);
    free(encoded);
}

static void take_json(struct curl *curl, const char *value)
{
    add_data(curl, value, "application/json");
}

static void take_form(struct curl *curl, const char *value)
{
    add_data(curl, value, "multipart/form-data; boundary=x");
}

static void take_upload(struct curl *curl, const char *value)
{
    struct stat st;

    curl->body = stat(value, &st) == 0 ? (long)st.st_size : 0;
    if (curl->method == NULL)
        curl->method = "PUT";
}

static void take_method(struct curl *curl, const char *value)
{
    curl->method = value;
}

static void take_field(struct curl *curl, const char *value)
{
    char *fields = text_of("%s%s\r\n", curl->fields, value);

    if (strncasecmp(value, "Content-Type:", 13) == 0)
        curl->type = "";
    free(curl->fields);
    curl->fields = fields;
}

static void take_url(struct curl *curl, const char *value)
{
    curl->url = value;
}

static void take_head(struct curl *curl, const char *value)
{
    (void)value;
    if (curl->method == NULL)
        curl->method = "HEAD";
}

static void take_get(struct curl *curl, const char *value)
{
    (void)value;
    curl->get = true;
}

/* The options that make the request, and those that take a value: what else stands behind them would
 * pass for the URL. Any other is a switch. */
static const struct option {
    const char *name;
    char letter;
    bool value;
    void (*take)(struct curl *curl, const char *value); /* NULL: nothing to do with the request */
} options[] = {
    {"request", 'X', true, take_method},
    {"header", 'H', true, take_field},
    {"data", 'd', true, take_data},
    {"data-raw", 0, true, take_data},
    {"data-binary", 0, true, take_data},
    {"data-ascii", 0, true, take_data},
    {"data-urlencode", 0, true, take_data_to_encode},
    {"url-query", 0, true, take_query},
    {"json", 0, true, take_json},
    {"form", 'F', true, take_form},
    {"form-string", 0, true, take_form},
    {"upload-file", 'T', true, take_upload},
    {"url", 0, true, take_url},
    {"head", 'I', false, take_head},
    {"get", 'G', false, take_get},
    {"unix-socket", 0, true, NULL},
    {"abstract-unix-socket", 0, true, NULL},
    {"output", 'o', true, NULL},
    {"output-dir", 0, true, NULL},
    {"dump-header", 'D', true, NULL},
    {"write-out", 'w', true, NULL},
    {"stderr", 0, true, NULL},
    {"trace", 0, true, NULL},
    {"trace-ascii", 0, true, NULL},
    {"max-time", 'm', true, NULL},
    {"connect-timeout", 0, true, NULL},
    {"expect100-timeout", 0, true, NULL},
    {"keepalive-time", 0, true, NULL},
    {"speed-limit", 'Y', true, NULL},
    {"speed-time", 'y', true, NULL},
    {"limit-rate", 0, true, NULL},
    {"retry", 0, true, NULL},
    {"retry-delay", 0, true, NULL},
    {"retry-max-time", 0, true, NULL},
    {"user", 'u', true, NULL},
    {"user-agent", 'A', true, NULL},
    {"oauth2-bearer", 0, true, NULL},
    {"cookie", 'b', true, NULL},
    {"cookie-jar", 'c', true, NULL},
    {"referer", 'e', true, NULL},
    {"range", 'r', true, NULL},
    {"max-redirs", 0, true, NULL},
    {"cert", 'E', true, NULL},
    {"cert-type", 0, true, NULL},
    {"key", 0, true, NULL},
    {"key-type", 0, true, NULL},
    {"pass", 0, true, NULL},
    {"cacert", 0, true, NULL},
    {"capath", 0, true, NULL},
    {"ciphers", 0, true, NULL},
    {"proxy", 'x', true, NULL},
    {"noproxy", 0, true, NULL},
    {"interface", 0, true, NULL},
    {"resolve", 0, true, NULL},
    {"connect-to", 0, true, NULL},
    {"config", 'K', true, NULL},
};

static const struct option switch_option = {.name = ""};

static const struct option *find(struct str name, char letter)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (letter != 0 ? options[i].letter == letter : str_equal(name, str_of(options[i].name)))
            return &options[i];
    return &switch_option;
}

static void take(struct curl *curl, const struct option *option, const char *value)
{
    if (option->take != NULL)
        option->take(curl, value);
}

/* "--name VALUE", and for those who write it so "--name=VALUE". Returns whether ${next} was used. */
static bool take_long(struct curl *curl, const char *word, const char *next)
{
    struct str name = str_of(word);

    name.n = str_index(name, '=');
    const struct option *option = find(name, 0);
    bool inside = word[name.n] == '=', used = option->value && !inside && next != NULL;
    if (!option->value || inside || used)
        take(curl, option, inside ? word + name.n + 1 : next);
    return used;
}

/* "-s", "-XPOST", "-sSX POST": letters, the last of which may take a value. */
static bool take_letters(struct curl *curl, const char *letters, const char *next)
{
    for (; *letters != '\0'; letters++) {
        const struct option *option = find((struct str){0}, *letters);
        if (!option->value) {
            take(curl, option, NULL);
            continue;
        }
        bool inside = letters[1] != '\0';
        if (inside || next != NULL)
            take(curl, option, inside ? letters + 1 : next);
        return !inside && next != NULL;
    }
    return false;
}

static void read_words(const char *const *words, size_t n, struct curl *curl)
{
    for (size_t i = 0; i < n; i++) {
        const char *word = words[i], *next = i + 1 < n ? words[i + 1] : NULL;
        if (word[0] != '-' || word[1] == '\0')
            curl->url = word;
        else if (word[1] == '-')
            i += take_long(curl, word + 2, next);
        else
            i += take_letters(curl, word + 1, next);
    }
}

const char *curl_behind_scheme(const char *url)
{
    size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    return n > 0 && strncmp(url + n, "://", 3) == 0 ? url + n + 3 : NULL;
}

/* The target in a URL with ${query} added, and the host. */
static char *target_of(const char *url, const char *query, struct str *host)
{
    const char *behind = curl_behind_scheme(url);
    struct str rest = str_of(behind == NULL ? url : behind);

    rest.n = str_index(rest, '#');
    size_t slash = str_index(rest, '/'), mark = str_index(rest, '?');
    *host = str_slice(rest, 0, slash < mark ? slash : mark);
    rest = str_slice(rest, host->n, rest.n);
    return text_of("%s%.*s%s%s", rest.n == 0 || rest.p[0] != '/' ? "/" : "", STR_ARG(rest),
                   query == NULL                   ? ""
                   : str_index(rest, '?') < rest.n ? "&"
                                                   : "?",
                   query == NULL ? "" : query);
}

static char *write_head(const struct curl *curl)
{
    struct str host;
    char *target = target_of(curl->url, curl->query, &host), *content = text_of("%s", "");
    const char *method = curl->method;

    if (method == NULL)
        method = curl->body >= 0 ? "POST" : "GET";
    if (curl->body >= 0) {
        bool typed = curl->type != NULL && curl->type[0] != '\0';
        free(content);
        content = text_of("%s%s%sContent-Length: %ld\r\n", typed ? "Content-Type: " : "",
                          typed ? curl->type : "", typed ? "\r\n" : "", curl->body);
    }
    char *head = text_of("%s %s HTTP/1.1\r\nHost: %.*s\r\n%s%s\r\n", method, target, STR_ARG(host),
                         curl->fields, content);
    free(content);
    free(target);
    return head;
}

char *curl_head(const char *const *words, size_t n, long body, const char **why)
{
    struct curl curl = {.fields = text_of("%s", ""), .body = body};
    char *head = NULL;

    if (body >= 0)
        curl.type = "application/json";
    read_words(words, n, &curl);
    if (curl.get) {
        if (curl.data != NULL)
            join(&curl.query, curl.data);
        curl.body = -1;
    }
    if (curl.url != NULL)
        head = write_head(&curl);
    else
        *why = "the command line has no URL";
    free(curl.query);
    free(curl.data);
    free(curl.fields);
    return head;
}
