/* entry.c: a record as the journal reads it (log/entry.h). */
#include "log/entry.h"

#include "unit.h"

static struct str view(const struct entry *e)
{
    return (struct str){e->p, e->n};
}

UNIT(plain)
{
    static struct entry e;

    e.n = 0;
    assert_true(entry_add(&e, "MESSAGE", STR("traefik: allowed")));
    assert_true(entry_add(&e, "A_1", STR("")));
    assert_true(entry_add_number(&e, "N", UINT64_MAX));
    CHECK_STR(view(&e), "MESSAGE=traefik: allowed\nA_1=\nN=18446744073709551615\n");
}

UNIT(line_breaks)
{
    static struct entry e;

    e.n = 0;
    assert_true(entry_add(&e, "MESSAGE", STR("a\nFORGED=1")));
    assert_true(entry_add(&e, "B", STR("=")));
    assert_true(str_equal(view(&e), STR("MESSAGE\n\x0a\0\0\0\0\0\0\0a\nFORGED=1\nB==\n")));
}

UNIT(long_line_breaks)
{
    static struct entry e;
    static char value[0x1234];

    memset(value, '\n', sizeof(value));
    e.n = 0;
    assert_true(entry_add(&e, "M", (struct str){value, sizeof(value)}));
    assert_memory_equal(e.p, "M\n\x34\x12\0\0\0\0\0\0\n", 11);
    assert_int_equal(e.n, 2 + 8 + 0x1234 + 1);
}

UNIT(no_room)
{
    static struct entry e;
    static char value[sizeof(e.p)];

    memset(value, 'x', sizeof(value));
    e.n = 0;
    assert_true(entry_add(&e, "A", STR("1")));
    assert_false(entry_add(&e, "B", (struct str){value, sizeof(value)}));
    assert_false(entry_add(&e, "C", (struct str){value, sizeof(value) - 4 - 3 + 1}));
    CHECK_STR(view(&e), "A=1\n");
    assert_true(entry_add(&e, "D", (struct str){value, sizeof(value) - 4 - 3}));
    assert_int_equal(e.n, sizeof(e.p));
    assert_false(entry_add(&e, "E", STR("")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a field is NAME=value and a line break", plain),
        PROMISE("a value with a line break goes by its length: it forges no field", line_breaks),
        PROMISE("that length is 64 bits, little-endian", long_line_breaks),
        PROMISE("a field that does not fit is left out whole", no_room),
    };

    return RUN("entry", tests);
}
