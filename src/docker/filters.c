#include "docker/filters.h"

enum { FILTERS_MAX = 16 * 1024 };

/* The names of {"a": true, ...} as a list. */
static json_t *names_of(json_t *set)
{
    json_t *list = json_array(), *value;
    const char *name;

    json_object_foreach(set, name, value)
    {
        if (!json_is_true(value) || json_array_append_new(list, json_string(name)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *strings_of(json_t *values)
{
    json_t *value;
    size_t i;

    json_array_foreach(values, i, value)
    {
        if (!json_is_string(value))
            return NULL;
    }
    return json_incref(values);
}

static json_t *lists_of(json_t *fields)
{
    json_t *lists = json_object(), *values;
    json_type form = JSON_NULL;
    const char *key;

    json_object_foreach(fields, key, values)
    {
        json_type type = json_typeof(values);
        json_t *list = NULL;
        if (type == JSON_NULL)
            list = json_array();
        else if (form == JSON_NULL || type == form)
            list = type == JSON_OBJECT  ? names_of(values)
                   : type == JSON_ARRAY ? strings_of(values)
                                        : NULL;
        if (type != JSON_NULL)
            form = type;
        if (list == NULL || json_object_set_new(lists, key, list) != 0) {
            json_decref(lists);
            return NULL;
        }
    }
    return lists;
}

json_t *filters_parse(struct str text)
{
    json_t *fields, *lists = NULL;

    if (text.n == 0)
        return json_object();
    /* jansson takes a NUL behind a value for the end. */
    if (text.n > FILTERS_MAX || str_index(text, '\0') < text.n)
        return NULL;
    fields = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (json_is_object(fields))
        lists = lists_of(fields);
    else if (json_is_null(fields))
        lists = json_object();
    json_decref(fields);
    return lists;
}
