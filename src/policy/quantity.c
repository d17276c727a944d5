#include "policy/quantity.h"

struct unit {
    const char *name;
    uint64_t factor;
};

static bool parse(struct str text, const struct unit *units, size_t n, uint64_t *value)
{
    size_t digits = 0;

    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(str_slice(text, digits, text.n), str_of(units[i].name)))
            continue;
        if (!str_decimal(str_slice(text, 0, digits), UINT32_MAX, value))
            return false;
        *value *= units[i].factor;
        return true;
    }
    return false;
}

bool quantity_duration_ms(struct str text, unsigned *ms)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
    uint64_t value;

    if (!parse(text, units, sizeof(units) / sizeof(*units), &value) || value < 100 ||
        value > UINT64_C(24) * 3600000)
        return false;
    *ms = (unsigned)value;
    return true;
}

bool quantity_bytes(struct str text, uint64_t *bytes)
{
    static const struct unit units[] = {{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}};
    uint64_t value;

    if (!parse(text, units, sizeof(units) / sizeof(*units), &value) || value < 1 ||
        value > UINT64_C(1) << 30)
        return false;
    *bytes = value;
    return true;
}
