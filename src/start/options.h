/* options.h: the command line. */
#ifndef DSP_START_OPTIONS_H
#define DSP_START_OPTIONS_H

#include "base/str.h"

enum options_action {
    OPTIONS_SERVE,
    OPTIONS_DONE, /* --help or --version was printed */
    OPTIONS_WRONG /* the reason was printed on standard error */
};

struct options {
    struct str level;        /* with --unit: "traefik" of dsp-traefik */
    const char *policy_file; /* with --policy; else NULL */
};

enum options_action options_parse(int argc, char **argv, struct options *options);

/* Whether ${name} can be a level's. */
bool options_is_level(struct str name);

#endif
