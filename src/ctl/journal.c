#include "ctl/journal.h"

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/text.h"

/* Who may not read the system's journal gets an empty one (systemd-journald.service(8)). */
const char *journal_hint(void)
{
    return geteuid() == 0 ? ""
                          : " The journal shows them to root and the groups adm and "
                            "systemd-journal only.";
}

#ifdef HAVE_LIBSYSTEMD

#    include <systemd/sd-journal.h>

struct journal {
    sd_journal *handle;
};

/* Users that systemd makes for DynamicUser= (systemd.exec(5)). */
enum { DYNAMIC_UID_MIN = 61184, DYNAMIC_UID_MAX = 65519 };

struct journal *journal_open(const char *policy)
{
    struct journal *journal = text_must(calloc(1, sizeof(*journal)));
    int result = sd_journal_open(&journal->handle, SD_JOURNAL_LOCAL_ONLY);

    if (result < 0) {
        (void)command_trouble("cannot read the journal: %s", strerror(-result));
        free(journal);
        return NULL;
    }
    char *match = text_of("DSP_POLICY=%s", policy == NULL ? "" : policy);
    result = sd_journal_add_match(journal->handle, "SYSLOG_IDENTIFIER=dsp", 0);
    if (result >= 0 && policy != NULL)
        result = sd_journal_add_match(journal->handle, match, 0);
    free(match);
    if (result < 0) {
        (void)command_trouble("cannot read the journal: %s", strerror(-result));
        journal_close(journal);
        return NULL;
    }
    return journal;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    sd_journal_close(journal->handle);
    free(journal);
}

void journal_since(struct journal *journal, uint64_t usec)
{
    (void)(usec == 0 ? sd_journal_seek_head(journal->handle)
                     : sd_journal_seek_realtime_usec(journal->handle, usec));
}

void journal_end(struct journal *journal)
{
    (void)sd_journal_seek_tail(journal->handle);
}

struct str journal_field(struct journal *journal, const char *name)
{
    const void *data;
    size_t n, skip = strlen(name) + 1;

    if (sd_journal_get_data(journal->handle, name, &data, &n) < 0 || n < skip)
        return (struct str){0};
    return (struct str){(const char *)data + skip, n - skip};
}

static bool is_ours(struct journal *journal)
{
    struct str unit = journal_field(journal, "_SYSTEMD_UNIT");
    uint64_t uid;

    if (unit.n > 0)
        return str_starts(unit, STR("dsp-"));
    return str_decimal(journal_field(journal, "_UID"), UINT32_MAX, &uid) &&
           (uid == 0 || (uid >= DYNAMIC_UID_MIN && uid <= DYNAMIC_UID_MAX));
}

bool journal_next(struct journal *journal)
{
    while (sd_journal_next(journal->handle) > 0)
        if (is_ours(journal))
            return true;
    return false;
}

bool journal_previous(struct journal *journal)
{
    while (sd_journal_previous(journal->handle) > 0)
        if (is_ours(journal))
            return true;
    return false;
}

void journal_wait(struct journal *journal)
{
    (void)sd_journal_wait(journal->handle, UINT64_MAX);
}

uint64_t journal_time(struct journal *journal)
{
    uint64_t usec = 0;

    (void)sd_journal_get_realtime_usec(journal->handle, &usec);
    return usec;
}

#else

struct journal *journal_open(const char *policy)
{
    (void)policy;
    (void)command_trouble("this dspctl was built without libsystemd and cannot read the journal; "
                          "give it what 'journalctl -t dsp -o json' prints");
    return NULL;
}

void journal_close(struct journal *journal)
{
    (void)journal;
}

void journal_since(struct journal *journal, uint64_t usec)
{
    (void)journal;
    (void)usec;
}

void journal_end(struct journal *journal)
{
    (void)journal;
}

bool journal_previous(struct journal *journal)
{
    (void)journal;
    return false;
}

bool journal_next(struct journal *journal)
{
    (void)journal;
    return false;
}

void journal_wait(struct journal *journal)
{
    (void)journal;
}

struct str journal_field(struct journal *journal, const char *name)
{
    (void)journal;
    (void)name;
    return (struct str){0};
}

uint64_t journal_time(struct journal *journal)
{
    (void)journal;
    return 0;
}

#endif
