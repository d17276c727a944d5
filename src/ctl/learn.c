#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/command.h"
#include "ctl/journal.h"
#include "ctl/learned.h"
#include "ctl/text.h"
#include "ctl/when.h"

/* The flags, as in the command's row. */
enum { SINCE, ADD };

enum { LOG_FILE_MAX = 1 << 30 };

static void put(char *to, size_t size, struct str s)
{
    struct writer w = writer_over(to, size - 1);

    writer_str(&w, s);
    to[w.overflow ? 0 : w.n] = '\0';
}

static bool from_journal(const char *name, const char *since, struct learned *learned)
{
    static struct seen seen;
    uint64_t usec = 0;

    struct journal *journal = journal_open(name);
    if (journal == NULL)
        return false;
    if (since != NULL)
        (void)when_parse(since, when_now(), &usec);
    journal_since(journal, usec);
    while (journal_next(journal)) {
        if (journal_field(journal, "DSP_VERDICT").n == 0)
            continue;
        put(seen.method, sizeof(seen.method), journal_field(journal, "DSP_METHOD"));
        seen_set_target(&seen, journal_field(journal, "DSP_TARGET"));
        put(seen.verdict, sizeof(seen.verdict), journal_field(journal, "DSP_VERDICT"));
        learned_add(learned, &seen, NULL, journal_time(journal));
    }
    journal_close(journal);
    return true;
}

static bool from_file(const char *path, const char *name, struct learned *learned)
{
    static struct seen seen;
    char *bytes = NULL;
    size_t n = 0;
    struct str line;

    if (!text_read_file(path, LOG_FILE_MAX, &bytes, &n))
        return false;
    struct str rest = {bytes, n};
    while (text_line(&rest, &line)) {
        if (!seen_in_line(line, &seen)) {
            learned->other_lines += str_trim(line).n > 0;
            continue;
        }
        char *body = seen_body(line);
        if (seen.policy[0] != '\0' && strcmp(seen.policy, name) != 0)
            learned->other_levels++;
        else
            learned_add(learned, &seen, body, 0);
        free(body);
    }
    free(bytes);
    return true;
}

int learn_run(const struct args *args)
{
    const char *name = args->words[0], *since = args->flags[SINCE];
    struct learned learned;
    struct level today;
    uint64_t usec;
    bool good = true;

    if (since != NULL && !when_parse(since, when_now(), &usec))
        return command_misused("learn", "'%s' is no time", since);
    if (since != NULL && args->n > 1)
        return command_misused("learn", "--since is for the journal, not for files");
    bool has_today = level_load(name, &today) == 0;
    if (!has_today && args->flags[ADD] != NULL) {
        level_print_errors(&today);
        level_free(&today);
        return CTL_TROUBLE;
    }
    /* A level may be named by its file; the records have its name. */
    learned_init(&learned, today.policy.name, has_today ? &today : NULL, args->flags[ADD] != NULL);
    if (args->n == 1)
        good = from_journal(today.policy.name, since, &learned);
    for (size_t i = 1; i < args->n && good; i++)
        good = from_file(args->words[i], today.policy.name, &learned);
    int status = !good ? CTL_TROUBLE : learned.requests == 0 ? CTL_NO : CTL_YES;
    if (status == CTL_YES)
        learned_print(&learned);
    else if (status == CTL_NO)
        (void)fprintf(stderr, "There is nothing to learn from: no request of level %s.%s\n",
                      today.policy.name, args->n == 1 ? journal_hint() : "");
    learned_free(&learned);
    level_free(&today);
    return status;
}
