/* load.h: what the parts of the policy loader share. Private to policy/. */
#ifndef DSP_POLICY_LOAD_H
#define DSP_POLICY_LOAD_H

#include "policy/policy.h"
#include "policy/sections.h"

struct loader {
    struct policy *policy;
    struct policy_error *error;
    bool failed;       /* the error is filled; the rest of the file is not looked at */
    struct str rest;   /* of the text */
    unsigned line;     /* the line inih works on, from 1 */
    uint64_t keys_set; /* bit i: row i of load.c's table of keys was seen */
    bool socket_set, log_requests_set; /* by either of the two keys that can */
    struct sections sections;
};

/* Fills the error, once, with the line at hand and the printf text. Always returns false. */
bool load_fail(struct loader *loader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As load_fail(): "WHAT 'WORD'", then the nearest valid name when one was offered. */
struct nearest;
bool load_fail_unknown(struct loader *loader, const char *what, const struct nearest *nearest);

/* Appends a rule without operations or path, with ${text} as its words for people. */
struct rule *load_add_rule(struct policy *policy, unsigned line, bool deny, const char *text);

/* A NUL-terminated copy; aborts when memory is out. */
char *load_copy(struct str s);

/* Sets what both a key and a variable of [sections] can set. */
bool load_socket(struct loader *loader, struct str value);
bool load_log_requests(struct loader *loader, enum log_requests requests);

/* Reads the value of an allow or deny key of [rules] into rules (rules.c). */
bool load_rules(struct loader *loader, bool deny, struct str value);

#endif
