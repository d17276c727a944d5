/* mkfilter.c: runs when dsp is built. Prints the seccomp program of syscalls.def as a C array.
 *
 *   mkfilter [ARCH]     ARCH as libseccomp calls it (x86_64, aarch64, ...); default: this one */
#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum rule { RULE_ALLOW, RULE_ALLOW_FIRST, RULE_ALLOW_NO_EXEC, RULE_ERRNO };

struct row {
    const char *name;
    enum rule rule;
    uint64_t first; /* what the first argument must be, for RULE_ALLOW_FIRST */
};

static const struct row table[] = {
#define ALLOW(name, reason) {#name, RULE_ALLOW, 0},
#define ALLOW_FIRST(name, value, reason) {#name, RULE_ALLOW_FIRST, value},
#define ALLOW_NO_EXEC(name, reason) {#name, RULE_ALLOW_NO_EXEC, 0},
#define ERRNO(name, reason) {#name, RULE_ERRNO, 0},
#include "sandbox/syscalls.def"
};

static void die(const char *what, int error)
{
    fprintf(stderr, "mkfilter: %s: %s\n", what, strerror(error));
    exit(1);
}

/* ${number} is this machine's: libseccomp translates it to the filter's architecture. */
static int add(scmp_filter_ctx ctx, int number, const struct row *row)
{
    switch (row->rule) {
    case RULE_ALLOW:
        return seccomp_rule_add_exact(ctx, SCMP_ACT_ALLOW, number, 0);
    case RULE_ALLOW_FIRST:
        return seccomp_rule_add_exact(ctx, SCMP_ACT_ALLOW, number, 1,
                                      SCMP_A0(SCMP_CMP_EQ, row->first));
    case RULE_ALLOW_NO_EXEC: /* the third argument is the protection */
        return seccomp_rule_add_exact(ctx, SCMP_ACT_ALLOW, number, 1,
                                      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    case RULE_ERRNO:
        return seccomp_rule_add_exact(ctx, SCMP_ACT_ERRNO(EPERM), number, 0);
    }
    return -EINVAL;
}

static void print_program(int fd)
{
    struct sock_filter instruction;
    size_t n = 0;
    FILE *program = fdopen(fd, "r");

    if (program == NULL || fseek(program, 0, SEEK_SET) != 0)
        die("program", errno);
    puts("/* Made by mkfilter of syscalls.def. */");
    puts("static const struct sock_filter filter_program[] = {");
    for (; fread(&instruction, sizeof(instruction), 1, program) == 1; n++)
        printf("    {%#x, %u, %u, %#x},\n", instruction.code, instruction.jt, instruction.jf,
               instruction.k);
    puts("};");
    if (n == 0 || ferror(program) != 0 || fflush(stdout) != 0)
        die("program", EIO);
    fclose(program);
}

int main(int argc, char **argv)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    uint32_t arch = argc > 1 ? seccomp_arch_resolve_name(argv[1]) : seccomp_arch_native();
    FILE *program = tmpfile();
    int error;

    if (ctx == NULL || arch == 0 || program == NULL)
        die(argc > 1 ? argv[1] : "libseccomp", EINVAL);
    if (arch != seccomp_arch_native()) {
        if ((error = seccomp_arch_add(ctx, arch)) < 0 ||
            (error = seccomp_arch_remove(ctx, seccomp_arch_native())) < 0)
            die("architecture", -error);
    }
    if ((error = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) < 0)
        die("bad architecture action", -error);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        int there = seccomp_syscall_resolve_name_arch(arch, table[i].name);
        if (there == __NR_SCMP_ERROR)
            die(table[i].name, ENOSYS);
        if (there < 0)
            continue; /* known to libseccomp, not to that machine */
        if ((error = add(ctx, seccomp_syscall_resolve_name(table[i].name), &table[i])) < 0)
            die(table[i].name, -error);
    }
    if ((error = seccomp_export_bpf(ctx, fileno(program))) < 0)
        die("export", -error);
    print_program(dup(fileno(program)));
    fclose(program);
    seccomp_release(ctx);
    return 0;
}
