#include "sandbox/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct landlock_ruleset_attr, and the rights of each ABI as masks: the headers of
 * the machine that builds dsp may be older than the kernel that runs it
 * (Documentation/userspace-api/landlock.rst). */
struct ruleset {
    uint64_t fs, net, scoped;
};

/* What a parent's children still do: read files and folders, look up a Unix socket. */
static const uint64_t children_need = 1 << 2 | 1 << 3 | 1 << 16;

enum { CREATE_RULESET_VERSION = 1 };

/* What there is to deny, by ABI from 1. */
static const struct ruleset rights[] = {
    {.fs = (1 << 13) - 1},                         /* open, read, write, make, remove, execute */
    {.fs = (1 << 14) - 1},                         /* refer */
    {.fs = (1 << 15) - 1},                         /* truncate */
    {.fs = (1 << 15) - 1, .net = 3},               /* TCP bind, connect */
    {.fs = (1 << 16) - 1, .net = 3},               /* ioctl of devices */
    {.fs = (1 << 16) - 1, .net = 3, .scoped = 3},  /* abstract sockets, signals */
    {.fs = (1 << 16) - 1, .net = 3, .scoped = 3},  /* (only what is audited) */
    {.fs = (1 << 16) - 1, .net = 3, .scoped = 3},  /* (only threads) */
    {.fs = (1 << 17) - 1, .net = 3, .scoped = 3},  /* looking up Unix sockets */
    {.fs = (1 << 17) - 1, .net = 15, .scoped = 3}, /* UDP bind, connect */
};

/* How much of struct ruleset a kernel of that ABI knows. */
static size_t ruleset_size(long abi)
{
    return abi >= 6 ? sizeof(struct ruleset) : abi >= 4 ? 16 : 8;
}

static int create_ruleset(long abi, enum sandbox_role role)
{
    struct ruleset denied = rights[abi - 1];

    if (role == SANDBOX_PARENT)
        denied.fs &= ~children_need;
    return (int)syscall(SYS_landlock_create_ruleset, &denied, ruleset_size(abi), 0);
}

bool landlock_enter(enum sandbox_role role)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    long known = sizeof(rights) / sizeof(*rights);

    if (abi < 1) /* EPERM: a container's own filter keeps the question from the kernel */
        return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM;
    if (abi > known)
        abi = known;
    int fd = create_ruleset(abi, role);
    while (fd < 0 && errno == EINVAL && --abi > 0) /* it counts otherwise than the mainline */
        fd = create_ruleset(abi, role);
    if (fd < 0)
        return false;
    bool entered = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close(fd);
    return entered;
}
