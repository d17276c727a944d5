#include "sandbox/debug.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/writer.h"
#include "sandbox/calls.h" /* made by mkfilter.c */

static const char *call_name(int number)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        if (calls[i].number == number)
            return calls[i].name;
    return "unknown";
}

/* What the program sees as the result of the call. */
static void set_result(ucontext_t *context, int result)
{
#if defined(__x86_64__)
    context->uc_mcontext.gregs[REG_RAX] = result;
#elif defined(__aarch64__)
    context->uc_mcontext.regs[0] = (unsigned long long)result;
#else
#    error "--enable-seccomp-debug knows the registers of x86-64 and aarch64 only"
#endif
}

static void tell(int signal_number, siginfo_t *info, void *context)
{
    int saved = errno;
    char line[128];
    struct writer w = writer_over(line, sizeof(line));

    (void)signal_number;
    writer_text(&w, "<3>dsp: seccomp-debug: forbidden system call ");
    writer_text(&w, call_name(info->si_syscall));
    writer_text(&w, " (");
    writer_decimal(&w, (unsigned)info->si_syscall);
    writer_text(&w, ")\n");
    (void)!write(STDERR_FILENO, line, w.n);
    errno = saved;
    set_result(context, -EPERM);
}

bool debug_enter(void)
{
    const struct sigaction action = {.sa_sigaction = tell, .sa_flags = SA_SIGINFO};

    (void)fputs(
        "<4>dsp: NOT FOR USE: seccomp-debug: forbidden system calls are logged, not fatal\n",
        stderr);
    return sigaction(SIGSYS, &action, NULL) == 0;
}
