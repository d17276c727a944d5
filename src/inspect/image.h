/* image.h: references to images, as Docker reads them (github.com/distribution/reference). */
#ifndef DSP_INSPECT_IMAGE_H
#define DSP_INSPECT_IMAGE_H

#include "policy/policy.h"

/* Whether the policy's ${key} (of images) names ${reference}, which is `nginx`, `ghcr.io/acme/web:1`,
 * `web@sha256:...` or the beginning of an id. Where the key does not stand that is as
 * policy_names() has it. A pattern without a tag or digest names all of them. Into ${full} goes the
 * reference in full, "docker.io/library/nginx:latest"; an id, and what is no reference, as it is. One
 * that does not fit there, which no word of a policy could name, is not named. */
bool image_named(const struct policy *policy, enum policy_key key, struct str reference,
                 struct writer *full);

/* Writes a reference in full where ${name} is one and no id. A ${tag} that is not empty stands for
 * the one that ${name} may have; it can be a digest. Returns false for what is no reference. */
bool image_full(struct str name, struct str tag, struct writer *full);

/* The same of all tags that a repository has: "docker.io/library/nginx:*", which only a pattern
 * for any tag names. */
bool image_full_all(struct str name, struct writer *full);

/* Whether ${name} has a tag or a digest. */
bool image_has_tag(struct str name);

/* The registry of ${name}: "docker.io", "localhost:5000". */
struct str image_registry(struct str name);

/* Whether both are images of one repository, whatever their tags or digests: `nginx:1.27` and
 * `docker.io/library/nginx@sha256:...`. Of ids that is known only when they are the same. */
bool image_same_repository(struct str a, struct str b);

#endif
