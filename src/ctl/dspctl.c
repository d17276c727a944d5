/* dspctl: writes, tests and learns the policies of dsp.
 *
 * It links what the filter judges with (libjudge.a), so that its answers are the filter's. It is
 * for the administrator and needs no privilege but to read policies, and for `log`, `learn` and
 * `status` the journal. It changes nothing; only `new` writes files, and never over another. */
#include "ctl/command.h"

#include "config.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/str.h"
#include "ctl/args.h"
#include "policy/nearest.h"

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < commands_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int command_misused(const char *name, const char *format, ...)
{
    va_list args;

    (void)fprintf(stderr, "dspctl%s%s: ", name[0] == '\0' ? "" : " ", name);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "\nTry 'dspctl help%s%s'.\n", name[0] == '\0' ? "" : " ", name);
    return EX_USAGE;
}

int command_trouble(const char *format, ...)
{
    va_list args;

    (void)fputs("dspctl: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return CTL_TROUBLE;
}

void command_help(const struct command *command)
{
    (void)printf("Usage: dspctl %s %s\n%s.\n", command->name, command->words, command->summary);
    for (size_t i = 0; i < FLAGS_MAX && command->flags[i].name != NULL; i++) {
        const struct flag *flag = &command->flags[i];
        char left[64];
        int n = flag->letter != 0
                    ? snprintf(left, sizeof(left), "-%c, --%s", flag->letter, flag->name)
                    : snprintf(left, sizeof(left), "--%s", flag->name);
        if (flag->argument != NULL)
            (void)snprintf(left + n, sizeof(left) - (size_t)n, "=%s", flag->argument);
        (void)printf("%s  %-20s %s\n", i == 0 ? "\n" : "", left, flag->help);
    }
    (void)printf("\n%s", command->help);
}

static void print_commands(FILE *to)
{
    (void)fputs("Usage: dspctl COMMAND ...\n"
                "Writes, tests and learns the policies of dsp, the Docker socket proxy.\n\n",
                to);
    for (size_t i = 0; i < commands_count; i++)
        (void)fprintf(to, "  %-11s %s\n", commands[i].name, commands[i].summary);
    (void)fputs("\nA NAME is a level: the policy " DSP_SYSCONFDIR "/NAME.ini, else the preset\n"
                "" DSP_POLICYDIR "/NAME.ini. With a slash or .ini it is a file.\n"
                "\n'dspctl help COMMAND' says more, dspctl(1) the rest.\n",
                to);
}

int help_run(const struct args *args)
{
    if (args->n == 0) {
        print_commands(stdout);
        return CTL_YES;
    }
    const struct command *command = command_find(args->words[0]);
    if (command == NULL)
        return command_misused("", "unknown command '%s'", args->words[0]);
    command_help(command);
    return CTL_YES;
}

static int unknown(const char *name)
{
    struct nearest nearest = nearest_to(str_of(name));

    for (size_t i = 0; i < commands_count; i++)
        nearest_offer(&nearest, commands[i].name);
    if (nearest.best == NULL)
        return command_misused("", "unknown command '%s'", name);
    return command_misused("", "unknown command '%s'; did you mean '%s'?", name, nearest.best);
}

/* What was printed must have arrived, or a script would take half a policy for a whole one. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return command_trouble("cannot write the output");
}

int main(int argc, char **argv)
{
    static struct args args;

    (void)setlocale(LC_TIME, "");
    if (argc < 2) {
        print_commands(stderr);
        return EX_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return finish(help_run(&args));
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("dspctl " PACKAGE_VERSION);
        return finish(CTL_YES);
    }
    const struct command *command = command_find(argv[1]);
    if (command == NULL)
        return unknown(argv[1]);
    if (argc == 3 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
        command_help(command);
        return finish(CTL_YES);
    }
    if (!args_parse(command, argc - 2, argv + 2, &args))
        return EX_USAGE;
    return finish(command->run(&args));
}
