/* units.h: what systemd says of the levels' units, asked by systemctl(1). */
#ifndef DSP_CTL_UNITS_H
#define DSP_CTL_UNITS_H

#include <stddef.h>

/* Properties of one unit, "Key=value" lines each. */
struct unit {
    char *text;
};

struct units {
    struct unit *at;
    size_t n;
    char *bytes;
};

/* Asks for ${properties} (comma-separated) of all loaded units that match ${pattern}. There are
 * none where there is no systemd. */
void units_ask(const char *pattern, const char *properties, struct units *units);
void units_free(struct units *units);

/* The value of a property, copied to ${to}; empty when there is none. */
const char *unit_property(const struct unit *unit, const char *key, char *to, size_t size);

#endif
