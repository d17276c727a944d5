#include "ctl/when.h"

#include <string.h>
#include <time.h>

#include "base/str.h"

enum { USEC = 1000000 };

uint64_t when_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * USEC + (uint64_t)now.tv_nsec / 1000;
}

static bool parse_ago(struct str text, uint64_t now, uint64_t *usec)
{
    static const struct {
        const char *name;
        unsigned seconds;
    } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    size_t digits = 0;
    uint64_t n;

    if (text.n > 0 && text.p[0] == '-')
        text = str_slice(text, 1, text.n);
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    if (!str_decimal(str_slice(text, 0, digits), 1000000, &n))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (!str_equal(str_slice(text, digits, text.n), str_of(units[i].name)))
            continue;
        uint64_t ago = n * units[i].seconds * USEC;
        *usec = ago < now ? now - ago : 0;
        return true;
    }
    return false;
}

bool when_parse(const char *text, uint64_t now, uint64_t *usec)
{
    static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"};
    const time_t today = (time_t)(now / USEC);

    if (parse_ago(str_of(text), now, usec))
        return true;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct tm tm = {.tm_isdst = -1};
        const char *end = strptime(text, forms[i], &tm);
        if (end == NULL || *end != '\0')
            continue;
        *usec = (uint64_t)mktime(&tm) * USEC;
        return true;
    }
    if (strcmp(text, "today") != 0)
        return false;
    struct tm tm;
    (void)localtime_r(&today, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    *usec = (uint64_t)mktime(&tm) * USEC;
    return true;
}
