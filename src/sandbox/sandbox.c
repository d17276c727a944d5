#include "sandbox/sandbox.h"

#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/filter.h" /* made of syscalls.def */
#include "sandbox/landlock.h"

/* Address space: the program, its libraries and buffers take about a tenth of it. */
enum { ADDRESS_SPACE_MAX = 128 * 1024 * 1024 };

static bool is_kept(int fd, const int *keep, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (keep[i] == fd)
            return true;
    return false;
}

static int highest(const int *keep, size_t n)
{
    int high = -1;

    for (size_t i = 0; i < n; i++)
        if (keep[i] > high)
            high = keep[i];
    return high;
}

static bool close_others(const int *keep, size_t n)
{
    int high = highest(keep, n);

    for (int fd = 0; fd < high; fd++)
        if (!is_kept(fd, keep, n))
            close(fd);
    return close_range((unsigned)(high + 1), ~0U, 0) == 0;
}

/* Whether a regular file is among the descriptors: then a file may grow. */
static bool writes_a_file(const int *keep, size_t n)
{
    struct stat st;

    for (size_t i = 0; i < n; i++)
        if (keep[i] >= 0 && fstat(keep[i], &st) == 0 && S_ISREG(st.st_mode))
            return true;
    return false;
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

static bool limit_resources(const int *keep, size_t n)
{
    /* poll() refuses more entries than RLIMIT_NOFILE, so it stays above the four in use. */
    rlim_t descriptors = (rlim_t)highest(keep, n) + 1 < 4 ? 4 : (rlim_t)highest(keep, n) + 1;

    return limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, descriptors) &&
           (writes_a_file(keep, n) || limit(RLIMIT_FSIZE, 0)) && limit(RLIMIT_MEMLOCK, 0) &&
           limit(RLIMIT_MSGQUEUE, 0) && limit(RLIMIT_AS, ADDRESS_SPACE_MAX);
}

static bool filter_system_calls(void)
{
    const struct sock_fprog program = {
        .len = sizeof(filter_program) / sizeof(*filter_program),
        .filter = (struct sock_filter *)filter_program,
    };

    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

const char *sandbox_narrow(void)
{
    return filter_system_calls() ? NULL : "cannot";
}

const char *sandbox_enter(enum sandbox_role role, const int *keep, size_t n)
{
    if (!close_others(keep, n))
        return "cannot close descriptors";
    if (clearenv() != 0)
        return "cannot clear the environment";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "cannot set no_new_privs";
    if (role != SANDBOX_CONNECTION)
        return NULL;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return "cannot become undumpable";
    if (!landlock_enter())
        return "cannot enter Landlock";
    if (!limit_resources(keep, n)) /* after Landlock, which needs a descriptor for a moment */
        return "cannot limit resources";
    if (!filter_system_calls())
        return "cannot install the system-call filter";
    return NULL;
}
