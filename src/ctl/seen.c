#include "ctl/seen.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "http/grammar.h"
#include "http/method.h"
#include "log/record.h"

static bool put(char *to, size_t size, struct str s)
{
    struct writer w = writer_over(to, size - 1);

    writer_str(&w, s);
    to[w.n] = '\0';
    return !w.overflow;
}

/* dsp writes a backslash and what is not printable as \xNN (base/writer.h). */
bool seen_set_target(struct seen *seen, struct str s)
{
    struct writer w = writer_over(seen->target, sizeof(seen->target) - 1);

    for (size_t i = 0; i < s.n; i++) {
        if (s.n - i >= 4 && s.p[i] == '\\' && s.p[i + 1] == 'x' &&
            http_hex_value(s.p[i + 2]) >= 0 && http_hex_value(s.p[i + 3]) >= 0) {
            writer_char(&w, (char)(http_hex_value(s.p[i + 2]) * 16 + http_hex_value(s.p[i + 3])));
            i += 3;
        } else {
            writer_char(&w, s.p[i]);
        }
    }
    /* A record's target that was cut ends in "..."; of a query that much cannot be known. */
    size_t mark = str_index(writer_view(&w), '?');
    if (w.n > sizeof(((struct record_text){0}).p) - 8 && memcmp(w.p + w.n - 3, "...", 3) == 0)
        w.n = mark;
    if (w.overflow)
        w.n = 0;
    seen->target[w.n] = '\0';
    return w.n > 0;
}

static struct str string_in(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return (struct str){json_string_value(value), json_string_length(value)};
}

static struct str first_in(const json_t *object, const char *const *keys)
{
    struct str found = {0};

    for (; found.n == 0 && *keys != NULL; keys++)
        found = string_in(object, *keys);
    return found;
}

static bool of_object(const json_t *object, struct seen *seen)
{
    static const char *const methods[] = {"DSP_METHOD", "method", "RequestMethod", "request_method",
                                          NULL};
    static const char *const targets[] = {"DSP_TARGET",  "target", "uri", "RequestPath",
                                          "request_uri", "path",   "url", NULL};
    const json_t *inner = json_object_get(object, "request");
    struct str method = first_in(object, methods), target = first_in(object, targets);

    if (inner != NULL && method.n == 0)
        return of_object(inner, seen);
    if (method.n == 0)
        return false;
    (void)put(seen->policy, sizeof(seen->policy), string_in(object, "DSP_POLICY"));
    (void)put(seen->verdict, sizeof(seen->verdict), string_in(object, "DSP_VERDICT"));
    return put(seen->method, sizeof(seen->method), method) && seen_set_target(seen, target);
}

/* A line that is JSON, or has an object in it, as Caddy's console format has. */
static bool of_json(struct str line, struct seen *seen)
{
    size_t open = str_index(line, '{');
    bool found = false;

    if (open == line.n)
        return false;
    json_t *object = json_loadb(line.p + open, line.n - open, JSON_DISABLE_EOF_CHECK, NULL);
    if (json_is_object(object))
        found = of_object(object, seen);
    struct str message = string_in(object, "MESSAGE");
    if (!found && message.n > 0 && str_index(message, '{') == message.n)
        found = seen_in_line(message, seen);
    json_decref(object);
    return found;
}

static bool is_verdict(struct str word)
{
    for (int v = VERDICT_ALLOWED; v <= VERDICT_FAILED; v++)
        if (str_equal(word, str_of(record_verdict_name((enum verdict)v))))
            return true;
    return false;
}

/* "NAME: VERDICT OPERATION" before the method make it a record of dsp's. */
static void of_dsp(const struct str *words, size_t n, struct seen *seen)
{
    if (n < 3 || !is_verdict(words[n - 2]))
        return;
    struct str name = words[n - 3];
    if (name.n < 2 || name.p[name.n - 1] != ':')
        return;
    name.n--;
    /* "<5>NAME:" on a standard error that systemd would read. */
    if (name.n > 3 && name.p[0] == '<' && name.p[2] == '>')
        name = str_slice(name, 3, name.n);
    (void)put(seen->policy, sizeof(seen->policy), name);
    (void)put(seen->verdict, sizeof(seen->verdict), words[n - 2]);
}

/* What a proxy logs of a client that takes it for one: "http://docker/version". */
static struct str without_host(struct str target)
{
    struct str scheme = STR("http://");

    if (!str_starts(target, scheme))
        return target;
    target = str_slice(target, scheme.n, target.n);
    return str_slice(target, str_index(target, '/'), target.n);
}

bool seen_in_line(struct str line, struct seen *seen)
{
    struct str words[4] = {{0}}, rest = line, word;
    size_t n = 0;

    *seen = (struct seen){0};
    if (of_json(line, seen))
        return true;
    *seen = (struct seen){0};
    while (str_word(&rest, &word)) {
        struct str next = str_trim(rest), bare = word;
        while (bare.n > 0 && (bare.p[0] == '"' || bare.p[0] == '\'' || bare.p[0] == '['))
            bare = str_slice(bare, 1, bare.n);
        if (n == sizeof(words) / sizeof(*words)) {
            memmove(words, words + 1, (n - 1) * sizeof(*words));
            n--;
        }
        words[n++] = word;
        struct str target;
        if (http_method_of(bare) == METHOD_OTHER || !str_word(&next, &target))
            continue;
        target = without_host(target);
        if (target.n == 0 || target.p[0] != '/')
            continue;
        target.n = str_index(target, '"');
        of_dsp(words, n - 1, seen);
        return put(seen->method, sizeof(seen->method), bare) && seen_set_target(seen, target);
    }
    return false;
}

char *seen_body(struct str line)
{
    json_t *object = json_loadb(line.p, line.n, 0, NULL);
    const json_t *body = json_object_get(object, "body");
    char *text = NULL;

    if (json_is_string(body))
        text = strdup(json_string_value(body));
    else if (body != NULL && !json_is_null(body))
        text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(object);
    return text;
}
