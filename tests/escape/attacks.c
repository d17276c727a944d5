#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_alg.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/sealed.h"

static int client, victim; /* the client's descriptor; a process that has nothing to do with dsp */
/* Where somebody else listens, by a file and by an abstract socket of the same name. */
static struct sockaddr_un file_place = {.sun_family = AF_UNIX};
static struct sockaddr_un abstract_place = {.sun_family = AF_UNIX};
static char page[4096] __attribute__((aligned(4096)));
static char secret[16];

/* Before main(), since the lock-down wipes the environment. */
__attribute__((constructor)) static void find_listener(void)
{
    const char *path = getenv("ESCAPE_SOCKET");

    if (path == NULL)
        return;
    (void)snprintf(file_place.sun_path, sizeof(file_place.sun_path), "%s", path);
    (void)snprintf(abstract_place.sun_path + 1, sizeof(abstract_place.sun_path) - 1, "%s", path);
}

void attacks_prepare(int fd)
{
    client = fd;
    victim = fork();
    if (victim == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
        for (;;)
            (void)ppoll(NULL, 0, NULL, NULL);
    }
}

#ifndef SYS_newfstatat /* what stat() is on 32-bit machines */
#    define SYS_newfstatat SYS_fstatat64
#endif
#define CALL(...) (syscall(__VA_ARGS__) < 0 ? -errno : 0)

/* Files. */

static long open_how(void)
{
    struct open_how how = {.flags = O_RDONLY};

    return CALL(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how));
}

static long open_handle(void)
{
    struct {
        struct file_handle head;
        char room[128];
    } handle = {.head.handle_bytes = 128};

    return CALL(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
}

/* The place of sealed.h, from which a spare may look at files. */
static long replace_names(void)
{
    char *place = (char *)SEALED_AT;

    (void)syscall(SYS_munmap, place, SEALED_SIZE);
    if (mmap(place, SEALED_SIZE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != place)
        return -errno;
    (void)strcpy(place, "/etc/passwd");
    return CALL(SYS_newfstatat, AT_FDCWD, place, page, 0);
}

static long open_names(void)
{
    return CALL(SYS_mprotect, SEALED_AT, SEALED_SIZE, PROT_READ | PROT_WRITE);
}

/* Sockets. */

/* Whether any descriptor is one that clients can be accepted from. */
static long accept_any(void)
{
    long worst = -EBADF;

    for (int fd = 0; fd < 64; fd++)
        if (syscall(SYS_accept4, fd, NULL, NULL, 0) >= 0 || errno == EAGAIN)
            worst = 0;
    return worst;
}

static long set_any_timer(void)
{
    const struct itimerspec due = {.it_value.tv_nsec = 1};
    long worst = -EBADF;

    for (int fd = 0; fd < 64; fd++)
        if (syscall(SYS_timerfd_settime, fd, 0, &due, NULL) == 0)
            worst = 0;
    return worst;
}

static long socket_pair(void)
{
    int pair[2];

    return CALL(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
}

static long connect_elsewhere(void)
{
    struct sockaddr_un bus = {.sun_family = AF_UNIX, .sun_path = "/run/dbus/system_bus_socket"};

    return CALL(SYS_connect, client, &bus, sizeof(bus));
}

static long bind_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};

    return CALL(SYS_bind, client, &any, sizeof(any));
}

/* A socket of its own, and what to do with it. */
static long with_socket(long call, int domain, const void *place, size_t size)
{
    long fd = syscall(SYS_socket, domain, SOCK_STREAM, 0);

    return fd < 0 ? -errno : CALL(call, fd, place, size);
}

static long connect_tcp(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(1)};

    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return with_socket(SYS_connect, AF_INET, &here, sizeof(here));
}

static long listen_tcp(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(47613)};

    return with_socket(SYS_bind, AF_INET, &any, sizeof(any));
}

