#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/journal.h"
#include "ctl/text.h"
#include "ctl/when.h"

/* The flags, as in the command's row. */
enum { SINCE, FOLLOW, DENIED, LINES, COLOR };

enum { LINES_DEFAULT = 50, LINES_ALL = 1000000000 };

struct look {
    bool denied, color;
};

static const char *color_of(struct str verdict)
{
    if (str_equal(verdict, STR("allowed")))
        return "";
    return str_equal(verdict, STR("denied")) ? "\033[31m" : "\033[33m";
}

static void print_time(uint64_t usec)
{
    const time_t seconds = (time_t)(usec / 1000000);
    struct tm tm;
    char text[32];

    (void)localtime_r(&seconds, &tm);
    (void)strftime(text, sizeof(text), "%b %d %H:%M:%S", &tm);
    (void)printf("%s.%03u ", text, (unsigned)(usec / 1000 % 1000));
}

static void print_duration(struct str usec)
{
    uint64_t n;

    if (!str_decimal(usec, UINT64_MAX, &n))
        return;
    if (n < 10000)
        (void)printf(" %.1fms", (double)n / 1000);
    else if (n < 10000000)
        (void)printf(" %.0fms", (double)n / 1000);
    else
        (void)printf(" %.0fs", (double)n / 1000000);
}

static void print_field(struct journal *journal, const char *before, const char *name)
{
    (void)printf("%s", before);
    text_safely(stdout, journal_field(journal, name));
}

/* "Nov 28 05:31:07.123 traefik denied ImageList GET /v1.41/images/json 403 1.2ms (pid=1 ...) RULE REASON" */
static void print_request(struct journal *journal, const struct look *look)
{
    struct str verdict = journal_field(journal, "DSP_VERDICT");
    const char *color = look->color ? color_of(verdict) : "";

    print_time(journal_time(journal));
    print_field(journal, "", "DSP_POLICY");
    (void)printf(" %s%.*s%s", color, STR_ARG(verdict), color[0] != '\0' ? "\033[0m" : "");
    print_field(journal, " ", "DSP_OPERATION");
    print_field(journal, " ", "DSP_METHOD");
    print_field(journal, " ", "DSP_TARGET");
    print_field(journal, " ", "DSP_STATUS");
    print_duration(journal_field(journal, "DSP_DURATION_USEC"));
    print_field(journal, " (", "DSP_PEER");
    print_field(journal, ") ", "DSP_RULE");
    if (journal_field(journal, "DSP_REASON").n > 0)
        print_field(journal, " ", "DSP_REASON");
    (void)putchar('\n');
}

/* A line that is about no request: a broken policy, an engine that is away. */
static void print_message(struct journal *journal, const struct look *look)
{
    print_time(journal_time(journal));
    print_field(journal, look->color ? "\033[31m" : "", "MESSAGE");
    (void)puts(look->color ? "\033[0m" : "");
}

/* What has no level is for nobody. */
static bool is_wanted(struct journal *journal, const struct look *look)
{
    return journal_field(journal, "DSP_POLICY").n > 0 &&
           (!look->denied || !str_equal(journal_field(journal, "DSP_VERDICT"), STR("allowed")));
}

static void print_record(struct journal *journal, const struct look *look)
{
    if (journal_field(journal, "DSP_VERDICT").n > 0)
        print_request(journal, look);
    else
        print_message(journal, look);
}

/* Goes back until ${n} records to show lie ahead; one more, which journal_next() then leaves. */
static void seek_last(struct journal *journal, const struct look *look, uint64_t n)
{
    uint64_t wanted = 0;

    journal_end(journal);
    while (wanted <= n && journal_previous(journal))
        wanted += is_wanted(journal, look);
    if (wanted <= n)
        journal_since(journal, 0);
}

static bool start(struct journal *journal, const struct args *args, const struct look *look)
{
    uint64_t since = 0, lines = LINES_DEFAULT;

    if (args->flags[LINES] != NULL && strcmp(args->flags[LINES], "all") == 0)
        lines = LINES_ALL;
    else if (args->flags[LINES] != NULL &&
             !str_decimal(str_of(args->flags[LINES]), LINES_ALL, &lines))
        return command_misused("log", "--lines wants a number or 'all'") != EX_USAGE;
    if (args->flags[SINCE] != NULL && !when_parse(args->flags[SINCE], when_now(), &since))
        return command_misused("log", "'%s' is no time", args->flags[SINCE]) != EX_USAGE;
    if (args->flags[SINCE] != NULL)
        journal_since(journal, since);
    else
        seek_last(journal, look, lines);
    return true;
}

static bool pick_color(const char *when, bool *color)
{
    *color = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
    if (when == NULL || strcmp(when, "auto") == 0)
        return true;
    *color = strcmp(when, "always") == 0;
    return *color || strcmp(when, "never") == 0;
}

int log_run(const struct args *args)
{
    struct look look = {.denied = args->flags[DENIED] != NULL};

    if (!pick_color(args->flags[COLOR], &look.color))
        return command_misused("log", "--color wants auto, always or never");
    struct journal *journal = journal_open(args->n > 0 ? args->words[0] : NULL);
    if (journal == NULL)
        return CTL_TROUBLE;
    if (!start(journal, args, &look)) {
        journal_close(journal);
        return EX_USAGE;
    }
    for (bool any = false;;) {
        while (journal_next(journal)) {
            if (!is_wanted(journal, &look))
                continue;
            print_record(journal, &look);
            any = true;
        }
        if (!any && args->flags[FOLLOW] == NULL)
            (void)fprintf(stderr, "There are no such records.%s\n", journal_hint());
        if (args->flags[FOLLOW] == NULL || fflush(stdout) != 0)
            break;
        journal_wait(journal);
    }
    journal_close(journal);
    return CTL_YES;
}
