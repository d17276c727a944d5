/* curl.h: a command line of curl, made to the head that it would send. */
#ifndef DSP_CTL_CURL_H
#define DSP_CTL_CURL_H

#include <stddef.h>

/* Makes a request head of what stands behind "curl". ${body} is the size of a body that is given
 * beside, or -1; it is of type JSON then. Returns the head, which the caller frees; or NULL and why. */
char *curl_head(const char *const *words, size_t n, long body, const char **why);

/* What is behind the "http://" of a URL; NULL when there is no scheme. */
const char *curl_behind_scheme(const char *url);

#endif
