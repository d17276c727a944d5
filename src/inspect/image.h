/* image.h: references to images, as Docker reads them (github.com/distribution/reference). */
#ifndef DSP_INSPECT_IMAGE_H
#define DSP_INSPECT_IMAGE_H

#include "policy/policy.h"

/* Whether the policy's ${key} (of images) names ${reference}, which is `nginx`, `ghcr.io/acme/web:1`,
 * `web@sha256:...` or the beginning of an id. Where the key does not stand that is as
 * policy_names() has it. A pattern without a tag or digest names all of them. ${full}, of
 * ${size} bytes, becomes the reference in full: "docker.io/library/nginx:latest". */
bool image_named(const struct policy *policy, enum policy_key key, struct str reference,
                 struct writer *full);

#endif
