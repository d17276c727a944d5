/* mkfilter.c: runs when dsp is built. Prints the seccomp programs of the tables as C arrays.
 *
 *   mkfilter [--debug | --calls] [ARCH]
 *
 * ARCH as libseccomp calls it (x86_64, aarch64, ...); default: this one. --debug: trap where else
 * it kills. --calls: no programs, but the names of all system calls.
 *
 * A table's row is a rule, a name, what the rule wants, and a reason. Rows of one name add up. */
#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/sealed.h"

/* That an argument, of the bits of ${mask}, is ${value}. */
struct condition {
    int argument;
    uint64_t mask, value;
    const char *text; /* the value's, unless it is one of all machines */
};

enum { CLONE_FLAGS = 6, EVERY_BIT = 0, CALLS_MAX = 1024 };

struct row {
    const char *name;
    uint32_t action;
    struct condition conditions[2];
    size_t n;
};

#define NOT_WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
/* All flags of clone(2) but those by which fork() of the C library asks for the child's number. */
#define NOT_A_FORK (~(uint64_t)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))

/* The rules. */
#define IS(argument, value, text)        \
    {                                    \
        argument, EVERY_BIT, value, text \
    }
#define MASKED(argument, mask, value) \
    {                                 \
        argument, mask, value, NULL   \
    }
