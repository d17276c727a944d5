/* sections.h: [sections], the variables of Tecnativa's and LinuxServer's images.
 *
 * They mean what they mean there: a section's variable allows the paths below the section's name,
 * POST=0 allows only GET and HEAD of them, ALLOW_START and its like allow one action whatever
 * POST says (LinuxServer's order; in Tecnativa's they are without effect at POST=0, which its
 * users report as an error), and ALLOW_LOGS=0 and its like take one away. DELETE, PUT and PATCH,
 * of newer templates, decide on their method in POST's place when they are set.
 *
 * dsp deviates towards safety: POST=0 is read-only in truth (GET .../attach/ws and Podman's GET
 * .../healthcheck are refused), names are matched whole (and an action is its POST: DELETE of
 * /containers/x/start ends a container of that name), and what is no operation of the API is refused
 * (OPTIONS is one of no section). ALLOW_LOGS and its like leave
 * it to CONTAINERS when they are not set: Tecnativa's meaning of a file that does not know them. */
#ifndef DSP_POLICY_SECTIONS_H
#define DSP_POLICY_SECTIONS_H

#include "base/str.h"

enum { SECTIONS_VARIABLES_MAX = 80 };

struct sections {
    bool present; /* the file has a [sections] header: the defaults apply */
    struct {
        unsigned line; /* 0: not set in the file */
        bool on;
    } set[SECTIONS_VARIABLES_MAX];
};

struct loader;

/* Takes one NAME = VALUE of [sections]. */
bool sections_set(struct loader *loader, struct str name, struct str value);

/* Once the whole file is read: adds the rules that the variables make. */
void sections_compile(struct loader *loader);

#endif
