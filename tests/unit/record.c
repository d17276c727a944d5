/* record.c: what is told of one request (log/record.h). */
#include "log/record.h"

#include "unit.h"

static struct record_text text;

static struct str stored(struct str s)
{
    record_text_set(&text, s);
    return (struct str){text.p, text.n};
}

UNIT(escaped)
{
    CHECK_STR(stored(STR("GET")), "GET");
    CHECK_STR(stored(STR("")), "");
    CHECK_STR(stored(STR("/a?b=\"c\" d")), "/a?b=\"c\" d");
    CHECK_STR(stored(STR("/a\r\n<2>forged")), "/a\\x0d\\x0a<2>forged");
    CHECK_STR(stored(STR("\0\x1b[2J\x7f\x80\xff\\")), "\\x00\\x1b[2J\\x7f\\x80\\xff\\x5c");
}

UNIT(cut)
{
    static char raw[sizeof(text.p) + 1];
    const size_t room = sizeof(text.p) - 3;

    memset(raw, 'a', sizeof(raw));
    assert_int_equal(stored((struct str){raw, room}).n, room);
    assert_memory_equal(text.p, raw, room);
    for (size_t n = room + 1; n <= sizeof(raw); n++) {
        struct str s = stored((struct str){raw, n});
        assert_int_equal(s.n, sizeof(text.p));
        CHECK_STR(str_slice(s, s.n - 4, s.n), "a...");
    }
    memset(raw, '\x01', sizeof(raw));
    assert_int_equal(stored((struct str){raw, sizeof(raw)}).n, sizeof(text.p));
    CHECK_STR(str_slice((struct str){text.p, text.n}, text.n - 3, text.n), "...");
}

UNIT(verdicts)
{
    static const struct {
        enum verdict verdict;
        const char *name;
        int priority;
    } rows[] = {
        {VERDICT_ALLOWED, "allowed", 5},       {VERDICT_DENIED, "denied", 4},
        {VERDICT_WOULD_DENY, "would-deny", 4}, {VERDICT_REFUSED, "refused", 4},
        {VERDICT_FAILED, "failed", 4},
    };
    static struct record record;

    for (size_t i = 0; i < COUNT(rows); i++) {
        record.verdict = rows[i].verdict;
        assert_string_equal(record_verdict_name(rows[i].verdict), rows[i].name);
        assert_int_equal(record_priority(&record), rows[i].priority);
    }
}

/* The line of ${record} in a buffer of ${cap} bytes. */
static struct writer line_of(const struct record *record, size_t cap)
{
    static char buffer[8192];
    struct writer w = writer_over(buffer, cap < sizeof(buffer) ? cap : sizeof(buffer));

    record_line(record, &w);
    return w;
}

static struct record sample(void)
{
    struct record record = {
        .verdict = VERDICT_ALLOWED,
        .policy = "traefik",
        .operation = "ContainerList",
        .status = 200,
        .bytes_in = 12,
        .bytes_out = 34567,
        .duration_usec = 1349,
    };

    record_text_set(&record.method, STR("GET"));
    record_text_set(&record.target, STR("/v1.41/containers/json"));
    record_text_set(&record.rule, STR("t.ini:3: allow = ContainerList"));
    return record;
}

UNIT(line)
{
    struct record record = sample();
    struct writer w = line_of(&record, SIZE_MAX);

    CHECK_STR(writer_view(&w),
              "traefik: allowed ContainerList GET /v1.41/containers/json 200 in=12 out=34567 "
              "1.3ms t.ini:3: allow = ContainerList");
    record.reason = "more than one Host";
    record.verdict = VERDICT_REFUSED;
    record.operation = "-";
    record.method.n = record.target.n = record.rule.n = 0;
    record.status = 400;
    record.duration_usec = 99;
    w = line_of(&record, SIZE_MAX);
    CHECK_STR(writer_view(&w),
              "traefik: refused - - - 400 in=12 out=34567 0.0ms - (more than one Host)");
    record.duration_usec = 3600000000;
    record.reason = NULL;
    w = line_of(&record, SIZE_MAX);
    CHECK_STR(writer_view(&w), "traefik: refused - - - 400 in=12 out=34567 3600000.0ms -");
}

UNIT(names_peer)
{
    struct record record = sample();

    record_text_set(&record.peer, STR("pid=1 uid=2 gid=3"));
    record.reason = "this client may not";
    record.names_peer = true;
    struct writer w = line_of(&record, SIZE_MAX);
    struct str tail = STR(" (this client may not) from pid=1 uid=2 gid=3");
    CHECK_STR(str_slice(writer_view(&w), w.n - tail.n, w.n), tail.p);
    record.names_peer = false;
    w = line_of(&record, SIZE_MAX);
    CHECK(w.p[w.n - 1] == ')', "the line of one that is let in names it");
}

UNIT(one_line)
{
    struct record record = sample();

    record_text_set(&record.target, STR("/a\nb\r\0\x1b"));
    record_text_set(&record.method, STR("G\nT"));
    record_text_set(&record.rule, STR("a\nb"));
    struct writer w = line_of(&record, SIZE_MAX);
    for (size_t i = 0; i < w.n; i++)
        CHECK(w.p[i] >= 0x20 && w.p[i] < 0x7f, "byte %zu is 0x%02x", i, (unsigned char)w.p[i]);
}

UNIT(small_buffer)
{
    struct record record = sample();
    size_t whole = line_of(&record, SIZE_MAX).n;

    for (size_t cap = 0; cap <= whole; cap++) {
        struct writer w = line_of(&record, cap);
        CHECK(w.n == cap && w.overflow == (cap < whole), "%zu of %zu bytes", cap, whole);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("text from outside is escaped when it is stored", escaped),
        PROMISE("text that is too long ends in three dots", cut),
        PROMISE("every verdict has its name, and all but allowed are warnings", verdicts),
        PROMISE("a record reads as one line with a dash for what is missing", line),
        PROMISE("of a client that [clients] leaves out the line says who it was", names_peer),
        PROMISE("no text can begin another line", one_line),
        PROMISE("a line is cut where its buffer ends", small_buffer),
    };

    return RUN("record", tests);
}
