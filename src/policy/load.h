/* load.h: what the parts of the policy loader share. Private to policy/, but for the table of keys,
 * which dspctl shows and tries words with. */
#ifndef DSP_POLICY_LOAD_H
#define DSP_POLICY_LOAD_H

#include "policy/policy.h"
#include "policy/sections.h"

struct loader {
    struct policy *policy;
    struct policy_errors *errors;
    struct str rest;       /* of the text */
    unsigned line;         /* the line inih works on, from 1 */
    bool skip;             /* the section at hand is none */
    unsigned clients_line; /* of [clients]; 0: there is none */
    unsigned name_line;    /* of the first container that is named; 0: none is */
    bool ask_engine;       /* so that names may stand */
    bool keys_set[KEYS];   /* that row of the table of keys was seen */
    uint64_t aliases_set;  /* the same of keys that a variable of [sections] can stand for */
    struct sections sections;
    struct operation_index operations;
    struct target path;        /* of the rule at hand: large, and so one for all of them, ... */
    char raw[TARGET_PATH_MAX]; /* ... as is what it is parsed from */
};

/* A key, its place in the file, and what takes its value (keys.c). */
struct key {
    const char *section;
    const char *name;
    bool (*set)(struct loader *loader, struct str value); /* NULL: load_grant() takes it */
    bool repeats;
    enum grant_kind kind;   /* without set */
    enum grant_sense sense; /* the same */
};
extern const struct key policy_keys[KEYS];
extern const char *const policy_sections[], *const policy_later_sections[]; /* end in NULL */

/* Adds an error: the line at hand and the printf text. Always returns false. */
bool load_fail(struct loader *loader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As load_fail(): "WHAT 'WORD'", then the nearest valid name when one was offered. */
struct nearest;
bool load_fail_unknown(struct loader *loader, const char *what, const struct nearest *nearest);

/* Appends a rule without operations or path, with ${text} as its words for people. */
struct rule *load_add_rule(struct policy *policy, unsigned line, bool deny, const char *text);

struct condition *load_add_condition(struct policy *policy);
struct client *load_add_client(struct policy *policy);
void load_add_override(struct policy *policy, unsigned line, const char *text);

/* A NUL-terminated copy; aborts when memory is out. */
char *load_copy(struct str s);

/* Sets what both a key and a variable of [sections] can set. */
bool load_socket(struct loader *loader, struct str value);
bool load_log_requests(struct loader *loader, enum log_requests requests);

/* Reads the value of an allow or deny key of [rules] into rules (rules.c). */
bool load_rules(struct loader *loader, bool deny, struct str value);

/* Takes the value of a key that has a grant (grants.c). */
bool load_grant(struct loader *loader, enum policy_key key, struct str value);
struct grant_word *load_add_grant_word(struct grant *grant);
void load_free_grants(struct policy *policy);

/* A switch as people write it: yes, true, on, 1, or their opposites, in any case. Returns false for
 * anything else (grants.c). */
bool load_switch(struct str value, bool *on);

/* Keys of [clients] (clients.c). */
bool load_uids(struct loader *loader, struct str value);
bool load_gids(struct loader *loader, struct str value);
bool load_units(struct loader *loader, struct str value);
bool load_containers(struct loader *loader, struct str value);
bool load_ask_engine(struct loader *loader, struct str value);
bool load_check_names(struct loader *loader); /* once the file is read: whether names may stand */
bool load_addresses(struct loader *loader, struct str value);
bool load_tls_subject(struct loader *loader, struct str value);

#endif
