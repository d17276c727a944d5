/* refs.h: where a HostConfig names other containers: whose network, IPC and processes it joins, whose
 * mounts it has, whom it is linked to.
 *
 * A name can be another container's a moment later, an id cannot: so that a container which is made
 * anew is not given what another one has, ids are compared, and forwarded. Engines keep ids of what is
 * joined; of mounts they keep the name, and what was mounted; of links they tell names alone. Pure. */
#ifndef DSP_INSPECT_REFS_H
#define DSP_INSPECT_REFS_H

#include <jansson.h>

#include "base/writer.h"
#include "policy/policy.h"

enum {
    REFS_MAX = 32,  /* references of one HostConfig */
    REF_ID_MAX = 64 /* bytes of an id */
};

/* Writes the id of the container ${name}, which can be an id as well, whose mounts are had in ${mode}; of
 * one that is joined ${mode} is empty. Returns false when there is none. */
typedef bool refs_resolve(void *context, struct str name, struct str mode, struct writer *id);

/* Puts ids in the place of names in ${host}, of a request: "container:/vpn" becomes "container:ID",
 * "db:ro" becomes "ID:ro". What ${policy} names in volumes-from and links stays, for whichever container
 * has the name; "/db:/web/store" becomes "db:store" then. ${changed} is set when anything is another
 * than it was. Returns NULL, or the field that has one which cannot be told; the rest is left then. */
const char *refs_settle(json_t *host, const struct policy *policy, refs_resolve *resolve,
                        void *context, bool *changed);

/* As refs_settle(), of the HostConfig that an engine tells: of what it joins ids stand there, and those
 * whose mounts it has are found by ${resolve}. What cannot be told stays, and is the same as no id. */
void refs_settle_told(json_t *host, const struct policy *policy, refs_resolve *resolve,
                      void *context);

/* Whether all that is mounted in ${other} is in ${container}, too, both being inspections: whoever is
 * given the mounts of the one gets nothing that the other has not. ${read_only}: it gets them so. */
bool refs_has_mounts(const json_t *container, const json_t *other, bool read_only);

#endif
