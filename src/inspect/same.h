/* same.h: [workload] recreate = yes: a container made anew with what one of its name has, or had. Pure.
 *
 *   A field that the policy does not name passes when the container of that name has the same value.
 *   Then all must be the same: the whole of HostConfig, field by field, in both directions; the
 *   image's repository; command, entrypoint, user, working directory, health check and environment;
 *   and no network may be another.
 *
 * So nothing can be put together of two containers, no restriction be left out and no other code be
 * run with what the container has of the host. Of what the image says tools send back what the
 * container has, or nothing, or what the newer image says: each is the same, as long as the container
 * had what its own image says.
 *
 * The policy's require- keys, restrict-to and forbid-labels hold all the same. */
#ifndef DSP_INSPECT_SAME_H
#define DSP_INSPECT_SAME_H

#include "inspect/schema.h"

struct predecessor {
    json_t *body;       /* what it has, in the form of a ContainerCreate or a NetworkConnect */
    const json_t *was;  /* Config of its image, or NULL when that is not known */
    const json_t *will; /* Config of the image that is asked for, or NULL */
};

/* Makes of a container's inspection {"Id", "Name", "Image", "Body"}, which the caller owns: its name
 * without the slash, the id of its image, and what a create would say of it. Returns NULL when the
 * inspection is none. */
json_t *same_keep(const json_t *inspection);

/* Whether ${value}, not zero, is what ${before} has; of names and aliases, some of it. */
bool same_or_less(const struct field *field, const json_t *value, const json_t *before);

/* The same of one value of a field, zero or not: all of it. */
bool same_value(const struct field *field, const json_t *value, const json_t *before);

/* Whether ${request}, of which each field passed, is the container that ${before} tells of. */
bool same_container(struct judge *j, const json_t *request, const struct predecessor *before);

/* Whether ${list} has ${string}. */
bool same_lists(const json_t *list, const json_t *string);

/* As same_container(), of what decides on which code runs, as whom, and with what environment
 * (same_code.c). */
bool same_code(struct judge *j, const json_t *request, const struct predecessor *before);

#endif
