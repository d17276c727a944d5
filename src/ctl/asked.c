#include "ctl/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/seen.h"
#include "ctl/text.h"

/* What of a command line of curl makes the request's head. */
struct curl {
    const char *method, *url, *type;
    char *fields; /* "Name: value\r\n" each */
    long body;
    bool get;
};

static long size_of_data(const char *data)
{
    struct stat st;

    if (data[0] != '@')
        return (long)strlen(data);
    return stat(data + 1, &st) == 0 ? (long)st.st_size : 0;
}

static void add_data(struct curl *curl, const char *data)
{
    /* Several are joined by '&' (curl(1), --data). */
    curl->body = (curl->body < 0 ? 0 : curl->body + 1) + size_of_data(data);
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

static void take_data(struct curl *curl, const char *value)
{
    add_data(curl, value);
    if (curl->type == NULL)
        curl->type = "application/x-www-form-urlencoded";
}

static void take_json(struct curl *curl, const char *value)
{
    add_data(curl, value);
    if (curl->type == NULL)
        curl->type = "application/json";
}

static void take_upload(struct curl *curl, const char *value)
{
    struct stat st;

    curl->body = stat(value, &st) == 0 ? (long)st.st_size : 0;
    if (curl->method == NULL)
        curl->method = "PUT";
}

static void take_url(struct curl *curl, const char *value)
{
    curl->url = value;
}

static void take_nothing(struct curl *curl, const char *value)
{
    (void)curl;
    (void)value;
}

/* The options of curl that take a value: what else stands behind them would pass for the URL. */
static const struct curl_option {
    const char *name;
    char letter;
    void (*take)(struct curl *curl, const char *value);
} curl_options[] = {
    {"request", 'X', take_method},
    {"header", 'H', take_field},
    {"data", 'd', take_data},
    {"data-raw", 0, take_data},
    {"data-binary", 0, take_data},
    {"data-ascii", 0, take_data},
    {"json", 0, take_json},
    {"upload-file", 'T', take_upload},
    {"url", 0, take_url},
    {"unix-socket", 0, take_nothing},
    {"abstract-unix-socket", 0, take_nothing},
    {"output", 'o', take_nothing},
    {"max-time", 'm', take_nothing},
    {"connect-timeout", 0, take_nothing},
    {"write-out", 'w', take_nothing},
    {"user", 'u', take_nothing},
    {"cert", 'E', take_nothing},
    {"key", 0, take_nothing},
    {"cacert", 0, take_nothing},
    {"proxy", 'x', take_nothing},
    {"user-agent", 'A', take_nothing},
    {"retry", 0, take_nothing},
};

static const struct curl_option *curl_option(const char *word)
{
    const size_t n = sizeof(curl_options) / sizeof(*curl_options);

    for (size_t i = 0; i < n; i++)
        if (word[1] == '-' ? strcmp(word + 2, curl_options[i].name) == 0
                           : curl_options[i].letter != 0 && word[1] == curl_options[i].letter)
            return &curl_options[i];
    return NULL;
}

static void read_curl(const char *const *words, size_t n, struct curl *curl)
{
    for (size_t i = 0; i < n; i++) {
        const struct curl_option *option = words[i][0] == '-' ? curl_option(words[i]) : NULL;
        if (words[i][0] != '-')
            curl->url = words[i];
        else if (option != NULL && words[i][1] != '-' && words[i][2] != '\0')
            option->take(curl, words[i] + 2); /* -XPOST */
        else if (option != NULL && i + 1 < n)
            option->take(curl, words[++i]);
        else if (strcmp(words[i], "-I") == 0 || strcmp(words[i], "--head") == 0)
            curl->method = "HEAD";
        else if (strcmp(words[i], "-G") == 0 || strcmp(words[i], "--get") == 0)
            curl->get = true;
    }
}

/* The target in a URL, and the host. */
static void split_url(const char *url, struct str *host, struct str *target)
{
    const char *scheme = strstr(url, "://");
    struct str rest = str_of(scheme == NULL ? url : scheme + 3);

    size_t slash = str_index(rest, '/');
    *host = str_slice(rest, 0, slash);
    *target = slash < rest.n ? str_slice(rest, slash, rest.n) : STR("/");
    target->n = str_index(*target, '#');
}

static char *of_curl(const char *const *words, size_t n, long body, const char **why)
{
    struct curl curl = {.fields = text_of("%s", ""), .body = body};
    struct str host, target;
    char *type, *head;

    if (body >= 0)
        curl.type = "application/json";
    read_curl(words, n, &curl);
    if (curl.url == NULL) {
        free(curl.fields);
        *why = "the command line has no URL";
        return NULL;
    }
    split_url(curl.url, &host, &target);
    if (curl.get)
        curl.body = -1;
    if (curl.method == NULL)
        curl.method = curl.body >= 0 ? "POST" : "GET";
    type = curl.body >= 0 && curl.type != NULL && curl.type[0] != '\0'
               ? text_of("Content-Type: %s\r\n", curl.type)
               : text_of("%s", "");
    head = curl.body >= 0
               ? text_of("%s %.*s HTTP/1.1\r\nHost: %.*s\r\n%s%sContent-Length: %ld\r\n\r\n",
                         curl.method, STR_ARG(target), STR_ARG(host), curl.fields, type, curl.body)
               : text_of("%s %.*s HTTP/1.1\r\nHost: %.*s\r\n%s\r\n", curl.method, STR_ARG(target),
                         STR_ARG(host), curl.fields);
    free(type);
    free(curl.fields);
    return head;
}

static char *plain(const char *method, const char *target, long body)
{
    if (body < 0)
        return text_of("%s %s HTTP/1.1\r\nHost: d\r\n\r\n", method, target);
    return text_of("%s %s HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n"
                   "Content-Length: %ld\r\n\r\n",
                   method, target, body);
}

static char *of_line(const char *const *words, size_t n, long body, const char **why)
{
    static struct seen seen;
    char *line = text_of("%s", words[0]);

    for (size_t i = 1; i < n; i++) {
        char *longer = text_of("%s %s", line, words[i]);
        free(line);
        line = longer;
    }
    bool found = seen_in_line(str_of(line), &seen);
    free(line);
    if (!found)
        *why = "there is no METHOD /TARGET in it";
    return found ? plain(seen.method, seen.target, body) : NULL;
}

char *asked_head(const char *const *words, size_t n, long body, const char **why)
{
    if (strcmp(words[0], "curl") == 0)
        return of_curl(words + 1, n - 1, body, why);
    if (n == 2 && strpbrk(words[0], " \t") == NULL)
        return plain(words[0], words[1], body);
    return of_line(words, n, body, why);
}
