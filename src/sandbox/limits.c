#include "sandbox/limits.h"

#include <sys/resource.h>
#include <sys/stat.h>

/* Address space: the program, its libraries and buffers take about a tenth of it. */
enum { ADDRESS_SPACE_MAX = 128 * 1024 * 1024 };

/* poll() refuses more entries than RLIMIT_NOFILE, so it stays above those in use. */
enum { DESCRIPTORS_MIN = 8 };

/* Whether a regular file is among the descriptors: then a file may grow. */
static bool writes_a_file(const int *keep, size_t n)
{
    struct stat st;

    for (size_t i = 0; i < n; i++)
        if (keep[i] >= 0 && fstat(keep[i], &st) == 0 && S_ISREG(st.st_mode))
            return true;
    return false;
}

/* The number that the client of a spare may get: none of ${keep}. */
static rlim_t descriptors(const int *keep, size_t n)
{
    rlim_t most = DESCRIPTORS_MIN;

    for (size_t i = 0; i < n; i++)
        if (keep[i] >= 0 && (rlim_t)keep[i] + 2 > most)
            most = (rlim_t)keep[i] + 2;
    return most;
}

static bool limit(int resource, rlim_t value)
{
    const struct rlimit limit = {value, value};
    struct rlimit now;

    /* A hard limit that is lower already stays. */
    if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max < value)
        return true;
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0;
}

bool limits_enter(enum sandbox_role role, const int *keep, size_t n)
{
    if (role != SANDBOX_PARENT &&
        !(limit(RLIMIT_NPROC, 0) && limit(RLIMIT_NOFILE, descriptors(keep, n))))
        return false;
    return limit(RLIMIT_CORE, 0) && (writes_a_file(keep, n) || limit(RLIMIT_FSIZE, 0)) &&
           limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0) &&
           limit(RLIMIT_AS, ADDRESS_SPACE_MAX);
}
