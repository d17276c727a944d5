/* environment.h: the environment of another proxy's container, wherever it is written down. */
#ifndef DSP_CTL_ENVIRONMENT_H
#define DSP_CTL_ENVIRONMENT_H

#include "base/str.h"

struct variable_set {
    struct {
        char *name, *value;
        unsigned line; /* of the text; 0 where there are no lines */
    } * at;
    size_t n;
    char *service; /* of a compose file, or NULL */
    char *image;   /* or NULL */
    char *unread;  /* the names of files that it has more in, and that could not be read; or NULL */
};

/* KEY=1 lines, with or without "export", quotes, "- " and comments behind. */
void environment_of_lines(struct str text, struct variable_set *set);

/* The environment of the service ${wanted}, or where it is NULL of the one service whose image or
 * variables are a socket proxy's; with the lines of its env_file, which lies in ${folder}. Returns
 * NULL, or why not, which the caller frees. */
char *environment_of_compose(struct str text, const char *wanted, const char *folder,
                             struct variable_set *set);

/* What "docker inspect" prints of a container, or of several of which one is a proxy or called
 * ${wanted}; or their Config.Env alone. Returns NULL, or why not, which the caller frees. */
char *environment_of_inspect(struct str text, const char *wanted, struct variable_set *set);

void environment_free(struct variable_set *set);

/* Whether [sections] knows ${name}; ${why} becomes the parser's own words when it does not. */
bool environment_is_known(const char *name, char *why, size_t size);

#endif
