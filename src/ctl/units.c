#include "ctl/units.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/text.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024 };

extern char **environ;

/* Runs a program and reads its standard output; it has no shell and says nothing else. */
static char *output_of(char *const *argv)
{
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t pid;
    char *bytes = NULL;
    size_t n = 0;

    if (pipe(ends) != 0)
        return NULL;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_addclose(&actions, ends[0]);
    (void)posix_spawn_file_actions_addclose(&actions, ends[1]);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    FILE *from = fdopen(ends[0], "re");
    if (failed == 0 && from != NULL) {
        (void)text_read_all(from, OUTPUT_MAX, &bytes, &n);
        (void)waitpid(pid, NULL, 0);
    }
    if (from != NULL)
        (void)fclose(from);
    else
        (void)close(ends[0]);
    return bytes;
}

void units_ask(const char *pattern, const char *properties, struct units *units)
{
    char *property = text_of("--property=%s", properties);
    char *unit = text_of("%s", pattern);
    char *const argv[] = {(char[]){"systemctl"},
                          (char[]){"show"},
                          (char[]){"--all"},
                          property,
                          (char[]){"--"},
                          unit,
                          NULL};

    *units = (struct units){.bytes = output_of(argv)};
    free(property);
    free(unit);
    /* Units are separated by an empty line. */
    for (char *at = units->bytes; at != NULL && *at != '\0';) {
        char *next = strstr(at, "\n\n");
        if (next != NULL)
            *next = '\0';
        units->at = text_must(reallocarray(units->at, units->n + 1, sizeof(*units->at)));
        units->at[units->n++].text = at;
        at = next == NULL ? NULL : next + 2;
    }
}

void units_free(struct units *units)
{
    free(units->at);
    free(units->bytes);
    *units = (struct units){0};
}

const char *unit_property(const struct unit *unit, const char *key, char *to, size_t size)
{
    struct str rest = str_of(unit->text), line;
    const size_t n = strlen(key);

    to[0] = '\0';
    while (text_line(&rest, &line)) {
        if (line.n > n && line.p[n] == '=' && memcmp(line.p, key, n) == 0) {
            /* A property may be there several times: Listen= of each address. */
            size_t used = strlen(to);
            (void)snprintf(to + used, size - used, "%s%.*s", used > 0 ? " " : "",
                           (int)(line.n - n - 1), line.p + n + 1);
        }
    }
    return to;
}
