/* process.c: what /proc says of a process (start/process.h). */
#include "start/process.h"

#include "unit.h"

#define STATUS "Name:\tx\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t7\n"

UNIT(user)
{
    uint64_t uid = 0, gid = 0;

    assert_true(process_read_user(
        STR(STATUS "Uid:\t1\t1000\t3\t4\nGid:\t5\t999\t7\t8\nFDSize:\t64\n"), &uid, &gid));
    assert_int_equal(uid, 1000);
    assert_int_equal(gid, 999);
}

UNIT(no_user)
{
    static const struct str texts[] = {
        BYTES(""),
        BYTES(STATUS),
        BYTES(STATUS "Uid:\t1\t2\t3\t4\n"),
        BYTES(STATUS "Gid:\t1\t2\t3\t4\n"),
        BYTES(STATUS "Uid:\t1\nGid:\t1\t2\t3\t4\n"),
        BYTES(STATUS "Uid:\t1\t-2\t3\t4\nGid:\t1\t2\t3\t4\n"),
        BYTES("Name:\tUid:\t0\t0\t0\t0\nName:\tGid:\t0\t0\t0\t0\n"),
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        uint64_t uid, gid;
        CHECK(!process_read_user(texts[i], &uid, &gid), "text %zu has a user", i);
    }
}

#define BEFORE " S 1 2 3 0 -1 4194304 5 6 7 8 9 10 11 12 20 0 1 0 "

UNIT(start)
{
    static const struct {
        struct str text;
        uint64_t ticks; /* 0: none */
    } rows[] = {
        {BYTES("7 (x)" BEFORE "4711 100 200\n"), 4711},
        {BYTES("7 (a b) c) 1 (d)" BEFORE "4711 100 200\n"), 4711},
        {BYTES("7 (x\n)" BEFORE "4711\n"), 0}, /* the line break belongs to the word */
        {BYTES("7 (x)" BEFORE), 0},
        {BYTES("7 x" BEFORE "4711 1\n"), 0},
        {BYTES(""), 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t ticks = 0;
        bool found = process_read_start(rows[i].text, &ticks);
        CHECK(found == (rows[i].ticks != 0) && (!found || ticks == rows[i].ticks), "row %zu: %d", i,
              (int)ticks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE("the effective user and group are read", user),
        PROMISE("what has no user and group has none", no_user),
        PROMISE("the start is found behind a name with blanks and brackets", start),
    };

    return RUN("process", tests);
}
