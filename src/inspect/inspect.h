/* inspect.h: what an allowed request may contain. Pure: bytes to a finding.
 *
 *   Every field of a body is a row of a table (schema.h) with its rule: it passes as it is, or a
 *   key of the policy must name its value, or it must be absent. A field that is no row is refused,
 *   so a field of a later engine opens nothing. What is zero (null, false, "", 0, [] or {}) counts
 *   as absent, as it does for dockerd, but in rows of which it does not (NULLED).
 *
 * The caller forwards exactly the bytes that were judged. */
#ifndef DSP_INSPECT_INSPECT_H
#define DSP_INSPECT_INSPECT_H

#include "docker/operation.h"
#include "http/head.h"
#include "policy/policy.h"

enum objection {
    OBJECT_NOT,        /* allowed */
    OBJECT_NOT_JSON,   /* the body could be read in two ways, or not at all: ${says} has how */
    OBJECT_UNKNOWN,    /* a field that is no row of the tables */
    OBJECT_MISSPELLED, /* a key that Go folds to a known one */
    OBJECT_TYPE,       /* a value of another kind than the field's: ${says} has which */
    OBJECT_NEVER,      /* a field that only unrestricted lets pass */
    OBJECT_NOT_NAMED,  /* the policy's ${key} does not name the value, or does not stand there */
    OBJECT_REQUIRED,   /* the policy's ${key} asks for something else */
    OBJECT_MALFORMED   /* a value that can be read in two ways: ${says} has how */
};

/* Where it was found. */
enum found_in {
    FOUND_IN_BODY,     /* ${field} is one of the body */
    FOUND_IN_QUERY,    /* ${field} is a parameter, or empty */
    FOUND_IN_HEAD,     /* ${field} is a head field */
    FOUND_IN_PATH,     /* the name that the path has */
    FOUND_IN_OPERATION /* what the operation does, whatever stands in the request */
};

struct finding {
    enum objection objection;
    enum found_in where;
    const char *operation; /* its name, but of FOUND_IN_BODY */
    enum policy_key key;   /* the one that would let it pass, or that asks for something else */
    const char *says;      /* a phrase, or NULL; where no key names it: what else there is to say */
    char field[256];       /* "HostConfig.Binds[0]"; can be cut, ends in NUL */
    char value[128];       /* the same of the value; empty where it says nothing */
};

/* Judges the query, the path and the ${fields} of a request for ${op} at ${target}, which its body
 * has no part in. Returns whether they are allowed; ${finding} as inspect_body() has it. */
bool inspect_head(const struct operation *op, const struct target *target,
                  const struct http_fields *fields, const struct policy *policy,
                  struct finding *finding);

/* How the body of ${op} is to be treated by ${policy}. */
enum inspect_need {
    INSPECT_NOT,     /* it is not judged: no JSON, or unrestricted */
    INSPECT_IF_ANY,  /* it is judged; there may be none */
    INSPECT_REQUIRED /* it is judged, and dockerd would skip decoding if there were none */
};
enum inspect_need inspect_need(const struct operation *op, const struct policy *policy);

/* Judges the ${body} of a request for ${op} at ${target}. Returns whether it is allowed; ${finding}
 * then has OBJECT_NOT, else why not. An empty body is one without fields. Without a ${target}, NULL,
 * what the path names is not allowed. */
bool inspect_body(const struct operation *op, const struct target *target, struct str body,
                  const struct policy *policy, struct finding *finding);

/* The type of the body of ${op} as a table (schema.h); NULL when it has none, or is no object. */
struct type;
const struct type *inspect_body_type(const struct operation *op);

/* Judges a body with what ${before}, the container that it is to stand for, has (same.h): that may be
 * in it, and a ContainerCreate must be the same container. */
struct predecessor;
bool inspect_again(const struct operation *op, const struct target *target, struct str body,
                   const struct policy *policy, const struct predecessor *before,
                   struct finding *finding);

/* "HostConfig.Privileged is not allowed by policy ci (no [workload] privileged)": printable ASCII,
 * for the client and for the log. */
void inspect_describe(const struct policy *policy, const struct finding *finding, struct writer *w);

#endif
