/* client.h: who asks, as somebody types it, and what [clients] says of it. */
#ifndef DSP_CTL_CLIENT_H
#define DSP_CTL_CLIENT_H

#include <jansson.h>

#include "policy/policy.h"

/* Reads "uid=1000 gid=1000 unit=traefik.service ...": the words in which a record of dsp's names a
 * client (DSP_PEER), and groups=1,2 and address=A. tls= has the rest of the text. Returns false,
 * with what is wrong printed. */
bool client_read(const char *text, struct peer *peer);

/* Prints which lines of [clients] leave ${peer} out, or that they let it in; of NULL that it was
 * not told. Nothing when there is no [clients]. */
void client_print(const struct policy *policy, const struct peer *peer);

/* The same as JSON: null when nothing was told, else {"admitted": BOOL, "left_out_by": [...]}. */
json_t *client_json(const struct policy *policy, const struct peer *peer);

#endif
