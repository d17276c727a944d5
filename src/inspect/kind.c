/* kind.c: whether a value is what Go would decode into a field. */
#include "inspect/schema.h"

static const char *const kind_names[] = {
    [BOOL] = "is not true or false",
    [INT] = "is no whole number",
    [NUMBER] = "is no number",
    [STRING] = "is no string",
    [STRINGS] = "is no list of strings",
    [STRING_OR_LIST] = "is no list of strings",
    [LISTS] = "is no list of lists of strings",
    [INTS] = "is no list of whole numbers",
    [MAP] = "is no object of strings",
    [SET] = "is no object of empty objects",
    [OBJECT] = "is no object",
    [OBJECTS] = "is no list of objects",
    [NAMED] = "is no object of objects",
    [NAMEDS] = "is no object of lists of objects",
    [MAYBES] = "is no object of strings",
    [FILTERS] = "is no object of lists of strings",
};

static bool all_in_array(const json_t *array, bool (*is)(const json_t *))
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!is(json_array_get(array, i)))
            return false;
    return json_is_array(array);
}

static bool all_in_object(const json_t *object, bool (*is)(const json_t *))
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value) if (!is(value)) return false;
    return json_is_object(object);
}

static bool is_string(const json_t *value)
{
    return json_is_string(value);
}

static bool is_string_or_null(const json_t *value)
{
    return json_is_string(value) || json_is_null(value);
}

static bool is_integer(const json_t *value)
{
    return json_is_integer(value);
}

static bool is_strings(const json_t *value)
{
    return all_in_array(value, is_string);
}

static bool is_object_or_null(const json_t *value)
{
    return json_is_object(value) || json_is_null(value);
}

static bool is_objects(const json_t *value)
{
    return json_is_null(value) || all_in_array(value, is_object_or_null);
}

/* The elements of a struct{} have no fields that could be known. */
static bool is_empty(const json_t *value)
{
    return is_object_or_null(value) && json_object_size(value) == 0;
}

bool kind_is(enum kind kind, const json_t *value)
{
    if (json_is_null(value))
        return true;
    switch (kind) {
    case BOOL:
        return json_is_boolean(value);
    case INT:
        return json_is_integer(value);
    case NUMBER:
        return json_is_number(value);
    case STRING:
        return json_is_string(value);
    case STRINGS:
        return is_strings(value);
    case STRING_OR_LIST: /* "" is a list of one to them, no absent one: it clears an entrypoint */
        return json_string_length(value) > 0 || is_strings(value);
    case LISTS:
        return all_in_array(value, is_strings);
    case INTS:
        return all_in_array(value, is_integer);
    case MAP:
        return all_in_object(value, is_string);
    case SET:
        return all_in_object(value, is_empty);
    case OBJECT:
        return json_is_object(value);
    case OBJECTS:
        return is_objects(value);
    case NAMED:
        return all_in_object(value, is_object_or_null);
    case NAMEDS:
        return all_in_object(value, is_objects);
    case MAYBES:
        return all_in_object(value, is_string_or_null);
    case FILTERS:
        return all_in_object(value, is_strings);
    }
    return false;
}

const char *kind_says(enum kind kind)
{
    return kind_names[kind];
}
