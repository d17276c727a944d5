/* parameters.h: the query parameters of operations, and how dockerd reads each. */
#ifndef DSP_DOCKER_PARAMETERS_H
#define DSP_DOCKER_PARAMETERS_H

#include "docker/operation.h"

enum parameter_kind {
    PARAMETER_TEXT,  /* dockerd takes the first value; an empty one is as good as none */
    PARAMETER_LIST,  /* dockerd takes every value */
    PARAMETER_BOOL,  /* false: "", 0, no, false, none; true: anything else (httputils/form.go) */
    PARAMETER_DBOOL, /* the same, but an empty one is as good as none */
    PARAMETER_INT,   /* a decimal number; an empty one is as good as none */
    PARAMETER_FILTERS
};

/* What an absent parameter means where it means no value in particular. */
#define ABSENT_NOTHING NULL /* it is not there: no condition on it holds */
#define ABSENT_ALL "**"     /* everything: each condition that denies holds, none that allows */

struct parameter {
    const char *operation; /* its name; of a GET it is the HEAD's as well */
    const char *name;
    enum parameter_kind kind;
    const char *absent; /* the value that dockerd takes, or one of ABSENT_ */
};

extern const struct parameter docker_parameters[];
extern const size_t docker_parameters_count;

/* The parameter ${name} of ${op}, or NULL. */
const struct parameter *parameter_find(const struct operation *op, struct str name);

#endif
