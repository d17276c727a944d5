#include "ctl/args.h"

#include <string.h>
#include <sysexits.h>

#include "base/str.h"
#include "http/method.h"

/* The index of the flag that ${word}, without its dashes, names; FLAGS_MAX for none. */
static size_t find(const struct command *command, const char *word, bool letter)
{
    struct str name = str_of(word);

    name.n = str_index(name, '=');
    for (size_t i = 0; i < FLAGS_MAX && command->flags[i].name != NULL; i++)
        if (letter ? word[0] == command->flags[i].letter && word[1] == '\0'
                   : str_equal(name, str_of(command->flags[i].name)))
            return i;
    return FLAGS_MAX;
}

/* Takes one option, and its value from the next word where it is no part of it. */
static bool take_flag(const struct command *command, const char *word, const char *next,
                      bool *used_next, struct args *args)
{
    bool letter = word[1] != '-';
    size_t i = find(command, word + (letter ? 1 : 2), letter);
    const char *equals = letter ? NULL : strchr(word, '=');

    if (i == FLAGS_MAX)
        return command_misused(command->name, "unknown option '%s'", word) != EX_USAGE;
    const struct flag *flag = &command->flags[i];
    if (flag->argument == NULL) {
        if (equals != NULL)
            return command_misused(command->name, "--%s takes no value", flag->name) != EX_USAGE;
        args->flags[i] = "";
        return true;
    }
    *used_next = equals == NULL;
    args->flags[i] = equals != NULL ? equals + 1 : next;
    if (args->flags[i] == NULL || args->flags[i][0] == '\0')
        return command_misused(command->name, "--%s wants %s", flag->name, flag->argument) !=
               EX_USAGE;
    return true;
}

/* Whether what stands behind these words is another program's: a curl, a line of a log. */
static bool is_foreign(const struct command *command, const struct args *args)
{
    return command->raw && args->n > 1 && http_method_of(str_of(args->words[1])) == METHOD_OTHER;
}

bool args_parse(const struct command *command, int argc, char **argv, struct args *args)
{
    bool options = true;

    *args = (struct args){0};
    for (int i = 0; i < argc; i++) {
        bool used_next = false;
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0' &&
                   !is_foreign(command, args)) {
            if (!take_flag(command, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used_next, args))
                return false;
            i += used_next;
        } else if (args->n == command->most || args->n == WORDS_MAX) {
            return command_misused(command->name, "too many words: '%s'", argv[i]) != EX_USAGE;
        } else {
            args->words[args->n++] = argv[i];
        }
    }
    if (args->n < command->least)
        return command_misused(command->name, "%s is missing", command->words) != EX_USAGE;
    return true;
}
