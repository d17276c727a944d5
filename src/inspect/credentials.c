/* credentials.c: rules on X-Registry-Auth and X-Registry-Config, as moby reads them
 * (daemon/server/router/image/image_routes.go, build/build_routes.go): JSON in base64. */
#include <stdlib.h>
#include <string.h>

#include "inspect/image.h"
#include "inspect/json.h"
#include "inspect/queries.h"

/* The value of a digit of either alphabet (RFC 4648 sections 4 and 5), or -1. */
static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    if (at != NULL)
        return (int)(at - digits);
    return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : -1;
}

/* Returns NULL for what is no base64 of JSON. */
static json_t *decode(struct str text)
{
    char *bytes = malloc(text.n + 1);
    const char *flaw;
    size_t n = 0, count = text.n;
    unsigned bits = 0, value = 0;

    while (count > 0 && text.p[count - 1] == '=')
        count--;
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        int d = digit(text.p[i]);
        if (d < 0) {
            free(bytes);
            return NULL;
        }
        value = (value << 6 | (unsigned)d) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[n++] = (char)(value >> bits & 0xff);
        }
    }
    json_t *json = bytes == NULL ? NULL : json_read((struct str){bytes, n}, &flaw);
    free(bytes);
    return json;
}

/* Clients send an object without a name and a password where they have none. What is no object of
 * strings counts as credentials: dsp cannot tell what an engine would make of it. */
static bool has_credentials(const json_t *auth)
{
    const char *name;
    json_t *value;

    if (json_is_null(auth))
        return false;
    if (!json_is_object(auth))
        return true;
    json_object_foreach((json_t *)auth, name, value)
    {
        if (!json_is_zero(value) && strcmp(name, "serveraddress") != 0 &&
            strcmp(name, "email") != 0)
            return true;
    }
    return false;
}

/* "https://index.docker.io/v1/" is docker.io (moby daemon/pkg/registry). */
static struct str registry_of_key(struct str key)
{
    static const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
        if (str_starts(key, str_of(schemes[i])))
            key = str_slice(key, strlen(schemes[i]), key.n);
    key = str_slice(key, 0, str_index(key, '/'));
    return str_equal(key, STR("index.docker.io")) ? STR("docker.io") : key;
}

static bool judge_map(struct judge *j, enum policy_key key, const json_t *map)
{
    const char *name;
    json_t *auth;

    if (json_is_null(map))
        return true;
    if (!json_is_object(map))
        return judge_object(j, OBJECT_TYPE, (struct str){0}, "is no JSON object in base64");
    json_object_foreach((json_t *)map, name, auth)
    {
        if (has_credentials(auth) && !judge_names(j, key, registry_of_key(str_of(name))))
            return false;
    }
    return true;
}

static bool judge_one(struct judge *j, const struct query_rules *rules)
{
    struct str image = rules->image == NULL ? query_path_name(j) : query_text(j, rules->image);

    if (rules->credentials == KEY_W_CREDENTIALS)
        return judge_switch(j, rules->credentials);
    return judge_names(j, rules->credentials, image_registry(image));
}

bool credentials_judge(struct judge *j, const struct query_rules *rules,
                       const struct http_fields *fields)
{
    bool map = rules->credentials == KEY_B_CREDENTIALS, good = true;
    struct str name = map ? STR("X-Registry-Config") : STR("X-Registry-Auth"), value = {0};

    if (rules->credentials == 0 || policy_grant(j->policy, rules->unrestricted)->on)
        return true;
    size_t n = http_fields_find(fields, name, &value);
    if (n == 0 || (n == 1 && value.n == 0))
        return true;
    size_t mark = judge_down(j, name);
    j->finding->where = FOUND_IN_HEAD;
    json_t *json = decode(value);
    if (n > 1)
        good = judge_object(j, OBJECT_TYPE, (struct str){0}, "stands twice");
    else if (map)
        good = judge_map(j, rules->credentials, json);
    else if (has_credentials(json))
        good = judge_one(j, rules);
    json_decref(json);
    judge_up(j, mark);
    return good;
}
