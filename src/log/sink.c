#include "log/sink.h"

#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

/* The place in this source is of no use in a record. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* How long a journal that takes nothing may hold up a connection, once. */
enum { JOURNAL_PATIENCE_USEC = 500 * 1000 };

static void wake(int signal_number)
{
    (void)signal_number; /* to interrupt is all that it is for */
}

/* A record that is of no interest, at a priority which the units leave out (LogLevelMax=notice),
 * so that libsystemd opens its socket now. A full journal would block it: a timer interrupts. */
static void send_first_record(void)
{
    struct iovec first[] = {{(char *)"MESSAGE=connection", 18},
                            {(char *)"PRIORITY=7", 10},
                            {(char *)"SYSLOG_IDENTIFIER=dsp", 21}};
    const struct sigaction interrupt = {.sa_handler = wake};
    const struct itimerval bound = {.it_value.tv_usec = JOURNAL_PATIENCE_USEC}, none = {0};
    struct sigaction before;

    (void)sigaction(SIGALRM, &interrupt, &before);
    (void)setitimer(ITIMER_REAL, &bound, NULL);
    (void)sd_journal_sendv(first, 3);
    (void)setitimer(ITIMER_REAL, &none, NULL);
    (void)sigaction(SIGALRM, &before, NULL);
}

/* libsystemd opens the journal's socket when the first record is sent, and keeps the descriptor
 * to itself: it is the lowest one that was free before. Made non-blocking, a full journal makes
 * sd_journal_sendv() try a memfd instead, which the system-call filter answers with EPERM: the
 * record is lost and the request goes on. */
static int open_journal(void)
{
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    int domain = 0;
    socklen_t size = sizeof(domain);

    if (fd < 0)
        return -1;
    close(fd);
    if (access(JOURNAL_SOCKET, W_OK) != 0)
        return -1;
    send_first_record();
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX ||
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
        return -1;
    return fd;
}

struct sink sink_open(bool journal, bool standard_error, const int *others, size_t n)
{
    struct sink sink = {.kind = SINK_NONE, .fd = -1};

    if (journal) {
        sink.fd = open_journal();
        sink.kind = sink.fd >= 0 ? SINK_JOURNAL : SINK_NONE;
    }
    for (size_t i = 0; i < n; i++)
        standard_error = standard_error && !file_same(STDERR_FILENO, others[i]);
    if (standard_error && sink.kind == SINK_NONE)
        sink = (struct sink){.kind = SINK_STDERR, .fd = STDERR_FILENO};
    return sink;
}

/* The fields of a journal record, "NAME=value" one after the other in one buffer. */
struct fields {
    char p[16 * 1024];
    struct iovec at[16];
    int n;
    size_t used;
};

static void add_field(struct fields *f, const char *name, struct str value)
{
    struct writer w = writer_over(f->p + f->used, sizeof(f->p) - f->used);

    writer_text(&w, name);
    writer_char(&w, '=');
    writer_str(&w, value);
    if (w.overflow || f->n == (int)(sizeof(f->at) / sizeof(*f->at)))
        return;
    f->at[f->n++] = (struct iovec){f->p + f->used, w.n};
    f->used += w.n;
}

static void add_number(struct fields *f, const char *name, uint64_t value)
{
    char digits[20];
    struct writer w = writer_over(digits, sizeof(digits));

    writer_decimal(&w, value);
    add_field(f, name, writer_view(&w));
}

static void add_text(struct fields *f, const char *name, const struct record_text *text)
{
    add_field(f, name, text->n > 0 ? (struct str){text->p, text->n} : STR("-"));
}

static void begin_fields(struct fields *f, int priority, struct str line, const char *policy)
{
    f->n = 0;
    f->used = 0;
    add_field(f, "MESSAGE", line);
    add_number(f, "PRIORITY", (uint64_t)priority);
    add_field(f, "SYSLOG_IDENTIFIER", STR("dsp"));
    add_field(f, "DSP_POLICY", str_of(policy));
}

static void send_fields(const struct fields *f)
{
    (void)sd_journal_sendv(f->at, f->n); /* there is nowhere to report a lost record to */
}

static void write_line(int priority, struct str line)
{
    char text[4096]; /* PIPE_BUF: lines of many processes do not mix */
    struct writer w = writer_over(text, sizeof(text) - 1);
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    const struct timespec now = {0};

    writer_char(&w, '<');
    writer_decimal(&w, (uint64_t)priority);
    writer_char(&w, '>');
    writer_str(&w, line);
    text[w.n++] = '\n';
    if (ppoll(&ready, 1, &now, NULL) == 1 && (ready.revents & POLLOUT) != 0 &&
        write(STDERR_FILENO, text, w.n) < 0)
        return; /* as above */
}

void sink_record(const struct sink *sink, const struct record *record)
{
    char text[8 * 1024];
    struct writer line = writer_over(text, sizeof(text));
    int priority = record_priority(record);

    record_line(record, &line);
    if (sink->kind == SINK_STDERR)
        write_line(priority, writer_view(&line));
    if (sink->kind != SINK_JOURNAL)
        return;
    struct fields f;
    begin_fields(&f, priority, writer_view(&line), record->policy);
    add_field(&f, "DSP_OPERATION", str_of(record->operation));
    add_text(&f, "DSP_METHOD", &record->method);
    add_text(&f, "DSP_TARGET", &record->target);
    add_field(&f, "DSP_VERDICT", str_of(record_verdict_name(record->verdict)));
    add_text(&f, "DSP_RULE", &record->rule);
    add_number(&f, "DSP_STATUS", record->status);
    add_number(&f, "DSP_BYTES_IN", record->bytes_in);
    add_number(&f, "DSP_BYTES_OUT", record->bytes_out);
    add_number(&f, "DSP_DURATION_USEC", record->duration_usec);
    add_text(&f, "DSP_PEER", &record->peer);
    send_fields(&f);
}

void sink_message(const struct sink *sink, int priority, const char *policy, struct str text)
{
    char line[2048];
    struct writer w = writer_over(line, sizeof(line));

    writer_text(&w, policy);
    writer_text(&w, ": ");
    writer_str(&w, text);
    if (sink->kind == SINK_STDERR)
        write_line(priority, writer_view(&w));
    if (sink->kind != SINK_JOURNAL)
        return;
    struct fields f;
    begin_fields(&f, priority, writer_view(&w), policy);
    send_fields(&f);
}
