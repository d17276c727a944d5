/* queries.h: what of a request's query, path and head is judged beside its body.
 *
 * A query is judged as a body is: it is made an object with a member for each parameter, read as
 * dockerd reads it (docker/parameters.h), and its type is a table of fields like any other. */
#ifndef DSP_INSPECT_QUERIES_H
#define DSP_INSPECT_QUERIES_H

#include "http/head.h"
#include "inspect/schema.h"

struct query_rules {
    const char *operation;
    const struct type *type;
    enum policy_key unrestricted; /* of the section: nothing is judged */
    bool strict; /* a parameter that is no row is refused; else dockerd's to ignore */
    /* Names the registries that X-Registry-Auth (of ImageBuild: X-Registry-Config) may be for; of a
     * service it is a switch. 0: dockerd looks at no such field. */
    enum policy_key credentials;
    const char *image; /* the parameter that names the registry; NULL: the path does */
};

/* query_fields.c */
extern const struct query_rules query_rules[];
extern const size_t query_rules_count;

/* The parameter ${name}, where the checks of the query find it; empty when it is absent. */
struct str query_text(const struct judge *j, const char *name);

/* The name that the path has: "acme/web" of /images/acme/web/push. */
struct str query_path_name(const struct judge *j);

/* credentials.c: judges the field of ${fields} that has credentials. */
bool credentials_judge(struct judge *j, const struct query_rules *rules,
                       const struct http_fields *fields);

/* query_checks.c, addresses.c: on a parameter, and on the query as a whole. */
bool check_reference(struct judge *j, const struct field *field, const json_t *value);
bool check_references(struct judge *j, const struct field *field, const json_t *value);
bool check_dockerfile(struct judge *j, const struct field *field, const json_t *value);
bool check_changes(struct judge *j, const struct field *field, const json_t *value);
bool check_remote(struct judge *j, const struct field *field, const json_t *value);
bool check_build_network(struct judge *j, const struct field *field, const json_t *value);
bool check_build_version(struct judge *j, const struct field *field, const json_t *value);
bool check_build_args(struct judge *j, const struct field *field, const json_t *value);
bool check_signal(struct judge *j, const struct field *field, const json_t *value);
bool check_ps_args(struct judge *j, const struct field *field, const json_t *value);
bool check_search(struct judge *j, const struct field *field, const json_t *value);
bool check_archive_path(struct judge *j, const struct field *field, const json_t *value);
bool check_registry_auth_from(struct judge *j, const struct field *field, const json_t *value);
bool check_output(struct judge *j, const json_t *output);
bool check_pull(struct judge *j, const json_t *query);
bool check_load(struct judge *j, const json_t *query);
bool check_push(struct judge *j, const json_t *query);
bool check_plugin_push(struct judge *j, const json_t *query);
bool check_tag(struct judge *j, const json_t *query);
bool check_export(struct judge *j, const json_t *query);
bool check_distribution(struct judge *j, const json_t *query);
bool check_name(struct judge *j, const json_t *query);
bool check_websocket(struct judge *j, const json_t *query);
bool check_volume_prune(struct judge *j, const json_t *query);
bool check_buildkit(struct judge *j, const json_t *query);

#endif
