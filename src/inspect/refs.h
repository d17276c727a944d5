/* refs.h: where a HostConfig names other containers: whose network, IPC and processes it joins, whose
 * mounts it has, whom it is linked to.
 *
 * A name can be another container's a moment later, an id cannot: so that a container which is made
 * anew is not given what another one has, both are compared, and forwarded, with ids. Pure. */
#ifndef DSP_INSPECT_REFS_H
#define DSP_INSPECT_REFS_H

#include <jansson.h>

#include "base/writer.h"
#include "policy/policy.h"

enum {
    REFS_MAX = 32,  /* references of one HostConfig */
    REF_ID_MAX = 64 /* bytes of an id */
};

/* Writes the id of the container ${name}, which can be an id as well. Returns false when there is none. */
typedef bool refs_resolve(void *context, struct str name, struct writer *id);

/* Puts ids in the place of names in ${host}: "container:/vpn" becomes "container:ID", "db:ro" becomes
 * "ID:ro", "/db:/web/store" becomes "ID:store". What ${policy} names in volumes-from stays: engines keep
 * the name of such a container, and with it whichever has that name. ${changed} is set when anything is
 * another than it was. Returns false, and leaves the rest, when one cannot be told. */
bool refs_settle(json_t *host, const struct policy *policy, refs_resolve *resolve, void *context,
                 bool *changed);

#endif
