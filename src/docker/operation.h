/* operation.h: the operations of the Docker Engine API, by Docker's own names.
 *
 * One table (operations.c) has every route that an engine with API 1.24 or newer serves over
 * HTTP/1.1. The policy language, the log and the documents speak in its names. A request that is
 * none of its rows is not an operation, whatever a later engine may do with it. */
#ifndef DSP_DOCKER_OPERATION_H
#define DSP_DOCKER_OPERATION_H

#include "base/str.h"
#include "docker/target.h"
#include "http/method.h"

/* What an operation gives to whoever may call it. */
enum access_class {
    ACCESS_READ,      /* shows state, no secrets by nature */
    ACCESS_SENSITIVE, /* reads that reveal file contents, logs, environment, credentials */
    ACCESS_WRITE,     /* changes state within Docker */
    ACCESS_EXEC,      /* runs or steers code in a container */
    ACCESS_ROOT       /* can take the host when unconstrained */
};

/* What an operation does with its connection. */
enum stream_kind {
    STREAM_PLAIN,     /* a request and a response, however long that is */
    STREAM_HIJACK,    /* raw bytes both ways after 101, or after a bare 200 */
    STREAM_WEBSOCKET, /* the same after 101 only, by RFC 6455 */
    STREAM_H2C        /* HTTP/2 after 101: gRPC, with either side as the client */
};

enum body_content { CONTENT_NONE, CONTENT_JSON, CONTENT_TAR };

struct operation {
    const char *name; /* swagger's operationId where it has one; rows may share a name */
    enum http_method method;
    const char *path;    /* template: {x} is one segment, {x...}, the first, one or more */
    const char *section; /* as in Tecnativa's variables, lower case; "" for none */
    enum access_class access;
    enum stream_kind stream;
    enum body_content content;
};

/* Rows of the table; an operation is often handled as its index. */
extern const struct operation docker_operations[];
extern const size_t docker_operations_count;

/* A set of rows. Large enough for the table: operations.c asserts it. */
enum { OPERATIONS_MAX = 128 };
struct operation_set {
    uint64_t bits[OPERATIONS_MAX / 64];
};

void operation_set_add(struct operation_set *set, size_t index);
bool operation_set_has(const struct operation_set *set, size_t index);

/* The first row from ${index} on that is in the set; OPERATIONS_MAX when there is none. */
size_t operation_set_next(const struct operation_set *set, size_t index);

/* The rows by their names, for who looks up many. */
struct operation_index {
    unsigned char slots[2 * OPERATIONS_MAX]; /* a row's index + 1 each, or 0 */
    unsigned char heads[OPERATIONS_MAX];     /* of a GET the HEAD of the same path, + 1, or 0 */
};
void operation_index_make(struct operation_index *index);

/* Adds every row called ${name}, and the HEAD of the same path where the row is a GET: HEAD shows
 * no more than GET does. Returns false when no row has the name. */
bool operation_set_add_name(struct operation_set *set, const struct operation_index *index,
                            struct str name);

/* Whether some row belongs to ${section}. */
bool operation_section_exists(struct str section);

/* The name of a class as the policy language writes it. */
const char *access_class_name(enum access_class access);
bool access_class_of(struct str name, enum access_class *access);

/* Resolves a request as dockerd's router does (moby daemon/server/server.go, gorilla/mux): the
 * method and the whole path must match; names that may hold slashes are greedy, so that the last
 * segments decide; rows are tried in dockerd's order of registration. Returns the row, or NULL
 * when the request is no operation. */
const struct operation *operation_resolve(enum http_method method, const struct target *target);

/* Copies the target's segments to ${segments}, which has room for TARGET_SEGMENTS_MAX, with the
 * name that a {x...} of ${op} took joined to one: "containers", "web/alias", "export". Returns
 * their number. */
size_t operation_segments(const struct operation *op, const struct target *target,
                          struct str *segments);

#endif
