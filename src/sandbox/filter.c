#include "sandbox/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/sealed.h"

/* Made of the tables by mkfilter.c. */
#ifdef DSP_SECCOMP_DEBUG
#    include "sandbox/programs-debug.h"
#else
#    include "sandbox/programs.h"
#endif

#define PROGRAM(instructions)                                  \
    {                                                          \
        .len = sizeof(instructions) / sizeof(*(instructions)), \
        .filter = (struct sock_filter *)(instructions),        \
    }

static const struct sock_fprog programs[] = {
    [SANDBOX_CONNECTION] = PROGRAM(connection_program),
    [SANDBOX_SPARE] = PROGRAM(spare_program),
    [SANDBOX_PARENT] = PROGRAM(parent_program),
};

bool filter_enter(enum sandbox_role role)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[role]) == 0;
}
