/* paths.h: the path lists of web servers that were put before docker.sock, made to operations.
 *
 * Their patterns are tried on sample requests of every operation: with a version and without one,
 * with a name and with an id. What matches some of them is allowed. */
#ifndef DSP_CTL_PATHS_H
#define DSP_CTL_PATHS_H

#include "base/str.h"

/* Both print a policy and return an exit status. */
int paths_import_caddy(struct str text);
int paths_import_haproxy(struct str text);

#endif
