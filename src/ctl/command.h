/* command.h: what a command of dspctl is. Its row says all that help, the parser of its arguments
 * and the completions of the shells need to know. */
#ifndef DSP_CTL_COMMAND_H
#define DSP_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses, for scripts. EX_USAGE (64) is the fourth. */
enum {
    CTL_YES = 0,    /* fine, allowed, the same */
    CTL_NO = 1,     /* a policy has errors, the request is refused, the policies differ */
    CTL_TROUBLE = 2 /* no answer: a file that is not there, a policy that is broken, no journal */
};

/* What a word of a command line stands for, for the completions. */
enum word_kind {
    WORD_NONE,
    WORD_LEVEL, /* a level, a preset or a file with a policy */
    WORD_PRESET,
    WORD_OPERATION,
    WORD_METHOD,
    WORD_FILE,
    WORD_COMMAND,
    WORD_SHELL
};

struct flag {
    const char *name;     /* "json" of --json */
    char letter;          /* 'f' of -f; 0 for none */
    const char *argument; /* "FILE" where it takes one, or NULL */
    enum word_kind kind;  /* of the argument */
    const char *help;
};

enum { FLAGS_MAX = 8, WORDS_MAX = 256 };

/* A command line, taken apart. */
struct args {
    const char
        *flags[FLAGS_MAX]; /* by the row's index: NULL, or the value; "" where it takes none */
    const char *words[WORDS_MAX];
    size_t n;
};

struct command {
    const char *name;
    int (*run)(const struct args *args);
    const char *words; /* "NAME METHOD TARGET" */
    size_t least, most;
    enum word_kind kinds[3]; /* of the words; the last one repeats */
    bool raw; /* behind a second word that is no METHOD flags are words: another program's */
    struct flag flags[FLAGS_MAX];
    const char *summary; /* for the list of commands */
    const char *help;
};

extern const struct command commands[];
extern const size_t commands_count;

const struct command *command_find(const char *name);

/* Prints what is wrong with the command line of ${name}. Returns EX_USAGE. */
int command_misused(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As err(3) would, without errno. Returns CTL_TROUBLE. */
int command_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the help of one command. */
void command_help(const struct command *command);

int check_run(const struct args *args);
int completion_run(const struct args *args);
int diff_run(const struct args *args);
int explain_run(const struct args *args);
int help_run(const struct args *args);
int import_run(const struct args *args);
int learn_run(const struct args *args);
int log_run(const struct args *args);
int new_run(const struct args *args);
int operations_run(const struct args *args);
int status_run(const struct args *args);

#endif
