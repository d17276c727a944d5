#include "log/sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "log/journal.h"

/* Of a pipe dsp takes a description of its own, so that nobody else's reading or writing changes;
 * a socket cannot be opened anew. Where /dev or /proc is not to be had it stays as it is. */
void sink_prepare(void)
{
    struct stat st;
    int flags = fcntl(STDERR_FILENO, F_GETFL);

    if (flags < 0 || fstat(STDERR_FILENO, &st) != 0)
        return;
    if (S_ISSOCK(st.st_mode))
        (void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
    if (!S_ISFIFO(st.st_mode))
        return;
    int fd = open("/dev/stderr", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)dup2(fd, STDERR_FILENO);
    close(fd);
}

void sink_close(struct sink *sink)
{
    if (sink->kind == SINK_JOURNAL)
        close(sink->fd);
    *sink = (struct sink){.kind = SINK_NONE, .fd = -1};
}

struct sink sink_open(bool journal, bool standard_error, const int *others, size_t n)
{
    struct sink sink = {.kind = SINK_NONE, .fd = -1};

    if (journal) {
        sink.fd = journal_open();
        sink.kind = sink.fd >= 0 ? SINK_JOURNAL : SINK_NONE;
    }
    for (size_t i = 0; i < n; i++)
        standard_error = standard_error && !file_same(STDERR_FILENO, others[i]);
    if (standard_error && sink.kind == SINK_NONE)
        sink = (struct sink){.kind = SINK_STDERR, .fd = STDERR_FILENO};
    return sink;
}

static void add_text(struct entry *e, const char *name, const struct record_text *text)
{
    entry_add(e, name, text->n > 0 ? (struct str){text->p, text->n} : STR("-"));
}

static void begin(struct entry *e, int priority, struct str line, const char *policy)
{
    e->n = 0;
    entry_add(e, "MESSAGE", line);
    entry_add_number(e, "PRIORITY", (uint64_t)priority);
    entry_add(e, "SYSLOG_IDENTIFIER", STR("dsp"));
    entry_add(e, "DSP_POLICY", str_of(policy));
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
        return; /* there is nowhere to report a lost line to */
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
    struct entry e;
    begin(&e, priority, writer_view(&line), record->policy);
    entry_add(&e, "DSP_OPERATION", str_of(record->operation));
    add_text(&e, "DSP_METHOD", &record->method);
    add_text(&e, "DSP_TARGET", &record->target);
    entry_add(&e, "DSP_VERDICT", str_of(record_verdict_name(record->verdict)));
    add_text(&e, "DSP_RULE", &record->rule);
    if (record->reason != NULL)
        entry_add(&e, "DSP_REASON", str_of(record->reason));
    entry_add_number(&e, "DSP_STATUS", record->status);
    entry_add_number(&e, "DSP_BYTES_IN", record->bytes_in);
    entry_add_number(&e, "DSP_BYTES_OUT", record->bytes_out);
    entry_add_number(&e, "DSP_DURATION_USEC", record->duration_usec);
    add_text(&e, "DSP_PEER", &record->peer);
    journal_send(sink->fd, &e);
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
    struct entry e;
    begin(&e, priority, writer_view(&w), policy);
    journal_send(sink->fd, &e);
}
