#include "sandbox/sandbox.h"

#include <linux/close_range.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sandbox/debug.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/limits.h"

struct plan {
    enum sandbox_role role;
    const int *keep;
    size_t n;
};

static bool is_kept(int fd, const struct plan *plan)
{
#ifdef DSP_SECCOMP_DEBUG
    if (fd == STDERR_FILENO)
        return true;
#endif
    for (size_t i = 0; i < plan->n; i++)
        if (plan->keep[i] == fd)
            return true;
    return false;
}

static bool close_others(const struct plan *plan)
{
    int high = -1, from = 0;

    for (size_t i = 0; i < plan->n; i++)
        if (plan->keep[i] > high)
            high = plan->keep[i];
    for (int fd = 0; fd <= high; fd++) {
        if (!is_kept(fd, plan))
            continue;
        if (fd > from && close_range((unsigned)from, (unsigned)fd - 1, 0) != 0)
            return false;
        from = fd + 1;
    }
    return close_range((unsigned)from, ~0U, 0) == 0;
}

/* The strings too: /proc/PID/environ is the stack's memory. Nothing has changed environ since the
 * program began, so these are all. */
static bool wipe_environment(const struct plan *plan)
{
    (void)plan;
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
        explicit_bzero(*variable, strlen(*variable));
    return clearenv() == 0;
}

/* Large blocks come from the heap as well: no call but brk is needed for them. */
static bool bound_malloc(const struct plan *plan)
{
    (void)plan;
    return mallopt(M_MMAP_MAX, 0) == 1;
}

static bool renounce_privileges(const struct plan *plan)
{
    (void)plan;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool hide(const struct plan *plan)
{
    (void)plan;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool enter_landlock(const struct plan *plan)
{
    return landlock_enter(plan->role);
}

static bool enter_limits(const struct plan *plan)
{
    return limits_enter(plan->role, plan->keep, plan->n);
}

static bool enter_filter(const struct plan *plan)
{
#ifdef DSP_SECCOMP_DEBUG
    if (!debug_enter())
        return false;
#endif
    return filter_enter(plan->role);
}

/* In this order: Landlock needs a descriptor for a moment, and the filter ends all else. */
static const struct step {
    bool (*take)(const struct plan *plan);
    const char *flaw;
} steps[] = {
    {close_others, "cannot close descriptors"},
    {wipe_environment, "cannot clear the environment"},
    {bound_malloc, "cannot bound malloc"},
    {renounce_privileges, "cannot set no_new_privs"},
    {hide, "cannot become undumpable"},
    {enter_landlock, "cannot enter Landlock"},
    {enter_limits, "cannot limit resources"},
    {enter_filter, "cannot install the system-call filter"},
};

const char *sandbox_enter(enum sandbox_role role, const int *keep, size_t n)
{
    const struct plan plan = {role, keep, n};

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
        if (!steps[i].take(&plan))
            return steps[i].flaw;
    return NULL;
}

const char *sandbox_take_client(const int *keep, size_t n)
{
    const struct plan plan = {SANDBOX_SPARE, keep, n};
    const struct step *first = &steps[0];

    return first->take(&plan) ? NULL : first->flaw;
}
