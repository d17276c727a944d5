/* place.h: where in a body the field of a finding stands.
 *
 * The judgement names a field as people read it, "HostConfig.Mounts[1].Source", with what is not
 * printable escaped. */
#ifndef DSP_CTL_PLACE_H
#define DSP_CTL_PLACE_H

#include <jansson.h>

#include "base/str.h"

/* The value of ${field} in ${root}, or NULL. */
json_t *place_find(json_t *root, struct str field);

/* What was taken out of lists, so that later findings can be told by the places that their fields
 * have in the body as it was. */
struct place_gap {
    char *list;   /* "HostConfig.Mounts" */
    size_t index; /* in the body as it was */
};
struct places {
    struct place_gap *gaps;
    size_t n;
};
void places_free(struct places *places);

/* Writes ${field}, of the body as it is now, as it was called in the body as it was. */
void places_original(const struct places *places, struct str field, char *to, size_t size);

enum place_taken {
    PLACE_NONE,     /* nothing: there is no such field */
    PLACE_ELEMENTS, /* strings of a list */
    PLACE_FIELD,    /* just that */
    PLACE_AROUND    /* what it stands in */
};

/* Takes ${field} out of ${root}; of a list of strings only those that are ${value}, where some are.
 * ${around}: what it stands in. */
enum place_taken places_take(struct places *places, json_t *root, struct str field,
                             struct str value, bool around);

#endif
