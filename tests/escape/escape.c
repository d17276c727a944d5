/* escape.c: the hook that turns dsp into the escape harness.
 *
 * It is linked to the very objects of dsp, and stands before sandbox_enter() by the linker's
 * --wrap. Where dsp would lock itself down, the harness forks a process for each thing to try;
 * that process is locked down by dsp's own code, tries the one thing, and what became of it is
 * reported on standard error:
 *
 *   ESCAPE=ROLE           connection, spare, parent; or narrowed: a spare that has its client
 *   ESCAPE_TRY=calls      every system call, in every way; or attacks: those of attacks.c
 *   ESCAPE_WITHOUT=STEP   the lock-down without one step: filter, landlock or limits
 *   ESCAPE_SOCKET=PATH    where somebody listens: by that file and by the abstract socket so named */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"
#include "sandbox/limits.h"
#include "sandbox/sandbox.h"

const char *__real_sandbox_enter(enum sandbox_role role, const int *keep, size_t n);
const char *__wrap_sandbox_enter(enum sandbox_role role, const int *keep, size_t n);
bool __real_filter_enter(enum sandbox_role role);
bool __wrap_filter_enter(enum sandbox_role role);
bool __real_landlock_enter(enum sandbox_role role);
bool __wrap_landlock_enter(enum sandbox_role role);
bool __real_limits_enter(enum sandbox_role role, const int *keep, size_t n);
bool __wrap_limits_enter(enum sandbox_role role, const int *keep, size_t n);

enum { CALLS_MAX = 600, DONE = 77 };

/* What one process is to do. */
struct trial {
    enum sandbox_role role;
    bool narrow;
    const int *keep;
    size_t n;
    const struct attack *attack; /* or else a call: */
    enum way way;
    long number;
};

static char role_wanted[16], what_to_try[16], left_out[16];
static long *result; /* shared with the process that tries */

static void take_variable(const char *name, char *to, size_t size)
{
    const char *value = getenv(name);

    (void)snprintf(to, size, "%s", value == NULL ? "" : value);
}

/* Before main(), since the lock-down wipes the environment. */
__attribute__((constructor)) static void take_orders(void)
{
    take_variable("ESCAPE", role_wanted, sizeof(role_wanted));
    take_variable("ESCAPE_TRY", what_to_try, sizeof(what_to_try));
    take_variable("ESCAPE_WITHOUT", left_out, sizeof(left_out));
}

bool __wrap_filter_enter(enum sandbox_role role)
{
    return strcmp(left_out, "filter") == 0 || __real_filter_enter(role);
}

bool __wrap_landlock_enter(enum sandbox_role role)
{
    return strcmp(left_out, "landlock") == 0 || __real_landlock_enter(role);
}

bool __wrap_limits_enter(enum sandbox_role role, const int *keep, size_t n)
{
    return strcmp(left_out, "limits") == 0 || __real_limits_enter(role, keep, n);
}

#ifdef __x86_64__
static long int80(long number, long argument)
{
    long value;

    __asm__ volatile("push %%rbp\n\tmov %%rcx, %%rbp\n\tint $0x80\n\tpop %%rbp"
                     : "=a"(value)
                     : "a"(number), "b"(argument), "c"(argument), "d"(argument), "S"(argument),
                       "D"(argument)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)value;
}
#endif

long raw_call(enum way way, long number, long argument)
{
    long a = argument;

#ifdef __x86_64__
    if (way == WAY_INT80)
        return int80(number, argument);
    if (way == WAY_X32)
        number |= 0x40000000;
#else
    (void)way;
#endif
    long value = syscall(number, a, a, a, a, a, a);
    return value < 0 ? -errno : value;
}

_Noreturn static void run(const struct trial *t)
{
    const char *flaw = __real_sandbox_enter(t->role, t->keep, t->n);
    if (flaw == NULL && t->narrow)
        flaw = sandbox_take_client(t->keep, 1);
    if (flaw != NULL)
        _exit(1);
    *result = t->attack != NULL ? t->attack->try() : raw_call(t->way, t->number, -1);
    _exit(DONE);
}

/* What became of a process, as a word. */
static void describe(int status, char *word, size_t size)
{
    if (WIFSIGNALED(status))
        (void)snprintf(word, size, "SIG%s", sigabbrev_np(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != DONE)
        (void)snprintf(word, size, "exit-%d", WEXITSTATUS(status));
    else if (*result < 0 && strerrorname_np((int)-*result) != NULL)
        (void)snprintf(word, size, "%s", strerrorname_np((int)-*result));
    else
        (void)snprintf(word, size, "done");
}

static void try(const struct trial *t, const char *way, const char *name)
{
    char word[32];
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        run(t);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        (void)snprintf(word, sizeof(word), "%s", strerrorname_np(errno));
    else
        describe(status, word, sizeof(word));
    (void)fprintf(stderr, "escape\t%s\t%s\t%s\n", way, name, word);
}

static void try_calls(struct trial trial, enum way way, const char *name_of_way)
{
    char name[16];

    trial.way = way;
    for (trial.number = 0; trial.number < CALLS_MAX; trial.number++) {
        (void)snprintf(name, sizeof(name), "%ld", trial.number);
        try(&trial, name_of_way, name);
    }
}

static void try_all(struct trial trial)
{
    if (strcmp(what_to_try, "calls") == 0) {
        try_calls(trial, WAY_NATIVE, "native");
#ifdef __x86_64__
        try_calls(trial, WAY_X32, "x32");
        try_calls(trial, WAY_INT80, "int80");
#endif
        return;
    }
    for (size_t i = 0; i < attacks_n; i++) {
        trial.attack = &attacks[i];
        try(&trial, attacks[i].call, attacks[i].name);
    }
}

const char *__wrap_sandbox_enter(enum sandbox_role role, const int *keep, size_t n)
{
    static const char *const names[] = {"connection", "spare", "parent"};
    bool narrow = role == SANDBOX_SPARE && strcmp(role_wanted, "narrowed") == 0;

    if (!narrow && strcmp(role_wanted, names[role]) != 0)
        return __real_sandbox_enter(role, keep, n);
    /* Shared memory that is there before the parent's filter is: see make_room(). */
    attacks_prepare(keep[0]);
    try_all((struct trial){.role = role, .narrow = narrow, .keep = keep, .n = n});
    (void)fputs("escape\tend\tend\tend\n", stderr);
    if (role == SANDBOX_SPARE) /* else its parent would make another */
        for (;;)
            (void)ppoll(NULL, 0, NULL, NULL);
    exit(EXIT_SUCCESS);
}

__attribute__((constructor)) static void make_room(void)
{
    result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}
