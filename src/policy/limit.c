/* limit.c: the words of restrict-to (grant.h). */
#include <string.h>

#include "policy/grant.h"

/* "1.5" as 1500 */
static bool thousandths(struct str text, int64_t *value)
{
    size_t dot = str_index(text, '.');
    struct str fraction = str_slice(text, dot < text.n ? dot + 1 : dot, text.n);
    uint64_t whole, part = 0;

    if (!str_decimal(str_slice(text, 0, dot), 100000, &whole) || fraction.n > 3 ||
        (dot < text.n && !str_decimal(fraction, 999, &part)))
        return false;
    for (size_t i = fraction.n; i < 3; i++)
        part *= 10;
    *value = (int64_t)(whole * 1000 + part);
    return *value > 0;
}

/* Of memory a host can have more than quantity_bytes() knows. */
static bool bytes(struct str text, int64_t *value)
{
    static const char units[] = "KMGT";
    const char *unit = text.n == 0 ? NULL : memchr(units, text.p[text.n - 1], sizeof(units) - 1);
    uint64_t digits;

    if (!str_decimal(str_slice(text, 0, unit == NULL ? text.n : text.n - 1), 1 << 20, &digits) &&
        (unit != NULL || !str_decimal(text, INT64_MAX, &digits)))
        return false;
    *value = (int64_t)(unit == NULL ? digits : digits << (10 * (unit - units + 1)));
    return *value > 0;
}

static bool count(struct str text, int64_t *value)
{
    uint64_t number;

    if (!str_decimal(text, INT32_MAX, &number))
        return false;
    *value = (int64_t)number;
    return number > 0;
}

bool grant_limit(struct str word, enum limit_name *name, int64_t *value)
{
    static const struct {
        const char *name;
        bool (*read)(struct str, int64_t *);
    } limits[LIMIT_NAMES] = {
        [LIMIT_MEMORY] = {"memory", bytes},     [LIMIT_CPUS] = {"cpus", thousandths},
        [LIMIT_PIDS] = {"pids", count},         [LIMIT_SHM] = {"shm", bytes},
        [LIMIT_REPLICAS] = {"replicas", count},
    };
    size_t equals = str_index(word, '=');

    for (int i = 0; i < LIMIT_NAMES; i++) {
        *name = (enum limit_name)i;
        if (str_equal(str_slice(word, 0, equals), str_of(limits[i].name)))
            return equals < word.n && limits[i].read(str_slice(word, equals + 1, word.n), value);
    }
    return false;
}
