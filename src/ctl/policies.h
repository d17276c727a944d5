/* policies.h: which policies there are. */
#ifndef DSP_CTL_POLICIES_H
#define DSP_CTL_POLICIES_H

#include <stddef.h>

/* Names without ".ini", in their order. */
struct policies {
    char **at;
    size_t n;
};

/* Those in a folder; none when it is not there. */
void policies_in(const char *folder, struct policies *policies);
void policies_free(struct policies *policies);

#endif