#define ALLOW(name, reason) {#name, SCMP_ACT_ALLOW, {{0}}, 0},
#define ALLOW_FIRST(name, value, reason) {#name, SCMP_ACT_ALLOW, {IS(0, value, #value)}, 1},
#define ALLOW_PAIR(name, first, second, reason) \
    {#name, SCMP_ACT_ALLOW, {IS(0, first, #first), IS(1, second, #second)}, 2},
#define ALLOW_SECOND(name, value, reason) {#name, SCMP_ACT_ALLOW, {IS(1, value, #value)}, 1},
#define ALLOW_OPTION(name, level, option, reason) \
    {#name, SCMP_ACT_ALLOW, {IS(1, level, #level), IS(2, option, #option)}, 2},
#define ALLOW_READ_ONLY(name, reason) \
    {#name, SCMP_ACT_ALLOW, {MASKED(2, NOT_WRITING, O_RDONLY)}, 1},
#define ALLOW_SEALED(name, reason) \
    {#name, SCMP_ACT_ALLOW, {MASKED(1, ~(uint64_t)(SEALED_SIZE - 1), SEALED_AT)}, 1},
#define ALLOW_SEALING(name, reason) \
    {#name, SCMP_ACT_ALLOW, {IS(0, SEALED_AT, "SEALED_AT"), IS(2, PROT_READ, "PROT_READ")}, 2},
#define ALLOW_FORK(name, reason) \
    {#name, SCMP_ACT_ALLOW, {MASKED(CLONE_FLAGS, NOT_A_FORK, SIGCHLD)}, 1},
#define ERRNO(name, error, reason) {#name, SCMP_ACT_ERRNO(error), {{0}}, 0},

static const struct row connection[] = {
#include "sandbox/connection.def"
};

static const struct row spare[] = {
#include "sandbox/spare.def"
};

static const struct row parent[] = {
#include "sandbox/parent.def"
};

static const struct table {
    const char *name;
    const struct row *rows;
    size_t n;
} tables[] = {
    {"connection", connection, sizeof(connection) / sizeof(*connection)},
    {"spare", spare, sizeof(spare) / sizeof(*spare)},
    {"parent", parent, sizeof(parent) / sizeof(*parent)},
};

struct target {
    uint32_t arch;
    uint32_t otherwise; /* the action for what is in no table */
};

static void die(const char *what, int error)
{
    fprintf(stderr, "mkfilter: %s: %s\n", what, strerror(error));
    exit(1);
}

static bool is_s390(uint32_t arch)
{
    return arch == SCMP_ARCH_S390 || arch == SCMP_ARCH_S390X;
}

static struct scmp_arg_cmp compare(const struct condition *c, uint32_t arch)
{
    unsigned argument = (unsigned)c->argument;

    if (c->argument == CLONE_FLAGS) /* clone(2): the stack comes first there */
        argument = is_s390(arch) ? 1 : 0;
    if (c->mask == EVERY_BIT)
        return SCMP_CMP(argument, SCMP_CMP_EQ, c->value);
    return SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, c->mask, c->value);
}

/* Whether the machine has the call only as a function of socketcall(2), or also. */
static bool is_multiplexed(const char *name, uint32_t arch)
{
    return seccomp_syscall_resolve_name_rewrite(arch, name) ==
           seccomp_syscall_resolve_name_arch(arch, "socketcall");
}

/* libseccomp takes this machine's number and translates it to the filter's architecture. */
static void add(scmp_filter_ctx ctx, const struct row *row, uint32_t arch)
{
    int number = seccomp_syscall_resolve_name(row->name);
    struct scmp_arg_cmp compared[2];
    size_t n = row->n;

    if (number == __NR_SCMP_ERROR)
        die(row->name, ENOSYS);
    for (size_t i = 0; i < row->n; i++)
        compared[i] = compare(&row->conditions[i], arch);
    if (is_multiplexed(row->name, arch))
        n = 0; /* its arguments lie in memory, where no filter can look */
    int error = seccomp_rule_add_exact_array(ctx, row->action, number, (unsigned)n, compared);
    /* EDOM: known to libseccomp, not to that machine. EEXIST: the same row without arguments. */
    if (error < 0 && error != -EDOM && error != -EEXIST)
        die(row->name, -error);
}

static scmp_filter_ctx make(const struct table *table, struct target target)
{
    scmp_filter_ctx ctx = seccomp_init(target.otherwise);
    uint32_t native = seccomp_arch_native();
    int error;

    if (ctx == NULL)
        die("libseccomp", ENOMEM);
    /* In this order: it may have another byte order, and then there is no filter for both. */
    if (target.arch != native && ((error = seccomp_arch_remove(ctx, native)) < 0 ||
                                  (error = seccomp_arch_add(ctx, target.arch)) < 0))
        die("architecture", -error);
    if ((error = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) < 0)
        die("bad architecture action", -error);
    for (size_t i = 0; i < table->n; i++)
        add(ctx, &table->rows[i], target.arch);
    return ctx;
}

static void swap_bytes(struct sock_filter *instruction)
{
    instruction->code = bswap_16(instruction->code);
    instruction->k = bswap_32(instruction->k);
}

/* Prints numbers, which the target's compiler puts in its own byte order. */
static void print_program(const char *name, scmp_filter_ctx ctx)
{
    const unsigned short first = BPF_LD | BPF_W | BPF_ABS; /* of every program: the architecture */
    bool swapped = false;
    struct sock_filter instruction;
    size_t n = 0;
    FILE *program = tmpfile();
    int error;

    if (program == NULL)
        die("program", errno);
    if ((error = seccomp_export_bpf(ctx, fileno(program))) < 0)
        die("export", -error);
    rewind(program);
    printf("static const struct sock_filter %s_program[] = {\n", name);
    for (; fread(&instruction, sizeof(instruction), 1, program) == 1; n++) {
        swapped = swapped || (n == 0 && instruction.code != first);
        if (swapped)
            swap_bytes(&instruction);
        printf("    {%#x, %u, %u, %#" PRIx32 "},\n", instruction.code, instruction.jt,
               instruction.jf, instruction.k);
    }
    puts("};");
    if (n == 0 || ferror(program) != 0)
        die("program", EIO);
    fclose(program);
}

static void print_check(const char *text, uint64_t value)
{
    printf("_Static_assert(%s == %#" PRIx64 ", \"not %s of the machine that made this\");\n", text,
           value, text);
}

#define CHECK(constant) print_check(#constant, constant)

/* A constant may have another value on another machine: then the header does not compile there. */
static void print_checks(const struct table *table)
{
    for (size_t i = 0; i < table->n; i++)
        for (size_t j = 0; j < table->rows[i].n; j++)
            if (table->rows[i].conditions[j].text != NULL)
                print_check(table->rows[i].conditions[j].text, table->rows[i].conditions[j].value);
    CHECK(ENOMEM);
    CHECK(O_CREAT);
    CHECK(O_TRUNC);
    CHECK(O_APPEND);
    CHECK(CLONE_CHILD_SETTID);
    CHECK(CLONE_CHILD_CLEARTID);
    CHECK(SIGCHLD);
}

static void print_programs(struct target target)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        scmp_filter_ctx ctx = make(&tables[i], target);
        print_program(tables[i].name, ctx);
        seccomp_release(ctx);
    }
    print_checks(&tables[2]); /* it has the rows of all */
}

static void print_calls(uint32_t arch)
{
    puts("static const struct {\n    int number;\n    const char *name;\n} calls[] = {");
    for (int number = 0; number < CALLS_MAX; number++) {
        char *name = seccomp_syscall_resolve_num_arch(arch, number);
        if (name != NULL)
            printf("    {%d, \"%s\"},\n", number, name);
        free(name);
    }
    puts("};");
}

int main(int argc, char **argv)
{
    bool debug = argc > 1 && strcmp(argv[1], "--debug") == 0;
    bool calls = argc > 1 && strcmp(argv[1], "--calls") == 0;
    const char *name = argv[debug || calls ? 2 : 1];
    struct target target = {
        .arch = name == NULL ? seccomp_arch_native() : seccomp_arch_resolve_name(name),
        .otherwise = debug ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS,
    };

    if (target.arch == 0)
        die(name == NULL ? "this architecture" : name, EINVAL);
    puts("/* Made by mkfilter of the tables. */");
    if (calls)
        print_calls(target.arch);
    else
        print_programs(target);
    if (fflush(stdout) != 0)
        die("output", errno);
    return 0;
}