static long connect_abstract(void)
{
    size_t size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(abstract_place.sun_path + 1);

    return with_socket(SYS_connect, AF_UNIX, &abstract_place, size);
}

static long connect_file(void)
{
    return with_socket(SYS_connect, AF_UNIX, &file_place, sizeof(file_place));
}

static long send_descriptor(void)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
                          .cmsg_level = SOL_SOCKET,
                          .cmsg_type = SCM_RIGHTS}};
    struct iovec byte = {page, 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control.room)};

    memcpy(CMSG_DATA(&control.head), &client, sizeof(client));
    return CALL(SYS_sendmsg, client, &message, 0);
}

static long receive_descriptor(void)
{
    struct iovec byte = {page, 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1};

    return CALL(SYS_recvmsg, client, &message, MSG_DONTWAIT);
}

static long send_elsewhere(void)
{
    struct sockaddr_un journal = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/notify"};

    return CALL(SYS_sendto, client, page, 1, MSG_DONTWAIT, &journal, sizeof(journal));
}

/* Processes. */

static long end_child(long pid)
{
    if (pid == 0)
        _exit(0);
    return pid < 0 ? -errno : 0;
}

static long fork_child(void)
{
    return end_child(fork());
}

#ifdef SYS_vfork
static long vfork_child(void)
{
    return end_child(syscall(SYS_vfork));
}

static long old_fork(void)
{
    return end_child(syscall(SYS_fork));
}
#endif
static long make_thread(void)
{
    long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

    return end_child(syscall(SYS_clone, flags, page + sizeof(page) - 64, NULL, NULL, 0));
}

static long fork_namespace(void)
{
    return end_child(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0));
}

static long fork_of_parent(void)
{
    return end_child(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0));
}

static long clone_three(void)
{
    struct clone_args arguments = {.exit_signal = SIGCHLD};

    return end_child(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

static char *const shell[] = {(char *)"/bin/true", NULL};

static long read_victim(void)
{
    struct iovec here = {secret, sizeof(secret)}, there = {secret, sizeof(secret)};

    return CALL(SYS_process_vm_readv, victim, &here, 1, &there, 1, 0);
}

static long write_victim(void)
{
    struct iovec here = {secret, sizeof(secret)}, there = {secret, sizeof(secret)};

    return CALL(SYS_process_vm_writev, victim, &here, 1, &there, 1, 0);
}

static long raise_limit(void)
{
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};

    return CALL(SYS_prlimit64, 0, RLIMIT_NPROC, &most, NULL);
}

static long limit_parent(void)
{
    struct rlimit none = {0};

    return CALL(SYS_prlimit64, victim, RLIMIT_MSGQUEUE, NULL, &none);
}

/* Privileges, and the kernel itself. */

static long weaker_filter(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};

    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        return -errno;
    return CALL(SYS_uname, page); /* did it open anything? */
}

static long load_program(void)
{
    union bpf_attr attributes = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

    return CALL(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes));
}

static long measure(void)
{
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes)};

    return CALL(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static long ring(void)
{
    struct io_uring_params parameters = {0};

    return CALL(SYS_io_uring_setup, 1, &parameters);
}

/* Descriptors. */

static long make_pipe(void)
{
    int pair[2];

    return CALL(SYS_pipe2, pair, 0);
}

/* Each attack of one call is a function, named by its line there. */
#define PASTE(a, b) a##b
#define FUNCTION(line) PASTE(attack_, line)
#define ATTACK(name, call, ...)               \
    static long FUNCTION(__LINE__)(void)      \
    {                                         \
        return CALL(SYS_##call, __VA_ARGS__); \
    }
#define STEPS(name, call, function)
#include "attacks.def"
#undef ATTACK
#undef STEPS

const struct attack attacks[] = {
#define ATTACK(name, call, ...) {name, #call, FUNCTION(__LINE__)},
#define STEPS(name, call, function) {name, #call, function},
#include "attacks.def"
};

const size_t attacks_n = sizeof(attacks) / sizeof(*attacks);
