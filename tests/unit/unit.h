/* unit.h: what the unit tests share.
 *
 * A test is named by what is promised. Where a promise has many cases they are rows of a table,
 * and CHECK() says which row it was. */
#ifndef DSP_TESTS_UNIT_H
#define DSP_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/writer.h"

/* The head of a test function. */
#define UNIT(function) static void function(void **state __attribute__((unused)))

/* A row of the table that main() runs. */
#define PROMISE(name, function)              \
    {                                        \
        (name), (function), NULL, NULL, NULL \
    }

#define RUN(group, tests) cmocka_run_group_tests_name(group, tests, NULL, NULL)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A struct str in a static initialiser. Hides no NUL. */
#define BYTES(literal)                 \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* Fails with a printf text that says which case it was. */
#define CHECK(condition, ...)      \
    do {                           \
        if (!(condition))          \
            fail_msg(__VA_ARGS__); \
    } while (0)

/* That ${got} is the text ${want}. */
#define CHECK_STR(got, want)                                                               \
    do {                                                                                   \
        struct str got_ = (got), want_ = str_of(want);                                     \
        CHECK(str_equal(got_, want_), "%s is \"%.*s\", not \"%.*s\"", #got, STR_ARG(got_), \
              STR_ARG(want_));                                                             \
    } while (0)

#endif
