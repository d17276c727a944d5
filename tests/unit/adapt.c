/* adapt.c: how many spares there are (pool/adapt.h). */
#include "pool/adapt.h"

#include "unit.h"

UNIT(four_when_nothing_happens)
{
    struct adapt a;

    adapt_init(&a, 5000);
    assert_int_equal(adapt_ahead(&a, 5000), 4);
    assert_int_equal(adapt_ahead(&a, 500000), 4);
}

UNIT(doubled_when_the_last_spare_was_taken)
{
    struct adapt a;

    adapt_init(&a, 0);
    adapt_taken(&a, 1, 0, 10);
    assert_int_equal(adapt_ahead(&a, 10), 4);
    adapt_taken(&a, 0, 0, 10);
    assert_int_equal(adapt_ahead(&a, 10), 8);
}

UNIT(doubled_when_another_client_waits)
{
    struct adapt a;

    adapt_init(&a, 0);
    adapt_taken(&a, 2, 1, 10); /* for whom one of the two was woken, most likely */
    assert_int_equal(adapt_ahead(&a, 10), 4);
    adapt_taken(&a, 1, 1, 10);
    assert_int_equal(adapt_ahead(&a, 10), 8);
}

UNIT(never_above_the_bound)
{
    struct adapt a;

    adapt_init(&a, 0);
    for (int i = 0; i < 100; i++)
        adapt_taken(&a, 0, 1, i);
    assert_int_equal(adapt_ahead(&a, 100), ADAPT_MOST);
}

UNIT(halved_after_two_quiet_seconds_and_never_below_the_least)
{
    struct adapt a;

    adapt_init(&a, 0);
    adapt_taken(&a, 0, 0, 0);
    adapt_taken(&a, 0, 0, 0);
    assert_int_equal(adapt_ahead(&a, 1999), 16);
    assert_int_equal(adapt_ahead(&a, 2000), 8);
    assert_int_equal(adapt_ahead(&a, 3999), 8);
    assert_int_equal(adapt_ahead(&a, 4000), 4);
    assert_int_equal(adapt_ahead(&a, INT64_MAX / 2), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE("four spares when nothing happens", four_when_nothing_happens),
        PROMISE("twice as many when the last one was taken", doubled_when_the_last_spare_was_taken),
        PROMISE("twice as many when another client waits", doubled_when_another_client_waits),
        PROMISE("never more than the bound", never_above_the_bound),
        PROMISE("half as many after two quiet seconds, but never less than four",
                halved_after_two_quiet_seconds_and_never_below_the_least),
    };

    return RUN("adapt", tests);
}
