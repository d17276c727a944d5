#include <stdio.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/policies.h"
#include "docker/operation.h"
#include "http/method.h"

/* What stands for a kind of words in the scripts; "" where there is nothing to offer. */
static const char *const kind_names[] = {
    [WORD_NONE] = "none",           [WORD_LEVEL] = "level",   [WORD_PRESET] = "preset",
    [WORD_OPERATION] = "operation", [WORD_METHOD] = "method", [WORD_FILE] = "file",
    [WORD_COMMAND] = "command",     [WORD_SHELL] = "shell",
};

static void print_policies(const char *folder)
{
    struct policies policies;

    policies_in(folder, &policies);
    for (size_t i = 0; i < policies.n; i++)
        (void)puts(policies.at[i]);
    policies_free(&policies);
}

/* The words of a kind, one a line: what the scripts call back for. */
static bool print_words(const char *kind)
{
    if (strcmp(kind, "level") == 0) {
        print_policies(DSP_SYSCONFDIR);
        print_policies(DSP_POLICYDIR);
    } else if (strcmp(kind, "preset") == 0) {
        print_policies(DSP_POLICYDIR);
    } else if (strcmp(kind, "operation") == 0) {
        for (size_t i = 0; i < docker_operations_count; i++)
            (void)puts(docker_operations[i].name);
    } else if (strcmp(kind, "method") == 0) {
        for (int m = METHOD_GET; m <= METHOD_OPTIONS; m++)
            (void)puts(http_method_name((enum http_method)m));
    } else if (strcmp(kind, "command") == 0) {
        for (size_t i = 0; i < commands_count; i++)
            (void)puts(commands[i].name);
    } else if (strcmp(kind, "shell") == 0) {
        (void)puts("bash\nzsh\nfish");
    } else {
        return false;
    }
    return true;
}

/* How many kinds the row gives. The last one is that of all words behind it, where there may be as
 * many as one likes; else there is nothing behind it. */
static size_t kinds_of(const struct command *command)
{
    size_t n = 3;

    while (command->most == WORDS_MAX && n > 1 && command->kinds[n - 1] == WORD_NONE &&
           !command->raw)
        n--;
    return n;
}

/* bash: tables of strings, then one function that walks the line by them. */
static void print_bash(void)
{
    (void)puts("declare -gA _dspctl_flags _dspctl_kinds _dspctl_values");
    for (size_t i = 0; i < commands_count; i++) {
        const struct command *command = &commands[i];
        (void)printf("_dspctl_flags[%s]='", command->name);
        for (size_t k = 0; k < FLAGS_MAX && command->flags[k].name != NULL; k++) {
            (void)printf("--%s%s ", command->flags[k].name,
                         command->flags[k].argument != NULL ? "=" : "");
            if (command->flags[k].letter != 0)
                (void)printf("-%c ", command->flags[k].letter);
        }
        (void)printf("--help'\n_dspctl_kinds[%s]='", command->name);
        for (size_t k = 0; k < kinds_of(command); k++)
            (void)printf("%s ", kind_names[command->kinds[k]]);
        (void)puts("'");
        for (size_t k = 0; k < FLAGS_MAX && command->flags[k].name != NULL; k++)
            if (command->flags[k].argument != NULL)
                (void)printf("_dspctl_values[%s--%s]=%s\n", command->name, command->flags[k].name,
                             kind_names[command->flags[k].kind]);
    }
    (void)fputs(
        "_dspctl() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} command= kind= n=0 i kinds\n"
        "    COMPREPLY=()\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        if [[ -z $command ]]; then command=${COMP_WORDS[i]}\n"
        "        elif [[ ${COMP_WORDS[i]} == = ]]; then i=$((i + 1))\n"
        "        elif [[ ${COMP_WORDS[i]} != -* ]]; then n=$((n + 1)); fi\n"
        "    done\n"
        "    if [[ -z $command ]]; then kind=command\n"
        "    elif [[ $cur == = ]]; then\n"
        "        kind=${_dspctl_values[$command${COMP_WORDS[COMP_CWORD - 1]}]-}\n"
        "        cur=\n"
        "    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then\n"
        "        kind=${_dspctl_values[$command${COMP_WORDS[COMP_CWORD - 2]}]-}\n"
        "    elif [[ $cur == -* ]]; then\n"
        "        COMPREPLY=($(compgen -W \"${_dspctl_flags[$command]-}\" -- \"$cur\")) || :\n"
        "        if [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace 2>/dev/null || :; fi\n"
        "        return 0\n"
        "    else\n"
        "        kinds=(${_dspctl_kinds[$command]-})\n"
        "        kind=${kinds[n < ${#kinds[@]} ? n : ${#kinds[@]} - 1]-}\n"
        "    fi\n"
        "    case $kind in\n"
        "    none | '') ;;\n"
        "    file) COMPREPLY=($(compgen -f -- \"$cur\")) || : ;;\n"
        "    level) COMPREPLY=($(compgen -W \"$(dspctl completion level)\" -- \"$cur\") $(compgen -f -X '!*.ini' -- \"$cur\")) || : ;;\n"
        "    *) COMPREPLY=($(compgen -W \"$(dspctl completion \"$kind\")\" -- \"$cur\")) || : ;;\n"
        "    esac\n"
        "    return 0\n"
        "}\n"
        "complete -F _dspctl dspctl\n",
        stdout);
}

