#include "inspect/json.h"

/* Bytes that jansson and malloc take for a value: its header, and what an object or an array
 * allocates before it holds anything (jansson: hashtable.c, value.c). A string of an array has a
 * header of 48, its bytes are a block with up to 31 beside them, and its place in the array is one
 * of up to twice as many. */
enum { COST_OBJECT = 320, COST_ARRAY = 160, COST_MEMBER = 112, COST_ELEMENT = 96 };

/* What can be told without parsing: nesting, and how much memory parsing would take. */
struct shape {
    size_t depth, deepest, cost;
};

static void count(struct shape *shape, char c)
{
    switch (c) {
    case '{':
        shape->cost += COST_OBJECT;
        break;
    case '[':
        shape->cost += COST_ARRAY;
        break;
    case ':':
        shape->cost += COST_MEMBER;
        break;
    case ',':
        shape->cost += COST_ELEMENT;
        break;
    default:
        break;
    }
    if (c == '{' || c == '[')
        shape->depth++;
    if ((c == '}' || c == ']') && shape->depth > 0)
        shape->depth--;
    if (shape->depth > shape->deepest)
        shape->deepest = shape->depth;
}

static struct shape measure(struct str text)
{
    struct shape shape = {0};
    bool in_string = false;

    for (size_t i = 0; i < text.n; i++) {
        if (in_string && text.p[i] == '\\')
            i++;
        else if (text.p[i] == '"')
            in_string = !in_string;
        else if (!in_string)
            count(&shape, text.p[i]);
    }
    return shape;
}

static const char *flaw_of(enum json_error_code code)
{
    static const struct {
        enum json_error_code code;
        const char *flaw;
    } flaws[] = {
        {json_error_duplicate_key, "a key stands twice in the body"},
        {json_error_invalid_utf8, "the body is not UTF-8"},
        {json_error_end_of_input_expected, "something follows the JSON value in the body"},
        {json_error_null_character, "the body has a NUL in a string"},
        {json_error_null_byte_in_key, "the body has a NUL in a string"},
        {json_error_out_of_memory, "the body does not fit into memory"},
    };

    for (size_t i = 0; i < sizeof(flaws) / sizeof(*flaws); i++)
        if (flaws[i].code == code)
            return flaws[i].flaw;
    return "the body is no JSON that all readers read alike";
}

json_t *json_read_within(struct str text, size_t memory, const char **flaw)
{
    struct shape shape = measure(text);
    json_error_t error;

    *flaw = NULL;
    if (shape.deepest > JSON_DEPTH_MAX)
        *flaw = "the body is nested too deeply";
    else if (shape.cost > memory)
        *flaw = "the body has too many values";
    if (*flaw != NULL)
        return NULL;
    json_t *value = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value != NULL)
        return value;
    *flaw = flaw_of(json_error_code(&error));
    return NULL;
}

json_t *json_read(struct str text, const char **flaw)
{
    return json_read_within(text, JSON_MEMORY_MAX, flaw);
}

struct str json_str(const json_t *value)
{
    return (struct str){json_string_value(value), json_string_length(value)};
}

bool json_is_zero(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
    case JSON_FALSE:
        return true;
    case JSON_INTEGER:
        return json_integer_value(value) == 0;
    case JSON_REAL:
        return json_real_value(value) == 0;
    case JSON_STRING:
        return json_string_length(value) == 0;
    case JSON_ARRAY:
        return json_array_size(value) == 0;
    case JSON_OBJECT:
        return json_object_size(value) == 0;
    case JSON_TRUE:
        break;
    }
    return false;
}
