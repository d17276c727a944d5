/* policy.c: how long a policy of 1,000 rules takes to load, and to decide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"

enum { RULES = 1000, ROUNDS = 200 };

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), by_value);
    return values[ROUNDS / 2];
}

/* One of three kinds of lines each: an operation, a path, an operation with conditions. */
static void write_text(char *text, size_t room)
{
    size_t n = (size_t)snprintf(text, room, "[rules]\n");

    for (int i = 0; i < RULES; i++)
        n += (size_t)(i % 3 == 0 ? snprintf(text + n, room - n, "allow = %s\n",
                                            docker_operations[i % 100].name)
                      : i % 3 == 1
                          ? snprintf(text + n, room - n, "allow = GET /containers/x%d*/json\n", i)
                          : snprintf(text + n, room - n,
                                     "allow = ImageCreate ? fromImage=ghcr.io/acme/x%d-* tag=*\n",
                                     i));
}

int main(void)
{
    static char text[256 * 1024];
    static struct target target;
    static double load[ROUNDS], decide[ROUNDS];
    struct str raw = {0};

    write_text(text, sizeof(text));
    raw = str_of("/images/create?fromImage=ghcr.io/acme/none&tag=1");
    (void)target_parse(raw, &target);
    for (int i = 0; i < ROUNDS; i++) {
        struct policy policy;
        struct policy_error error = {0};
        policy_init(&policy, STR("bench"), "bench.ini");
        double began = now_us();
        if (policy_parse(&policy, str_of(text), &error) != 0) {
            (void)fprintf(stderr, "line %u: %s\n", error.line, error.text);
            return 1;
        }
        double loaded = now_us();
        (void)policy_decide(&policy, METHOD_POST, &target, operation_resolve(METHOD_POST, &target));
        decide[i] = now_us() - loaded;
        load[i] = loaded - began;
        policy_free(&policy);
    }
    (void)printf("%d rules: load %.0f us, decide %.0f us (medians of %d)\n", RULES, median(load),
                 median(decide), ROUNDS);
    return 0;
}