/* zsh's own quoting of descriptions: neither quotes nor brackets nor colons are in the tables. */
static void print_zsh_action(enum word_kind kind)
{
    if (kind == WORD_FILE)
        (void)printf("_files");
    else if (kind == WORD_LEVEL)
        (void)printf("_dspctl_levels");
    else if (kind != WORD_NONE)
        (void)printf("{compadd -- ${(f)\"$(dspctl completion %s)\"}}", kind_names[kind]);
}

static void print_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (strchr("'[]:\\", *text) == NULL)
            (void)putchar(*text);
}

static void print_zsh_flag(const struct flag *flag, const char *name)
{
    (void)printf(" '%s[", name);
    print_plain(flag->help);
    (void)printf("]%s", flag->argument != NULL ? ":value:" : "");
    if (flag->argument != NULL)
        print_zsh_action(flag->kind);
    (void)printf("'");
}

static void print_zsh(void)
{
    (void)puts("_dspctl_levels() {\n"
               "    compadd -- ${(f)\"$(dspctl completion level)\"}\n"
               "    _files -g '*.ini'\n"
               "}\n"
               "_dspctl() {\n"
               "    local -a commands\n"
               "    commands=(");
    for (size_t i = 0; i < commands_count; i++) {
        (void)printf("        '%s:", commands[i].name);
        print_plain(commands[i].summary);
        (void)puts("'");
    }
    (void)puts("    )\n"
               "    if ((CURRENT == 2)); then _describe command commands; return; fi\n"
               "    local command=$words[2]\n"
               "    shift words; ((CURRENT--))\n"
               "    case $command in");
    for (size_t i = 0; i < commands_count; i++) {
        const struct command *command = &commands[i];
        (void)printf("    %s) _arguments", command->name);
        for (size_t k = 0; k < FLAGS_MAX && command->flags[k].name != NULL; k++) {
            const struct flag *flag = &command->flags[k];
            char name[32];
            (void)snprintf(name, sizeof(name), "--%s%s", flag->name,
                           flag->argument != NULL ? "=" : "");
            print_zsh_flag(flag, name);
            (void)snprintf(name, sizeof(name), "-%c", flag->letter);
            if (flag->letter != 0)
                print_zsh_flag(flag, name);
        }
        for (size_t k = 0; k < 3 && k < command->most; k++) {
            if (command->kinds[k] == WORD_NONE)
                break;
            bool last = k == 2 || command->kinds[k + 1] == WORD_NONE;
            (void)printf(last && command->most == WORDS_MAX ? " '*:word:" : " '%zu:word:", k + 1);
            print_zsh_action(command->kinds[k]);
            (void)printf("'");
        }
        (void)puts(" ;;");
    }
    (void)puts("    esac\n"
               "}\n"
               "compdef _dspctl dspctl");
}

static void print_fish_words(const char *command, enum word_kind kind)
{
    if (kind == WORD_FILE || kind == WORD_LEVEL)
        (void)printf("complete -c dspctl -F -n '__fish_seen_subcommand_from %s'\n", command);
    if (kind != WORD_NONE && kind != WORD_FILE)
        (void)printf("complete -c dspctl -f -n '__fish_seen_subcommand_from %s' -a "
                     "'(dspctl completion %s)'\n",
                     command, kind_names[kind]);
}

static void print_fish(void)
{
    (void)puts("complete -c dspctl -f");
    for (size_t i = 0; i < commands_count; i++) {
        const struct command *command = &commands[i];
        (void)printf("complete -c dspctl -n __fish_use_subcommand -a %s -d '", command->name);
        print_plain(command->summary);
        (void)puts("'");
        for (size_t k = 0; k < FLAGS_MAX && command->flags[k].name != NULL; k++) {
            const struct flag *flag = &command->flags[k];
            (void)printf("complete -c dspctl -n '__fish_seen_subcommand_from %s' -l %s",
                         command->name, flag->name);
            if (flag->letter != 0)
                (void)printf(" -s %c", flag->letter);
            if (flag->argument != NULL)
                (void)printf(" -r");
            if (flag->argument != NULL && flag->kind != WORD_NONE && flag->kind != WORD_FILE)
                (void)printf(" -a '(dspctl completion %s)'", kind_names[flag->kind]);
            (void)printf(" -d '");
            print_plain(flag->help);
            (void)puts("'");
        }
        for (size_t k = 0; k < 3; k++)
            print_fish_words(command->name, command->kinds[k]);
    }
}

int completion_run(const struct args *args)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

    for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
        if (strcmp(args->words[0], shells[i].name) == 0) {
            shells[i].print();
            return CTL_YES;
        }
    }
    if (print_words(args->words[0]))
        return CTL_YES;
    return command_misused("completion", "'%s' is none of bash, zsh, fish", args->words[0]);
}
