#include "sandbox/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct landlock_ruleset_attr at ABI 6, and the rights of each ABI as masks: the
 * headers of the machine that builds dsp may be older than the kernel that runs it
 * (Documentation/userspace-api/landlock.rst). Rights of later ABIs are not named here: one of
 * them denies sending to the journal's socket. */
struct ruleset {
    uint64_t fs, net, scoped;
};

enum { CREATE_RULESET_VERSION = 1, READING = 1 << 2 | 1 << 3 }; /* files, folders */

/* What there is to deny, by ABI from 1. */
static const struct ruleset rights[] = {
    {.fs = (1 << 13) - 1},                        /* open, read, write, make, remove, execute */
    {.fs = (1 << 14) - 1},                        /* refer */
    {.fs = (1 << 15) - 1},                        /* truncate */
    {.fs = (1 << 15) - 1, .net = 3},              /* TCP bind, connect */
    {.fs = (1 << 16) - 1, .net = 3},              /* ioctl of devices */
    {.fs = (1 << 16) - 1, .net = 3, .scoped = 3}, /* abstract sockets, signals */
};

/* How much of struct ruleset a kernel of that ABI knows. */
static size_t ruleset_size(long abi)
{
    return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

bool landlock_enter(enum sandbox_role role)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    size_t known = sizeof(rights) / sizeof(*rights);

    if (abi < 1) /* EPERM: a container's own filter keeps the question from the kernel */
        return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM;
    if ((size_t)abi > known)
        abi = (long)known;
    struct ruleset denied = rights[abi - 1];
    if (role == SANDBOX_PARENT)
        denied.fs &= ~(uint64_t)READING;
    long fd = syscall(SYS_landlock_create_ruleset, &denied, ruleset_size(abi), 0);
    if (fd < 0)
        return false;
    bool entered = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
    close((int)fd);
    return entered;
}
