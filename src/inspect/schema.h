/* schema.h: the JSON types of the Docker Engine API as tables, a row for each field of each Go
 * struct that dockerd decodes a body into (moby api/types, Engine 20.10 to 29).
 *
 * A row has the field's name as Go spells it in JSON, its kind, and its rule with the reason. */
#ifndef DSP_INSPECT_SCHEMA_H
#define DSP_INSPECT_SCHEMA_H

#include <jansson.h>

#include "inspect/inspect.h"

/* A judgement under way. */
struct judge {
    const struct policy *policy;
    const struct operation *op;
    const struct target *target;
    const json_t *root;
    enum policy_key unrestricted; /* the section's */
    struct finding *finding;
    /* With recreate: what the container of that name has where the value at hand stands, or NULL. */
    const json_t *before;
    char path[256]; /* of the value at hand */
    size_t path_n;
};

enum kind {
    BOOL,
    INT,    /* a whole number; Go refuses any other for its int types */
    NUMBER, /* with a fraction */
    STRING,
    STRINGS, /* []string; engines up to 28 take a string for some of them: STRING_OR_LIST */
    STRING_OR_LIST,
    LISTS,   /* [][]string */
    INTS,    /* [2]uint */
    MAP,     /* map[string]string */
    SET,     /* map[string]struct{} */
    OBJECT,  /* a struct: ${type} */
    OBJECTS, /* a list of them */
    NAMED,   /* a map of them */
    NAMEDS,  /* a map of lists of them */
    MAYBES,  /* map[string]*string, of a build's arguments */
    FILTERS  /* map[string][]string: filters, as docker/filters.h reads them */
};

enum field_rule {
    FREE,     /* passes as it is; of an object the fields are judged */
    ZERO,     /* must be absent */
    NULLED,   /* as BY_CHECK, but only null is absent: dockerd gives [] or {} a meaning */
    NAMED_BY, /* the ${key} must name it: a switch, each string of a list, each NAME=VALUE of a map */
    BY_CHECK /* ${check} decides, with ${key} */
};

struct type;

#define FIELD_ANY "*" /* the name of a row for whatever no other row is for */

struct field {
    const char *name;
    enum kind kind;
    enum field_rule rule;
    enum policy_key key;
    const struct type *type; /* of OBJECT and its like */
    bool (*check)(struct judge *j, const struct field *field, const json_t *value);
    const char *reason; /* what the field gives to whoever may set it */
};

enum { TYPE_PARTS_MAX = 4 };

/* A struct, with what is embedded in it. */
struct type {
    const char *name;
    struct type_part {
        const struct field *fields;
        size_t n;
        bool absent; /* all of them must be zero */
    } parts[TYPE_PARTS_MAX];
    /* Decides on the object as a whole, once its fields have passed; or NULL. */
    bool (*check)(struct judge *j, const json_t *object);
};

#define PART(table)                                      \
    {                                                    \
        (table), sizeof(table) / sizeof(*(table)), false \
    }
#define PART_ABSENT(table)                              \
    {                                                   \
        (table), sizeof(table) / sizeof(*(table)), true \
    }

/* Whether ${value} is of that kind; null is of each. If not, what it is not: "is no string". */
bool kind_is(enum kind kind, const json_t *value);
const char *kind_says(enum kind kind);

/* The row of ${key}, or NULL; ${folded} is then one that Go would take it for. ${absent}: it must be
 * zero in this type. */
const struct field *schema_find(const struct type *type, struct str key, bool *absent,
                                const struct field **folded);

/* Judges ${value}, of ${type}. */
bool schema_judge(struct judge *j, const struct type *type, const json_t *value);

/* Object to the value at hand; all return false. ${value} is what is shown of it. */
bool judge_object(struct judge *j, enum objection objection, struct str value, const char *says);
bool judge_not_named(struct judge *j, enum policy_key key, struct str value);
bool judge_requires(struct judge *j, enum policy_key key, const char *field, const char *says);

/* judge_not_named() unless the policy's ${key} names ${text}. */
bool judge_names(struct judge *j, enum policy_key key, struct str text);

/* The same of "NAME=VALUE"; of one with a password in it the name alone is shown. */
bool judge_names_pair(struct judge *j, enum policy_key key, struct str name, struct str value);

/* The same where ${value} is a list, of which no `*` in a pattern stands for a ','. */
bool judge_names_parts(struct judge *j, enum policy_key key, struct str name, struct str value);

/* Shows ${value}, or another ${field}, in an objection already made. Return false. */
bool judge_add_value(struct judge *j, struct str value);
bool judge_set_field(struct judge *j, const char *field);

/* The same of a switch. */
bool judge_switch(struct judge *j, enum policy_key key);

/* Goes down: to a field, an element, a map's entry. judge_up() takes the result back. */
size_t judge_down(struct judge *j, struct str name);
size_t judge_down_at(struct judge *j, size_t index);
void judge_up(struct judge *j, size_t mark);

#endif
